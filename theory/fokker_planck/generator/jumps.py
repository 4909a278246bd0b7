"""Where the drift jumps between two cells, as that of |w| does at its tip, and its integral there."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.equations.leaps import noise_leaps
from theory.equations.protocol import Equation
from theory.fokker_planck.generator.coefficients import transport, transport_at
from theory.laws import Grid
from theory.laws.neighbours import along_axis

SUSPECT = 1.5  # times the usual change along a step: what is asked further
SHARP = 0.6  # of the change along a step within an eighth of it: 1/8 if it is even, 1 for a jump
STRAIGHT = 1.5  # longest way of v along a jump over the direct one
EVEN = 4.0  # largest change in the other eighths over the median one
NOTICED_JUMP = 1e-6  # of z: a smaller jump moves nothing
FEWEST = 16  # equal steps that have a usual change
PIECES = 128  # of the midpoint rule across a jump
PARTS_OF_A_STEP = 8  # looked at for a jump of the coefficients


def jumping(
    equation: Equation, grid: Grid, velocity: Array, sources: Integers, targets: Integers, steps: Integers
) -> Booleans:
    """Whether v, given at the centres as (size, d), jumps between source and target, shape (m,).

    Steps along which it changes by more than 3/2 of the median of equal steps are sampled in eighths. The ends
    are the values of the cells, so that a jump through a centre is seen.
    """
    moves = steps * grid.spacing
    found = np.zeros(len(sources), dtype=bool)
    if len(sources) == 0:
        return found
    ends = np.stack([(velocity[cells] * moves).sum(axis=1) for cells in (sources, targets)])
    change = np.abs(ends[1] - ends[0])
    rows = np.flatnonzero((change > SUSPECT * _usual(change, steps)) & (change > NOTICED_JUMP))
    if len(rows):  # a sharp eighth makes its half of the step sharp
        halves = np.abs(np.diff(_between(equation, grid, sources[rows], moves[rows], ends[:, rows], 2), axis=0))
        rows = rows[halves.max(axis=0) > SHARP * halves.sum(axis=0)]
    if len(rows) == 0:
        return found
    samples = _between(equation, grid, sources[rows], moves[rows], ends[:, rows], PARTS_OF_A_STEP)
    parts = np.abs(np.diff(samples, axis=0))
    whole = parts.sum(axis=0)
    sharp = (parts.max(axis=0) > SHARP * whole) & (whole > NOTICED_JUMP)
    # a pole goes far beyond its ends, or grows towards one of them
    rest = np.sort(parts, axis=0)[:-1]
    even = rest[-1] <= EVEN * np.median(rest, axis=0) + NOTICED_JUMP * np.median(np.abs(samples), axis=0)
    found[rows] = sharp & even & (whole < STRAIGHT * np.abs(samples[-1] - samples[0]))
    return found


def _usual(change: Array, steps: Integers) -> Array:
    """The median of `change` over equal steps, shape (m,); 0 for steps too rare to have a usual one."""
    if len(steps) >= FEWEST and (steps == steps[0]).all():
        return np.full(len(change), np.median(change))
    base = 2 * int(np.abs(steps).max()) + 1
    if base ** steps.shape[1] > np.iinfo(np.int64).max:  # stencils of rounding, of which no two are equal
        return np.zeros(len(change))
    keys = steps @ base ** np.arange(steps.shape[1])
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(counts)])
    medians = [np.median(change[order[a:b]]) if b - a >= FEWEST else 0.0 for a, b in pairwise(bounds)]
    return np.asarray(np.array(medians)[group], dtype=np.float64)


def _between(equation: Equation, grid: Grid, sources: Integers, moves: Array, ends: Array, parts: int) -> Array:
    """V along `moves`, times these, at both ends and `parts` - 1 places between: shape (parts + 1, m)."""
    inner = _along(equation, grid, sources, moves, np.linspace(0, 1, parts + 1)[1:-1])
    return np.concatenate([ends[:1], inner, ends[1:]])


def integrals(equation: Equation, grid: Grid, sources: Integers, steps: Integers) -> Array:
    """The integral of v along steps across which it jumps, shape (m,)."""
    places = (np.arange(PIECES) + 0.5) / PIECES
    return np.asarray(_along(equation, grid, sources, steps * grid.spacing, places).mean(axis=0))


def has_jumps(equation: Equation, grid: Grid) -> bool:
    """Whether v or D jumps between two neighbouring cells; never where the potential is known.

    Raises
    ------
    InputError
        If a coefficient is not finite at a centre.
    """
    return equation.potential(grid.centers) is None and leaps(equation, grid)


def leaps(equation: Equation, grid: Grid) -> bool:
    """The same, whatever is known: modes but the law itself have kinks there.

    Raises
    ------
    InputError
        If a coefficient is not finite at a centre.
    """
    if noise_leaps(equation, grid):
        return True
    velocity = transport(equation, grid)
    flat = velocity.reshape(grid.size, -1)
    return any(
        _uneven(velocity[..., axis], grid, axis)
        and bool(jumping(equation, grid, flat, *along_axis(grid, axis)).any())
        for axis in range(grid.dim)
    )


def _uneven(values: Array, grid: Grid, axis: int) -> bool:
    """Whether some change of v along an axis is one that `jumping` would look at: quick, and mostly not."""
    first = values.take([0], axis)
    closed = np.concatenate([values, first], axis) if grid.periodic[axis] else values
    change = np.abs(np.diff(closed, axis=axis)) * grid.spacing[axis]
    if change.size == 0:
        return False
    usual = float(np.median(change)) if change.size >= FEWEST else 0.0
    return bool(change.max() > max(SUSPECT * usual, NOTICED_JUMP))


def _along(equation: Equation, grid: Grid, sources: Integers, moves: Array, places: Array) -> Array:
    """V along `moves` (m, d) from the centres of `sources`, times the moves, at `places` (k,): shape (k, m)."""
    starts = grid.centers.reshape(-1, grid.dim)[sources]
    points = grid.wrap(starts + places[:, None, None] * moves)
    return np.asarray((transport_at(equation, points) * moves).sum(axis=-1))
