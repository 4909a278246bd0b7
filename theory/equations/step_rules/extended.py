"""A loss seen from a larger space, of which it knows the first coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, ArrayLike, points_of
from theory.landscapes import Landscape


@dataclass(frozen=True)
class ExtendedLandscape:
    """L(w) at y = (w, memory), in `dim` dimensions."""

    landscape: Landscape
    dim: int

    def value(self, w: ArrayLike) -> Array:
        """L, shape (...), at points (..., dim)."""
        return self.landscape.value(self._places(w))

    def gradient(self, w: ArrayLike) -> Array:
        """The gradient, shape (..., dim), 0 along the memory."""
        found = np.zeros(np.shape(points_of(w, self.dim)))
        found[..., : self.landscape.dim] = self.landscape.gradient(self._places(w))
        return found

    def hessian(self, w: ArrayLike) -> Array:
        """The Hessian, shape (..., dim, dim), 0 along the memory."""
        points, own = points_of(w, self.dim), self.landscape.dim
        found = np.zeros((*points.shape, self.dim))
        found[..., :own, :own] = self.landscape.hessian(self._places(w))
        return found

    def _places(self, w: ArrayLike) -> Array:
        return points_of(w, self.dim)[..., : self.landscape.dim]
