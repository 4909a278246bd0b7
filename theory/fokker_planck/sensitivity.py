"""Derivatives of stationary expectations in a parameter, by one adjoint solve."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy import sparse

from theory.arrays import Array, ArrayLike, Integers, evaluated
from theory.equation import Equation
from theory.errors import require
from theory.field import Estimate
from theory.fokker_planck.elimination.solve import eliminate, stationary_vector
from theory.fokker_planck.generator.coefficients import finite
from theory.fokker_planck.generator.matrix import build_generator, recurrent_classes
from theory.fokker_planck.laws import NoStationaryDensity
from theory.fokker_planck.plane.mesh import coarsening, coarser_grids
from theory.fokker_planck.plane.refusals import UPWIND_PECLET
from theory.grid import Grid

EquationAt = Callable[[float], Equation]
Observable = Callable[[Array], ArrayLike]
STEP = 2e-3  # of the parameter: its fourth power and rounding divided by it are both about 1e-12
SECOND_ORDER = 0.4  # largest ratio of successive shifts that counts as that of second order, 1/4
SLOWEST = 0.9
SAME = 1e-12  # relative difference of two coefficients that counts as none


def stationary_sensitivity(
    equation_at: EquationAt, parameter: float, grid: Grid, observable: Observable, step: float | None = None
) -> Estimate:
    """d<f>/da of the stationary law of `equation_at(a)` at a = `parameter`, with its error.

    With G p = 0 and G' u = f - <f> it is -u' (dG/da) p: one more solve, by elimination without subtraction as that
    for p. The generator G is the fitted one, and dG/da its fourth-order central difference. This is the exact
    derivative of the expectation on the grid, which is of second order in the spacing, and is extrapolated from
    grids of a half and a quarter of the cells (Richardson). `error` is the step of the last extrapolation plus the
    error of the difference; where the meshes do not fall as at second order it is what is left of the shifts.

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
        If a number or a value of f is not finite, dimensions differ, or a coefficient is not valid.
    NoStationaryDensity
        If the chain on a grid has more than one recurrent class.

    References
    ----------
    Schweitzer (1968), "Perturbation theory and finite Markov chains"; Cao & Chen (1997), "Perturbation
    realization, potentials, and sensitivity analysis of Markov processes".
    """
    require(math.isfinite(parameter), f"`parameter` must be finite, got {parameter}")
    width = abs(parameter) * STEP if step is None else step
    require(
        math.isfinite(width) and width > 0,
        f"`step` must be positive and finite, got {width} at the parameter {parameter}; give one",
    )
    equation = equation_at(parameter)
    require(hasattr(equation, "drift"), f"`equation_at` must give an equation, got {type(equation).__name__}")
    dim = equation.dim
    require(dim == grid.dim, f"equation and grid must have one dimension, got {dim} and {grid.dim}")
    on = partial(_on_mesh, equation_at, parameter, observable=observable, step=width)
    grids = (grid, *coarser_grids(grid))
    values, errors = zip(*(on(mesh) for mesh in grids), strict=True)
    value, error = _extrapolated(values, grids)
    return Estimate(value, error + errors[0])


def checked_sensitivity(
    equation: Equation,
    peclet: float,
    equation_at: EquationAt,
    parameter: float,
    grid: Grid,
    observable: Observable,
    step: float | None,
) -> Estimate:
    """As `stationary_sensitivity`, for an `equation` whose law has this Peclet number on the grid.

    Raises
    ------
    InputError
        If `equation_at(parameter)` is not `equation`, or above the Peclet number where meshes hide the error
        of the fitted flux; else as `stationary_sensitivity`.
    """
    other = equation_at(parameter)
    require(hasattr(other, "drift"), f"`equation_at` must give an equation, got {type(other).__name__}")
    for name in ("drift", "tensor"):
        here, there = (np.asarray(getattr(one, name)(grid.centers)) for one in (equation, other))
        gap = float(np.abs(here - there).max()) if here.shape == there.shape else math.inf
        require(
            gap <= SAME * float(np.abs(here).max()),
            f"`equation_at(parameter)` must be the equation of this object, its {name} differs by {gap:.3g}",
        )
    require(
        peclet <= UPWIND_PECLET,
        f"a derivative takes the fitted flux, which is upwinding above the Peclet number {UPWIND_PECLET:g}, got "
        f"{peclet:.3g}; refine the grid",
    )
    return stationary_sensitivity(equation_at, parameter, grid, observable, step)


def _on_mesh(
    equation_at: EquationAt, parameter: float, grid: Grid, *, observable: Observable, step: float
) -> tuple[float, float]:
    """The derivative of the expectation on this grid alone, and the error of the difference of matrices."""
    generator = build_generator(equation_at(parameter), grid)
    states = _only_class(generator, grid)
    require(len(states) > 1, f"a derivative needs a law on more than one cell, got one of {grid.size}")
    values = finite(evaluated(observable, grid.centers, "observable"), "observable", grid).ravel()[states]
    positions: Integers = np.stack(np.unravel_index(states, grid.shape), axis=-1).astype(np.int64)
    chain = generator[:, states].tocsr()[states].tocsc()
    law = stationary_vector(chain, positions)
    potentials = _potentials(chain, positions, values - values @ law, int(np.argmax(law)))

    unequal: list[float] = []

    def gained(width: float) -> float:
        """-u' (dG/da) p with the central difference of this width, over the moves: no diagonal is subtracted."""
        above, below = (build_generator(equation_at(parameter + sign * width), grid) for sign in (1, -1))
        moves = (above - below)[:, states].tocsr()[states].tocoo()
        unequal.extend(moves.data[moves.data != 0][:1])
        falls = potentials[moves.col] - potentials[moves.row]
        return float((falls * moves.data * law[moves.col]).sum()) / (2 * width)

    near, far = gained(step), gained(2 * step)
    require(
        bool(unequal),
        f"the generator must change with the parameter, it does not within {2 * step:g} of {parameter:g}; "
        "give a larger `step`, as for a jump of the drift that moves within a cell",
    )
    value = near + (near - far) / 3
    return value, abs(value - near)


