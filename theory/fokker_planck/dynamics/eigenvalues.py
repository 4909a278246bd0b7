"""The spectrum of an equation, with the errors of its meshes and of rounding."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

from theory.arrays import Array, Booleans, Integers
from theory.equation import Equation
from theory.fokker_planck.dynamics.framed import Complexes
from theory.fokker_planck.dynamics.refinement import ladder, ratios_of
from theory.fokker_planck.dynamics.spectrum import SPARE, Spectrum, spectrum
from theory.fokker_planck.dynamics.walk import walk_until
from theory.grid import Grid

LEAST = 1e-290  # stands in for the eigenvalue 0
MATCHED = 4  # more modes on every mesh, so that each finds its own
SLOWEST = 0.8  # ratio of successive changes: beyond, the eigenvalue follows the mesh
SETTLED = 0.2  # relative change between meshes below which a slow approach is accepted: a leak at least doubles
BETWEEN = 0.75  # power of the ratio at second order up to which it counts as that: first order has 1/2
CLOSE = 3.0  # distance over changes at which eigenvalues are solved for together
MOST_TOGETHER = 5

Ratios = tuple[tuple[float, float, float], ...]


def relaxation_spectrum(equation: Equation, grid: Grid, open_sides: Booleans, k: int) -> Spectrum:
    """The k eigenvalues nearest 0, of fourth order where meshes converge, with errors; modes are of this grid.

    The error is infinite where an eigenvalue follows the mesh, as rates over points do that walkers never pass.

    Raises
    ------
    InputError
        As `spectrum`.
    """
    grids = ladder(grid)
    levels: list[Complexes] = []
    rounding, own = np.zeros(0), None
    for mesh in grids:
        count = min(k + MATCHED, mesh.size - SPARE - 1)
        if count < k:
            break
        found = _spectrum_on(equation, mesh, open_sides, count)
        assert found.error is not None
        own = found if mesh == grid else own
        if levels:
            chosen = _matched(levels[-1][: len(found.eigenvalues)], found.eigenvalues)
            levels = [one[: len(chosen)] for one in levels]
            rounding = np.maximum(rounding[: len(chosen)], found.error[chosen])
            levels.append(found.eigenvalues[chosen])
        else:
            levels, rounding = [found.eigenvalues], found.error
    own = _spectrum_on(equation, grid, open_sides, k) if own is None else own
    values, errors = limits(np.array(levels), ratios_of(grids[: len(levels)]), apart=own.reversible)
    order = np.argsort(np.abs(values), kind="stable")[:k]
    values, errors = values[order], (errors + rounding)[order]
    return Spectrum(values, own.modes[:, _matched(values, own.eigenvalues)], errors, own.reversible)


def limits(levels: Complexes, ratios: Ratios, *, apart: bool) -> tuple[Complexes, Array]:
    """Eigenvalues and their errors from those of successive meshes, finest first, shape (meshes, k).

    Those that nearly coincide are taken together, as at a Jordan block they split by the root of what meshes
    change: their mean and the coefficients of their polynomial are smooth in the spacing, and are carried to the
    limit. Real eigenvalues in detailed balance are `apart`: each has its own limit, and neighbours share errors.
    """
    values, errors = levels[0].copy(), np.zeros(len(levels[0]))
    if len(levels) == 1:
        return values, np.where(values == 0, 0.0, np.nan)
    changes = np.abs(levels[0] - levels[1])
    distances = np.abs(levels[0][:, None] - levels[0])
    moving = (levels != 0).all(axis=0)
    near = (distances <= CLOSE * (changes[:, None] + changes)) & moving[:, None] & moving
    count, labels = connected_components(sparse.csr_array(near), directed=False)
    for label in range(count):
        group = np.flatnonzero(labels == label)
        if not moving[group].all():
            errors[group] = np.inf if (levels[:, group] != 0).any() else 0.0
        elif apart:
            each = [_together(levels[:, [one]], ratios) for one in group]
            values[group] = [value[0] for value, _ in each]
            errors[group] = max(error[0] for _, error in each)
        else:
            values[group], errors[group] = _together(levels[:, group], ratios)
    return values, errors


def _together(levels: Complexes, ratios: Ratios) -> tuple[Complexes, Array]:
    """The limits of eigenvalues that nearly coincide, each with its error."""
    together = levels.shape[1]
    means = levels.mean(axis=1)
    logs = np.log(-means)
    log_mean, error = _limit(logs.real if not logs.imag.any() else logs, ratios)
    mean = -np.exp(log_mean)
    if together == 1:
        return np.array([mean]), np.array([abs(mean) * error])
    shares = levels / means[:, None] - 1
    if together > MOST_TOGETHER:
        spread = float(np.abs(shares).max())
        return mean * (1 + shares[0]), np.full(together, abs(mean) * (error + spread))
    polynomials = np.array([np.poly(one) for one in shares])
    found = [_limit(coefficients, ratios) for coefficients in polynomials.T[2:]]
    coefficients = np.array([1, 0, *(value for value, _ in found)])
    roots = np.roots(coefficients) if coefficients[2:].any() else np.zeros(together)
    roots = np.append(roots, np.zeros(together - len(roots)))
    roots = roots[linear_sum_assignment(np.abs(shares[0][:, None] - roots))[1]]
    worst = np.zeros(together)
    bounds = np.array([bound for _, bound in found])
    if not np.isfinite(bounds).all():
        return mean * (1 + roots), np.full(together, np.inf)
    for signs in product((1.0, -1.0), repeat=len(bounds)):
        others = np.roots(coefficients + np.array([0, 0, *(bounds * signs)]))
        others = np.append(others, np.zeros(together - len(others)))
        matches = linear_sum_assignment(np.abs(roots[:, None] - others))[1]
        worst = np.maximum(worst, np.abs(roots - others[matches]))
    return mean * (1 + roots), abs(mean) * (error + worst)


def _limit(logs: Complexes | Array, ratios: Ratios) -> tuple[complex | float, float]:
    """The limit of a number on successive meshes, finest first, without its error of second order, and its error.

    The error is what the third mesh says against second order, some four times the error that is left or more.
    """
    changes = [a - b for a, b in pairwise(logs)]
    if len(changes) == 1:
        return logs[0], abs(changes[0])
    first, second = changes
    gains, before = ([ratio**2 - 1 for ratio in one] for one in ratios)
    least, expected, most = (
        g / ((g + 1) * k) for g, k in zip(gains, (before[2], before[1], before[0]), strict=True)
    )
    if abs(first) <= expected**BETWEEN * abs(second):
        error = abs(first - expected * second) / gains[1]
        error += abs(first) * (1 / gains[0] - 1 / gains[2]) + abs(second) * (most - least) / gains[1]
        return logs[0] + first / gains[1], error
    ratio = abs(first) / abs(second) if second != 0 else 1.0
    if not (abs(first) <= SETTLED or ratio < SLOWEST):
        return logs[0], np.inf
    ratio = min(ratio, SLOWEST)
    return logs[0], abs(first) * max(1.0, ratio / (1 - ratio))


def _matched(values: Complexes, others: Complexes) -> Integers:
    """For each eigenvalue the index of its own among `others`: the least sum of squares in logarithms.

    Squares keep the order of those that a mesh moves together.
    """
    logs = [np.log(np.where(one == 0, LEAST, -one)) for one in (values, others)]
    return np.asarray(linear_sum_assignment(np.abs(logs[0][:, None] - logs[1]) ** 2)[1])


def _spectrum_on(equation: Equation, grid: Grid, open_sides: Booleans, k: int) -> Spectrum:
    walk = walk_until(equation, grid, open_sides)
    ends: Array = walk.exits.sum(axis=0)
    return spectrum(walk.generator, walk.positions, k, ends)
