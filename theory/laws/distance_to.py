"""How far points are from a set."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike, finite, points_of, read_only
from theory.base.errors import require
from theory.base.showing import told


@dataclass(frozen=True, eq=False)
class DistanceTo:
    """The Euclidean distance of w from the nearest of some points: a function of w (..., d) of shape (...).

    Parameters
    ----------
    points
        Shape (m, d), or (d,) for one, such as minima.

    Raises
    ------
    InputError
        If there is no point, or a number is not finite.
    """

    points: Array = field(repr=False)

    def __post_init__(self) -> None:
        points = np.atleast_2d(finite(self.points, "points"))
        require(
            points.ndim == 2 and points.size > 0, f"`points` must have shape (m, d), got {np.shape(self.points)}"
        )
        object.__setattr__(self, "points", read_only(points))

    def __repr__(self) -> str:
        return told("DistanceTo", points=len(self.points), dim=self.points.shape[1])

    def __call__(self, w: ArrayLike) -> Array:
        """The distance, shape (...).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        places = points_of(w, self.points.shape[1])
        nearest = np.full(places.shape[:-1], np.inf)
        for point in self.points:  # one at a time: memory does not grow with their number
            nearest = np.minimum(nearest, np.linalg.norm(places - point, axis=-1))
        return nearest
