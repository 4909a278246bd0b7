"""Volumes of K < e, and learning coefficients measured from them and from mean energies."""

from __future__ import annotations

import math

import numpy as np

from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.equations.gibbs_measure import LogPrior
from theory.landscapes import Landscape
from theory.laws import Grid
from theory.learning.cells import Cells, Nodes
from theory.learning.energies import divergence, mean_energy

VOLUME_TOLERANCE = 2e-3  # error of a volume over the volume
CROSSED, SUSPECT = 0.5, 0.1  # share of a cell that counts as error: nodes on both sides, on one side only
DECADE = 10.0
OF_CHANGE, OF_ROOT = 2.0, 1.5  # of the change with n, and of the root of it: bounds on the approach


def volume(landscape: Landscape, grid: Grid, levels: ArrayLike) -> tuple[Estimate, ...]:
    """The volume of {K < level} in the box, for each level, with its error. `levels` has shape (levels,).

    K is `kl` where the landscape has it, else the value. Cells of the grid in which K, going by its variation
    between the nodes, might cross the level are halved until the error is 2e-3 of the volume or the budget is
    spent. They count by the share of their Gauss nodes below the level; the error is half the volume of those with
    nodes on both sides, and a tenth of the others'.

    Raises
    ------
    InputError
        If a level is not positive, the dimensions differ or exceed 3, or K is negative or not finite on the box.

    References
    ----------
    Watanabe (2009), Algebraic Geometry and Statistical Learning Theory, chapter 4.
    """
    wanted = np.atleast_1d(np.asarray(levels, dtype=np.float64))
    require(
        wanted.ndim == 1 and bool((np.isfinite(wanted) & (wanted > 0)).all()),
        f"`levels` must be positive and finite, a number or a list of them, got {shown(levels)}",
    )
    require(
        landscape.dim == grid.dim,
        f"landscape and grid must have one dimension, got {landscape.dim} and {grid.dim}",
    )
    divide = divergence(landscape)

    def checked(w: Array) -> Array:
        values = np.asarray(divide(w), dtype=np.float64)
        bad = ~np.isfinite(values)
        require(
            not bad.any(),
            f"the landscape must be finite on the grid, it is not at w = {w[bad][:1].ravel().tolist()}; "
            "change its domain",
        )
        require(
            bool((values >= 0).all()),
            f"K must not be negative on the grid, got {values.min():.3g}; subtract the minimum",
        )
        return values

    start = Cells.of(grid, checked)
    return tuple(_volume_below(start, checked, float(level)) for level in wanted)


def _volume_below(cells: Cells, function: LogPrior, level: float) -> Estimate:
    weights = Nodes(cells.lower.shape[1]).weights[:, 0]
    inside, budget = 0.0, cells.budget
    while True:
        below, above = cells.bounds()
        inside += float(cells.volume[above < level].sum())
        cells = cells.pick((below < level) & (above >= level))
        low = cells.values < level
        shares = low @ weights
        value = inside + float((shares * cells.volume).sum())
        crossed = low.any(axis=1) & ~low.all(axis=1)
        error = float((np.where(crossed, CROSSED, SUSPECT) * cells.volume).sum())
        if budget <= len(cells.volume) or error <= VOLUME_TOLERANCE * value:
            return Estimate(value, error)
        budget -= len(cells.volume)
        cells = cells.halved(function)


def volume_coefficient(landscape: Landscape, grid: Grid, level: float) -> Estimate:
    """The slope of log V(e) in log e over the decade below `level`, which tends to lambda as `level` falls to 0.

    The error is that of the approach, as in `energy_coefficient` but from a decade below sqrt(level), and of the
    volumes. lambda is the smallest in the box: take a small box around one point, K of order 1 at its walls.

    Raises
    ------
    InputError
        If `level` is not below 1, or as `volume` does, or if no volume is found.
    """
    require(0 < level < 1, f"`level` must be between 0 and 1, got {level}")
    coarse = math.sqrt(level)
    top, bottom, coarse_top, coarse_bottom = volume(
        landscape, grid, [level, level / DECADE, coarse, coarse / DECADE]
    )
    fine_slope, coarse_slope = _slope(top, bottom), _slope(coarse_top, coarse_bottom)
    approach = _approach(fine_slope, coarse_slope, -math.log(coarse), grid.dim)
    return Estimate(float(fine_slope), approach + fine_slope.error)


def _slope(top: Estimate, bottom: Estimate) -> Estimate:
    require(
        0 < bottom.error < bottom or bottom.error == 0 < bottom,
        f"the volume below a level must be resolved, got {bottom!r}; shrink the box or raise `level`",
    )
    error = top.error / top + bottom.error / bottom
    return Estimate(math.log(top / bottom) / math.log(DECADE), error / math.log(DECADE))


def energy_coefficient(
    landscape: Landscape, examples: float, grid: Grid, log_prior: LogPrior | None = None
) -> Estimate:
    """E[n K] under the population posterior of n examples, which tends to lambda as n grows.

    The error is that of the quadrature and of the approach. Where m > 1 the latter is (m - 1)/(log n + c), whose
    slope s in log n gives it as sqrt((m - 1) s), m <= d, without knowing c; else it is a power of n. So the
    larger of 1.5 sqrt((d - 1) s) and twice the change from sqrt(n) examples, whence s. lambda is the
    smallest in the box.

    Raises
    ------
    InputError
        If `examples` is at most 1, or as `free_energy` does.
    """
    require(1 < examples < math.inf, f"`examples` must be above 1 and finite, got {examples}")
    fine, coarse = (mean_energy(landscape, n, grid, log_prior) for n in (examples, math.sqrt(examples)))
    approach = _approach(fine, coarse, math.log(examples) / 2, grid.dim)
    return Estimate(float(fine), approach + fine.error)


def _approach(fine: Estimate, coarse: Estimate, logs: float, dim: int) -> float:
    """How far `fine` may be from its limit, if `logs` units of log n before it was `coarse`."""
    change = abs(fine - coarse) + fine.error + coarse.error
    return max(OF_CHANGE * change, OF_ROOT * math.sqrt((dim - 1) * change / logs))


def wbic(landscape: Landscape, examples: float, grid: Grid, log_prior: LogPrior | None = None) -> Estimate:
    """E[n K] at the inverse temperature 1/log n, the population WBIC: lambda log n to leading order.

    It follows the free energy up to O(sqrt(log n)) terms; divided by log n it estimates lambda. The error is
    that of the quadrature.

    Raises
    ------
    InputError
        If `examples` is at most 1, or as `free_energy` does.

    References
    ----------
    Watanabe (2013), Journal of Machine Learning Research 14, 867.
    """
    require(1 < examples < math.inf, f"`examples` must be above 1 and finite, got {examples}")
    log = math.log(examples)
    tempered = mean_energy(landscape, examples / log, grid, log_prior)
    return Estimate(log * tempered, log * tempered.error)
