"""A loss with the pull of weight decay."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike, points_of
from theory.landscapes import Landscape, SymbolicLandscape


@dataclass(frozen=True)
class DecayedLandscape:
    """L + rate |w|^2 / 2, the loss that weight decay of that `rate` descends."""

    landscape: Landscape
    rate: float

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.landscape.dim

    def value(self, w: ArrayLike) -> Array:
        """L + rate |w|^2 / 2 at points (..., d), shape (...)."""
        points = points_of(w, self.dim)
        return np.asarray(self.landscape.value(points) + self.rate / 2 * (points**2).sum(axis=-1))

    def gradient(self, w: ArrayLike) -> Array:
        """Its gradient at points (..., d), shape (..., d)."""
        points = points_of(w, self.dim)
        return np.asarray(self.landscape.gradient(points) + self.rate * points)

    def hessian(self, w: ArrayLike) -> Array:
        """Its Hessian at points (..., d), shape (..., d, d)."""
        return np.asarray(self.landscape.hessian(w) + self.rate * np.eye(self.dim))


def decayed(landscape: Landscape, rate: float) -> Landscape:
    """L + rate |w|^2 / 2, as a formula where L is one; L itself without `rate`."""
    if not rate:
        return landscape
    if isinstance(landscape, SymbolicLandscape):
        square = sum((v**2 for v in landscape.variables), start=sympy.Integer(0))
        names = [str(v) for v in landscape.variables]
        return SymbolicLandscape(landscape.expression + sympy.Float(rate) / 2 * square, names)
    return DecayedLandscape(landscape, rate)
