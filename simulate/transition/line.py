"""Compiled laws on a lattice of unit spacing: where one step along a line puts a walker."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulate.transition.batches import BatchRules
from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel

RESOLVED = 1.3  # standard deviations in spacings from which values at the nodes integrate a normal to 1e-14
REACH = 11.6  # standard deviations kept in the plane
DROPPED = 1e-30  # an entry that no law shows
RARE = 1e-290  # the same where laws hang on rare moves
RESTART = 16  # nodes after which a recurrence begins anew
HERMITE_NODES, HERMITE_WEIGHTS = np.polynomial.hermite_e.hermegauss(16)
HERMITE_WEIGHTS = HERMITE_WEIGHTS / HERMITE_WEIGHTS.sum()
FINE = 0.6  # spacings of a batch rule, in widths of the kernel
NARROWEST = 0.8  # spacings that a kernel counts as wide at least: nodes show nothing finer
POINT = 1e-12  # a standard deviation in spacings that is none


class Columns(NamedTuple):
    """Columns of a sparse matrix that a kernel fills, one source each.

    Parameters
    ----------
    ends
        Entries up to the end of each column, shape (columns,).
    outside
        The mass of each column off the grid, shape (columns,).
    rows, values
        The entries, as far as there is room.
    """

    ends: Integers
    outside: Array
    rows: Integers
    values: Array


@kernel(inline="always")
def cubic(place: float, count: int, periodic: bool, weights: Array) -> int:
    """First node and, in `weights` (4,), Lagrange's cubic through the four nodes about `place`.

    Moments 0 to 3 of a point are those of its weights: nothing is diffused, and a point on a node stays there.
    """
    first = math.floor(place) - 1
    if not periodic:
        first = min(max(first, 0), count - 4)
    a = place - first
    b, c, d = a - 1.0, a - 2.0, a - 3.0
    weights[0] = -b * c * d / 6.0
    weights[1] = a * c * d / 2.0
    weights[2] = -a * b * d / 2.0
    weights[3] = a * b * c / 6.0
    return first


@kernel
def batch_level(alpha: float, beta: float, rules: BatchRules, floor: float) -> int:
    """The coarsest rule whose neighbouring batches lie within a part of the width of a step."""
    starts, nodes = rules.starts, rules.nodes
    levels = len(starts) - 1
    for level in range(levels):
        begin, stop = starts[level], starts[level + 1]
        middle = (begin + stop) // 2
        r = nodes[middle]
        gap = 2.0 * abs(alpha) * r * (nodes[stop - 1] - nodes[begin]) / max(stop - begin, 1)
        if gap <= FINE * max(beta * r, floor):
            return level
    return levels - 1


@kernel(inline="always")
def reach_of(mass: float, least: float) -> float:
    """Standard deviations beyond which a normal law of this mass falls below `least`."""
    return math.sqrt(2.0 * math.log(max(mass / least, 1.0)))


@kernel
def add_normal(line: Array, mean: float, std: float, mass: float, periodic: bool, least: float) -> float:
    """Add `mass` of a normal law to the nodes 0, 1, ... of `line`; returns the mass beyond its end faces.

    Nothing below `least` is kept. A law wider than the spacing is put there by its values at the nodes,
    which is positive and of spectral accuracy; a narrower one by the cubic weights of its Gauss-Hermite points, of
    fourth order.
    """
    count = len(line)
    outside = 0.0
    if std >= RESOLVED:
        scale = mass / (std * math.sqrt(2.0 * math.pi))
        deviations = reach_of(mass, least)
        reach = deviations * std
        low, high = math.ceil(mean - reach), math.floor(mean + reach)
        if not periodic:
            root = std * math.sqrt(2.0)
            below, above = (mean + 0.5) / root, (count - 0.5 - mean) / root
            if below < deviations:
                outside += 0.5 * mass * math.erfc(below)
            if above < deviations:
                outside += 0.5 * mass * math.erfc(above)
            low, high = max(low, 0), min(high, count - 1)
            if low > high:
                return outside
        inverse = 1.0 / (std * std)
        step = math.exp(-inverse)
        peak = min(max(math.floor(mean + 0.5), low), high)
        for sign in (1, -1):
            node = peak if sign == 1 else peak - 1
            ahead = sign * (node - mean)
            value = scale * math.exp(-0.5 * ahead * ahead * inverse)
            ratio = math.exp(-(ahead + 0.5) * inverse)
            done = 0
            while low <= node <= high:
                if done == RESTART:
                    ahead, done = sign * (node - mean), 0
                    value = scale * math.exp(-0.5 * ahead * ahead * inverse)
                    ratio = math.exp(-(ahead + 0.5) * inverse)
                line[node % count] += value
                done += 1
                value *= ratio
                ratio *= step
                node += sign
        return outside
    weights = np.empty(4)
    points = 1 if std < POINT else len(HERMITE_NODES)
    for k in range(points):
        place = mean if points == 1 else mean + std * HERMITE_NODES[k]
        share = mass if points == 1 else mass * HERMITE_WEIGHTS[k]
        if not periodic and not (-0.5 <= place <= count - 0.5):
            outside += share
            continue
        first = cubic(place, count, periodic, weights)
        for j in range(4):
            line[(first + j) % count] += share * weights[j]
    return outside


@kernel
def add_step(
    line: Array, base: float, alpha: float, beta: float, rules: BatchRules, periodic: bool, least: float
) -> float:
    """Set `line` to the law of base + alpha r^2 + beta r z; returns the mass beyond its end faces."""
    line[:] = 0.0
    outside = 0.0
    starts, nodes, weights = rules.starts, rules.nodes, rules.weights
    level = batch_level(alpha, beta, rules, NARROWEST)
    for a in range(starts[level], starts[level + 1]):
        r = nodes[a]
        outside += add_normal(line, base + alpha * r * r, beta * r, weights[a], periodic, least)
    return outside


@kernel(inline="always")
def kept_entries(line: Array, least: float, out: Columns, entries: int) -> int:
    """Put what of `line` exceeds `least` after the first `entries`, as far as there is room; the new number."""
    rows, values = out.rows, out.values
    for j in range(len(line)):
        if abs(line[j]) > least:
            if entries < len(rows):
                rows[entries] = j
                values[entries] = line[j]
            entries += 1
    return entries
