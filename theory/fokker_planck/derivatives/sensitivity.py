"""Derivatives of stationary expectations in a parameter."""

from __future__ import annotations

import math
from contextlib import suppress

import numpy as np

from theory.base.arrays import Booleans
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.equations.protocol import Equation
from theory.fokker_planck.derivatives.centred import centred_derivative, corrected_derivative
from theory.fokker_planck.derivatives.fitted import fitted_derivative
from theory.fokker_planck.derivatives.line import derivative_on_line
from theory.fokker_planck.derivatives.problem import DerivativeProblem, EquationAt, Observable
from theory.fokker_planck.generator import Centred
from theory.fokker_planck.lattice import (
    HOPELESS_PECLET,
    MOST_IN_SPACE,
    NEAREST_NEIGHBOURS,
    StationarySolution,
    solve_stationary,
)
from theory.laws import Grid, NoStationaryDensity

__all__ = ["EquationAt", "Observable", "checked_sensitivity", "stationary_sensitivity"]

STEP = 2e-3  # of the parameter: its fourth power and rounding divided by it are both about 1e-12
FAIR = 1e-5  # relative error of the fitted flux, below which the centred one is not tried
SAME_COEFFICIENT = 1e-12  # relative difference of two coefficients that counts as none


def stationary_sensitivity(
    equation_at: EquationAt, parameter: float, grid: Grid, observable: Observable, step: float | None = None
) -> Estimate:
    """d<f>/da of the stationary law of `equation_at(a)` at a = `parameter`, with its error.

    On a line the central difference of eighth order of expectations by quadrature, which are exact to rounding.
    Beyond, with G p = 0 and G' u = f - <f>, it is -u' (dG/da) p: one more solve, by elimination without
    subtraction as that for p, where G is the fitted flux; extrapolated from grids of a half and a quarter of the
    cells (Richardson). Where `solve_stationary` takes the centred flux, as drift rules, it is f' x with the
    tangent G x = -(dG/da) p, raised to sixth order as the law is; so it is where that has the smaller error.
    dG/da is a central difference of fourth order.
    `error` is what the last order changes, the error of the difference and what lies beyond the grid.

    Sides reflect unless they are periodic, and a law may rest on them; beyond a side towards which the derivative
    falls the law is taken to go on.

    Parameters
    ----------
    equation_at
        Maps a value of the parameter to the equation, drift and tensor.
    parameter
        Where the derivative is taken, not 0 unless `step` is given.
    observable
        f, mapping centres (..., d) to values (...); it does not depend on the parameter.
    step
        Of the difference, by default 1/500 of the parameter; the equation must exist within two steps.

    Raises
    ------
    InputError
        If a number or a value of f is not finite, dimensions differ, a coefficient is not valid, or the fitted
        flux is upwinding on this grid and the centred one finds no law.
    NoStationaryDensity
        If the law is not unique, or the grid does not resolve it.

    References
    ----------
    Schweitzer (1968), "Perturbation theory and finite Markov chains"; Cao & Chen (1997), "Perturbation
    realization, potentials, and sensitivity analysis of Markov processes".
    """
    width = _width(parameter, step)
    equation = equation_at(parameter)
    require(hasattr(equation, "drift"), f"`equation_at` must give an equation, got {type(equation).__name__}")
    dim = equation.dim
    require(dim == grid.dim, f"equation and grid must have one dimension, got {dim} and {grid.dim}")
    problem = DerivativeProblem(equation_at, parameter, grid, observable, width, None)
    return _derivative(problem, solve_stationary(equation, grid, walls=problem.held) if dim > 1 else None)


def checked_sensitivity(
    equation: Equation,
    solution: StationarySolution | None,
    walls: Booleans,
    equation_at: EquationAt,
    parameter: float,
    grid: Grid,
    observable: Observable,
    step: float | None,
) -> Estimate:
    """As `stationary_sensitivity`, for an `equation` with this `solution` on the grid, None on a line.

    `step` is that of the differences in the parameter.
    `walls` says which sides were asked for, shape (d, 2): the law goes on beyond the others, as the error says.

    Raises
    ------
    InputError
        If `equation_at(parameter)` is not `equation`; else as `stationary_sensitivity`.
    NoStationaryDensity
        If a law beside that of `equation` does not exist.
    """
    other = equation_at(parameter)
    require(hasattr(other, "drift"), f"`equation_at` must give an equation, got {type(other).__name__}")
    for name in ("drift", "tensor"):
        here, there = (np.asarray(getattr(one, name)(grid.centers)) for one in (equation, other))
        gap = float(np.abs(here - there).max()) if here.shape == there.shape else math.inf
        require(
            gap <= SAME_COEFFICIENT * float(np.abs(here).max()),
            f"`equation_at(parameter)` must be the equation of this object, its {name} differs by {gap:.3g}",
        )
    width = _width(parameter, step)
    return _derivative(DerivativeProblem(equation_at, parameter, grid, observable, width, walls), solution)


def _width(parameter: float, step: float | None) -> float:
    """The step of the difference, by default a share of the parameter."""
    require(math.isfinite(parameter), f"`parameter` must be finite, got {parameter}")
    width = abs(parameter) * STEP if step is None else step
    require(
        math.isfinite(width) and width > 0,
        f"`step` must be positive and finite, got {width} at the parameter {parameter}; give one",
    )
    return width


def _derivative(problem: DerivativeProblem, solution: StationarySolution | None) -> Estimate:
    if solution is None:
        found = derivative_on_line(problem)
        return fitted_derivative(problem) if found is None else found
    if isinstance(solution.flux, Centred):
        return centred_derivative(problem, solution)
    require(
        solution.largest_peclet <= HOPELESS_PECLET,
        f"a derivative takes the fitted flux where the centred one finds no law, and that is upwinding above the "
        f"Peclet number {HOPELESS_PECLET:g}, got {solution.largest_peclet:.3g}; refine the grid",
    )
    fitted = fitted_derivative(problem)
    if fitted.error <= FAIR * abs(fitted) or (problem.grid.dim > 2 and problem.grid.size > MOST_IN_SPACE):
        return fitted
    with suppress(NoStationaryDensity):
        centred = corrected_derivative(problem, solution, NEAREST_NEIGHBOURS)
        if centred is not None and not centred.error >= fitted.error:
            return centred
    return fitted
