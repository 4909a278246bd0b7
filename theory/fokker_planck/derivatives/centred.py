"""The derivative of a stationary expectation by the centred flux: tangents of laws, by deferred correction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.base.arrays import Array
from theory.base.estimate import Estimate
from theory.fokker_planck.derivatives.fitted import extrapolated_number, require_change
from theory.fokker_planck.derivatives.problem import DerivativeProblem, beyond
from theory.fokker_planck.generator import Centred, build_generator, carrying_drift
from theory.fokker_planck.lattice import (
    CONVERGING,
    CORRECTIONS_SETTLED,
    MOST_CORRECTIONS,
    STALLED,
    Operator,
    StationarySolution,
)
from theory.fokker_planck.meshes import coarser_grids
from theory.laws import Grid
from theory.markov.null_vector import SignedNullVector


def centred_derivative(problem: DerivativeProblem, solution: StationarySolution) -> Estimate:
    """F'x with G x = -(dG/da) p and sum x = 0, of sixth order where that of the law `solution` is.

    With R the flux of sixth order, whose law p is, x <- x - G^-1 (R x + (dR/da) p) brings R x to -(dR/da) p with
    the factors of the centred matrix G. A last step with the flux of fourth order gives the step s4 between the
    two, and s2 that from the second: `error` is 4 s4^2 / s2, at least s4 / 6, as that of the law, with sums of
    |f - <f>| |dx|. Where corrections do not settle the second order of three meshes is extrapolated (Richardson).

    Raises
    ------
    InputError
        If the generator does not change with the parameter, or a value of f is not finite.
    NoStationaryDensity
        As `SignedNullVector`.
    """
    assert isinstance(solution.flux, Centred)
    found = corrected_derivative(problem, solution, solution.flux) if solution.order == 6 else None
    return _of_meshes(problem, solution.flux) if found is None else found


def corrected_derivative(
    problem: DerivativeProblem, solution: StationarySolution, flux: Centred
) -> Estimate | None:
    """The derivative of sixth order by corrections with the matrix of `flux`; None where they do not settle.

    Raises
    ------
    InputError, NoStationaryDensity
        As `centred_derivative`.
    """
    grid, law = problem.grid, solution.density.values
    matrix = SignedNullVector(build_generator(problem.at(0), grid, flux))
    values = problem.values(grid)
    centred = values - float((values * law).sum()) * grid.cell_volume
    tensor, drift = _coefficients(problem, grid, 0)
    tensor_moved, drift_moved = _difference(lambda steps: _coefficients(problem, grid, steps), problem.step)
    require_change(bool(tensor_moved.any() or drift_moved.any()), problem)

    def step(order: int, tangent: Array, at: Array) -> Array:
        """What brings the tangent of the law `at` to the flux of this order."""
        residual = Operator(grid, tensor, drift, order).residual(tangent)
        return _solved(residual + Operator(grid, tensor_moved, drift_moved, order).residual(at))

    def _solved(residual: Array) -> Array:
        residual = residual - law * (residual.sum() / law.sum())  # one-sided ends do not keep mass to rounding
        return np.asarray(-matrix.solve(residual.ravel()).reshape(grid.shape))

    def size(change: Array) -> float:
        return float(np.abs(centred * change).sum()) * grid.cell_volume

    tangent, sizes = step(6, np.zeros(grid.shape), law), list[float]()
    while len(sizes) < MOST_CORRECTIONS and not (sizes and sizes[-1] <= CORRECTIONS_SETTLED * sizes[0]):
        change = step(6, tangent, law)
        if sizes and not size(change) <= STALLED * sizes[-1]:
            break
        sizes.append(size(change))
        tangent = tangent + change
    plain = _plain(problem, grid, flux, matrix)[1].reshape(grid.shape) / grid.cell_volume
    second = size(tangent - plain)
    below = law + _solved(Operator(grid, tensor, drift, 4).residual(law))  # the law of fourth order
    fourth = size(step(4, tangent, below))
    if len(sizes) < 2 or not fourth <= CONVERGING * second:
        return None
    error = fourth * max(4 * fourth / second, 1 / 6) + sizes[-1]
    if solution.flux != flux:  # a law of another flux
        error += (solution.density.error or 0.0) * size(tangent)
    value = float((centred * tangent).sum()) * grid.cell_volume
    return Estimate(value, error + beyond(problem, law * grid.cell_volume, centred, tangent * grid.cell_volume))


def _of_meshes(problem: DerivativeProblem, flux: Centred) -> Estimate:
    """From the second order on the grid and those of a half and a quarter of the cells."""
    grids, found, outside = (problem.grid, *coarser_grids(problem.grid)), [], 0.0
    for grid in grids:
        matrix = SignedNullVector(build_generator(problem.at(0), grid, flux))
        changed, tangent = _plain(problem, grid, flux, matrix)
        require_change(changed, problem)
        values = problem.values(grid).ravel()
        centred = values - values @ matrix.vector
        found.append(float(centred @ tangent))
        if grid == problem.grid:
            law, change = matrix.vector.reshape(grid.shape), tangent.reshape(grid.shape)
            outside = beyond(problem, law, centred.reshape(grid.shape), change)
    value, error = extrapolated_number(tuple(found), grids)
    return Estimate(value, error + outside)


def _plain(problem: DerivativeProblem, grid: Grid, flux: Centred, matrix: SignedNullVector) -> tuple[bool, Array]:
    """Whether G changes with the parameter, and the tangent of the masses of second order, shape (cells,)."""

    def moves(steps: float) -> Array:
        return np.asarray(build_generator(problem.at(steps), grid, flux) @ matrix.vector)

    (source,) = _difference(lambda steps: (moves(steps),), problem.step)
    return bool(source.any()), matrix.solve(-(source - source.sum() * matrix.vector))


def _coefficients(problem: DerivativeProblem, grid: Grid, steps: float) -> tuple[Array, Array]:
    equation = problem.at(steps)
    return equation.tensor(grid.centers), carrying_drift(equation, grid)


def _difference(at: Callable[[float], tuple[Array, ...]], step: float) -> tuple[Array, ...]:
    """Derivatives of fourth order of arrays that depend on a number, `at` whole steps from it."""
    near, far = ([(up - down) / (2 * k * step) for up, down in zip(at(k), at(-k), strict=True)] for k in (1, 2))
    return tuple(one + (one - other) / 3 for one, other in zip(near, far, strict=True))
