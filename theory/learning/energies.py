"""Integrals of exp(-n K): free energies, mean energies and masses of the population posterior."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, Booleans, evaluated, flagged
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.equations.gibbs_measure import LogPrior
from theory.landscapes import Landscape
from theory.laws import Grid
from theory.learning.cells import Cells, Nodes
from theory.learning.coefficient import LearningCoefficient

INTEGRAL_TOLERANCE = 1e-6  # error of an integral over the integral, where the cells suffice
RESOLVED_CHANGE = 8.0  # change of the exponent across a cell that the quadrature can follow
WORTH_WHILE = 1e-3  # of the largest error: cells with less wait for the next round
HUGE = 1e300  # a loss beyond counts as this: its weight is zero all the same


def free_energy(landscape: Landscape, examples: float, grid: Grid, log_prior: LogPrior | None = None) -> Estimate:
    """The free energy -log of the integral of exp(-n K) over the prior, of the population posterior.

    The prior is uniform on the box, or exp(`log_prior`) (w (..., d) to (...)), normalised over the box: w -> a w
    changes nothing where the box and `log_prior` go with it, and a prior left as it is is another prior. K is `kl`
    where the landscape has it, else the value. The grid's cells are halved where exp(-n K) is not resolved, until
    the difference of the Gauss rules with 4 and 3 points an axis, summed over the cells in absolute value, is 1e-6
    of the integral or the budget is spent; that difference is the error, and in cells where the exponent varies
    by more than 8 the largest integral that the variation allows.

    Raises
    ------
    InputError
        If `examples` is not positive, the dimensions differ or exceed 3, or K is not finite on the box.

    References
    ----------
    Watanabe (2009), Algebraic Geometry and Statistical Learning Theory, chapter 6.
    """
    _require_examples(examples)
    weighted = _integrals(landscape, examples, grid, log_prior)
    prior = _integrals(landscape, 0.0, grid, log_prior)
    return Estimate(prior.log_total - weighted.log_total, weighted.relative_error + prior.relative_error)


def asymptotic_free_energy(coefficient: LearningCoefficient, examples: float) -> float:
    """The free energy at large n, lambda log n - (m - 1) log log n, without the bounded term that follows.

    Raises
    ------
    InputError
        If `examples` is at most 1.

    References
    ----------
    Watanabe (2009), Algebraic Geometry and Statistical Learning Theory, main formula II.
    """
    require(1 < examples < math.inf, f"`examples` must be above 1 and finite, got {examples}")
    log = math.log(examples)
    return float(coefficient.value) * log - (coefficient.multiplicity - 1) * math.log(log)


def mean_energy(landscape: Landscape, examples: float, grid: Grid, log_prior: LogPrior | None = None) -> Estimate:
    """E[n K] under the population posterior of n examples, which tends to lambda; its error is the quadrature's.

    Also for the temperature T = 1/n: E[L]/T of the Gibbs measure. Cells as in `free_energy`.

    Raises
    ------
    InputError
        As `free_energy`.
    """
    _require_examples(examples)
    divide = divergence(landscape)
    return _integrals(landscape, examples, grid, log_prior, integrand=lambda w: examples * divide(w)).ratio


def posterior_mass(
    landscape: Landscape,
    examples: float,
    grid: Grid,
    where: Callable[[Array], Booleans],
    log_prior: LogPrior | None = None,
) -> Estimate:
    """Mass that the population posterior of n examples has where `where` (w (..., d) to (...)) is true.

    Cells that its border crosses are halved too, and count by half in the error.

    Raises
    ------
    InputError
        As `free_energy`, and if `where` does not give flags.
    """
    _require_examples(examples)
    found = _integrals(
        landscape,
        examples,
        grid,
        log_prior,
        integrand=lambda w: flagged(where, w, "where").astype(np.float64),
        jumps=True,
    )
    return found.ratio


def _require_examples(examples: float) -> None:
    require(0 < examples < math.inf, f"`examples` must be positive and finite, got {examples}")


@dataclass(frozen=True)
class _Integrals:
    """The integral of exp(exponent) in logarithms, and the mean of an integrand under it."""

    log_total: float
    relative_error: float
    ratio: Estimate


def divergence(landscape: Landscape) -> Callable[[Array], Array]:
    """K: the divergence to the truth where the landscape has one, else the value."""
    return getattr(landscape, "kl", landscape.value)


def _integrals(
    landscape: Landscape,
    examples: float,
    grid: Grid,
    log_prior: LogPrior | None,
    integrand: Callable[[Array], Array] | None = None,
    jumps: bool = False,
) -> _Integrals:
    require(
        landscape.dim == grid.dim,
        f"landscape and grid must have one dimension, got {landscape.dim} and {grid.dim}",
    )
    divide = divergence(landscape)

    def exponent(w: Array) -> Array:
        values = examples * np.asarray(divide(w)) if examples else np.zeros(w.shape[:-1])
        bad = ~np.isfinite(values)
        require(
            not bad.any(),
            f"the landscape must be finite on the grid, it is not at w = {w[bad][:1].ravel().tolist()}; "
            "change its domain",
        )
        if log_prior is None:
            return values
        logs = evaluated(log_prior, w, "log_prior")
        require(bool((logs < np.inf).all()), "`log_prior` must be below +inf and not NaN on the grid")
        return np.asarray(values - logs)

    cells = Cells.of(grid, exponent)
    sums = _CellSums.of(cells, integrand, jumps)
    budget = cells.budget
    while True:
        total, error, part, part_error, floor = sums.scaled()
        whole = float(total.sum())
        require(floor < HUGE, "the prior must not vanish on the whole grid")
        order = np.argsort(error + part_error)
        small = np.cumsum((error + part_error)[order]) <= INTEGRAL_TOLERANCE * whole
        rough = order[~small][-budget:] if budget else order[:0]
        if rough.size == 0:
            break
        chosen = np.zeros(len(error), dtype=bool)
        chosen[rough[(error + part_error)[rough] >= (error + part_error).max() * WORTH_WHILE]] = True
        fresh = cells.pick(chosen).halved(exponent)
        budget -= int(chosen.sum())
        cells = cells.pick(~chosen).with_more(fresh)
        sums = sums.replaced(~chosen, _CellSums.of(fresh, integrand, jumps))
    require(whole > 0, f"exp(-n K) must be resolved, it is not with {len(error)} cells; shrink the box")
    mean = float(part.sum()) / whole
    ratio = Estimate(mean, float(part_error.sum() + abs(mean) * error.sum()) / whole)
    return _Integrals(math.log(whole) - floor, float(error.sum()) / whole, ratio)


@dataclass(frozen=True, eq=False)
class _CellSums:
    """What the cells contribute: integrals in units of exp(-lowest), and what they might hide.

    Columns of `table`, one row for each cell: integral, its error, both again with the integrand, lowest exponent
    at the nodes, lowest that its variation allows, volume where the exponent is not resolved (else 0), the same
    times the integrand.
    """

    table: Array

    @staticmethod
    def of(cells: Cells, integrand: Callable[[Array], Array] | None, jumps: bool) -> _CellSums:
        weights = Nodes(cells.lower.shape[1]).weights
        below, _ = cells.bounds()
        lowest = np.minimum(cells.values.min(axis=1), HUGE)
        with np.errstate(invalid="ignore"):  # infinite where a prior vanishes
            hidden = np.where(cells.values.max(axis=1) - lowest < RESOLVED_CHANGE, 0.0, cells.volume)
        factors = np.exp(lowest[:, None] - cells.values)
        fine, coarse = (factors @ weights).T * cells.volume
        part, rough, size = np.zeros_like(fine), np.zeros_like(fine), np.zeros_like(fine)
        part_error = part
        if integrand is not None:
            g = integrand(cells.points)
            part, rough = ((factors * g) @ weights).T * cells.volume
            size = np.abs(g).max(axis=1) if jumps else np.ones_like(fine)
            part_error = np.abs(part - rough)
            if jumps:  # a border through the cell
                part_error = np.where(np.ptp(g, axis=1) > 0, np.maximum(part_error, fine / 2), part_error)
        columns = (fine, np.abs(fine - coarse), part, part_error, lowest, below, hidden, hidden * size)
        return _CellSums(np.stack(columns, axis=1))

    def replaced(self, kept: Booleans, fresh: _CellSums) -> _CellSums:
        """The rows in `kept` and the fresh ones."""
        return _CellSums(np.concatenate([self.table[kept], fresh.table]))

    def scaled(self) -> tuple[Array, Array, Array, Array, float]:
        """Integrals and errors, with and without integrand, in units of exp(-floor), and the floor."""
        fine, error, part, part_error, lowest, below, hidden, hidden_part = self.table.T
        floor = float(lowest.min())
        scale = np.exp(floor - lowest)
        possible = np.exp(floor - np.maximum(below, floor))
        return (
            fine * scale,
            np.maximum(error * scale, hidden * possible),
            part * scale,
            np.maximum(part_error * scale, hidden_part * possible),
            floor,
        )
