"""Compiled columns of a step along a line: masses at nodes that are not even, and of the cells of a grid."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulate.transition.batches import BatchRules
from simulate.transition.line import (
    HERMITE_NODES,
    HERMITE_WEIGHTS,
    POINT,
    RESOLVED,
    Columns,
    batch_level,
    kept_entries,
    reach_of,
)
from theory.base.arrays import Array
from theory.base.kernels import kernel
from theory.base.rounding import NOT_ZERO

SQRT_TAU = math.sqrt(2.0 * math.pi)
NARROW = 1e-6  # of the widest that is a point: its shape is none


class LineNodes(NamedTuple):
    """Nodes `x` from `lower` to `upper` that integrate with the weights `spacing`, perhaps around a circle."""

    x: Array
    spacing: Array
    lower: float
    upper: float
    periodic: bool


@kernel(inline="always")
def cubic_through(x: Array, target: float, length: float, weights: Array) -> int:
    """First of the four nodes about `target` and, in `weights` (4,), Lagrange's cubic through them.

    `length` is that of a circle, 0 on a line; on a circle the first may be below 0.
    """
    count = len(x)
    first = int(np.searchsorted(x, target)) - 2
    if length == 0.0:
        first = min(max(first, 0), count - 4)
    near = np.empty(4)
    for j in range(4):
        node = first + j
        near[j] = x[node % count] + length * (node // count)
    for j in range(4):
        value = 1.0
        for k in range(4):
            if k != j:
                value *= (target - near[k]) / (near[j] - near[k])
        weights[j] = value
    return int(first)


@kernel
def graded_columns(
    base: Array,
    alpha: Array,
    beta: Array,
    rules: BatchRules,
    begin: int,
    line_nodes: LineNodes,
    least: float,
    out: Columns,
) -> int:
    """Base + alpha r^2 + beta r z in the units of the nodes, of which the source `i` is number begin + i."""
    starts, nodes, weights, x, spacing = rules.starts, rules.nodes, rules.weights, line_nodes.x, line_nodes.spacing
    lower, upper, periodic = line_nodes.lower, line_nodes.upper, line_nodes.periodic
    ends, outside = out.ends, out.outside
    count = len(x)
    line, four = np.empty(count), np.empty(4)
    entries = 0
    length = upper - lower if periodic else 0.0
    for i in range(len(base)):
        line[:] = 0.0
        lost = 0.0
        level = batch_level(alpha[i], beta[i], rules, 0.5 * spacing[begin + i])
        for a in range(starts[level], starts[level + 1]):
            r, mass = nodes[a], weights[a]
            mean, std = base[i] + alpha[i] * r * r, beta[i] * r
            if periodic:
                mean -= length * math.floor((mean - lower) / length)
            deviations = reach_of(mass, least)
            reach = deviations * std
            left = spacing[min(np.searchsorted(x, mean - 3.0 * std), count - 1)]
            right = spacing[min(np.searchsorted(x, mean + 3.0 * std), count - 1)]
            if std >= RESOLVED * max(left, right):
                if not periodic:
                    root = std * math.sqrt(2.0)
                    below, above = (mean - lower) / root, (upper - mean) / root
                    if below < deviations:
                        lost += 0.5 * mass * math.erfc(below)
                    if above < deviations:
                        lost += 0.5 * mass * math.erfc(above)
                inverse, factor = 1.0 / std, mass / (std * SQRT_TAU)
                turns = math.ceil(reach / length) if periodic else 0
                for turn in range(-turns, turns + 1):
                    centre = mean - turn * length
                    low, high = np.searchsorted(x, centre - reach), np.searchsorted(x, centre + reach)
                    for j in range(low, high):
                        ahead = (x[j] - centre) * inverse
                        line[j] += factor * spacing[j] * math.exp(-0.5 * ahead * ahead)
                continue
            some = 1 if std < POINT * NARROW * (upper - lower) / count else len(HERMITE_NODES)
            for k in range(some):
                target = mean if some == 1 else mean + std * HERMITE_NODES[k]
                share = mass if some == 1 else mass * HERMITE_WEIGHTS[k]
                if periodic:
                    target -= length * math.floor((target - lower) / length)
                elif not lower <= target <= upper:
                    lost += share
                    continue
                first = cubic_through(x, target, length, four)
                for j in range(4):
                    line[(first + j) % count] += share * four[j]
        outside[i] = lost
        entries = kept_entries(line, least, out, entries)
        ends[i] = entries
    return entries


@kernel(inline="always")
def between(low: float, high: float) -> float:
    """Mass of a standard normal law from `low` to `high`, right in relative terms."""
    half = math.sqrt(0.5)
    if low > 0.0:
        return 0.5 * (math.erfc(low * half) - math.erfc(high * half))
    if high < 0.0:
        return 0.5 * (math.erfc(-high * half) - math.erfc(-low * half))
    return 1.0 - 0.5 * (math.erfc(high * half) + math.erfc(-low * half))


@kernel
def cell_columns(
    base: Array,
    alpha: Array,
    beta: Array,
    rules: BatchRules,
    faces: Array,
    periodic: bool,
    least: float,
    out: Columns,
) -> int:
    """The same masses in the cells between the `faces`, whatever the nodes are."""
    starts, nodes, weights, ends, outside = rules.starts, rules.nodes, rules.weights, out.ends, out.outside
    count = len(faces) - 1
    line = np.empty(count)
    entries = 0
    length, width = faces[count] - faces[0], (faces[count] - faces[0]) / count
    for i in range(len(base)):
        line[:] = 0.0
        level = batch_level(alpha[i], beta[i], rules, 0.5 * width)
        outside[i] = 0.0
        for a in range(starts[level], starts[level + 1]):
            r, mass = nodes[a], weights[a]
            mean, std = base[i] + alpha[i] * r * r, max(beta[i] * r, NOT_ZERO)
            reach = reach_of(mass, least) * std
            first = math.floor((mean - reach - faces[0]) / width)
            last = math.floor((mean + reach - faces[0]) / width)
            if not periodic:
                outside[i] += mass * (
                    0.5 * math.erfc((mean - faces[0]) / std * math.sqrt(0.5))
                    + 0.5 * math.erfc((faces[count] - mean) / std * math.sqrt(0.5))
                )
                first, last = max(first, 0), min(last, count - 1)
            for j in range(first, last + 1):
                cell, turn = j % count, j // count
                shift = mean - turn * length
                line[cell] += mass * between((faces[cell] - shift) / std, (faces[cell + 1] - shift) / std)
        entries = kept_entries(line, least, out, entries)
        ends[i] = entries
    return entries
