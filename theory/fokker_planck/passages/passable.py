"""Steps of a grid that walkers of the equation never make: over points where noise and drift vanish."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Booleans, Integers
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import build_generator
from theory.fokker_planck.lattice import leaks
from theory.laws import Grid
from theory.points.degenerate import find_degenerate_points

ON_CENTRE = 1e-9  # of a cell: a degenerate point so near to a centre is that centre


def never_made(equation: Equation, grid: Grid, origins: Integers, ends: Integers, steps: Integers) -> Booleans:
    """Whether each step crosses a point that is never passed in its direction, shape (m,).

    On a line by the classification of the zeros of D, beyond by `leaks`; `ends` is -1 outside the box.

    Raises
    ------
    InputError
        If D is not valid, or follows no power at one of its zeros.
    """
    if grid.dim > 1:
        return np.asarray((ends >= 0) & leaks(equation, grid).never(origins, ends))
    crosses = np.zeros(len(origins), dtype=bool)
    length = grid.upper[0] - grid.lower[0]
    start, ahead = grid.axes[0][origins], steps[:, 0] * grid.spacing[0]
    for point in find_degenerate_points(equation, grid.lower[0], grid.upper[0]):
        for turn in (-length, 0.0, length) if grid.periodic[0] else (0.0,):
            distance = point.position + turn - start
            leaves = np.abs(distance) < ON_CENTRE * grid.spacing[0]
            passes = ~leaves & (distance * (distance - ahead) < 0)
            crosses |= (leaves | passes) & (np.sign(ahead) != point.direction)
    return crosses


def ways_back(equation: Equation, grid: Grid) -> tuple[Integers, Integers, Array]:
    """Cells, neighbours and rates that replace the steps of cells which would lose them all; empty on a line."""
    none = np.zeros(0, dtype=np.int64)
    if grid.dim == 1:
        return none, none, np.zeros(0)
    found = leaks(equation, grid)
    if not found.count:
        return none, none, np.zeros(0)
    free = build_generator(equation, grid).tocoo()
    kept = found.regions[free.row] == found.regions[free.col]
    cut = sparse.csc_array((free.data[kept], (free.row[kept], free.col[kept])), shape=free.shape)
    added = sparse.coo_array(found.closed(build_generator(equation, grid)) - cut)
    more = (added.row != added.col) & (added.data > 0)
    return added.col[more].astype(np.int64), added.row[more].astype(np.int64), np.asarray(added.data[more])
