"""Integrals over a law on a grid: points in the cells with weights."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.laws.grid import Grid


@dataclass(frozen=True, eq=False)
class QuadratureRule:
    """Places in a cell, (d,) from -1/2 to 1/2, with the weights (*shape) of their points; these sum to 1."""

    grid: Grid
    parts: tuple[tuple[Array, Array], ...] = field(repr=False)

    @staticmethod
    def of_centres(grid: Grid, probabilities: Array) -> QuadratureRule:
        """The rule of masses at the centres."""
        return QuadratureRule(grid, ((np.zeros(grid.dim), probabilities),))

    def integral(self, function: Callable[[Array], ArrayLike]) -> float:
        """The weighted sum of `function`, which maps points (..., d) to values (...)."""
        return float(sum((np.asarray(function(points)) * weights).sum() for points, weights in self._points()))

    def _points(self) -> Iterator[tuple[Array, Array]]:
        for place, weights in self.parts:
            yield self.grid.centers + place * self.grid.spacing if place.any() else self.grid.centers, weights

    @property
    def mean(self) -> Array:
        """Mean of the points, shape (d,)."""
        return np.asarray(
            sum(np.tensordot(weights, points, axes=weights.ndim) for points, weights in self._points())
        )

    def moments_of_line(self) -> tuple[float, float]:
        """Mean and variance along the first axis."""
        mean = float(self.mean[0])
        squares = (float(((points[..., 0] - mean) ** 2 * weights).sum()) for points, weights in self._points())
        return mean, sum(squares)

    @property
    def covariance(self) -> Array:
        """Covariance of the points, shape (d, d)."""
        mean, found = self.mean, np.zeros((len(self.mean), len(self.mean)))
        for points, weights in self._points():
            centred = (points - mean).reshape(-1, len(mean))
            found += centred.T @ (centred * weights.reshape(-1, 1))
        return found


def of_averages(grid: Grid, probabilities: Array) -> QuadratureRule:
    """The rule of a law whose cells have these `probabilities`, of fourth order in the spacing.

    In a cell E f = m (mean of f) + (h/12) (slope of m) f', with two Gauss points along each axis for both. Summed
    by parts this is Sheppard's correction, -h^2/12 in a variance, and what it lacks at walls, where the slopes
    are one-sided.

    References
    ----------
    Sheppard, Proc. London Math. Soc. 29 (1898); Kendall & Stuart, The Advanced Theory of Statistics, volume 1,
    section 3.18.
    """
    parts = [(np.zeros(grid.dim), probabilities * (1 - grid.dim))] if grid.dim > 1 else []
    for axis, periodic in enumerate(grid.periodic):
        place = np.zeros(grid.dim)
        place[axis] = 1 / math.sqrt(12)
        tilt = _slopes(probabilities, axis, periodic) * (math.sqrt(3) / 12)
        parts += [(sign * place, probabilities / 2 + sign * tilt) for sign in (-1, 1)]
    return QuadratureRule(grid, tuple(parts))


def _slopes(masses: Array, axis: int, periodic: bool) -> Array:
    """Change of the mass from cell to cell, of second order, also at walls."""
    if masses.shape[axis] < 2:
        return np.zeros(masses.shape)
    if periodic:
        return np.asarray((np.roll(masses, -1, axis) - np.roll(masses, 1, axis)) / 2)
    return np.asarray(np.gradient(masses, axis=axis, edge_order=2 if masses.shape[axis] > 2 else 1))
