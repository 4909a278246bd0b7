"""Noise proportional to the loss."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.showing import as_call
from theory.landscapes import Landscape, SymbolicLandscape


@dataclass(frozen=True)
class LossProportional:
    """D(w) = scale L(w) times the identity, L >= 0: what label-free regression noise does near its minima.

    Raises
    ------
    InputError
        If the scale is not positive, or L is negative somewhere it is asked for.

    References
    ----------
    Mori, Ziyin, Liu & Ueda (2022), Power-law escape rate of SGD.
    """

    landscape: Landscape
    scale: float

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.scale) and self.scale > 0,
            f"`scale` must be positive and finite, got {self.scale}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.landscape.dim

    def tensor(self, w: ArrayLike) -> Array:
        """The matrix, shape (..., d, d).

        Raises
        ------
        InputError
            If the loss is negative at a point.
        """
        loss = self.landscape.value(w)
        if (loss < 0).any():
            raise InputError(
                f"noise proportional to the loss needs L >= 0, got {loss.min():.3g}; add a constant to L"
            )
        return np.asarray(self.scale * loss[..., None, None] * np.eye(self.dim))

    def root(self, w: ArrayLike) -> Array:
        """Its symmetric factor, shape (..., d, d).

        Raises
        ------
        InputError
            As `tensor`.
        """
        return np.sqrt(self.tensor(w))

    def divergence(self, w: ArrayLike) -> Array:
        """Scale times grad L, shape (..., d)."""
        return self.scale * self.landscape.gradient(w)

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """sqrt(scale L) times the identity, or None where L has no formula."""
        if not isinstance(self.landscape, SymbolicLandscape):
            return None
        renamed = dict(zip(self.landscape.variables, variables, strict=True))
        return sympy.sqrt(self.scale * self.landscape.expression.xreplace(renamed)) * sympy.eye(self.dim)
