"""The Gibbs measure, and the posterior that is one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from theory.base.arrays import Array, ArrayLike, evaluated
from theory.base.errors import InputError, require
from theory.base.whole_numbers import root_above
from theory.landscapes import Landscape
from theory.laws import Density, Grid
from theory.laws.cell_masses import RESOLVED_SHAPE, ROUNDING_OF_SUMS, narrowness

LogPrior = Callable[[Array], ArrayLike]
GAUSS_ORDERS = ((24, 16, 8), (4, 3, 2), (3, 2), (2, 1))  # of rules in a cell in 1, 2, 3 and more dimensions
SAFETY_OF_RULES = 3.0  # of the difference of two rules
CHANCE = 4.0  # least ratio of the differences of successive rules that is believed
TRUSTED = 1e-3  # total variation up to which the rules are taken to see the whole cell
WIDER = 2.5  # times the concentration of a law: cells of about 1.4 standard deviations


def gibbs(landscape: Landscape, temperature: float, grid: Grid, log_prior: LogPrior | None = None) -> Density:
    """The Gibbs measure exp(-L/T)/Z times the prior, at the cell centres, normalised over the grid.

    Computed in logarithms: ratios are exact to rounding at every centre. `Density.error` is what the masses that
    the centres stand for miss of the integrals over the cells, by Gauss's rules in each. Without `log_prior`
    (w (..., d) to (...)) the prior is uniform on the grid.

    Raises
    ------
    InputError
        If the temperature is not positive, the dimensions differ, L is not finite on the grid, or most of the law
        lies in parts of cells: standard deviations below about .3 of one.
    """
    require(
        math.isfinite(temperature) and temperature > 0,
        f"`temperature` must be positive and finite, got {temperature}",
    )
    return _measure(landscape.value, lambda above: above / temperature, landscape.dim, grid, log_prior)


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
        If `examples` or `beta` is not positive, the dimensions differ, K is not finite on the grid, or most of
        the law lies in parts of cells.

    References
    ----------
    Watanabe (2009), Algebraic Geometry and Statistical Learning Theory.
    """
    for name, number in (("examples", examples), ("beta", beta)):
        require(math.isfinite(number) and number > 0, f"`{name}` must be positive and finite, got {number}")
    divergence = getattr(landscape, "kl", landscape.value)
    return _measure(divergence, lambda above: examples * (beta * above), landscape.dim, grid, log_prior)


def _measure(
    energy: LogPrior, scaled: Callable[[Array], Array], dim: int, grid: Grid, log_prior: LogPrior | None
) -> Density:
    """exp(-scaled(energy above its least)) at the centres; its `error` by Gauss's rules in the cells."""
    require(dim == grid.dim, f"landscape and grid must have one dimension, got {dim} and {grid.dim}")
    rules = [_rule(grid.dim, order) for order in GAUSS_ORDERS[min(grid.dim, len(GAUSS_ORDERS)) - 1]]
    places = np.concatenate([np.zeros((1, grid.dim)), *(places for places, _ in rules)])
    points = (grid.centers + place * grid.spacing for place in places)
    if grid.dim == 1:  # what integrates along the line must see all points at once
        energies = np.array(energy(np.stack(list(points))), dtype=np.float64)
    else:
        energies = np.array([energy(one) for one in points], dtype=np.float64)
    bad = ~np.isfinite(energies[0])
    require(
        not bad.any(),
        f"the landscape must be finite on the grid, it is not in {np.count_nonzero(bad)} cells, as at "
        f"w = {grid.centers[bad.reshape(grid.shape)][:1].ravel().tolist()}; change its domain",
    )
    energies[~np.isfinite(energies)] = np.inf
    with np.errstate(over="ignore"):
        logs = -scaled(energies - energies.min())
    if log_prior is not None:
        for log, place in zip(logs, places, strict=True):
            log += evaluated(log_prior, grid.centers + place * grid.spacing, "log_prior")
    require(
        bool((logs < np.inf).all() and (logs > -np.inf).any()),
        "`log_prior` must be below +inf, not NaN, and finite somewhere on the grid",
    )
    logs -= logs.max()
    averages, first, squares = [], 1, np.zeros(grid.shape)
    for _, weights in rules:
        inside = np.exp(logs[first : first + len(weights)])
        averages.append(np.einsum("n,n...->...", weights, inside))  # BLAS would follow its threads
        if first == 1:
            squares = np.einsum("n,n...->...", weights, inside**2)
            cut = np.isneginf(logs[1 : 1 + len(weights)]).any(axis=0) * weights.max()
        first += len(weights)
    _refuse_narrow(grid, averages[0], squares)
    law = Density.from_log(grid, logs[0])
    return replace(law, error=_error(law, averages, cut), reading_counted=True)


def _rule(dim: int, order: int) -> tuple[Array, Array]:
    """Gauss's places (n, d) in a cell from -1/2 to 1/2 and their weights (n,)."""
    places, weights = np.polynomial.legendre.leggauss(order)
    index = np.indices((order,) * dim).reshape(dim, -1).T
    return places[index] / 2, (weights[index] / 2).prod(axis=1)


def _error(law: Density, averages: list[Array], cut: Array) -> float:
    """Total variation between the masses that the centres stand for and the integrals over the cells.

    `cut` is the share of a cell that an edge through it may hide from Gauss's rule.
    """
    masses = [one / one.sum() for one in averages]
    last, *before = [float(np.abs(a - b).sum()) / 2 for a, b in itertools.pairwise(masses)]
    if law.grid.dim == 1:  # beside the only kink of a line two rules may agree by chance
        tail = max(last, before[0] / CHANCE)
    else:
        tail = last * min(1.0, SAFETY_OF_RULES * last / before[0]) if before and before[0] > 0 else last
    unsure = ROUNDING_OF_SUMS + SAFETY_OF_RULES * tail
    unsure += float((cut * masses[0]).sum())
    apart = float(np.abs(law.probabilities - masses[0]).sum()) / 2
    seen = apart + unsure
    if unsure < TRUSTED:  # the cells hide nothing: then the centres may know more than few nodes do
        seen = min(seen, law.reading_error + max(0.0, apart - unsure))
    return min(1.0, seen)


def _refuse_narrow(grid: Grid, averages: Array, squares: Array) -> None:
    hidden = narrowness(averages, squares)
    if hidden > 0:
        dim = grid.dim
        factor = root_above(math.ceil((WIDER * RESOLVED_SHAPE) ** dim / (1 - hidden)), dim)
        cells = " x ".join(str(factor * n) for n in grid.cells)
        raise InputError(
            f"the grid must resolve the law, most of it lies in parts of cells of {grid.cells}; refine the grid "
            f"to about {cells} cells or more, or take a smaller box"
        )
