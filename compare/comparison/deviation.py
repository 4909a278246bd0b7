"""How a law deviates from an observed one, place by place, in units of what counting walkers leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from compare.distances import Law
from compare.distances.masses import Masses, common_law, read_pair
from theory.base.arrays import Array, Integers

MANY_WALKERS = 400  # of a law in a part of a line: the masses of its halves are known to a tenth


@dataclass(frozen=True, eq=False)
class Deviation:
    """The density of a law less the observed one, and its standard error, shapes `grid.shape`.

    The error is that of the counts if both laws were one; it is never below that of one walker, so that a single
    walker where a law has nothing is no discovery. It is 0 where both laws are computed.
    """

    difference: Array = field(repr=False)
    error: Array = field(repr=False)


@dataclass(frozen=True, eq=False)
class JoinedDensity:
    """The densities of a law on parts of a line, with standard errors, and their ratio to the observed ones.

    Shapes (parts,). Errors are 0 of a computed law; a ratio to nothing is NaN.
    """

    values: Array = field(repr=False)
    errors: Array = field(repr=False)
    ratios: Array = field(repr=False)
    ratio_errors: Array = field(repr=False)


def deviation_of(observed: Law, law: Law) -> Deviation:
    """The difference of the densities in every cell, `law` less `observed`, with its standard error.

    Raises
    ------
    InputError
        If the laws are on different grids, or on none.
    """
    first, second = read_pair(law, observed)
    grid = first.grid
    difference = (first.probabilities - second.probabilities)[:-1]
    return Deviation(
        difference.reshape(grid.shape) / grid.cell_volume,
        _counting_error(first, second).reshape(grid.shape) / grid.cell_volume,
    )


def joined_cells(laws: Sequence[Law], longest: int) -> Integers:
    """The first cells of parts of a line, the last number that of all cells, shape (parts + 1,).

    The line is halved again and again, down to cells, as long as a part holds 400 walkers of one of the sampled
    `laws` or more than `longest` cells.

    Raises
    ------
    InputError
        If a law is on no grid.
    """
    masses = [Masses.of(law) for law in laws]
    sampled = [np.append(0, np.cumsum(one.counts[:-1])) for one in masses if one.walkers is not None]
    parts, firsts = [(0, masses[0].grid.size)], []
    while parts:
        begin, end = parts.pop()
        middle = (begin + end) // 2
        many = any(below[end] - below[begin] >= MANY_WALKERS for below in sampled)
        if end - begin > 1 and (many or end - begin > longest):
            parts += [(begin, middle), (middle, end)]
        else:
            firsts.append(begin)
    return np.array([*sorted(firsts), masses[0].grid.size])


def join(observed: Law, law: Law, firsts: Integers) -> JoinedDensity:
    """The densities of `law` on parts of a line that begin at the cells `firsts`, shape (parts + 1,), beside.

    The error of a ratio is that of two independent counts.

    Raises
    ------
    InputError
        If the laws are on different grids, or on none.
    """
    first, second = read_pair(law, observed)
    lengths = np.diff(firsts) * first.grid.cell_volume
    mass, base = (np.add.reduceat(one.probabilities[:-1], firsts[:-1]) for one in (first, second))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(base > 0, mass / base, np.nan)
        spreads = np.sqrt(_variance(first, mass) + ratios**2 * _variance(second, base)) / base
    return JoinedDensity(
        mass / lengths, np.sqrt(_variance(first, mass)) / lengths, ratios, np.where(base > 0, spreads, np.nan)
    )


def _variance(law: Masses, mass: Array) -> Array:
    """Of the share of the walkers in parts, 0 of a computed law."""
    return np.zeros_like(mass) if law.walkers is None else mass * (1 - mass) / law.walkers


def _counting_error(first: Masses, second: Masses) -> Array:
    """Standard error of differences of probabilities on the grid if both laws were one; of one walker or more."""
    inverse = sum(1 / law.walkers for law in (first, second) if law.walkers is not None)
    common = common_law(first, second)[:-1]
    return np.sqrt(np.maximum(common * (1 - common) * inverse, inverse**2))
