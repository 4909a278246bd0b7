"""Mean and variance of a law on a line from its averages over the cells, with the error of reading them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from theory.base.arrays import Array
from theory.base.rounding import NOT_ZERO
from theory.laws.averages import centre_values
from theory.laws.cell_masses import CellMasses
from theory.laws.grid import Grid
from theory.laws.quadrature_rule import QuadratureRule, of_averages

ROUNDING_OF_MOMENTS = 1e-14  # of the largest place, over the width of the law
SMOOTH = 0.02  # of the change to cells four times as wide: what that to cells twice as wide is of smooth laws
SLOWEST_FALL = 1 / 15  # of a change: what is left where it falls no faster than order 4
NOTHING = 1e-12  # relative change that asks for no second reading
SAFETY_OF_MOMENTS = 2.0  # of what the next change would be
RESOLVED_DEVIATION = 1.3  # cells: standard deviation from which Sheppard's correction may be taken
NARROW_COUNTS = 0.75  # the same of counts: their noise shows in the integrals
WITHIN = 0.8, 0.9  # cells, and standard deviations of one, that the share which is not known may move
HIDDEN = 0.04  # of the error of the integrals: what a kink takes from the correction
AT_WALL = 1e-10  # of the largest mass: what a wall may hold for the correction to be of high order
LEAST_WIDTH = 0.1  # of a cell, of a law in it


@dataclass(frozen=True, eq=False)
class LineMoments:
    """Mean and variance with what the cells leave open of them, and the rule that gave them."""

    rule: QuadratureRule = field(repr=False)
    mean: float
    variance: float
    mean_error: float
    variance_error: float


def line_moments(grid: Grid, masses: Array, sampled: bool = False) -> LineMoments:
    """Moments of the law whose cells have these `masses` (cells,), sum 1.

    By Sheppard's correction where the law is wider than a cell and meets no wall, or as integrals of exp of local
    polynomials of log p that have these masses (`centre_values`), exact for normal laws: what has the smaller
    error. *Errors*: of the integrals the share of the law that neighbours do not foresee, moved within a cell; of
    the correction, by how far joining cells by two changes it less than joining them by four, with the other
    error where kinks and edges show, and a part of it elsewhere: beside a narrow smooth law, whose change falls
    fast, that of a kink does not show. Counts are ragged: the integrals are for their narrow laws only.
    """
    spacing = float(grid.spacing[0])
    if np.count_nonzero(masses) == 1:  # anywhere in its cell
        place = float(grid.axes[0][masses.argmax()])
        return LineMoments(QuadratureRule.of_centres(grid, masses), place, 0.0, spacing / 2, spacing**2 / 4)
    first, change, before = _corrected(grid, masses)
    held = masses > AT_WALL * float(masses.max())
    walls = not grid.periodic[0] and bool(held[[0, -1]].any())
    wide = first.variance > ((NARROW_COUNTS if sampled else RESOLVED_DEVIATION) * spacing) ** 2
    if wide and (sampled or (not walls and change <= NOTHING)):
        return first
    second = _fitted(grid, masses)
    if second is None:
        width = math.sqrt(max(first.variance, 0.0)) + spacing
        return _widened(first, width * change + spacing / 2, width * (width * change + spacing))
    if walls or not wide:
        return second
    empty = masses == 0
    edges = bool((held & (np.roll(empty, 1) | np.roll(empty, -1))).any())
    if edges or change > SMOOTH * before:
        return _widened(first, second.mean_error, second.variance_error)
    first = _widened(first, HIDDEN * second.mean_error, HIDDEN * second.variance_error)
    return first if first.variance_error <= second.variance_error else second


def _widened(found: LineMoments, mean_error: float, variance_error: float) -> LineMoments:
    return replace(
        found, mean_error=found.mean_error + mean_error, variance_error=found.variance_error + variance_error
    )


def _corrected(grid: Grid, masses: Array) -> tuple[LineMoments, float, float]:
    """Sheppard's correction, and how joining cells by two and by four changes it, relative to the width."""
    rule = of_averages(grid, masses)
    mean, variance = rule.moments_of_line()
    width = math.sqrt(abs(variance)) + ROUNDING_OF_MOMENTS * float(grid.spacing[0])
    change, before = (
        max(max(abs(one - mean) / width, abs(two / width**2 - 1)) for one, two in _joined(grid, masses, factor))
        for factor in (2, 4)
    )
    size = float(np.abs(grid.axes[0]).max()) / width
    left = ROUNDING_OF_MOMENTS * (1 + size**2) + change * max(
        SLOWEST_FALL, SAFETY_OF_MOMENTS * min(1.0, change / max(before, NOT_ZERO))
    )
    return LineMoments(rule, mean, variance, left * width, left * width**2), change, before


def _joined(grid: Grid, masses: Array, factor: int) -> list[tuple[float, float]]:
    """Mean and variance from cells joined by `factor`, from every cell that may begin one."""
    found, spacing = [], float(grid.spacing[0])
    for start in range(factor):
        more = -(start + len(masses)) % factor
        wide = np.concatenate([np.zeros(start), masses, np.zeros(more)]).reshape(-1, factor).sum(axis=1)
        lower = grid.lower[0] - start * spacing
        line = Grid(lower, lower + wide.size * factor * spacing, wide.size)
        found.append(of_averages(line, wide).moments_of_line())
    return found


def _fitted(grid: Grid, masses: Array) -> LineMoments | None:
    """Integrals over the law of `centre_values`."""
    values = centre_values(grid, masses)
    if values is None:
        return None
    read = CellMasses.of(grid, values)
    nodes = list(read.fit.nodes(read.order))
    inside = sum(weight * there for _, weight, there in nodes)
    whole = np.zeros_like(masses)
    np.divide(masses, inside, out=whole, where=inside > 0)
    rule = QuadratureRule(grid, tuple((place, weight * there * whole) for place, weight, there in nodes))
    mean, variance = rule.moments_of_line()
    spacing = float(grid.spacing[0])
    width = math.sqrt(variance) + LEAST_WIDTH * spacing
    rounding = ROUNDING_OF_MOMENTS * (1 + float(np.abs(grid.axes[0]).max()) / width)
    moved = read.error * spacing
    return LineMoments(
        rule, mean, variance, WITHIN[0] * moved + rounding * width, (WITHIN[1] * moved + rounding * width) * width
    )
