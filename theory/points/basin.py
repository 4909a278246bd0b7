"""Which cells of a grid lie in the basin of a minimum."""

from __future__ import annotations

from itertools import product

import numpy as np

from theory.base.arrays import ArrayLike, Booleans, finite
from theory.base.errors import require
from theory.landscapes import Landscape
from theory.laws import Grid


def descent_basin(landscape: Landscape, grid: Grid, at: ArrayLike) -> Booleans:
    """The cells from which steps to the lowest neighbour end where those from `at` (d,) end, shape `grid.shape`.

    Neighbours share a corner; steps go from centre to centre, so that the edge of the basin is known to a cell.

    Raises
    ------
    InputError
        If dimensions differ, or `at` is not finite or not on the grid.
    """
    require(
        landscape.dim == grid.dim,
        f"landscape and grid must have one dimension, got {landscape.dim} and {grid.dim}",
    )
    point = finite(at, "at").reshape(-1)
    require(len(point) == grid.dim, f"`at` must have {grid.dim} components, got {len(point)}")
    cell, inside = grid.locate(point)
    require(bool(inside), f"`at` must lie on the grid, got {point.tolist()}; widen the grid")
    values = landscape.value(grid.centers)
    index = np.arange(grid.size).reshape(grid.shape)
    lowest, least = index.copy(), np.where(np.isfinite(values), values, np.inf)
    padded, numbers = least.copy(), index
    for axis, periodic in enumerate(grid.periodic):
        widths = [(1, 1) if k == axis else (0, 0) for k in range(grid.dim)]
        numbers = np.pad(numbers, widths, mode="wrap")
        if periodic:
            padded = np.pad(padded, widths, mode="wrap")
        else:
            padded = np.pad(padded, widths, constant_values=np.inf)
    for shift in product((0, 1, 2), repeat=grid.dim):
        here = tuple(slice(s, s + n) for s, n in zip(shift, grid.shape, strict=True))
        lower = padded[here] < least
        lowest[lower], least[lower] = numbers[here][lower], padded[here][lower]
    ends = lowest.ravel()
    while not np.array_equal(ends, further := ends[ends]):
        ends = further
    return np.asarray(ends == ends[int(cell)]).reshape(grid.shape)
