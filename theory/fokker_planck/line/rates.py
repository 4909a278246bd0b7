"""Rates between the cells of a line where D jumps or the law is infinite, which no difference of centres gives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.equations.protocol import Equation
from theory.fokker_planck.line.pieces import Line
from theory.fokker_planck.line.profile import cells_of, zero_flux
from theory.fokker_planck.line.scale import STEEPEST_PANEL, exponent
from theory.laws import Grid

JUMP = 1e-3  # of log D between neighbours: what is looked at
BISECTIONS = 40
SHARP = 0.5  # of the change that is left after so many bisections
INFINITE = 1e-6  # power below 0 at which a density is infinite


def line_rates(equation: Equation, grid: Grid) -> tuple[Array, Array] | None:
    """Logarithms of the rates to the next cell and back, (steps,) each; None where differences of centres do.

    The flux between two cells is that of the zero-flux density p times a function f that changes by the scale:
    rates 1 / (M S) with M the mass of p in the cell that is left and S = int dw / (D p) between the means of p in
    the two cells. So M is stationary, whatever D does between the centres or at the ends; second order in time.
    They are for lines where D jumps or p is infinite at an end, in one piece; on a circle the last step is that
    over the seam.
    """
    if equation.potential(grid.centers[:1]) is not None:
        return None
    try:
        line = Line.of(equation, grid)
    except InputError:  # the equation does not say what happens at a zero of D
        return None
    whole = not line.points if grid.periodic[0] else len(line.pieces) == 1 and line.pieces[0].recurrent
    if not whole or grid.cells[0] < 2 or not (_infinite(line) or noise_jumps(line)):
        return None
    found = zero_flux(line, None if grid.periodic[0] else line.pieces[0])
    cells, masses = cells_of(grid, found.points), np.exp(found.log_weights - found.log_masses.max())
    own = np.bincount(cells, masses, grid.cells[0])
    weighted = np.bincount(cells, masses * found.points, grid.cells[0])
    centres, some = grid.axes[0], own > 0
    means = np.where(some, weighted / np.where(some, own, 1.0), centres)
    means = np.clip(means, grid.edges[0][:-1], grid.edges[0][1:])
    middle = int(np.argmax(np.where(np.isfinite(found.log_values), found.log_values, -np.inf)))
    path_ends = np.append(means, means[0] + line.length) if grid.periodic[0] else means
    edges = np.unique(np.concatenate([path_ends, centres[[middle]]]))
    path = exponent(line.coefficients, edges, line.share, steepest=STEEPEST_PANEL)
    at = np.searchsorted(path.edges, path_ends)
    log_scales = np.array([np.logaddexp.reduce(path.log_scales[a:b]) for a, b in pairwise(at)])
    level = path.at_edges[np.searchsorted(path.edges, centres[middle])]
    here = level + (line.share - 1) * float(line.log_noise(centres[[middle]])[0])
    log_masses = found.log_masses - found.log_values[middle] + here
    forward, back = -log_masses - log_scales if grid.periodic[0] else -log_masses[:-1] - log_scales, None
    if grid.periodic[0]:
        turn = path.at_edges[at[-1]] - path.at_edges[at[0]]
        back = -np.append(log_masses[1:], log_masses[0] + turn) - log_scales
    else:
        back = -log_masses[1:] - log_scales
    return forward, back


def _infinite(line: Line) -> bool:
    """Whether the density is infinite at an end, or the drift has a pole there."""
    sides = [side for point in line.points for side in point.sides]
    return bool(line.natural_sides.any()) or any(s.ratio - s.noise_exponent < -INFINITE for s in sides)


def noise_jumps(line: Line) -> bool:
    """Whether D jumps between two neighbouring centres: its change does not shrink as they come together."""
    w = line.grid.axes[0]
    left, right = (w, np.append(w[1:], w[0] + line.length)) if line.grid.periodic[0] else (w[:-1], w[1:])
    low, high = line.log_noise(left), line.log_noise(right)
    with np.errstate(invalid="ignore"):
        rows = np.flatnonzero(np.abs(high - low) > JUMP)
    left, right, low, high = left[rows], right[rows], low[rows], high[rows]
    change = np.abs(high - low)
    for _ in range(BISECTIONS):
        middle = (left + right) / 2
        between = line.log_noise(middle)
        with np.errstate(invalid="ignore"):
            first = np.abs(between - low) > np.abs(high - between)
        right, high = np.where(first, middle, right), np.where(first, between, high)
        left, low = np.where(first, left, middle), np.where(first, low, between)
    with np.errstate(invalid="ignore"):
        return bool((np.isfinite(change) & (np.abs(high - low) > SHARP * np.minimum(change, 1.0))).any())
