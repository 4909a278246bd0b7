"""Noise along a manifold of minima."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike
from theory.landscapes import Landscape
from theory.landscapes.differences import divergence_with_error
from theory.manifold.frame import Frame, frame_at, retracted
from theory.tensors import FactoredField


@dataclass(frozen=True)
class TangentNoise:
    """The tensor P D P at the minimum next to w, with P the projector on the tangent space there.

    Its factor is P times that of D; both are NaN where no minimum of this codimension is next to w.

    Parameters
    ----------
    landscape, diffusion
        L and D.
    codimension
        Number of normal directions.
    floor
        Least curvature that counts as one.
    """

    landscape: Landscape
    diffusion: FactoredField
    codimension: int
    floor: float

    @property
    def dim(self) -> int:
        """Dimension d of w."""
        return self.landscape.dim

    def root(self, w: ArrayLike) -> Array:
        """P R, shape (..., d, channels)."""
        points = np.asarray(w, dtype=np.float64)
        flat = points.reshape(-1, self.dim)
        places, found = retracted(self.landscape, flat, self.codimension)
        root = np.full((*flat.shape, self.diffusion.root(flat[:1]).shape[-1]), np.nan)
        if found.any():
            frame = self.frame(places[found])
            root[found] = frame.tangent @ self.diffusion.root(frame.points)
        return root.reshape(*points.shape, root.shape[-1])

    def tensor(self, w: ArrayLike) -> Array:
        """P D P, shape (..., d, d)."""
        root = self.root(w)
        return np.asarray(root @ root.swapaxes(-1, -2))

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence by fourth-order differences on the length of the manifold, shape (..., d)."""
        return divergence_with_error(self.tensor, w)[0]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """None: a projector on the null space of a Hessian is no formula."""
        return None

    def frame(self, points: Array) -> Frame:
        """The frame at the minima next to `points` (n, d)."""
        return frame_at(self.landscape, points, self.codimension, self.floor)