def _only_class(generator: sparse.csc_array, grid: Grid) -> Integers:
    """The states of the one recurrent class."""
    classes = recurrent_classes(generator)
    if len(classes) != 1:
        raise NoStationaryDensity(
            f"a derivative needs one stationary law, got {len(classes)} recurrent classes on the "
            f"{' x '.join(map(str, grid.cells))} grid; take a grid that holds one"
        )
    return classes[0]


def _potentials(chain: sparse.csc_array, positions: Integers, source: Array, root: int) -> Array:
    """The u with G' u = source, whose mean is 0, and u = 0 at `root`: what a path collects until it gets there."""
    rest = np.flatnonzero(np.arange(len(source)) != root)
    rows = chain.tocsr()
    inner = rows[rest].tocsc()[:, rest]
    into = np.asarray(rows[[root]].todense()).ravel()[rest]
    signed = np.stack([np.maximum(source, 0.0), np.maximum(-source, 0.0)], axis=-1)[rest]
    collected = eliminate(inner, positions[rest], into).solve(signed)
    potentials = np.zeros(len(source))
    potentials[rest] = collected[:, 1] - collected[:, 0]
    return potentials


def _extrapolated(values: tuple[float, ...], grids: tuple[Grid, ...]) -> tuple[float, float]:
    """The value for a spacing of 0 and its error, from values of second order on each of the `grids`."""
    if len(values) < 3:
        return values[0], math.nan
    first, second = values[0] - values[1], values[1] - values[2]
    ratio = abs(first / second) if second else math.inf if first else 0.0
    if ratio > SECOND_ORDER:
        slow = min(ratio, SLOWEST)
        return values[0], max(abs(first), abs(second)) * max(1.0, slow / (1 - slow))
    finer, coarser = (
        fine + (fine - coarse) / (coarsening(g, h) ** 2 - 1)
        for fine, coarse, g, h in zip(values, values[1:], grids, grids[1:], strict=False)
    )
    return finer, abs(finer - coarser)
