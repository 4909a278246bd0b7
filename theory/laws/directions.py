"""Coordinates along a few directions."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike, finite, points_of, read_only
from theory.base.errors import require
from theory.base.showing import told


@dataclass(frozen=True, eq=False)
class Directions:
    """The coordinates V (w - origin) of w along k directions: a function of w (..., d) of shape (..., k).

    Parameters
    ----------
    vectors
        V, shape (k, d), or (d,) for one; taken as they are, not normalised.
    origin
        Shape (d,), by default 0.
    curvatures
        Those of the loss along them where they are known, shape (k,); else empty.

    Raises
    ------
    InputError
        If shapes do not fit, a number is not finite, or a direction is 0.
    """

    vectors: Array = field(repr=False)
    origin: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    curvatures: Array = field(default_factory=lambda: np.zeros(0), repr=False)

    def __post_init__(self) -> None:
        vectors = np.atleast_2d(finite(self.vectors, "vectors"))
        require(
            vectors.ndim == 2 and vectors.size > 0,
            f"`vectors` must have shape (directions, d), got {np.shape(self.vectors)}",
        )
        dim = vectors.shape[1]
        require(
            bool((np.abs(vectors).max(axis=1) > 0).all()),
            "`vectors` must not be 0, one is; leave that direction out",
        )
        origin = finite(self.origin, "origin") if np.size(self.origin) else np.zeros(dim)
        require(origin.shape == (dim,), f"`origin` must be {dim} numbers, got shape {origin.shape}")
        curvatures = finite(self.curvatures, "curvatures")
        require(
            curvatures.shape in ((0,), (len(vectors),)),
            f"`curvatures` must be one for each of {len(vectors)} directions, got shape {curvatures.shape}",
        )
        for name, value in (("vectors", vectors), ("origin", origin), ("curvatures", curvatures)):
            object.__setattr__(self, name, read_only(value))

    def __repr__(self) -> str:
        curvatures = self.curvatures if self.curvatures.size else None
        return told("Directions", number=len(self.vectors), dim=self.dim, curvatures=curvatures)

    def __call__(self, w: ArrayLike) -> Array:
        """V (w - origin), shape (..., k).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        return np.asarray((points_of(w, self.dim) - self.origin) @ self.vectors.T)

    @property
    def dim(self) -> int:
        """Dimension d of w."""
        return int(self.vectors.shape[1])
