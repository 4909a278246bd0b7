"""The current of a law in one dimension: constant where it is stationary, in closed form."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array
from theory.base.rounding import EPSILON, NOT_ZERO
from theory.equations.protocol import Equation
from theory.fokker_planck.line.logarithms import profile_on_circle
from theory.fokker_planck.line.pieces import Line
from theory.fokker_planck.line.profile import zero_flux
from theory.fokker_planck.line.scale import NODES, STEEPEST_PANEL, exponent
from theory.fokker_planck.line.stationary import stationary_line
from theory.laws import Density, NoStationaryDensity

SAME_LAW = 1e-11  # of the largest value: difference of two laws that are one
CENTRES, AVERAGES = 1e-9, 1e-5  # of each value; averages made of centres know small ones less well
ROUNDING_OF_CURRENTS = 32 * EPSILON
SUMMED = 10.0  # roundings of a current beside those of F


def reference_line(line: Line) -> tuple[Array, float, float]:
    """Logarithm of a stationary density at the centres, its constant current, and the error of that.

    The first has shape (cells,).
    On a circle p = N exp(F) / D times int exp(-F) over the turn ahead has the current N (1 - exp(-rise of F)),
    where N makes its mass 1: nothing is subtracted but 1, whatever the barriers. Between walls no current flows.

    Raises
    ------
    InputError
        If b / D is not finite somewhere.

    References
    ----------
    Stratonovich (1963), "Topics in the theory of random noise"; Risken (1989), chapter 11.3.
    """
    if not line.grid.periodic[0]:
        return zero_flux(line, line.pieces[0]).log_values, 0.0, 0.0
    (logs, current, error), (_, rougher, _) = (_circle(line, nodes) for nodes in (NODES, NODES // 2))
    return logs, current, error + abs(current - rougher)


def _circle(line: Line, nodes: int) -> tuple[Array, float, float]:
    w = line.grid.axes[0]
    places = np.append(w, w[0] + line.length)
    path = exponent(line.coefficients, places, line.share, nodes=nodes, steepest=STEEPEST_PANEL)
    turn, way = float(path.rises.sum()), float(np.abs(path.rises).sum())
    found = profile_on_circle(line, nodes)
    log_part = -float(np.logaddexp.reduce(found.log_masses))
    doubt = ROUNDING_OF_CURRENTS * (1 + way)
    balanced = abs(turn) <= doubt
    size = np.exp(log_part + (np.log(abs(np.expm1(-abs(turn)))) if turn else -np.inf) + max(-turn, 0.0))
    error = (
        size * (ROUNDING_OF_CURRENTS * (SUMMED + way) + found.doubt) + np.exp(log_part + max(-turn, 0.0)) * doubt
    )
    return found.log_values + log_part, 0.0 if balanced else float(np.sign(turn) * size), float(error)


def stationary_current(equation: Equation, density: Density) -> tuple[float, float] | None:
    """The constant current of a density on a line, with its error; None where it is not that of the equation.

    A density is that of the equation where it is a stationary one to rounding, at the centres or on average over
    cells.

    Raises
    ------
    InputError
        If a coefficient is not valid on the grid.
    """
    grid = density.grid
    line = Line.of(equation, grid)
    if not line.points:
        logs, current, error = reference_line(line)
        if not density.cell_averages:
            return (current, error) if _same(np.exp(logs - logs.max()), density.values, CENTRES) else None
        found = profile_on_circle(line, NODES) if grid.periodic[0] else zero_flux(line, line.pieces[0])
        return (current, error) if _same(found.shares, density.values, AVERAGES) else None
    if line.circulates:
        return None
    try:
        law = stationary_line(equation, grid)
    except NoStationaryDensity:
        return None
    return (0.0, 0.0) if _same(law.values, density.values, CENTRES) else None


def _same(one: Array, other: Array, relative: float) -> bool:
    """Whether two laws agree to rounding but for a factor, in the bulk and in every cell."""
    first, second = one / one.sum(), other / other.sum()
    bulk = float(np.abs(first - second).max()) <= SAME_LAW * float(second.max())
    return bulk and bool(np.allclose(first, second, rtol=relative, atol=NOT_ZERO))
