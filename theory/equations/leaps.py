"""Noise that jumps along a curve or surface: where it does, and what the potential does there."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import InputError
from theory.equations.protocol import Equation, plain_drift, share_of
from theory.laws import Grid
from theory.laws.neighbours import along_axis

NOTICED_CHANGE = 1e-3  # relative change of D between neighbours: what is looked at
KEPT = 0.6  # of a change that is left in one half of a step: 1/2 if it is even, 1 for a jump
BISECTIONS = 30
LEAST_NOISE = 1e-14  # of the largest noise on the grid: less is none
SCALAR = 1e-9  # relative change of D over its trace that counts as none
PIECES = 128  # of the midpoint rule across a jump


def noise_leaps(equation: Equation, grid: Grid) -> bool:
    """Whether D jumps between two neighbouring cells: its change stays in one half of every bisection.

    The seam of a periodic axis is not looked at.
    """
    tensors = np.asarray(equation.tensor(grid.centers)).reshape(grid.size, grid.dim, grid.dim)
    for axis in range(grid.dim):
        sources, targets, steps = along_axis(grid, axis)
        inside = targets > sources
        if _leaping(equation, grid, tensors, sources[inside], targets[inside], steps[inside]).any():
            return True
    return False


def _leaping(
    equation: Equation, grid: Grid, tensors: Array, sources: Integers, targets: Integers, steps: Integers
) -> Booleans:
    found = np.zeros(len(sources), dtype=bool)
    change = _size(tensors[targets] - tensors[sources])
    rows = np.flatnonzero(change > NOTICED_CHANGE * np.maximum(_size(tensors[targets]), _size(tensors[sources])))
    low, high = tensors[sources[rows]], tensors[targets[rows]]
    least = LEAST_NOISE * float(_size(tensors).max(initial=0.0))
    starts = grid.centers.reshape(-1, grid.dim)[sources[rows]]
    moves, width = steps[rows] * grid.spacing, 1.0
    for _ in range(BISECTIONS):
        if len(rows) == 0:
            return found
        width /= 2
        middle = equation.tensor(starts + width * moves)
        whole, left, right = _size(high - low), _size(middle - low), _size(high - middle)
        first = left >= right
        with np.errstate(invalid="ignore"):
            kept = np.maximum(left, right) > KEPT * whole
        starts = np.where(first[:, None], starts, starts + width * moves)
        low = np.where(first[:, None, None], low, middle)
        high = np.where(first[:, None, None], middle, high)
        kept &= (_size(low) > least) & (_size(high) > least)  # where noise ends, nothing leaps
        rows, low, high, starts, moves = rows[kept], low[kept], high[kept], starts[kept], moves[kept]
    found[rows] = True
    return found


def falls_over_leaps(
    equation: Equation, grid: Grid, sources: Integers, targets: Integers, steps: Integers
) -> Array:
    """The integral of v along steps where D = T(w) A jumps by its scalar factor, shape (m,).

    D^-1 (h + (share - 1) div D) is A^-1 h / T + (share - 1) grad log T, whose second part is a difference.

    Raises
    ------
    InputError
        If D jumps and is no scalar times a constant matrix: the flux then depends on what happens within the jump.
    """
    tensors = np.asarray(equation.tensor(grid.centers)).reshape(grid.size, grid.dim, grid.dim)
    traces = np.trace(tensors, axis1=1, axis2=2)
    shapes = tensors / np.where(traces > 0, traces, 1.0)[:, None, None]
    if not (traces > 0).all() or np.abs(shapes - shapes[0]).max() > SCALAR:
        raise InputError(
            "where D jumps in more than one dimension it must be a scalar times a constant matrix in this "
            "reading, got one that changes its shape too, so that the current along the jump is not determined; "
            "make D continuous, or take AntiIto()"
        )
    inverse = np.linalg.pinv(shapes[0], hermitian=True)
    moves = steps * grid.spacing
    begin = grid.centers.reshape(-1, grid.dim)[sources]
    z = np.zeros(len(sources))
    for place in (np.arange(PIECES) + 0.5) / PIECES:
        points = grid.wrap(begin + place * moves)
        pull = plain_drift(equation, points) / np.trace(equation.tensor(points), axis1=-2, axis2=-1)[:, None]
        z += ((pull @ inverse) * moves).sum(axis=1) / PIECES
    return np.asarray(z + (share_of(equation) - 1) * np.log(traces[targets] / traces[sources]))


def _size(matrices: Array) -> Array:
    return np.asarray(np.sqrt((matrices**2).sum(axis=(-2, -1))))
