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


def gibbs(landscape: Landscape, temperature: float, grid: Grid, log_prior: LogPrior | None = None) -> Density:
    """The Gibbs measure exp(-L/T)/Z times the prior, at the cell centres, normalised over the grid.

    Computed in logarithms: exact to rounding in every cell. Without `log_prior` (w (..., d) to (...)) the prior
    is uniform on the grid.

    Raises
    ------
    InputError
        If the temperature is not positive, the dimensions differ, or L is not finite on the grid.
    """
    require(
        math.isfinite(temperature) and temperature > 0,
        f"`temperature` must be positive and finite, got {temperature}",
    )
    return _from_exponent(-_values(landscape, grid) / temperature, grid, log_prior)


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
    divergence = getattr(landscape, "kl", None)
    exponent = _values(landscape, grid) if divergence is None else np.asarray(divergence(grid.centers))
    return _from_exponent(-examples * beta * exponent, grid, log_prior)


def _values(landscape: Landscape, grid: Grid) -> Array:
    require(
        landscape.dim == grid.dim,
        f"landscape and grid must have one dimension, got {landscape.dim} and {grid.dim}",
    )
    values = landscape.value(grid.centers)
    bad = ~np.isfinite(values)
    require(
        not bad.any(),
        f"the landscape must be finite on the grid, it is not in {np.count_nonzero(bad)} cells; "
        "change its domain",
    )
    return values


def _from_exponent(exponent: Array, grid: Grid, log_prior: LogPrior | None) -> Density:
    prior = 0.0 if log_prior is None else np.asarray(log_prior(grid.centers))
    return Density.from_log(grid, exponent + prior)
