"""Constant, angle and power of noise against the Hessian, averaged over a law, with their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws import Density, Ensemble, Grid
from theory.noise.proportionality.comparison import CovarianceComparison, NoisyCurvature, compare_covariance

MOST_POINTS = 100_000  # walkers or cells at which matrices are compared
GROUPS, FEWEST = 40, 10  # of walkers, that a jackknife leaves out in turn
UNSEEN = 3.0  # times the pull of the most distant walker: what the tail beyond it may add
MISFIT_LEFT_BY_ROUNDING = 1e-15  # relative, of |C - c H|^2


@dataclass(frozen=True, eq=False)
class OverLaw:
    """What is averaged over a law at its points (n,): <C, H>, <H, H>, <C, C> and tr C."""

    inner: Array
    square: Array
    own: Array
    trace: Array

    @staticmethod
    def of(found: CovarianceComparison) -> OverLaw:
        """Of the matrices at the points."""
        c, h = found.gradient_covariance, found.hessian
        inner, square, own = (np.einsum("nij,nij->n", a, b) for a, b in ((c, h), (h, h), (c, c)))
        return OverLaw(inner, square, own, np.einsum("nii->n", c))

    def numbers(self, weights: Array) -> Array:
        """Constant, angle and E tr C with weights (n,) that sum to 1.

        Raises
        ------
        InputError
            If the Hessian vanishes all over the law.
        """
        inner, square, own = (float(weights @ part) for part in (self.inner, self.square, self.own))
        require(square > 0, "the Hessian must not vanish all over the law, it does; nothing is proportional to it")
        constant = inner / square
        rest = float(weights @ (self.own - 2 * constant * self.inner + constant**2 * self.square))
        sine = math.sqrt(max(rest, 0.0)) if rest > MISFIT_LEFT_BY_ROUNDING * own else 0.0
        return np.array([constant, math.atan2(sine, constant * math.sqrt(square)), float(weights @ self.trace)])

    def standard_errors(self, weights: Array) -> Array:
        """Standard errors of `numbers` over independent points.

        A jackknife of groups and, since matrices grow with w and the tail is seen by few, three times what the
        point with the largest matrices moves.
        """
        groups = min(GROUPS, len(weights))
        if groups < FEWEST:
            return np.full(3, np.nan)
        number = np.arange(len(weights)) % groups
        kept = [np.where(number == group, 0.0, weights) for group in range(groups)]
        left = np.array([self.numbers(part / part.sum()) for part in kept])
        variance = (groups - 1) / groups * ((left - left.mean(axis=0)) ** 2).sum(axis=0)
        worst, whole = np.zeros(3), self.numbers(weights)
        for part in (self.inner, self.square, self.own, self.trace):
            without = np.where(np.arange(len(weights)) == part.argmax(), 0.0, weights)
            worst = np.maximum(worst, np.abs(self.numbers(without / without.sum()) - whole))
        return np.asarray(np.sqrt(variance + (UNSEEN * worst) ** 2))


def mesh_errors(model: NoisyCurvature, law: Density, over: OverLaw, numbers: Array) -> Array:
    """Errors of `numbers` of a computed law: by half the cells, and by the mass that may lie elsewhere."""
    error = law.averaged().error
    if error is None or any(cells % 2 for cells in law.grid.shape):
        return np.full(3, np.nan)
    half = law.coarsen(2)
    points, weights = places(half, half.grid)
    change = np.abs(OverLaw.of(compare_covariance(model, points)).numbers(weights) - numbers)
    worst = np.zeros(3)
    if error > 0:  # all of that mass at the place where it moves a number most, of those that it may be at
        _, weights = places(law, law.grid)
        near = weights > error * weights.max()
        for part in (over.inner, over.square, over.own, over.trace):
            for place in (int(np.where(near, part, np.inf).argmin()), int(np.where(near, part, -np.inf).argmax())):
                moved = (1 - error) * weights
                moved[place] += error
                worst = np.maximum(worst, np.abs(over.numbers(moved) - numbers))
    return np.asarray(change + worst)


def places(law: Ensemble | Density, grid: Grid) -> tuple[Array, Array]:
    """Points (n, d) and weights (n,) that sum to 1.

    Raises
    ------
    InputError
        If all walkers diverged, or the law lives on another grid.
    """
    if isinstance(law, Ensemble):
        points = law.final[np.isfinite(law.final).all(axis=-1)][:MOST_POINTS]
        require(len(points) > 0, "`law` must have walkers that did not diverge, got none")
        return points, np.full(len(points), 1 / len(points))
    require(law.grid == grid, f"`law` must be on `grid`, {grid}, got one on {law.grid}")
    weights = law.probabilities.ravel()
    kept = weights > 0
    return grid.centers.reshape(-1, grid.dim)[kept], weights[kept] / weights[kept].sum()
