"""Pairs of neighbouring cells of a grid."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Integers
from theory.laws.grid import Grid


def along_axis(grid: Grid, axis: int) -> tuple[Integers, Integers, Integers]:
    """Sources, targets and steps of the pairs of neighbours along an axis, across a periodic side too."""
    cells, count = np.arange(grid.size).reshape(grid.shape), grid.shape[axis]
    starts = np.arange(count if grid.periodic[axis] and count > 1 else count - 1)
    sources, targets = cells.take(starts, axis).ravel(), np.roll(cells, -1, axis).take(starts, axis).ravel()
    return sources, targets, np.tile(np.eye(grid.dim, dtype=np.int64)[axis], (len(sources), 1))
