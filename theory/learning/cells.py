"""Boxes that are halved where a function varies, with the values at their nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.base.arrays import Array, ArrayLike, Booleans, Integers
from theory.base.errors import require
from theory.laws import Grid

Function = Callable[[Array], ArrayLike]
MOST_DIMENSIONS = 3
MOST_VALUES = 2_000_000  # computed in halved cells, for one integral


@dataclass(frozen=True)
class Nodes:
    """Points in the unit cube: Gauss-Legendre with 4 and with 3 points an axis, then the corners."""

    dim: int

    @cached_property
    def points(self) -> Array:
        """Shape (nodes, d)."""
        return np.concatenate([_tensor(g, self.dim) for g in (_gauss(4)[0], _gauss(3)[0], np.array([0.0, 1.0]))])

    @cached_property
    def weights(self) -> Array:
        """Weights of the fine and of the coarse rule, shape (nodes, 2)."""
        fine, coarse = (_tensor(_gauss(n)[1], self.dim).prod(axis=-1) for n in (4, 3))
        table = np.zeros((len(self.points), 2))
        table[: len(fine), 0] = fine
        table[len(fine) : len(fine) + len(coarse), 1] = coarse
        return table


def _gauss(n: int) -> tuple[Array, Array]:
    x, w = np.polynomial.legendre.leggauss(n)
    return (x + 1) / 2, w / 2


def _tensor(line: Array, dim: int) -> Array:
    return np.stack(np.meshgrid(*[line] * dim, indexing="ij"), axis=-1).reshape(-1, dim)


@dataclass(frozen=True, eq=False)
class Cells:
    """Boxes with the values of a function at their nodes.

    Parameters
    ----------
    lower, width
        Shape (n, d).
    values
        Shape (n, nodes).
    """

    lower: Array
    width: Array
    values: Array

    @staticmethod
    def of(grid: Grid, function: Function) -> Cells:
        """The cells of `grid`, at most three-dimensional.

        Raises
        ------
        InputError
            If the grid has more than 3 axes.
        """
        require(grid.dim <= MOST_DIMENSIONS, f"integrals go over at most 3 dimensions, got {grid.dim}")
        width = np.broadcast_to(grid.spacing, (grid.size, grid.dim))
        return _evaluated(grid.centers.reshape(-1, grid.dim) - width / 2, width, function)

    @property
    def budget(self) -> int:
        """How many cells may be halved in all."""
        return int(MOST_VALUES // (2 * self.values.shape[1]))

    @property
    def volume(self) -> Array:
        """Volumes, shape (n,)."""
        return np.asarray(self.width.prod(axis=1))

    @property
    def points(self) -> Array:
        """Positions of all nodes, shape (n, nodes, d)."""
        return _positions(self.lower, self.width)

    def bounds(self) -> tuple[Array, Array]:
        """Where the values may lie: those at the nodes, and half their range beyond them."""
        lowest, highest = self.values.min(axis=1), self.values.max(axis=1)
        with np.errstate(invalid="ignore"):
            spread = np.where(highest > lowest, (highest - lowest) / 2, 0.0)
        return lowest - spread, highest + spread

    def halved(self, function: Function) -> Cells:
        """Both halves of every box, cut across the axis along which the values at the nodes vary most."""
        axis = self._steepest()
        rows = np.arange(len(axis))
        width = self.width.copy()
        width[rows, axis] /= 2
        upper = self.lower.copy()
        upper[rows, axis] += width[rows, axis]
        return _evaluated(np.concatenate([self.lower, upper]), np.concatenate([width, width]), function)

    def _steepest(self) -> Integers:
        """Axis along which the nodes' values vary most, by the range on lines of the fine Gauss rule."""
        dim = self.lower.shape[1]
        cube = self.values[:, : 4**dim].reshape(-1, *(4,) * dim)
        with np.errstate(invalid="ignore"):
            ranges = [np.ptp(cube, axis=a + 1).reshape(len(cube), -1).max(axis=1) for a in range(dim)]
        return np.asarray(np.nan_to_num(np.stack(ranges, axis=1), nan=np.inf).argmax(axis=1), dtype=np.int64)

    def pick(self, chosen: Booleans) -> Cells:
        """The boxes in `chosen`."""
        return Cells(self.lower[chosen], self.width[chosen], self.values[chosen])

    def with_more(self, others: Cells) -> Cells:
        """These boxes and the others."""
        pairs = ((self.lower, others.lower), (self.width, others.width), (self.values, others.values))
        return Cells(*(np.concatenate(pair) for pair in pairs))


def _positions(lower: Array, width: Array) -> Array:
    return np.asarray(lower[:, None, :] + width[:, None, :] * Nodes(lower.shape[1]).points)


def _evaluated(lower: Array, width: Array, function: Function) -> Cells:
    values = np.asarray(function(_positions(lower, width)), dtype=np.float64)
    return Cells(lower, width, values)
