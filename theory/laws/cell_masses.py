"""Masses of cells from values at their centres, with the error of that."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from scipy.ndimage import maximum_filter1d

from theory.base.arrays import Array, Booleans
from theory.base.rounding import LARGEST_EXPONENT
from theory.laws.broken_fit import BrokenFit
from theory.laws.grid import Grid
from theory.laws.local_fit import SHORT, LocalFit

DEGREES = (4, 6)  # of the polynomials of log p; the second is taken
SAFETY_OF_MISSES = 3.0  # of the misses of each cell, by how far the second lie below the first
SMALL = 1e-9  # of the law: what is less is not due to a break
NOTICED_MASS = 1e-6  # of the mass of a cell, likewise
STEEPEST_FALL = 1 / 12  # of the safety, where the misses fall fast: the masses then miss 1/50 of what is foreseen
UNEVEN = 0.05  # of the misses, for each unit of log p that the law falls in a cell
ROUGH = 1.0  # miss of log p at a centre, or at a corner, beyond which nothing is read between it and neighbours
RESOLVED_SHAPE = 1.5  # the mean of p^2 in a cell over that of p squared, at which another shape would have shown
SHOWN_DEVIATION = 1 / 3  # of a cell: standard deviation from which values at the centres show what is between
LOWEST = -690.0  # of the largest value, in logarithms: beside underflow digits are lost
DECIDING = math.log(1e-8)  # of the largest value: cells whose steepness decides the quadrature
NODES_OF_CELL = ((64, 3.0), (12, 2.0), (5, 1.0))  # in 1, 2, 3 dimensions: at most; per root of a log step
ROUNDING_OF_SUMS = 1e-14  # of sums over the cells
FAINT = 1e-100  # of the largest mass
ALIASED = 1e-9  # of the mass, by which the sum over the centres may miss it beyond the error
AT_WALL = 1e-12  # of the largest value: what a wall may hold for sums over the centres to be of high order
FEW = 3  # nodes along each axis beyond
STEEP = 1e6  # fall of log p between two centres that asks for no more nodes


@dataclass(frozen=True, eq=False)
class CellMasses:
    """What values at the centres say of the masses of the cells.

    Parameters
    ----------
    probabilities
        Shape `grid.shape`, sum 1.
    error
        Of these in total variation, as far as the values show; without the error of the values themselves.
    even
        Whether sums over the centres are integrals, to high order: where no wall cuts the law and none of its
        waves is shorter than a cell.
    rough
        Cells next to a centre that its neighbours do not foresee, or with a corner where polynomials differ, as in
        tails beyond a break. They keep the value at their centre.
    """

    grid: Grid
    fit: LocalFit = field(repr=False)
    order: int
    probabilities: Array = field(repr=False)
    error: float
    even: bool
    rough: Booleans = field(repr=False)

    @staticmethod
    def of(grid: Grid, values: Array) -> CellMasses:
        """The integrals of exp of local polynomials of log p (`LocalFit`, degree 6), divided by their sum.

        Exact for normal laws, positive, of sixth order. *Error*: by how much each centre misses the polynomial of
        its neighbours, weighted by mass, times 5 r^2 with r the misses of degree 6 over those of degree 4, of all
        cells or cell by cell; or, where p falls steeply inside the cells, times the fall and the root of r. It is
        small where the law is smooth on the scale of the cells, and of the size of the misses at kinks, jumps and
        walls with a power. Kinks and jumps spoil the polynomials of all cells around them: there it is what a law
        that may break between any two centres (`BrokenFit`) leaves open, where that is less. Where an edge of
        cells without mass lies between two centres cannot be told, nor what happens inside a cell that holds most
        of the law: both are added.
        """
        with np.errstate(divide="ignore"):
            logs = np.log(values) - math.log(values.max())
        logs[logs < LOWEST] = -np.inf
        lower, fit = fits = [LocalFit(logs, grid.periodic, degree) for degree in DEGREES]
        misses = [one.misses() for one in fits]
        rough = _spread(grid, misses[1] > ROUGH, DEGREES[1] // 2) | (_unsettled(lower, fit) > ROUGH)
        order = gauss_order(grid, np.where(rough, -np.inf, logs))
        averages, squares = np.zeros(grid.shape), np.zeros(grid.shape)
        for _, weight, there in fit.nodes(order):
            averages += weight * there
            squares += weight * there**2
        centres, fitted = np.exp(logs), averages.copy()
        rough |= ~np.isfinite(averages) | ~np.isfinite(squares)  # beyond all numbers
        averages[rough], squares[rough] = centres[rough], centres[rough] ** 2
        total = float(averages.sum())
        masses = averages / total
        nearby = _nearby(grid, masses)
        low, high = (_missed(one, masses, nearby) for one in misses)
        left = SAFETY_OF_MISSES * _foreseen(grid, low, high) + np.minimum(
            np.abs(fitted - averages) / total, nearby
        )
        if left.sum() > SMALL:
            broken = BrokenFit.of(logs, grid.periodic).left_open(centres / total, masses)
            left = np.where(left > NOTICED_MASS * masses, np.fmin(left, np.minimum(broken, nearby)), left)
        ratio = min(1.0, float(high.sum() / low.sum())) if low.any() else 0.0
        steep = min(1.0, math.sqrt(ratio) * _steepness(grid, logs, masses))
        error = max(float(left.sum()), UNEVEN * float(high.sum()) * steep)
        hidden = max(narrowness(averages, squares), _between(grid, logs, masses))
        gained = abs(total / float(centres.sum()) - 1)
        even = hidden == 0 and gained <= max(ALIASED, error) and not _cut(grid, logs)
        error += _unseen(grid, logs, masses, fit) + hidden + ROUNDING_OF_SUMS
        return CellMasses(grid, fit, order, masses, min(error, 1.0), even, rough)

    def nodes(self) -> Iterator[tuple[Array, Array]]:
        """Places in the cells, (d,) from -1/2 to 1/2, and the probability (*shape) that each stands for."""
        averages = np.zeros(self.grid.shape)
        for _, weight, there in self.fit.nodes(self.order):
            averages += weight * there
        for place, weight, there in self.fit.nodes(self.order):
            share = np.full(self.grid.shape, weight)
            np.divide(weight * there, averages, out=share, where=(averages > 0) & ~self.rough)
            yield place, self.probabilities * share


def _unsettled(lower: LocalFit, fit: LocalFit) -> Array:
    """The largest difference of log p between two fits at the corners of each cell."""
    found = np.zeros(fit.logs.shape)
    for place in product((-0.5, 0.5), repeat=fit.logs.ndim):
        with np.errstate(invalid="ignore"):
            found = np.fmax(found, np.abs(lower.logs_at(place) - fit.logs_at(place)))
    return found


def gauss_order(grid: Grid, logs: Array) -> int:
    """Gauss nodes along an axis that integrate p over a cell, from the steepest fall of log p between centres."""
    steepest = 0.0
    for axis, periodic in enumerate(grid.periodic):
        pair = [np.moveaxis(a, axis, 0)[: None if periodic else -1] for a in (logs, np.roll(logs, -1, axis))]
        seen = np.isfinite(pair[0]) & np.isfinite(pair[1]) & (np.maximum(*pair) > logs.max() + DECIDING)
        steepest = max(steepest, float(np.abs(pair[0][seen] - pair[1][seen]).max(initial=0.0)))
    if grid.dim > len(NODES_OF_CELL):
        return FEW
    most, factor = NODES_OF_CELL[grid.dim - 1]
    return min(most, 4 + math.ceil(factor * math.sqrt(min(steepest, STEEP))))


def narrowness(averages: Array, squares: Array) -> float:
    """Share of the law that lies hidden in cells: 0 up to a standard deviation of some .3 cells, 1 for a point.

    From means of p and of p^2 over each cell; a law so narrow might have any shape between two centres.
    """
    return max(0.0, 1 - RESOLVED_SHAPE**averages.ndim / _concentration(averages, squares))


def _between(grid: Grid, logs: Array, masses: Array) -> float:
    """Share of the law that a narrower bulge between two centres may hold and none of them show.

    By the widths s that second differences of log p give, standard deviations of a normal law in cells: the mean
    of 1 - (s / SHOWN)^2, 0 from SHOWN on. A bulge of a third of a law's own width is then seen from every place.
    """
    steepest = np.zeros(grid.shape)
    for axis, periodic in enumerate(grid.periodic):
        if grid.shape[axis] >= SHORT:
            near = (np.roll(logs, 1, axis), logs, np.roll(logs, -1, axis))
            with np.errstate(invalid="ignore"):  # cells without mass: `_unseen` counts what they may hide
                bend = 2 * near[1] - near[0] - near[2]
            bend[~np.isfinite(bend)] = 0.0
            if not periodic:
                np.moveaxis(bend, axis, 0)[[0, -1]] = 0.0
            steepest = np.maximum(steepest, bend)
    open_share = np.zeros(grid.shape)
    np.divide(1.0, steepest * SHOWN_DEVIATION**2, out=open_share, where=steepest * SHOWN_DEVIATION**2 > 1)
    return float(masses[open_share > 0] @ (1 - open_share[open_share > 0]))


def _concentration(averages: Array, squares: Array) -> float:
    """The mean of p^2 in a cell over that of p squared, under the law: 1 where it is even, large where narrow."""
    held = averages > FAINT * averages.max()  # squares of the others underflow
    masses = averages[held] / averages.sum()
    return float(masses @ (squares[held] / averages[held] ** 2))


def _cut(grid: Grid, logs: Array) -> bool:
    """Whether a wall, or an edge of cells without mass, meets the law where it is not negligible."""
    held = np.isfinite(logs)
    for axis, periodic in enumerate(grid.periodic):
        for step in (-1, 1):
            beyond = np.roll(held, step, axis)
            if not periodic:
                np.moveaxis(beyond, axis, 0)[0 if step == 1 else -1] = False
            if logs[held & ~beyond].max(initial=-np.inf) > math.log(AT_WALL):
                return True
    return False


def _spread(grid: Grid, cells: Booleans, reach: int) -> Booleans:
    """Cells within `reach` of some of `cells` along an axis."""
    found = cells
    for axis, periodic in enumerate(grid.periodic):
        if grid.shape[axis] >= SHORT:
            flags, size = found.astype(np.uint8), 2 * reach + 1
            wide = (
                maximum_filter1d(flags, size, axis, mode="wrap")
                if periodic
                else maximum_filter1d(flags, size, axis)
            )
            found = wide.astype(bool)
    return found


def _missed(misses: Array, masses: Array, nearby: Array) -> Array:
    """What each cell adds to the total variation between a law and the one foreseen from other centres.

    No more than the mass of the cells around it: in ragged tails the logarithms foresee anything.
    """
    return np.asarray(np.minimum(np.expm1(np.minimum(misses, LARGEST_EXPONENT)) * masses, nearby) / 2)


def _nearby(grid: Grid, cells: Array) -> Array:
    """The largest value among each cell and those next to it."""
    found = cells
    for axis, periodic in enumerate(grid.periodic):
        found = np.asarray(maximum_filter1d(found, 3, axis, mode="wrap" if periodic else "nearest"))
    return found


def _foreseen(grid: Grid, low: Array, high: Array) -> Array:
    """What is left of the misses `high` between the centres, by how far they are below those of a lower degree.

    Nearby, as either passes through 0. Their ratio r is about 1 at kinks and walls, where all is left, and small
    where the law is smooth, where the next order is r times this one and its mean over a cell much less.
    """
    ratio = np.ones_like(high)
    below, above = _nearby(grid, high), _nearby(grid, low)
    np.divide(below, above, out=ratio, where=below < above)
    return np.asarray(high * ratio * np.clip(4 * ratio**2, STEEPEST_FALL, 1.0))


def _steepness(grid: Grid, logs: Array, masses: Array) -> float:
    """Mean fall of log p from a centre to the next, over the law and summed over the axes."""
    total = 0.0
    for axis, periodic in enumerate(grid.periodic):
        keep = None if periodic else -1
        near, far, one, other = (
            np.moveaxis(a, axis, 0)[:keep]
            for a in (logs, np.roll(logs, -1, axis), masses, np.roll(masses, -1, axis))
        )
        seen = np.isfinite(near) & np.isfinite(far)
        total += float((np.abs(near[seen] - far[seen]) * (one[seen] + other[seen])).sum()) / 2
    return total


def _unseen(grid: Grid, logs: Array, masses: Array, fit: LocalFit) -> float:
    """Mass next to cells without any, of which half may lie beyond, and of which nothing shows a curvature."""
    held = np.isfinite(logs)
    unseen = float(masses[fit.narrow].sum()) / 2
    if held.all():
        return unseen
    for axis, periodic in enumerate(grid.periodic):
        for step in (-1, 1):
            beside = np.roll(~held, step, axis)
            if not periodic:
                np.moveaxis(beside, axis, 0)[0 if step == 1 else -1] = False
            unseen += float(masses[held & beside].sum()) / 2
    return unseen
