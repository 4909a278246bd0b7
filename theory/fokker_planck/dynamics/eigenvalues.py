"""The spectrum of an equation, with the errors of its meshes and of rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

from theory.arrays import Array, Booleans, Integers
from theory.equation import Equation
from theory.errors import InputError, require
from theory.fokker_planck.dynamics.centred_spectrum import centred_spectrum
from theory.fokker_planck.dynamics.framed import Complexes
from theory.fokker_planck.dynamics.refinement import ladder, ratios_of
from theory.fokker_planck.dynamics.spectrum import SPARE, Spectrum, spectrum
from theory.fokker_planck.dynamics.walk import walk_until
from theory.fokker_planck.generator.jumps import has_jumps
from theory.fokker_planck.laws import NoStationaryDensity
from theory.fokker_planck.numerical_diffusion import numerical_diffusion
from theory.fokker_planck.plane.correction import FEWEST_CELLS
from theory.fokker_planck.plane.fitted_law import FittedLaws
from theory.fokker_planck.plane.refusals import UPWIND_PECLET
from theory.grid import Grid

LEAST = 1e-290  # stands in for the eigenvalue 0
MATCHED = 4  # more modes on every mesh, so that each finds its own
SLOWEST = 0.8  # ratio of successive changes: beyond, the eigenvalue follows the mesh
SETTLED = 0.2  # relative change between meshes below which a slow approach is accepted: a leak at least doubles
BETWEEN = 0.75  # power of the ratio of an order up to which it counts as that: half the order has 1/2
CLOSE = 3.0  # distance over changes at which eigenvalues are solved for together
MOST_TOGETHER = 5
CLOSER = 1.5  # ratio of the meshes of central differences
FASTEST = 0.03  # ratio of their successive changes that is believed; 0.2 at fourth order
SAFETY = 2.0  # of the changes to come
FINE = 1e-6  # sum of relative errors of the fitted flux below which no other is tried

Ratios = tuple[tuple[float, float, float], ...]
Limit = Callable[[Complexes | Array, Ratios], tuple[complex | float, float]]


def relaxation_spectrum(equation: Equation, grid: Grid, open_sides: Booleans, k: int) -> Spectrum:
    """The k eigenvalues nearest 0, of fourth order where meshes converge, with errors; modes are of this grid.

    Of the fitted flux; beyond the line, where that is not in detailed balance and leaves more than 1e-6, of
    central differences too, and those with the smaller errors are taken: drift that rules, or that noise misses,
    makes the fitted flux one of first order. The error is infinite where an eigenvalue follows the mesh, as rates
    over points do that walkers never pass, and of the fitted flux above the Peclet number 10.

    Raises
    ------
    InputError
        As `spectrum`.
    """
    require(k >= 1, f"`k` must be at least 1, got {k}")

    def fitted(mesh: Grid, count: int) -> Spectrum:
        walk = walk_until(equation, mesh, open_sides)
        ends: Array = walk.exits.sum(axis=0)
        return spectrum(walk.generator, walk.positions, count, ends)

    found = _settled(fitted, ladder(grid), grid, k, limit=_extrapolated)
    assert found.error is not None
    if grid.dim == 1 or found.reversible or open_sides.any() or has_jumps(equation, grid):
        return found
    if not _doubt(found) > FINE:
        return found
    if _upwinding(equation, grid):
        found = replace(found, error=np.where(found.eigenvalues == 0, 0.0, np.inf))
    damped = numerical_diffusion(equation, grid).relative > 0
    rate = float(np.abs(found.eigenvalues).max())

    def centred(mesh: Grid, count: int) -> Spectrum:
        if min(mesh.shape) < FEWEST_CELLS:
            raise InputError(
                f"central differences need {FEWEST_CELLS} cells along each axis, got {min(mesh.shape)}"
            )
        return centred_spectrum(equation, mesh, count, rate, damped=damped, least=k)

    try:
        with np.errstate(over="ignore", invalid="ignore"):  # of frames far from normal: their errors say so
            other = _settled(centred, _closer_grids(grid), grid, k, limit=_kept)
    except (InputError, NoStationaryDensity, np.linalg.LinAlgError):
        return found
    return other if _doubt(other) < _doubt(found) else found


def _upwinding(equation: Equation, grid: Grid) -> bool:
    """Whether drift rules the cells so that meshes of the fitted flux do not show its error."""
    try:
        return FittedLaws(equation).peclet_on(grid) > UPWIND_PECLET
    except NoStationaryDensity:
        return False


def _doubt(found: Spectrum) -> float:
    """The sum of the relative errors; infinite where one is not known."""
    assert found.error is not None
    moving = found.eigenvalues != 0
    total = float((found.error[moving] / np.abs(found.eigenvalues[moving])).sum())
    return total if np.isfinite(total) else np.inf


def _closer_grids(grid: Grid) -> tuple[Grid, ...]:
    """The grid and two that are coarser by 3/2 each: halves would not resolve the modes that it just does."""
    grids = [grid]
    for power in (1, 2):
        cells = [round(n / CLOSER**power) if n > 1 else n for n in grid.cells]
        grids.append(Grid(grid.lower, grid.upper, cells, grid.periodic))
    return tuple(grids)


def _settled(
    solved: Callable[[Grid, int], Spectrum], grids: Sequence[Grid], grid: Grid, k: int, limit: Limit
) -> Spectrum:
    """What a method says on successive `grids`, carried to the limit; modes are those on `grid`."""
    levels: list[Complexes] = []
    rounding, own = np.zeros(0), None
    for mesh in grids:
        count = min(k + MATCHED * (2 if levels else 1), mesh.size - SPARE - 1)
        if count < k:
            break
        try:
            found = solved(mesh, count)
        except (InputError, NoStationaryDensity):
            if not levels or limit is _extrapolated:
                raise
            break
        assert found.error is not None
        own = found if mesh == grid else own
        if levels:
            chosen = _matched(levels[-1][: len(found.eigenvalues)], found.eigenvalues)
            levels = [one[: len(chosen)] for one in levels]
            rounding = rounding[: len(chosen)]  # that of the finest
            levels.append(found.eigenvalues[chosen])
        else:
            levels, rounding = [found.eigenvalues], found.error
    own = solved(grid, k) if own is None else own
    values, errors = limits(np.array(levels), ratios_of(grids[: len(levels)]), apart=own.reversible, limit=limit)
    nearest = np.argsort(np.abs(values), kind="stable")[:k]
    values, errors = values[nearest], (errors + rounding)[nearest]
    if not own.reversible:
        errors = shared(values, errors)
    return Spectrum(values, own.modes[:, _matched(values, own.eigenvalues)], errors, own.reversible)


def limits(
    levels: Complexes, ratios: Ratios, *, apart: bool, limit: Limit | None = None
) -> tuple[Complexes, Array]:
    """Eigenvalues and their errors from those of successive meshes, finest first, shape (meshes, k).

    Those that nearly coincide are taken together, as at a Jordan block they split by the root of what meshes
    change: their mean and the coefficients of their polynomial are smooth in the spacing, and are carried to the
    limit. Real eigenvalues in detailed balance are `apart`: each has its own limit, and neighbours share errors.
    """
    limit = limit or _extrapolated
    values, errors = levels[0].copy(), np.zeros(len(levels[0]))
    if len(levels) == 1:
        return values, np.where(values == 0, 0.0, np.nan)
    changes = np.abs(levels[0] - levels[1])
    distances = np.abs(levels[0][:, None] - levels[0])
    moving = (levels != 0).all(axis=0)
    near = (distances <= 2 * CLOSE * np.minimum(changes[:, None], changes)) & moving[:, None] & moving
    count, labels = connected_components(sparse.csr_array(near), directed=False)
    for label in range(count):
        group = np.flatnonzero(labels == label)
        if not moving[group].all():
            errors[group] = np.inf if (levels[:, group] != 0).any() else 0.0
        elif apart:
            each = [_together(levels[:, [one]], ratios, limit) for one in group]
            values[group] = [value[0] for value, _ in each]
            errors[group] = max(error[0] for _, error in each)
        else:
            values[group], errors[group] = _together(levels[:, group], ratios, limit)
    return values, errors


def shared(values: Complexes, errors: Array) -> Array:
    """Errors of at least those of the eigenvalues in whose range they lie: meshes do not tell which is which.

    An error counts up to the size of its eigenvalue: what follows the mesh says nothing of much faster modes.
    """
    reach = np.where(values == 0, 0.0, np.fmin(errors, np.abs(values)))
    within = (np.abs(values[:, None] - values) <= reach) & (values[:, None] != 0)
    return np.asarray(np.maximum(errors, np.where(within, reach, 0.0).max(axis=1, initial=0.0)))


def _together(levels: Complexes, ratios: Ratios, limit: Limit) -> tuple[Complexes, Array]:
    """The limits of eigenvalues that nearly coincide, each with its error."""
    together = levels.shape[1]
    means = levels.mean(axis=1)
    if limit is _extrapolated:  # relative changes, as rates over barriers have, of one sign on every mesh
        logs = np.log(-means)
        log_mean, error = limit(logs.real if not logs.imag.any() else logs, ratios)
        mean = -np.exp(log_mean)
    else:
        mean, error = limit(means, ratios)
        error /= abs(mean)
    if means[0].imag == 0:  # a coarse mesh may have made a pair of it
        error += abs(mean.imag / mean)
        mean = mean.real
    if together == 1:
        return np.array([mean]), np.array([abs(mean) * error])
    shares = levels / means[:, None] - 1
    if together > MOST_TOGETHER:
        spread = float(np.abs(shares).max())
        return mean * (1 + shares[0]), np.full(together, abs(mean) * (error + spread))
    polynomials = np.array([np.poly(one) for one in shares])
    found = [limit(coefficients, ratios) for coefficients in polynomials.T[2:]]
    coefficients = np.array([1, 0, *(value for value, _ in found)])
    roots = np.roots(coefficients) if coefficients[2:].any() else np.zeros(together)
    roots = np.append(roots, np.zeros(together - len(roots)))
    roots = roots[linear_sum_assignment(np.abs(shares[0][:, None] - roots))[1]]
    worst = np.abs(roots)  # a block that shares a vector has them at 0
    bounds = np.array([bound for _, bound in found])
    if not np.isfinite(bounds).all():
        return mean * (1 + roots), np.full(together, np.inf)
    for signs in product((1.0, -1.0), repeat=len(bounds)):
        others = np.roots(coefficients + np.array([0, 0, *(bounds * signs)]))
        others = np.append(others, np.zeros(together - len(others)))
        matches = linear_sum_assignment(np.abs(roots[:, None] - others))[1]
        worst = np.maximum(worst, np.abs(roots - others[matches]))
    return mean * (1 + roots), abs(mean) * (error + worst)


def _extrapolated(numbers: Complexes | Array, ratios: Ratios) -> tuple[complex | float, float]:
    """The limit of a number on successive meshes, finest first, without its error of second order, and its error.

    The error is what the third mesh says against second order, some four times the error that is left or more.
    """
    changes = [a - b for a, b in pairwise(numbers)]
    if len(changes) == 1:
        return numbers[0], abs(changes[0])
    first, second = changes
    gains, before = ([ratio**2 - 1 for ratio in one] for one in ratios)
    least, expected, most = (
        g / ((g + 1) * k) for g, k in zip(gains, (before[2], before[1], before[0]), strict=True)
    )
    if abs(first) <= expected**BETWEEN * abs(second):
        error = abs(first - expected * second) / gains[1]
        error += abs(first) * (1 / gains[0] - 1 / gains[2]) + abs(second) * (most - least) / gains[1]
        return numbers[0] + first / gains[1], error
    return numbers[0], _to_come(abs(first), abs(second))


def _kept(numbers: Complexes | Array, ratios: Ratios) -> tuple[complex | float, float]:
    """The number on the finest mesh, and the changes to come as the last ones fall: of fourth order or faster."""
    changes = [abs(a - b) for a, b in pairwise(numbers)]
    if len(changes) == 1:
        return numbers[0], changes[0]
    first, second = changes
    ratio = max(first / second if second > 0 else 1.0, FASTEST)
    return numbers[0], first * SAFETY * ratio / (1 - ratio) if ratio < 0.5 else _to_come(first, second)


def _to_come(first: float, second: float) -> float:
    """The sum of the changes to come where they fall slowly; infinite where they do not."""
    ratio = first / second if second != 0 else 1.0
    if not (first <= SETTLED or ratio < SLOWEST):
        return np.inf
    ratio = min(ratio, SLOWEST)
    return first * max(1.0, ratio / (1 - ratio))


def _matched(values: Complexes, others: Complexes) -> Integers:
    """For each eigenvalue the index of its own among `others`: the least sum of squares in logarithms.

    Squares keep the order of those that a mesh moves together.
    """
    logs = [np.log(np.where(one == 0, LEAST, -one)) for one in (values, others)]
    return np.asarray(linear_sum_assignment(np.abs(logs[0][:, None] - logs[1]) ** 2)[1])
