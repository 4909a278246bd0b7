"""Means of a law over its cells where it may break, by a kink or a jump, between any two centres."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from theory.base.arrays import Array
from theory.base.kernels import kernel
from theory.laws.local_fit import SHORT

NODES_OF_HALF = 4  # of Gauss's rule on half of an interval between two centres
SIDE = 3  # centres of a parabola that ends beside an interval
WINDOW = 5  # centres of a polynomial across it, from `SIDE` cells before it on
AS_GOOD = 1e-9  # of third differences: windows as good as the best
SLANTED = 1 / 144  # of the mixed difference times both slopes: what a product of lines misses
TWISTED = 1 / 288  # of its square


@dataclass(frozen=True, eq=False)
class BrokenFit:
    """Means of p over the cells by its logarithm along the lines of centres, and by how much they may be off.

    Between two centres log p is one of two things, that which leaves less open. Unbroken: the polynomial through
    the five centres across, to one side or the other, whose largest third difference is least; that difference
    may be missed, and is of the size of the break where there is one in between. Broken there: the parabolas
    through three centres on either side; where they meet in between the law lies between their corner and the
    chord, and the middle is taken; else each reaches to the half, and the gap may be missed; so may their third
    differences. Means over cells are products over the axes.

    Parameters
    ----------
    means
        Mean of p over each cell, over p at its centre.
    wrong
        By how much each may be off; infinite or NaN where mass ends, as at walls.
    """

    means: Array = field(repr=False)
    wrong: Array = field(repr=False)

    @staticmethod
    def of(logs: Array, periodic: tuple[bool, ...]) -> BrokenFit:
        """The fit of log p at the centres, -inf where there is no mass; short axes are taken as they are."""
        logs = np.where(np.isfinite(logs), logs, np.nan)
        means, most = np.ones(logs.shape), np.ones(logs.shape)
        axes = [axis for axis, cells in enumerate(logs.shape) if cells >= SHORT]
        with np.errstate(over="ignore", invalid="ignore"):
            for axis in axes:
                mean, wrong = _along(logs, axis, periodic[axis])
                means, most = means * mean, most * (mean + wrong)
            for one, other in combinations(axes, 2):
                most += means * _twisted(logs, (one, other), periodic)
            return BrokenFit(means, most - means)

    def left_open(self, centres: Array, masses: Array) -> Array:
        """What may be missed by `masses` of cells whose volume times p at the centre is `centres`; NaN if unknown.

        Not to be halved as misses of both signs are: a break moves mass between its cell and all others.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(self.wrong * centres + np.abs(self.means * centres - masses))


def _along(logs: Array, axis: int, periodic: bool) -> tuple[Array, Array]:
    """Means and what they may miss along one axis."""
    lines = np.ascontiguousarray(np.moveaxis(logs, axis, -1))
    found, wrong = (np.zeros(lines.shape) for _ in range(2))
    flat = (-1, lines.shape[-1])
    _read(lines.reshape(flat), periodic, *_TABLES, found.reshape(flat), wrong.reshape(flat))
    return np.moveaxis(found, -1, axis), np.moveaxis(wrong, -1, axis)


def _twisted(logs: Array, axes: tuple[int, int], periodic: tuple[bool, ...]) -> Array:
    """What a product over two axes may miss of a mean, relative to it."""
    one, other = axes
    sides = [_beside(logs, one, step, periodic[one]) for step in (1, -1)]
    corners = [_beside(side, other, step, periodic[other]) for side in sides for step in (1, -1)]
    twist = np.abs(corners[0] - corners[1] - corners[2] + corners[3]) / 4
    slopes = [_steeper(logs, axis, periodic[axis]) for axis in axes]
    return np.asarray(SLANTED * twist * slopes[0] * slopes[1] + TWISTED * twist**2)


def _steeper(logs: Array, axis: int, periodic: bool) -> Array:
    """The larger of the two changes of log p from a centre to the next."""
    steps = [np.abs(_beside(logs, axis, step, periodic) - logs) for step in (1, -1)]
    return np.maximum(*steps)


def _beside(values: Array, axis: int, step: int, periodic: bool) -> Array:
    """The values a step further along an axis, NaN beyond its ends."""
    found = np.roll(values, -step, axis)
    if not periodic:
        np.moveaxis(found, axis, 0)[-1 if step == 1 else 0] = np.nan
    return found


def _lagrange(first: int, count: int, place: float) -> list[float]:
    """Weights at `place` of the values at `count` centres from `first` on."""
    nodes = range(first, first + count)
    return [float(np.prod([(place - j) / (k - j) for j in nodes if j != k])) for k in nodes]


