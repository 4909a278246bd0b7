"""The derivative of a stationary expectation by the fitted flux: one adjoint solve on each mesh."""

from __future__ import annotations

import math

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Integers
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.fokker_planck.derivatives.problem import DerivativeProblem, beyond
from theory.fokker_planck.generator import build_generator
from theory.fokker_planck.meshes import coarsening, coarser_grids
from theory.laws import Grid, NoStationaryDensity
from theory.markov import Elimination, eliminate, recurrent_classes, stationary_vector

SECOND_ORDER = 0.4  # largest ratio of successive shifts that counts as that of second order, 1/4
SLOWEST_RATIO = 0.9  # of the last step of the meshes to the one before: more slowly nobody can tell the limit


def fitted_derivative(problem: DerivativeProblem) -> Estimate:
    """-u'(dG/da) p on the grid, extrapolated from grids of a half and a quarter of the cells (Richardson).

    Raises
    ------
    InputError
        If the generator does not change with the parameter, or a value of f is not finite.
    NoStationaryDensity
        If the chain on a grid has more than one recurrent class.
    """
    grids = (problem.grid, *coarser_grids(problem.grid))
    values, errors = zip(*(_on_mesh(problem, mesh, mesh is problem.grid) for mesh in grids), strict=True)
    value, error = extrapolated_number(values, grids)
    return Estimate(value, error + errors[0])


def extrapolated_number(values: tuple[float, ...], grids: tuple[Grid, ...]) -> tuple[float, float]:
    """The value for a spacing of 0 and its error, from values of second order on each of the `grids`."""
    if len(values) < 3:
        return values[0], math.nan
    first, second = values[0] - values[1], values[1] - values[2]
    ratio = abs(first / second) if second else math.inf if first else 0.0
    if ratio > SECOND_ORDER:
        slow = min(ratio, SLOWEST_RATIO)
        return values[0], max(abs(first), abs(second)) * max(1.0, slow / (1 - slow))
    finer, coarser = (
        fine + (fine - coarse) / (coarsening(g, h) ** 2 - 1)
        for fine, coarse, g, h in zip(values, values[1:], grids, grids[1:], strict=False)
    )
    return finer, abs(finer - coarser)


def _on_mesh(problem: DerivativeProblem, grid: Grid, sides: bool) -> tuple[float, float]:
    """The derivative on this grid alone, with the error of the difference and, if `sides`, what lies beyond."""
    generator = build_generator(problem.at(0), grid)
    states = _only_class(generator, grid)
    require(len(states) > 1, f"a derivative needs a law on more than one cell, got one of {grid.size}")
    positions: Integers = np.stack(np.unravel_index(states, grid.shape), axis=-1).astype(np.int64)
    chain = generator[:, states].tocsr()[states].tocsc()
    law = stationary_vector(chain, positions)
    values = problem.values(grid).ravel()[states]
    centred, root = values - values @ law, int(np.argmax(law))
    factors, rest = _without(chain, positions, root)
    potentials = np.zeros(len(law))
    potentials[rest] = -_signed(factors, centred[rest], transposed=False)

    unequal: list[float] = []
    moves: list[sparse.coo_array] = []

    def gained(steps: float) -> float:
        """-u' (dG/da) p with a central difference, over the moves: no diagonal is subtracted."""
        above, below = (build_generator(problem.at(sign * steps), grid) for sign in (1, -1))
        moves.append((above - below)[:, states].tocsr()[states].tocoo())
        unequal.extend(moves[-1].data[moves[-1].data != 0][:1])
        falls = potentials[moves[-1].col] - potentials[moves[-1].row]
        return float((falls * moves[-1].data * law[moves[-1].col]).sum()) / (2 * steps * problem.step)

    near, far = gained(1), gained(2)
    require_change(bool(unequal), problem)
    outside = 0.0
    if sides:
        source = np.asarray(moves[0] @ law) / (2 * problem.step)
        tangent, all_cells = np.zeros(len(law)), np.zeros((3, grid.size))
        tangent[rest] = _signed(factors, source[rest], transposed=True)
        all_cells[:, states] = law, centred, tangent - law * tangent.sum()
        outside = beyond(problem, *all_cells.reshape(3, *grid.shape))
    value = near + (near - far) / 3
    return value, abs(value - near) + outside


def require_change(found: bool, problem: DerivativeProblem) -> None:
    """Require that the equation changes with the parameter.

    Raises
    ------
    InputError
        If it does not.
    """
    require(
        found,
        f"the generator must change with the parameter, it does not within {2 * problem.step:g} of "
        f"{problem.parameter:g}; give a larger `step`, as for a jump of the drift that moves within a cell",
    )


def _only_class(generator: sparse.csc_array, grid: Grid) -> Integers:
    """The states of the one recurrent class."""
    classes = recurrent_classes(generator)
    if len(classes) != 1:
        raise NoStationaryDensity(
            f"a derivative needs one stationary law, got {len(classes)} recurrent classes on the "
            f"{' x '.join(map(str, grid.cells))} grid; take a grid that holds one"
        )
    return classes[0]


def _without(chain: sparse.csc_array, positions: Integers, root: int) -> tuple[Elimination, Integers]:
    """The factors of the chain that ends at `root`, and the other states."""
    rest = np.flatnonzero(np.arange(chain.shape[0]) != root)
    rows = chain.tocsr()
    into = np.asarray(rows[[root]].todense()).ravel()[rest]
    return eliminate(rows[rest].tocsc()[:, rest], positions[rest], into), rest


def _signed(factors: Elimination, source: Array, *, transposed: bool) -> Array:
    """Solved for what is above and below 0 each without subtraction."""
    parts = np.stack([np.maximum(source, 0.0), np.maximum(-source, 0.0)], axis=-1)
    found = factors.solve_transposed(parts) if transposed else factors.solve(parts)
    return np.asarray(found[:, 0] - found[:, 1])
