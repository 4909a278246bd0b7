"""Compiled columns of the transition matrix on a line whose nodes crowd about points without noise."""

from __future__ import annotations

import math

import numpy as np

from simulate.transition.line import (
    HERMITE_NODES,
    HERMITE_WEIGHTS,
    POINT,
    RESOLVED,
    batch_level,
    cubic,
    reach_of,
)
from theory.arrays import Array, Integers
from theory.kernels import kernel

SQRT_TAU = math.sqrt(2.0 * math.pi)


@kernel
def graded_columns(
    base: Array,
    alpha: Array,
    beta: Array,
    starts: Integers,
    nodes: Array,
    weights: Array,
    begin: int,
    x: Array,
    spacing: Array,
    box: Array,
    points: Array,
    least: float,
    ends: Integers,
    outside: Array,
    rows: Integers,
    values: Array,
) -> int:
    """Base + alpha r^2 + beta r z in the units of the nodes `x`.

    `box` holds lower and upper end, cell width, scale, nodes a fold and epsilon of the mesh, `points` its centres.
    """
    count = len(x)
    line, four = np.empty(count), np.empty(4)
    entries = 0
    lower, upper, cell, scale, folds, epsilon = box
    shift = 0.0
    for point in points:
        shift += math.asinh((lower - point) / epsilon)
    for i in range(len(base)):
        line[:] = 0.0
        lost = 0.0
        level = batch_level(alpha[i], beta[i], starts, nodes, 0.5 * spacing[begin + i])
        for a in range(starts[level], starts[level + 1]):
            r, mass = nodes[a], weights[a]
            mean, std = base[i] + alpha[i] * r * r, beta[i] * r
            deviations = reach_of(mass, least)
            reach = deviations * std
            low, high = np.searchsorted(x, mean - reach), np.searchsorted(x, mean + reach)
            left = spacing[min(np.searchsorted(x, mean - 3.0 * std), count - 1)]
            right = spacing[min(np.searchsorted(x, mean + 3.0 * std), count - 1)]
            if std >= RESOLVED * max(left, right):
                root = std * math.sqrt(2.0)
                below, above = (mean - lower) / root, (upper - mean) / root
                if below < deviations:
                    lost += 0.5 * mass * math.erfc(below)
                if above < deviations:
                    lost += 0.5 * mass * math.erfc(above)
                inverse, factor = 1.0 / std, mass / (std * SQRT_TAU)
                for j in range(low, high):
                    ahead = (x[j] - mean) * inverse
                    line[j] += factor * spacing[j] * math.exp(-0.5 * ahead * ahead)
                continue
            some = 1 if std < POINT * cell * 1e-6 else len(HERMITE_NODES)
            for k in range(some):
                target = mean if some == 1 else mean + std * HERMITE_NODES[k]
                share = mass if some == 1 else mass * HERMITE_WEIGHTS[k]
                if not lower <= target <= upper:
                    lost += share
                    continue
                place = (target - lower) / cell - folds * shift
                for point in points:
                    place += folds * math.asinh((target - point) / epsilon)
                first = cubic(scale * place - 0.5, count, False, four)
                for j in range(4):
                    line[first + j] += share * four[j]
        outside[i] = lost
        for j in range(count):
            if abs(line[j]) > least:
                if entries < len(rows):
                    rows[entries] = j
                    values[entries] = line[j]
                entries += 1
        ends[i] = entries
    return entries
