"""Mean and covariance of a law on a grid, with what its cells, its error, and the box leave open of them."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import MomentWarning
from theory.base.showing import told
from theory.laws.grid import Grid
from theory.laws.line_moments import LEAST_WIDTH, LineMoments
from theory.laws.quadrature_rule import QuadratureRule
from theory.laws.tails import POWER_ERROR, Tail, power_tails

if TYPE_CHECKING:
    from theory.laws.density import Density

SHARE = 0.01  # of a variance, or of a standard deviation in the mean: what the box may add without a warning
MOVED = 2.0, 4.0  # standard deviations, variances, that mass may move whose cell is not known


@dataclass(frozen=True, eq=False)
class LawMoments:
    """Mean (d,) and covariance (d, d) with their errors, of the same shapes.

    Parameters
    ----------
    mean_error, covariance_error
        What reading the values as a law, the error of the law (where it has one), and the end of the box at a tail
        that falls as a power leave open; infinite where the box decides the moment. Sampling is not in it.
    doubts
        What a reader must know, a line each: (of the mean, of the covariance).
    """

    mean: Array
    covariance: Array
    mean_error: Array
    covariance_error: Array
    doubts: tuple[tuple[str, ...], tuple[str, ...]] = field(default=((), ()), repr=False)

    def __repr__(self) -> str:
        return told(
            "LawMoments",
            mean=self.mean,
            mean_error=self.mean_error,
            covariance=self.covariance,
            covariance_error=self.covariance_error,
        )

    def warn(self, order: int) -> None:
        """A `MomentWarning` for every doubt of the mean (order 0) or the covariance (1)."""
        for doubt in self.doubts[order]:
            warnings.warn(doubt, MomentWarning, stacklevel=3)


@dataclass(frozen=True, eq=False)
class Reading:
    """Moments of a law as its values tell them, and what reading them leaves open along each axis."""

    mean: Array
    covariance: Array
    mean_error: Array  # (d,)
    variance_error: Array  # (d,)
    doubted: Array  # (d,), standard deviations by which entries off the diagonal are unsure beyond that


def of_centres(rule: QuadratureRule, grid: Grid, reading_error: float) -> Reading:
    """From values at centres: the share of the law that these do not tell, moved by about its width."""
    mean, covariance = rule.mean, rule.covariance
    width = np.sqrt(np.diag(covariance)) + LEAST_WIDTH * grid.spacing
    mean_error, variance_error = MOVED[0] * reading_error * width, MOVED[1] * reading_error * width**2
    return Reading(mean, covariance, mean_error, variance_error, np.zeros(grid.dim))


def of_cells(rule: QuadratureRule, lines: list[LineMoments]) -> Reading:
    """From averages over cells: each axis by its marginal, what is off the diagonal by `rule`."""
    covariance = rule.covariance
    plain, variances = np.diag(covariance).copy(), np.array([line.variance for line in lines])
    largest = np.sqrt(np.outer(variances, variances))
    inside = np.clip(covariance, -largest, largest)  # laws narrower than cells: no correlation beyond 1
    np.fill_diagonal(inside, variances)
    return Reading(
        np.array([line.mean for line in lines]),
        inside,
        np.array([line.mean_error for line in lines]),
        np.array([line.variance_error for line in lines]),
        np.sqrt(np.abs(variances - plain)),
    )


def completed(law: Density, reading: Reading) -> LawMoments:
    """The moments of a `reading` of `law` with all errors, and what a reader must know."""
    deviation = np.sqrt(np.maximum(np.diag(reading.covariance), 0.0))
    mean_error, variance_error = reading.mean_error.copy(), reading.variance_error.copy()
    doubts: tuple[list[str], list[str]] = ([], [])
    for tail in power_tails(law):
        if not law.walls or not law.walls[tail.axis][tail.side == law.grid.upper[tail.axis]]:
            beyond = _beyond(law, tail)
            mean_error[tail.axis] += beyond[0]
            variance_error[tail.axis] += beyond[1]
            if beyond[0] > SHARE * deviation[tail.axis]:
                doubts[0].append(_follows("mean", tail))
            if beyond[1] > SHARE * deviation[tail.axis] ** 2:
                doubts[1].append(_follows("variance", tail))
    if law.error:
        reach = _reach(law, reading.mean)
        mean_error += law.error * reach
        variance_error += law.error * reach**2
    unsure = np.sqrt(variance_error + reading.doubted**2)
    with np.errstate(invalid="ignore"):
        errors = np.outer(unsure, unsure)
    errors[np.isnan(errors)] = np.inf
    np.fill_diagonal(errors, variance_error)
    return LawMoments(reading.mean, reading.covariance, mean_error, errors, (tuple(doubts[0]), tuple(doubts[1])))


def _follows(moment: str, tail: Tail) -> str:
    return (
        f"the {moment} along w{tail.axis} follows the box: {tail}; take masses, which hardly do, or ask for the "
        "wall by boundary=Reflecting() if walkers meet one there"
    )


def _beyond(law: Density, tail: Tail) -> tuple[float, float]:
    """What the tail beyond the box adds to the mean and the variance; infinite where it has none."""
    line = law if law.grid.dim == 1 else law.marginal(tail.axis)
    cell = 0 if tail.side == line.grid.lower[0] else -1
    distance = abs(float(line.grid.axes[0][int(line.values.argmax())]) - tail.side)
    there = float(line.values[cell])
    mean, variance = (
        there * distance ** (order + 1) / (tail.power - order - 1)
        if tail.power > order + 1 + POWER_ERROR
        else math.inf
        for order in (1, 2)
    )
    return mean, variance


def _reach(law: Density, mean: Array) -> Array:
    """Distance from the mean, along each axis, within which all but `law.error` of the mass lies."""
    found = np.zeros(law.grid.dim)
    for axis in range(law.grid.dim):
        masses = law.probabilities.sum(axis=tuple(k for k in range(law.grid.dim) if k != axis))
        away = np.abs(law.grid.axes[axis] - mean[axis])
        order = np.argsort(-away)
        kept = np.searchsorted(np.cumsum(masses[order]), min(law.error or 0.0, 0.5))
        found[axis] = away[order[min(int(kept), away.size - 1)]]
    return found
