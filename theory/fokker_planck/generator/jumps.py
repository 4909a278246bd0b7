"""Where the drift jumps between two cells, as that of |w| does at its tip, and its integral there."""

from __future__ import annotations

import numpy as np

from theory.arrays import Array, Booleans, Integers
from theory.equation import Equation
from theory.fokker_planck.generator.coefficients import transport, transport_at
from theory.fokker_planck.generator.neighbours import along_axis
from theory.grid import Grid

SUSPECT = 4.0  # times the median change along a step: what is asked further
SHARP = 0.6  # of the change along a step within an eighth of it: 1/8 if it is even, 1 for a jump
STRAIGHT = 1.5  # longest way of v along a jump over the direct one
EVEN = 4.0  # largest change in the other eighths over the median one
NOTICED = 1e-6  # of z: a smaller jump moves nothing
PIECES = 128  # of the midpoint rule across a jump


def jumping(
    equation: Equation, grid: Grid, velocity: Array, sources: Integers, targets: Integers, steps: Integers
) -> Booleans:
    """Whether v, given at the centres as (size, d), jumps between source and target, shape (m,).

    Steps along which it changes by more than four times the median are sampled in eighths.
    """
    moves = steps * grid.spacing
    change = np.abs(((velocity[targets] - velocity[sources]) * moves).sum(axis=1))
    found = np.zeros(len(sources), dtype=bool)
    if len(change) == 0:
        return found
    rows = np.flatnonzero((change > SUSPECT * np.median(change)) & (change > NOTICED))
    if len(rows):  # a sharp eighth makes its half of the step sharp
        halves = np.abs(np.diff(_along(equation, grid, sources[rows], moves[rows], np.linspace(0, 1, 3)), axis=0))
        rows = rows[halves.max(axis=0) > SHARP * halves.sum(axis=0)]
    if len(rows) == 0:
        return found
    samples = _along(equation, grid, sources[rows], moves[rows], np.linspace(0, 1, 9))
    parts = np.abs(np.diff(samples, axis=0))
    whole = parts.sum(axis=0)
    sharp = (parts.max(axis=0) > SHARP * whole) & (whole > NOTICED)
    # a pole goes far beyond its ends, or grows towards one of them
    rest = np.sort(parts, axis=0)[:-1]
    even = rest[-1] <= EVEN * np.median(rest, axis=0) + NOTICED * np.median(np.abs(samples), axis=0)
    found[rows] = sharp & even & (whole < STRAIGHT * np.abs(samples[-1] - samples[0]))
    return found


def integrals(equation: Equation, grid: Grid, sources: Integers, steps: Integers) -> Array:
    """The integral of v along steps across which it jumps, shape (m,)."""
    places = (np.arange(PIECES) + 0.5) / PIECES
    return np.asarray(_along(equation, grid, sources, steps * grid.spacing, places).mean(axis=0))


def has_jumps(equation: Equation, grid: Grid) -> bool:
    """Whether v jumps between two neighbouring cells; never where the potential is known."""
    if equation.potential(grid.centers) is not None:
        return False
    velocity = transport(equation, grid).reshape(grid.size, -1)
    return any(bool(jumping(equation, grid, velocity, *along_axis(grid, axis)).any()) for axis in range(grid.dim))


def _along(equation: Equation, grid: Grid, sources: Integers, moves: Array, places: Array) -> Array:
    """V along `moves` (m, d) from the centres of `sources`, times the moves, at `places` (k,): shape (k, m)."""
    starts = grid.centers.reshape(-1, grid.dim)[sources]
    points = grid.wrap(starts + places[:, None, None] * moves)
    return np.asarray((transport_at(equation, points) * moves).sum(axis=-1))
