"""Masses of cells: carried between grids of one box, and made from values at the centres."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from theory.base.arrays import Array
from theory.laws import Grid
from theory.laws.interpolation import along_axes

AVERAGES = (1 / 24, -17 / 5760, 367 / 967680)  # of powers of the second difference, in x / asinh(x) at half of it
CENTRES = (-1 / 24, 3 / 640, -5 / 7168)  # in asinh(x) / x


def rebinned(masses: Array, grid: Grid, onto: Grid) -> Array:
    """Masses of the cells of `grid`, spread evenly over each, in the cells of `onto`, a grid of the same box.

    Shape `onto.shape`.
    By the shares that the cells of `onto` have in those of `grid`, without subtraction: what is >= 0 stays so.
    """
    return along_axes([_overlaps(old, new) for old, new in zip(grid.edges, onto.edges, strict=True)], masses)


def averaged(values: Array, grid: Grid) -> Array:
    """Averages over the cells from values at the centres, of eighth order away from walls; the sum stays.

    Shape `grid.shape`.
    """
    return _series(values, grid, AVERAGES)


def centred(averages: Array, grid: Grid, terms: int = 3) -> Array:
    """Values at the centres from averages over cells: the inverse of `averaged` to its order, or less.

    Shape `grid.shape`.
    """
    return _series(averages, grid, CENTRES[:terms])


def _series(values: Array, grid: Grid, weights: tuple[float, ...]) -> Array:
    """The values and a series in second differences along each axis, in which nothing passes a wall."""
    for axis, periodic in enumerate(grid.periodic):
        power = values
        for weight in weights:
            ends = [power.take([-1], axis), power.take([0], axis)]
            padded = np.concatenate(
                [ends[0] if periodic else ends[1], power, ends[1] if periodic else ends[0]], axis
            )
            power = np.diff(padded, n=2, axis=axis)
            values = values + weight * power
    return values


def _overlaps(old: Array, new: Array) -> sparse.csr_array:
    """Entry (i, j) is the share of the cell j between `old` faces that lies in the cell i between `new` ones."""
    first = np.searchsorted(old, new[:-1], side="right") - 1
    last = np.searchsorted(old, new[1:], side="left")
    counts = last - first
    rows = np.repeat(np.arange(len(counts)), counts)
    columns = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    inside = np.minimum(new[rows + 1], old[columns + 1]) - np.maximum(new[rows], old[columns])
    shares = sparse.csr_array((inside, (rows, columns)), shape=(len(new) - 1, len(old) - 1))
    return sparse.csr_array(shares / shares.sum(axis=0))
