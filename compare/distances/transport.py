"""Optimal transport between the cells of one grid: on a line, a circle, and in space."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from compare.distances import dyadic
from compare.distances.masses import Masses, common_law
from compare.distances.noise import expected_gap
from theory.base.arrays import Array, Integers
from theory.base.errors import InputError
from theory.laws import Grid

MOST_PIVOTS = 10_000_000  # of the network simplex, far beyond what it takes
LARGEST = 1500  # cells with mass that the network simplex is given: about a tenth of a second


@dataclass(frozen=True, eq=False)
class Transport:
    """W1 of two laws, its noise floor and its Kantorovich potential, shape (cells + 1,), last entry 0.

    `joining_error` bounds what joining cells before the solution changed.
    """

    value: float
    noise_floor: float
    potential: Array = field(repr=False)
    joining_error: float = 0.0


def line(p: Masses, q: Masses) -> Transport:
    """W1 on an interval: the integral of |F - G|, constant between cell centres."""
    width = float(p.grid.spacing[0])
    below_p, below_q = (np.cumsum(law.probabilities[:-1])[:-1] for law in (p, q))
    gap = below_p - below_q
    return Transport(
        width * float(np.abs(gap).sum()),
        width * float(expected_gap(p, q, below_p, below_q)[0].sum()),
        _potential(width * np.append(np.sign(gap), 0.0)),
    )


def circle(p: Masses, q: Masses) -> Transport:
    """W1 on a periodic axis: the integral of |F - G - c| with c the median, the least over shifts."""
    width = float(p.grid.spacing[0])
    gap = np.cumsum(p.probabilities[:-1] - q.probabilities[:-1])
    shifted = gap - np.median(gap)
    # with c the mean, F - G - c at face j is the mean over walkers of 1(cell <= j) - (cells at or after) / K
    common = common_law(p, q)[:-1]
    after = 1 - np.arange(gap.size) / gap.size
    square = np.cumsum(common * (1 - 2 * after)) + common @ after**2
    variance = np.maximum(square - (np.cumsum(common) - common @ after) ** 2, 0.0)  # rounding below 0
    inverse = sum(1 / law.walkers for law in (p, q) if law.walkers is not None)
    return Transport(
        width * float(np.abs(shifted).sum()),
        width * float(np.sqrt(2 / math.pi * inverse * variance).sum()),
        _potential(width * np.sign(shifted)),
    )


def _potential(slopes: Array) -> Array:
    """The function of the cells whose drop across face j is `slopes` j."""
    return np.append(np.cumsum(slopes[::-1])[::-1], 0.0)


def space(p: Masses, q: Masses) -> Transport:
    """W1 in several dimensions: network simplex on p - q, with cells joined until few enough hold mass.

    Only p - q has to travel, because distances obey the triangle inequality.

    Raises
    ------
    InputError
        If the network simplex does not end.
    """
    import ot  # a second that only this distance needs

    grid = p.grid
    held = (p.probabilities[:-1] > 0) | (q.probabilities[:-1] > 0)
    factor, block = 1, np.arange(grid.size)
    while np.unique(block[held]).size > LARGEST:
        factor += 1
        block = _joined(grid, factor)
    points = _centres(grid, block)
    difference = p.probabilities[:-1] - q.probabilities[:-1]
    ways = _lengths(grid.centers.reshape(-1, grid.dim) - points[block], grid)
    excess = np.bincount(block, difference, minlength=len(points))
    sources, targets = np.flatnonzero(excess > 0), np.flatnonzero(excess < 0)
    floor = dyadic.floor(p, q)
    if sources.size == 0 or targets.size == 0:
        return Transport(0.0, floor, np.zeros(grid.size + 1), float(np.abs(difference) @ ways))
    supply, demand = excess[sources], -excess[targets]
    costs = _lengths(points[sources, None] - points[None, targets], grid)
    cost, duals = ot.emd2(supply / supply.sum(), demand / demand.sum(), costs, log=True, numItermax=MOST_PIVOTS)
    if duals["warning"] is not None:
        raise InputError(f"no optimal transport on {len(points)} cells: {duals['warning']}; coarsen the laws")
    # the c-transform extends the potential from the targets to every cell, with slope 1 at most
    blocks = np.unique(block[held])
    potential = np.zeros(len(points))
    potential[blocks] = np.min(_lengths(points[blocks, None] - points[None, targets], grid) - duals["v"], axis=1)
    return Transport(
        float(cost) * float(supply.sum()),
        floor,
        np.append(potential[block], 0.0),
        float(np.abs(difference) @ ways),
    )


def _joined(grid: Grid, factor: int) -> Integers:
    """Index of the block of every cell, `factor` cells along each axis; the last block may be smaller."""
    blocks = [np.arange(n) // factor for n in grid.shape]
    shape = tuple(int(along[-1]) + 1 for along in blocks)
    return np.ravel_multi_index(tuple(np.meshgrid(*blocks, indexing="ij")), shape).ravel()


def _centres(grid: Grid, block: Integers) -> Array:
    """Mean of the centres of each block's cells, shape (blocks, d)."""
    cells = np.bincount(block)
    sums = [np.bincount(block, centre) for centre in grid.centers.reshape(-1, grid.dim).T]
    return np.stack(sums, axis=-1) / cells[:, None]


def _lengths(differences: Array, grid: Grid) -> Array:
    """Euclidean lengths of `differences` (..., d), the short way round periodic axes."""
    sides = np.array(grid.upper) - np.array(grid.lower)
    ways = np.abs(differences)
    short = np.where(grid.periodic, np.minimum(ways, sides - ways), ways)
    return np.asarray(np.linalg.norm(short, axis=-1))