def _tables() -> tuple[Array, ...]:
    """Gauss's weights on half an interval, and those of the centres at its nodes.

    Of the polynomials across it, the parabola before it, its chord, and the parabola behind it. The nodes of the
    first half come first, then those of the second, from its end on; last, for the parabolas, the far end.
    """
    places, weights = np.polynomial.legendre.leggauss(NODES_OF_HALF)
    nodes = [*(places + 1) / 4, *(1 - (places + 1) / 4)]
    across = [[_lagrange(first, WINDOW, x) for x in nodes] for first in range(-SIDE, 1)]
    before = [_lagrange(1 - SIDE, SIDE, x) for x in (*nodes, 1.0)]
    behind = [_lagrange(1, SIDE, x) for x in (*nodes, 0.0)]
    straight = [_lagrange(0, 2, x) for x in nodes]
    return weights / 4, *map(np.array, (across, before, straight, behind))


_TABLES = _tables()


@kernel
def _read(
    logs: Array,
    periodic: bool,
    weights: Array,
    across: Array,
    before: Array,
    straight: Array,
    behind: Array,
    means: Array,
    wrong: Array,
) -> None:
    lines, cells = logs.shape
    near, third = np.empty(8), np.empty(5)  # an interval has its ends at 3 and 4
    whole, split = np.empty((2, 2)), np.empty((2, 2))  # in its halves: what there is, and what may be off
    if not periodic:
        wrong[:, 0] = np.inf
        wrong[:, -1] = np.inf
    for line in range(lines):
        for cell in range(cells if periodic else cells - 1):
            for k in range(8):
                place = cell + k - 3
                near[k] = logs[line, place % cells] if periodic or 0 <= place < cells else np.nan
            for k in range(5):
                third[k] = abs(near[k + 3] - 3 * near[k + 2] + 3 * near[k + 1] - near[k])
            _unbroken(near, third, weights, across, whole)
            _broken(near, third, weights, before, straight, behind, split)
            taken = whole if whole[1].sum() <= split[1].sum() else split
            for half in range(2):
                scale = np.exp(max(near[3], near[4]) - near[3 + half])
                means[line, (cell + half) % cells] += taken[0, half] * scale
                wrong[line, (cell + half) % cells] += taken[1, half] * scale


@kernel
def _unbroken(near: Array, third: Array, weights: Array, across: Array, found: Array) -> None:
    """Integrals of p over the larger of its values at the ends, and what they may miss, over each half."""
    found[0], found[1] = 0.0, np.inf
    least = np.inf
    for k in range(4):
        least = min(least, _larger(third, k))
    if least == np.inf:
        return
    first, last = 4, 0  # of the windows that are the best: mirrored laws are read alike
    for k in range(4):
        if _larger(third, k) <= least * (1 + AS_GOOD) + AS_GOOD:
            first, last = min(first, k), k
    jumps = (near[4] - 2 * near[3] + near[2]) * (near[5] - 2 * near[4] + near[3]) < 0
    found[1] = (-np.expm1(-least) if jumps else np.expm1(least)) / 2
    for node in range(2 * weights.size):
        log = _sum(across[first, node], near[first : first + WINDOW])
        log = (log + _sum(across[last, node], near[last : last + WINDOW])) / 2
        found[0, node // weights.size] += weights[node % weights.size] * np.exp(log - max(near[3], near[4]))


@kernel
def _broken(
    near: Array, third: Array, weights: Array, before: Array, straight: Array, behind: Array, found: Array
) -> None:
    """As `_unbroken`, of a law that is one thing up to somewhere in between, and another from there on."""
    slack = third[0] + third[4]
    found[0], found[1] = 0.0, 0.0 if slack >= 0 else np.inf
    if not slack >= 0:  # NaN, where mass ends
        return
    top, last = max(near[3], near[4]), 2 * weights.size
    gap = near[3] - _sum(behind[last], near[4:7]), _sum(before[last], near[1:4]) - near[4]
    meet = gap[0] * gap[1] <= 0
    for node in range(last):
        half, weight = node // weights.size, weights[node % weights.size]
        one = np.exp(_sum(before[node], near[1:4]) - top)
        other = np.exp(_sum(behind[node], near[4:7]) - top)
        if meet:
            corner = max(one, other) if gap[0] > 0 else min(one, other)
            chord = np.exp(_sum(straight[node], near[3:5]) - top)
            value, doubt, largest = (corner + chord) / 2, abs(corner - chord), max(corner, chord)
        else:
            value, doubt, largest = other if half else one, abs(one - other), max(one, other)
        found[0, half] += weight * value
        found[1, half] += weight * (doubt + np.expm1(slack) * largest)


@kernel
def _larger(third: Array, first: int) -> float:
    """The larger of the third differences in a window; infinite where mass ends in it."""
    one, other = third[first], third[first + 1]
    return max(one, other) if one + other >= 0 else np.inf


@kernel
def _sum(weights: Array, values: Array) -> float:
    total = 0.0
    for k in range(values.size):
        total += weights[k] * values[k]
    return total
