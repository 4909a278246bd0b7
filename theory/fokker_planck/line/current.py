"""The current of a law in one dimension: constant where it is stationary, in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from theory.arrays import Array
from theory.density import Density
from theory.equation import Equation
from theory.fokker_planck.laws import NoStationaryDensity
from theory.fokker_planck.line.logarithms import log_circle, log_zero_flux
from theory.fokker_planck.line.pieces import Line
from theory.fokker_planck.line.scale import NODES, STEEPEST, exponent
from theory.fokker_planck.line.stationary import stationary_line
from theory.grid import Grid

SAME = 1e-11  # relative difference of two laws that are one
FINEST = 30_000  # cells on which the mass of a law is summed
SETTLED = 1e-14  # relative change of a mass
ROUNDING = 32 * float(np.finfo(float).eps)


def reference_line(line: Line) -> tuple[Array, float, float]:
    """Logarithm of a stationary density at the centres, its constant current, and the error of that.

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
        return log_zero_flux(line, line.grid.axes[0]), 0.0, 0.0
    (logs, current, error), (_, rougher, _) = (_circle(line, nodes) for nodes in (NODES, NODES // 2))
    return logs, current, error + abs(current - rougher)


def _circle(line: Line, nodes: int) -> tuple[Array, float, float]:
    w = line.grid.axes[0]
    path = exponent(line.ratio, np.append(w, w[0] + line.length), nodes=nodes, steepest=STEEPEST)
    turn, way = float(path.rises.sum()), float(np.abs(path.rises).sum())
    logs = log_circle(line, nodes)
    mesh, masses = line.grid, [_log_mass(logs, line.grid)]
    while len(masses) < 2 or (abs(masses[-1] - masses[-2]) > SETTLED and 3 * mesh.size <= FINEST):
        mesh = mesh.refined(3)
        fine = log_circle(replace(line, grid=mesh), nodes)
        # the integral over a turn ahead begins at another centre, where F is another constant
        masses.append(_log_mass(fine + (logs[0] - fine[1 if len(masses) == 1 else _centre(len(masses))]), mesh))
    log_part = -masses[-1]
    doubt = ROUNDING * (1 + way)
    balanced = abs(turn) <= doubt
    size = np.exp(log_part + (np.log(abs(np.expm1(-abs(turn)))) if turn else -np.inf) + max(-turn, 0.0))
    error = size * (abs(masses[-1] - masses[-2]) + ROUNDING * (10 + way))
    error += np.exp(log_part + max(-turn, 0.0)) * doubt
    return logs + log_part, 0.0 if balanced else float(np.sign(turn) * size), float(error)


def _centre(times: int) -> int:
    """The cell whose centre is that of the first cell before it was cut in 3 so many times."""
    return int((3**times - 1) // 2)


def _log_mass(logs: Array, grid: Grid) -> float:
    return float(np.logaddexp.reduce(logs) + np.log(grid.cell_volume))


def stationary_current(equation: Equation, density: Density) -> tuple[float, float] | None:
    """The constant current of a density on a line, with its error; None where it is not that of the equation.

    A density is that of the equation where it is a stationary one to rounding, at the centres or averaged over
    cells of a grid cut in 3.
    """
    grid = density.grid
    line = Line.of(equation, grid)
    if not line.points:
        logs, current, error = reference_line(line)
        with np.errstate(under="ignore"):
            laws = [np.exp(logs - logs.max())]
        finer = replace(line, grid=grid.refined(3))
        logs = reference_line(finer)[0]
        laws.append(np.exp(logs - logs.max()).reshape(-1, 3).mean(axis=1))
        return (current, error) if any(_same(law, density.values) for law in laws) else None
    if line.circulates:
        return None
    try:
        law = stationary_line(equation, grid)
    except NoStationaryDensity:
        return None
    return (0.0, 0.0) if _same(law.values, density.values) else None


def _same(one: Array, other: Array) -> bool:
    """Whether two laws agree to rounding but for a factor in every cell."""
    return bool(
        np.abs(one / one.sum() - other / other.sum()).max() <= SAME * float((other / other.sum()).max())
    ) and (bool(np.allclose(one / one.sum(), other / other.sum(), rtol=1e-9, atol=1e-300)))
