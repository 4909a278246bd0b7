"""Coarser meshes of a grid, and what a sequence of meshes tells: higher order and the error."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.interpolate import make_interp_spline

from theory.base.arrays import Array
from theory.laws import Grid

FEWEST_HALVED_CELLS = 8  # axes with fewer are not halved
ROUNDING_IN_VARIATION = 1e-14  # in total variation
OF_SLOW = 32  # times the square of the last shift over the first: two more errors where it is 1/16, a fourth order
FALLING = 0.5  # largest ratio of successive shifts at which meshes count as converging


def coarser_grids(grid: Grid, count: int = 2) -> tuple[Grid, ...]:
    """The grid with a half of the cells along each axis, a quarter, ...; fewer where no axis can be halved."""
    grids: list[Grid] = []
    for _ in range(count):
        finer = grids[-1] if grids else grid
        if halved(finer) == finer:
            break
        grids.append(halved(finer))
    return tuple(grids)


def halved(grid: Grid) -> Grid:
    """About half the cells along each axis; odd stays odd, so that a centre stays a centre."""
    cells = [n // 2 + (n // 2 - n) % 2 if n >= FEWEST_HALVED_CELLS else n for n in grid.cells]
    return Grid(grid.lower, grid.upper, cells, grid.periodic)


def coarsening(grid: Grid, coarse: Grid) -> float:
    """Ratio of the spacings, the mean square over the axes that differ."""
    ratios = np.array([n / m for n, m in zip(grid.cells, coarse.cells, strict=True) if m < n])
    return float(np.sqrt(np.mean(ratios**2)))


def unevenness(grids: Sequence[Grid]) -> float:
    """What three meshes leave of the error of second order, as ratios of the spacings differ between the axes.

    Relative to that error on the first: a common ratio carries a part of each axis to the limit, not all of it.
    """
    left = 0.0
    for (fine, coarse), weight in zip(pairwise(grids), (16 / 15, 4 / 15), strict=False):
        gains = [1 / ((n / m) ** 2 - 1) for n, m in zip(fine.cells, coarse.cells, strict=True) if m < n]
        left += weight * (max(gains) - min(gains)) / float(np.mean(gains))
    return left


def interpolated(values: Array, grid: Grid, onto: Grid, degree: int = 5) -> Array:
    """Values at the centres of `onto` by splines, quintic ones, through those of `grid`; linear in the values.

    Shape `onto.shape`.
    """
    for axis, (old, new) in enumerate(zip(grid.axes, onto.axes, strict=True)):
        if len(old) == len(new):
            continue
        if grid.periodic[axis]:
            turn = grid.upper[axis] - grid.lower[axis]
            new = old[0] + np.mod(new - old[0], turn)
            old = np.append(old, old[0] + turn)
            values = np.concatenate([values, values.take([0], axis)], axis)
            values = make_interp_spline(old, values, k=degree, axis=axis, bc_type="periodic")(new)
        else:
            values = make_interp_spline(old, values, k=min(degree, (len(old) - 2) | 1), axis=axis)(new)
    return values


def extrapolated(levels: Sequence[Array], grids: Sequence[Grid]) -> list[Array]:
    """Values on the first of three `grids` of orders 2, 4 and 6, from second-order values on each.

    Each has the shape of its grid.
    Richardson: p_h + (p_h - p_rh) / (r^2 - 1) on each pair, then the same with r^4 on the two results. Centres
    need not be shared: the difference is formed on the coarse grid and its spline, smooth and of the second
    order, is added on the fine one.

    References
    ----------
    Richardson (1911), "The approximate arithmetical solution by finite differences".
    """
    orders = [levels[0]]
    column = list(levels)
    for power in range(2, 2 * len(levels), 2):
        pairs = zip(column, column[1:], grids, grids[1:], strict=False)
        column = [_combined(fine, coarse, g, h, power) for fine, coarse, g, h in pairs]
        orders.append(column[0])
    return orders


def _combined(fine: Array, coarse: Array, grid: Grid, coarse_grid: Grid, power: int) -> Array:
    difference = interpolated(fine, grid, coarse_grid) - coarse
    return fine + interpolated(difference, coarse_grid, grid) / (coarsening(grid, coarse_grid) ** power - 1)


def converge(shifts: Sequence[float]) -> bool:
    """Whether the shift to the half grid is well below the one from that to the quarter grid.

    `shifts` are total variations.
    """
    return len(shifts) > 1 and shifts[0] <= FALLING * shifts[1]


def best_order(
    orders: Sequence[Array], grids: Sequence[Grid], plain_error: float | None
) -> tuple[int, float | None]:
    """Index of the order to take, 2, 4 or 6, and its error: the step from the fourth to the sixth, or more.

    `plain_error` is that of the second order.
    Each of `orders` has shape `grid.shape`.
    More where the steps fall slowly: the error that is left is of third order where Selling's stencil changes
    between cells; and where the axes are not coarsened alike. Where that is worse than second order, second order
    it is.
    """
    grid = grids[0]
    first, second = (variation_of_values(orders[k + 1], orders[k], grid) for k in range(2))
    if first == 0:
        return 0, plain_error
    error = second * (1 + OF_SLOW * second / first) + unevenness(grids) * first + ROUNDING_IN_VARIATION
    if plain_error is not None and error > 2 * plain_error:
        return 0, plain_error
    return (2 if second <= first / 4 else 1), error


def variation_of_values(p: Array, q: Array, grid: Grid) -> float:
    """Total variation; values are not normalised again, as that would hide a well between the cells of a mesh.

    Both have shape `grid.shape`.
    """
    return float(np.abs(p - q).sum() * grid.cell_volume / 2)
