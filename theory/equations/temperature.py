"""The Gibbs measure nearest to an observed law, and its temperature."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.showing import told
from theory.equations.gibbs_measure import gibbs
from theory.landscapes import Landscape
from theory.laws import Density, Ensemble, Grid, Histogram

GAUSS_ORDERS_OF_PARTS = (12, 2, 2)  # of Gauss's rule in each part of a cell, in 1, 2 and more dimensions
EQUAL_LOSSES = 1e-12  # of the range of the loss: mean losses closer than this cannot be told apart


@dataclass(frozen=True, eq=False)
class NearestGibbs:
    """The temperature with its standard error, 0 where the observed law is computed, and the density."""

    temperature: Estimate
    density: Density

    def __repr__(self) -> str:
        return told("NearestGibbs", temperature=self.temperature, density=self.density)

    @property
    def standard_error(self) -> float:
        """That of the temperature."""
        return self.temperature.error


def nearest_gibbs(
    observed: Density | Histogram | Ensemble,
    landscape: Landscape,
    grid: Grid | None = None,
    *,
    refinement: int | None = None,
) -> NearestGibbs:
    """The Gibbs measure exp(-L / T) / Z with the least KL(observed || Gibbs), which has the observed mean loss.

    The root of E_Gibbs[L] = E_observed[L] by Brent's method in log T. Gibbs is integrated by Gauss's rule in cells
    cut into `refinement` parts along each axis; the observed loss within a cell is that of Gibbs there, so the
    root makes the KL of the cell laws stationary and the masses of a Gibbs measure give back its temperature.
    Standard error by the delta method: sd(L) T^2 / (sqrt(n) Var_Gibbs(L)). The density's `error` is as of
    `gibbs`. Lost walkers have no part: the law is that of the walkers on the grid.

    Parameters
    ----------
    observed
        A law on a grid, or an Ensemble, which is counted on `grid`.
    grid
        Needed for an Ensemble; else the law's own.
    refinement
        Default 3 for d = 1 and 2, and 1 above.

    Raises
    ------
    InputError
        If no finite positive temperature has the observed mean loss: it is not below that of the uniform
        law, or all mass is in cells as low as the lowest. If L is not finite on the grid.

    References
    ----------
    Csiszar, Annals of Probability 3 (1975): the projection onto an exponential family matches its moment.
    """
    law = _on_grid(observed, grid)
    cells = law.grid
    require(landscape.dim == cells.dim, f"the landscape has dimension {landscape.dim}, the law's grid {cells.dim}")
    parts = refinement if refinement is not None else (3 if cells.dim <= 2 else 1)
    require(parts >= 1, f"`refinement` must be at least 1, got {parts}")
    family = _Family.of(landscape, cells, parts)
    weights = law.probabilities.ravel()
    temperature = _matching_temperature(family, weights)
    inside, overall, slope = family.moments(1 / temperature, weights)
    spread = math.sqrt(float(weights @ (inside - overall) ** 2))
    error = 0.0 if law.samples is None else spread * temperature**2 / (math.sqrt(law.samples) * slope)
    density = gibbs(landscape, temperature, cells.refined(parts)).coarsen(parts)
    return NearestGibbs(Estimate(temperature, error), density)


@dataclass(frozen=True, eq=False)
class _Family:
    """The losses at points of the cells, above the lowest: shape (cells, points of a cell), and their weights."""

    losses: Array
    weights: Array

    @staticmethod
    def of(landscape: Landscape, grid: Grid, parts: int) -> _Family:
        order = GAUSS_ORDERS_OF_PARTS[min(grid.dim, len(GAUSS_ORDERS_OF_PARTS)) - 1]
        places, weights = np.polynomial.legendre.leggauss(order)
        along = ((np.arange(parts)[:, None] + (places + 1) / 2) / parts - 0.5).ravel()
        index = np.indices((len(along),) * grid.dim).reshape(grid.dim, -1).T
        offsets = along[index] * grid.spacing
        losses = _losses(landscape, grid.centers.reshape(-1, 1, grid.dim) + offsets, parts**grid.dim)
        return _Family(losses, np.tile(weights / (2 * parts), parts)[index].prod(axis=1))

    @property
    def rounding(self) -> float:
        return EQUAL_LOSSES * float(self.losses.max())

    def moments(self, beta: float, weights: Array) -> tuple[Array, float, float]:
        """Gibbs mean loss in each cell, over all cells, and the slope in beta of observed minus Gibbs."""
        logs = np.log(self.weights) - beta * self.losses
        log_mass = logsumexp(logs, axis=1)
        within = np.exp(logs - log_mass[:, None])
        mean = (within * self.losses).sum(axis=1)
        variance = (within * (self.losses - mean[:, None]) ** 2).sum(axis=1)
        mass = np.exp(log_mass - logsumexp(log_mass))
        overall = float(mass @ mean)
        total = float(mass @ (variance + (mean - overall) ** 2))
        return mean, overall, total - float(weights @ variance)

    def excess(self, temperature: float, weights: Array) -> float:
        """Observed minus Gibbs mean loss: falls from positive to negative as the temperature rises."""
        inside, overall, _ = self.moments(1 / temperature, weights)
        return float(weights @ inside) - overall


def _matching_temperature(family: _Family, weights: Array) -> float:
    losses = family.losses
    seen, uniform = float(weights @ (losses @ family.weights)), float((losses @ family.weights).mean())
    require(
        seen < uniform - family.rounding,
        f"the observed mean loss must be below that of the uniform law, got {seen:.6g} and {uniform:.6g} "
        "above the lowest cell; no finite temperature matches: widen the grid",
    )
    lowest = float(weights @ losses.min(axis=1))
    require(
        lowest > family.rounding,
        f"the observed mean loss must be above the lowest on the grid, got {lowest:.3g} above it; "
        "no positive temperature matches: refine the grid",
    )
    low = high = seen  # a temperature of the scale of the loss; both ends have the right signs in the limit
    while family.excess(low, weights) <= 0:
        low /= 4
    while family.excess(high, weights) >= 0:
        high *= 4
    root = brentq(lambda log_t: family.excess(math.exp(log_t), weights), math.log(low), math.log(high))
    return math.exp(float(root))


def _losses(landscape: Landscape, points: Array, parts: int) -> Array:
    values = np.asarray(landscape.value(points), dtype=np.float64)
    unfit = np.count_nonzero(~np.isfinite(values)) * parts // values.shape[-1]
    require(unfit == 0, f"the loss must be finite on the grid, got {unfit} cells where it is not; narrow the grid")
    return np.asarray(values - values.min())


def _on_grid(observed: Density | Histogram | Ensemble, grid: Grid | None) -> Density:
    if isinstance(observed, Ensemble):
        if grid is None:
            raise InputError("an Ensemble needs a `grid` to be counted on, got none")
        return observed.histogram(grid).survivors
    require(grid is None or grid == observed.grid, f"`grid` must be the law's own, {observed.grid}, got {grid}")
    return observed if isinstance(observed, Density) else observed.survivors
