"""Eigenvalues from those of successive meshes: their limits, and how far they are from them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

from theory.base.arrays import Array
from theory.markov.framed import Complexes

SLOWEST_APPROACH = 0.8  # ratio of successive changes: beyond, the answer follows the mesh
MESHES_SETTLED = 0.2  # relative change between meshes at which a slow approach is taken: a leak at least doubles
FOLLOWING = 1.0  # change of a logarithm between the two finest meshes beyond which nothing converges
MESHED = 0.5  # of the last change on a line, to a third of the spacing, where an error follows no order
BETWEEN = 0.75  # power of the ratio of an order up to which it counts as that: half the order has 1/2
CLOSE = 3.0  # distance over changes at which eigenvalues are solved for together
MOST_TOGETHER = 5
FASTEST = 0.03  # ratio of their successive changes that is believed; 0.2 at fourth order
SAFETY_OF_EIGENVALUES = 2.0  # of the changes to come

Ratios = tuple[tuple[float, float, float], ...]
Limit = Callable[[Complexes | Array, Ratios], tuple[complex | float, float]]


def limits(
    levels: Complexes, ratios: Ratios, *, apart: bool, limit: Limit | None = None
) -> tuple[Complexes, Array]:
    """Eigenvalues and their errors from those of successive meshes, finest first, shape (meshes, k).

    Those that nearly coincide are taken together, as at a Jordan block they split by the root of what meshes
    change: their mean and the coefficients of their polynomial are smooth in the spacing, and are carried to the
    limit. Real eigenvalues in detailed balance are `apart`: each has its own limit, and neighbours share errors.
    """
    limit = limit or extrapolated_number
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

    Shape (k,).
    An error counts up to the size of its eigenvalue: what follows the mesh says nothing of much faster modes.
    """
    for _ in values:
        reach = np.where(values == 0, 0.0, np.fmin(errors, np.abs(values)))
        within = (np.abs(values[:, None] - values) <= reach) & (values[:, None] != 0)
        errors = np.maximum(errors, np.where(within, reach, 0.0).max(axis=1, initial=0.0))
    return np.asarray(errors)


def _together(levels: Complexes, ratios: Ratios, limit: Limit) -> tuple[Complexes, Array]:
    """The limits of eigenvalues that nearly coincide, each with its error."""
    together = levels.shape[1]
    means = levels.mean(axis=1)
    if limit is not kept:  # relative changes, as rates over barriers have, of one sign on every mesh
        logs = np.log(-means)
        if not abs(logs[0] - logs[1]) <= FOLLOWING:
            return levels[0].copy(), np.full(together, np.inf)
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


def extrapolated_number(
    numbers: Complexes | Array, ratios: Ratios, hidden: float = 0.0
) -> tuple[complex | float, float]:
    """The limit of a number on successive meshes, finest first, without its error of second order, and its error.

    `numbers`: shape (meshes,).
    The error is what the third mesh says against second order, some four times the error that is left or more, and
    at least the part `hidden` of what the meshes change, as jumps and drift that rules the cells follow no order.
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
        seen = max(abs(first), abs(second) * (expected if hidden <= MESHED else 0.5))
        return numbers[0] + first / gains[1], max(error, hidden * seen)
    return numbers[0], _to_come(abs(first), abs(second))


def kept(numbers: Complexes | Array, ratios: Ratios) -> tuple[complex | float, float]:
    """The number on the finest mesh, and the changes to come as the last ones fall: of fourth order or faster.

    `numbers`: shape (meshes,).
    """
    changes = [abs(a - b) for a, b in pairwise(numbers)]
    if len(changes) == 1:
        return numbers[0], changes[0]
    first, second = changes
    ratio = max(first / second if second > 0 else 1.0, FASTEST)
    if ratio >= 0.5:
        return numbers[0], _to_come(first, second)
    return numbers[0], first * SAFETY_OF_EIGENVALUES * ratio / (1 - ratio)


def _to_come(first: float, second: float) -> float:
    """The sum of the changes to come where they fall slowly; infinite where they do not."""
    ratio = first / second if second != 0 else 1.0
    if not (first <= MESHES_SETTLED or ratio < SLOWEST_APPROACH):
        return np.inf
    ratio = min(ratio, SLOWEST_APPROACH)
    return first * max(1.0, ratio / (1 - ratio))
