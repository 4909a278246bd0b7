"""The Gibbs measure, and the posterior that is one."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from theory.arrays import Array, ArrayLike
from theory.density import Density
from theory.errors import require
from theory.grid import Grid
from theory.landscapes.protocol import Landscape

LogPrior = Callable[[Array], ArrayLike]
MOST_REFINED = 2  # dimensions in which nine or three times the cells are affordable


def gibbs(landscape: Landscape, temperature: float, grid: Grid, log_prior: LogPrior | None = None) -> Density:
    """The Gibbs measure exp(-L/T)/Z times the prior, at the cell centres, normalised over the grid.

    Computed in logarithms: exact to rounding in every cell; `Density.error` is what the centres miss of the
    cell averages. Without `log_prior` (w (..., d) to (...)) the prior is uniform on the grid.

    Raises
    ------
    InputError
        If the temperature is not positive, the dimensions differ, or L is not finite on the grid.
    """
    require(
        math.isfinite(temperature) and temperature > 0,
        f"`temperature` must be positive and finite, got {temperature}",
    )
    return _measure(lambda w: -landscape.value(w) / temperature, landscape.dim, grid, log_prior)


def posterior(
    landscape: Landscape, examples: float, grid: Grid, beta: float = 1.0, log_prior: LogPrior | None = None
) -> Density:
    """The Bayesian posterior exp(-n beta K)/Z times the prior, at the cell centres.

    K is the landscape's `kl`, the divergence to the truth, where it has one (`ProductModel`: |Q|^2 / (2
    noise_std^2), whatever its loss scale); of a bare landscape it is the value, so that the posterior is the Gibbs
    measure at T = 1/(n beta). `examples` is n; the data are averaged over (the population posterior).

    Raises
    ------
    InputError
        If `examples` or `beta` is not positive, the dimensions differ, or K is not finite on the grid.

    References
    ----------
    Watanabe (2009), Algebraic Geometry and Statistical Learning Theory.
    """
    for name, number in (("examples", examples), ("beta", beta)):
        require(math.isfinite(number) and number > 0, f"`{name}` must be positive and finite, got {number}")
    divergence = getattr(landscape, "kl", landscape.value)
    return _measure(lambda w: -examples * beta * np.asarray(divergence(w)), landscape.dim, grid, log_prior)


def _measure(exponent: LogPrior, dim: int, grid: Grid, log_prior: LogPrior | None) -> Density:
    """exp(exponent) at the centres, with the distance from its cell averages (for d <= 2) as error."""
    require(dim == grid.dim, f"landscape and grid must have one dimension, got {dim} and {grid.dim}")

    def on(cells: Grid) -> Density:
        values = np.asarray(exponent(cells.centers), dtype=np.float64)
        bad = np.count_nonzero(~np.isfinite(values))
        require(bad == 0, f"the landscape must be finite on the grid, it is not in {bad} cells; change its domain")
        return Density.from_log(
            cells, values if log_prior is None else values + np.asarray(log_prior(cells.centers))
        )

    centres = on(grid)
    if grid.dim > MOST_REFINED:
        return centres
    averages = on(grid.refined(3)).coarsen(3)
    shift = float(np.abs(averages.probabilities - centres.probabilities).sum() / 2)
    return Density(grid, centres.values, shift * 9 / 8)  # the third of a cell leaves 1/9 of the error
