"""Laws in time by central differences of eighth order, with the errors that lower orders and meshes show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from theory.base.arrays import Array, Booleans
from theory.equations.protocol import Equation
from theory.fokker_planck.evolution.central import Budget, central_generator, propagated
from theory.fokker_planck.evolution.start import InitialLaw
from theory.fokker_planck.lattice import leaks
from theory.fokker_planck.meshes import averaged, coarsening, halved, interpolated
from theory.laws import Grid
from theory.markov.implicit import stepped
from theory.points.degenerate import find_degenerate_points

CENTRAL_ORDERS = (8, 6)
PRODUCTS = 8e9  # of a matrix entry and a value: some eight seconds
REFINEMENTS = (3, 9)
MOST_RESOLVED_CELLS = 12000  # of a refined line
GOOD = 1e-6  # error with which a line is refined no further
ROUNDING_OF_EVOLVED_LAWS = 1e-12  # in total variation
MOST_RATIO = 50.0  # of logarithms
SMOOTHINGS = 30
PROVED = 5  # order at which errors must fall for the change between meshes to show that of the eighth
HIDDEN = 3.0  # times less than the step of orders is not believed: kinks may hide in it
SURE = 10.0  # a value over its step of orders, above which it stands
FAINT = 1e-12  # of the largest value: below, rounding has its part
UNSEEN = 6.0  # times the change between meshes that orders do not show: of kinks and jumps


@dataclass(frozen=True, eq=False)
class ResolvedLaws:
    """Laws at each time as values at the centres and averages over the cells, of either sign.

    Parameters
    ----------
    centres, averages
        Shape (times, *grid.shape).
    steps
        Size of the step from the sixth to the eighth order at the centres, the same shape.
    errors
        In total variation, with the negative mass and that next to walls, shape (times,).
    """

    centres: Array = field(repr=False)
    averages: Array = field(repr=False)
    steps: Array = field(repr=False)
    errors: Array

    def positive(self, k: int, centres: Array, averages: Array) -> tuple[Array, Array]:
        """The k-th law without negative values: below ten times its step it goes on as the other one does.

        In the proportion of the two at cells above it nearby, and no larger than there: tails are smooth.
        """
        parts = []
        for own, other in ((self.centres[k], centres), (self.averages[k], averages)):
            sure = own > np.maximum(SURE * self.steps[k], FAINT * own.max())
            if sure.all() or not sure.any() or not self.steps[k].any():
                parts.append(np.maximum(own, 0.0))
                continue
            parts.append(_continued(own, np.maximum(other, 0.0), sure))
        return parts[0], parts[1]


def resolved_laws(
    equation: Equation, grid: Grid, start: InitialLaw, times: Sequence[float] | Array
) -> ResolvedLaws | None:
    """The laws on `grid`; on a line from meshes refined until the error is below 1e-6.

    The error is the step from the sixth to the eighth order, that of the start too, six times the change from
    the half grid (on a line the next coarser) beyond the step of orders there, which shows kinks, jumps and
    a start that the cells do not resolve, the negative mass, the mass next to walls, where the order is lower, and
    the place of a start in its cell. Where the step falls at fifth order or faster, the change between meshes
    bounds it too. None where an axis cannot be halved, or the time or size asks for too much.
    """
    if grid.dim > 1 and any(n == m for n, m in zip(grid.cells, halved(grid).cells, strict=True)):
        return None
    budget = Budget(PRODUCTS)
    line = grid.dim == 1
    below = _on(equation, grid if line else halved(grid), start, times, budget)
    if below is None or (not line and (PRODUCTS - budget.products) * 2 ** (grid.dim + 1) > budget.products):
        return None
    found = None
    factors = [factor for factor in REFINEMENTS if grid.size * factor <= MOST_RESOLVED_CELLS] if line else [1]
    for factor in factors:
        level = _on(equation, grid.refined(factor), start, times, budget)
        if level is None:
            break
        found, below = _compared(level, below, factor, start), level
        if bool((found.errors <= GOOD).all()):
            break
    return found


@dataclass(frozen=True, eq=False)
class _Level:
    """Laws of one mesh by two orders, and the total variation by which each may still move."""

    grid: Grid
    values: list[Array]
    lower: list[Array]
    ahead: Array

    def step(self, k: int) -> Array:
        return np.abs(self.values[k] - self.lower[k])


def _on(
    equation: Equation, grid: Grid, start: InitialLaw, times: Sequence[float] | Array, budget: Budget
) -> _Level | None:
    found, ahead = [], np.zeros(len(times))
    for order in CENTRAL_ORDERS:
        generator = central_generator(equation, grid, order)
        law, unsettled = start.values(grid, order != CENTRAL_ORDERS[0]).ravel(), 0.0
        laws: list[Array] = []
        for k, span in enumerate(np.diff(np.asarray(times, dtype=np.float64), prepend=0.0)):
            later = (
                stepped(generator, law, float(span))
                if grid.dim == 1
                else propagated(generator, law, float(span), budget)
            )
            if later is None and not laws:
                return None
            if later is None:  # what came before stands
                ahead[k:] = np.inf
                laws += [laws[-1]] * (len(times) - k)
                break
            law = later[0]
            unsettled += later[1] * grid.cell_volume / 2
            laws.append(law.reshape(grid.shape))
            ahead[k] = max(ahead[k], unsettled)
        found.append(laws)
    values, lower = found
    return _Level(grid, values, lower, ahead)


def _compared(level: _Level, below: _Level, factor: int, start: InitialLaw) -> ResolvedLaws:
    centres, averages, steps, errors = [], [], [], []
    gain = coarsening(level.grid, below.grid) ** PROVED
    open_place = start.unresolved(level.grid) * start.width(level.grid)
    for k, values in enumerate(level.values):
        means = averaged(values, level.grid)
        step = level.step(k)
        shown = float(step.sum() * level.grid.cell_volume / 2)
        coarser = float(below.step(k).sum() * below.grid.cell_volume / 2)
        apart = np.abs(interpolated(values, level.grid, below.grid) - below.values[k]).sum()
        change = float(apart * below.grid.cell_volume / 2)
        unseen = UNSEEN * max(0.0, change - coarser)
        if shown * gain <= coarser:  # orders are what they should be
            shown = min(shown, max(shown / HIDDEN, 2 * change / gain))
        negative = np.maximum(-values, 0.0).sum() * level.grid.cell_volume
        walls = _next_to_walls(np.abs(values), level.grid) * level.grid.cell_volume
        place = open_place * _shift(means, level.grid)
        errors.append(ROUNDING_OF_EVOLVED_LAWS + place + shown + unseen + negative + walls + level.ahead[k])
        if factor > 1:
            middle = slice(factor // 2, None, factor)
            values, step = values[middle], step[middle]
            means = means.reshape(-1, factor).mean(axis=1)
        centres.append(values)
        averages.append(means)
        steps.append(step)
    return ResolvedLaws(np.array(centres), np.array(averages), np.array(steps), np.array(errors))


def _continued(own: Array, other: Array, sure: Booleans) -> Array:
    """`own` where `sure`; beyond, `other` in a proportion that goes on smoothly, at most `own` at the nearest."""
    nearest = tuple(ndimage.distance_transform_edt(~sure, return_distances=False, return_indices=True))
    with np.errstate(divide="ignore"):
        logs, others = np.log(np.where(sure, own, 1.0)), np.log(other)
    known = sure & (other > 0)
    ratio = np.minimum(np.where(known, logs - np.where(known, others, 0.0), 0.0)[nearest], MOST_RATIO)
    for _ in range(SMOOTHINGS):
        ratio = np.where(sure, ratio, ndimage.gaussian_filter(ratio, 1.0, mode="nearest"))
    return np.where(sure, own, np.exp(np.minimum(others + ratio, logs[nearest])))


def _next_to_walls(values: Array, grid: Grid) -> float:
    """Sum over the cells that have a wall as a face, those in corners more than once."""
    total = 0.0
    for axis, periodic in enumerate(grid.periodic):
        if not periodic:
            total += float(values.take([0, -1], axis).sum())
    return total


def parted(equation: Equation, grid: Grid) -> bool:
    """Whether walkers never pass somewhere, or may not."""
    if grid.dim > 1:
        return leaks(equation, grid).count > 0
    return len(find_degenerate_points(equation, grid.lower[0], grid.upper[0])) > 0


def _shift(values: Array, grid: Grid) -> float:
    """Total variation from a law to itself one cell further along each axis, summed over axes."""
    moves = [float(np.abs(np.diff(values, axis=axis)).sum()) for axis in range(grid.dim)]
    return sum(moves) * grid.cell_volume / 2
