"""The fall of the potential along steps of a grid, integrated as finely as it asks for."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, Integers
from theory.equations.protocol import Equation
from theory.fokker_planck.generator.coefficients import transport, transport_at
from theory.laws import Grid

LOBATTO = (1 - 5**-0.5) / 2  # inner node of the rule of degree 5
SMOOTH = 1e-2  # between the trapezoidal rule and Lobatto's: below it the latter is taken
SIMPSON_TOLERANCE = 1e-8  # of an integral, between Simpson's rule on an interval and on its halves
DEEPEST = 40  # halvings


def fine_falls(equation: Equation, grid: Grid, sources: Integers, steps: Integers) -> Array:
    """The integral z of v = D^-1 (b - div D) along `steps` (m, d) from the centres of `sources`, shape (m,).

    Lobatto's rule of degree 5; where it is far from the trapezoidal one, as next to a place without noise, where v
    is infinite, Simpson's rule on intervals that are halved until it settles.

    Raises
    ------
    InputError
        If a coefficient is not finite at a centre.

    References
    ----------
    Lyness (1969), "Notes on the adaptive Simpson quadrature routine".
    """
    sources, steps, inverse, signs = _once(grid, sources, steps)
    starts = grid.centers.reshape(-1, grid.dim)[sources]
    moves = steps * grid.spacing
    velocity = transport(equation, grid).reshape(grid.size, grid.dim)
    targets = _ahead(grid, sources, steps)

    def slope(rows: Integers, places: Array) -> Array:
        points = grid.wrap(starts[rows] + places[:, None] * moves[rows])
        return np.asarray((transport_at(equation, points) * moves[rows]).sum(axis=1))

    rows = np.arange(len(sources))
    low, high = np.zeros(len(rows)), np.ones(len(rows))
    first, last = ((velocity[ends] * moves).sum(axis=1) for ends in (sources, targets))
    inner = slope(rows, np.full(len(rows), LOBATTO)) + slope(rows, np.full(len(rows), 1 - LOBATTO))
    whole = (first + 5 * inner + last) / 12
    rough = np.abs(whole - (first + last) / 2) > SMOOTH
    z = np.where(rough, 0.0, whole)
    rows, low, high, first, last = (part[rough] for part in (rows, low, high, first, last))
    middle = slope(rows, np.full(len(rows), 0.5))
    whole = (first + 4 * middle + last) / 6
    for depth in range(DEEPEST):
        if len(rows) == 0:
            break
        centre = (low + high) / 2
        left, right = slope(rows, (low + centre) / 2), slope(rows, (centre + high) / 2)
        width = high - low
        halves = [width / 12 * (first + 4 * left + middle), width / 12 * (middle + 4 * right + last)]
        gap = halves[0] + halves[1] - whole
        settled = (np.abs(gap) <= SIMPSON_TOLERANCE * (1 + np.abs(z[rows]))) | (depth == DEEPEST - 1)
        np.add.at(z, rows[settled], (halves[0] + halves[1] + gap / 15)[settled])
        on = ~settled
        rows = np.tile(rows[on], 2)
        low, high = np.concatenate([low[on], centre[on]]), np.concatenate([centre[on], high[on]])
        first, middle, last, whole = (
            np.concatenate([one[on], other[on]])
            for one, other in ((first, middle), (left, right), (middle, last), (halves[0], halves[1]))
        )
    return np.asarray(signs * z[inverse])


def _ahead(grid: Grid, cells: Integers, steps: Integers) -> Integers:
    """The cells that the steps lead to."""
    places = np.stack(np.unravel_index(cells, grid.shape), axis=-1) + steps
    return np.asarray(np.ravel_multi_index(tuple((places % np.array(grid.shape)).T), grid.shape), dtype=np.int64)


def _once(grid: Grid, sources: Integers, steps: Integers) -> tuple[Integers, Integers, Integers, Array]:
    """Each step once, whichever way it is gone: sources, steps, which of them each step is, and its sign."""
    base = 2 * int(np.abs(steps).max(initial=0)) + 1
    codes = steps @ base ** np.arange(grid.dim)
    back = codes < 0
    signs = np.where(back, -1.0, 1.0)
    sources = np.where(back, _ahead(grid, sources, steps), sources)
    steps = np.where(back[:, None], -steps, steps)
    _, first, inverse = np.unique(sources * base**grid.dim + np.abs(codes), return_index=True, return_inverse=True)
    return sources[first], steps[first], inverse, signs
