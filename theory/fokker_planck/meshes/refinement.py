"""What several meshes tell: answers of fourth order and their errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import ndimage

from theory.base.arrays import Array, Booleans
from theory.base.errors import require
from theory.fokker_planck.meshes.mesh import coarsening, coarser_grids
from theory.fokker_planck.meshes.mesh_limits import MESHES_SETTLED, SLOWEST_APPROACH
from theory.laws import Grid
from theory.laws.interpolation import along_axes, axis_matrix
from theory.laws.region import Region

MOST_REFINED_CELLS = 30_000  # of the finest mesh of a line
MARGIN = 4  # cells next to an end where logarithms are too steep
SAFETY_OF_MESHES = 1.25  # of what meshes show of first order
BLOWN = 2.0  # the same of upwinding, whose stencils need not be alike on all meshes
ALONE = 3.0  # times more where drift rules and two meshes cannot tell how slowly they approach
CUT = 8.0  # spacings over the size of the box: share of the error of second order that cut cells may leave
DEEP = 2.0  # times the least weight of cells beyond an end, up to which a change is formed beside them
UPWIND_PECLET = 4.0  # from which on a fitted flux is upwinding
SPREAD = 9  # cells over which the largest error counts, as estimates pass through 0


def ladder(grid: Grid, regions: Sequence[Region] = ()) -> tuple[Grid, ...]:
    """Meshes of the box of `grid`, finest first: on a line refined 9 and 3 times, else a half and a quarter.

    A mesh has centres in every region and outside them; where no coarser one has, the first is refined 3 times.
    """
    if grid.dim == 1:
        return refined_ladder(grid)
    grids = [grid]
    for mesh in coarser_grids(grid):
        held = np.array([region.cells(mesh) for region in regions]).reshape(len(regions), mesh.size)
        if not (held.any(axis=1).all() and not held.any(axis=0).all()):
            break
        grids.append(mesh)
    return tuple(grids) if len(grids) > 1 else (grid.refined(3), grid)


def refined_ladder(grid: Grid, peclet: float = 0.0) -> tuple[Grid, ...]:
    """Meshes of a line refined 9 and 3 times, finest first, after it is refined so that `peclet` falls to 1."""
    most = max(1, MOST_REFINED_CELLS // (9 * grid.size))
    factor = min(2 * math.ceil(min(peclet, most) / 2) + 1, most | 1) if peclet > 1 else 1
    return grid.refined(9 * factor), grid.refined(3 * factor), grid.refined(factor)


@dataclass(frozen=True, eq=False)
class Answer:
    """An answer on one mesh, the changes that the next two coarser meshes show, and the ratios of their spacings.

    `value` has the shape of the grid, `changes` one more axis in front.

    Parameters
    ----------
    value
        On the finest mesh; logarithms of what is positive.
    changes
        Value less that on the second mesh, and that less the one on the third; as many as there are.
    ratios
        Spacing of the second mesh over that of the first, and of the third over that of the second: the least
        over the axes, the mean square's, the largest.
    cut
        Share of Richardson's step that may be of third order and change at random between meshes, as where the
        ends cut cells.
    peclet
        Of the finest mesh: where it is large a fitted flux is upwinding, and meshes do not show how far they are
        from their limit.
    resolved
        Whether even the coarsest mesh is so fine that nothing is of first order.
    """

    value: Array = field(repr=False)
    changes: tuple[Array, ...] = field(repr=False)
    ratios: tuple[tuple[float, float, float], ...]
    cut: float = 0.0
    peclet: float = 0.0
    resolved: bool = False

    def extrapolated(self, name: str | None, weights: Array | None = None) -> tuple[Array, Array]:
        """The value without its error of second order, and its own error; both of the shape of `value`.

        Richardson's step where the changes, their mean size with `weights`, fall faster than at first order. The
        error is then what it leaves of a part of first order, as upwinding has it, that would make the third mesh
        say what it says against second order: some fifteen times the error that is left where there is none. What
        ratios that differ between the axes leave open is added. Otherwise the value itself with the sum of the
        changes to come.

        Raises
        ------
        InputError
            If the answer follows the mesh; `name` says what it is. Without a name the error is infinite then.
        """
        if not self.changes:
            return self.value, np.full(self.value.shape, np.nan)
        first = self.changes[0]
        gains = [ratio**2 - 1 for ratio in self.ratios[0]]
        gain = gains[1]
        size = float(np.average(np.abs(first), weights=weights))
        upwind = min(self.peclet / UPWIND_PECLET, 1.0)
        if len(self.changes) == 1:
            part = self.cut / CUT  # two meshes may agree by chance
            least = SAFETY_OF_MESHES * part**2 + upwind * ALONE * part
            error = SAFETY_OF_MESHES * (1 + ALONE * upwind) * np.maximum(_spread(np.abs(first)), size)
            return self.value, np.maximum(error, least)
        second = self.changes[1]
        next_gains = [ratio**2 - 1 for ratio in self.ratios[1]]
        least, expected, most = (
            g / ((g + 1) * k) for g, k in zip(gains, (next_gains[2], next_gains[1], next_gains[0]), strict=True)
        )
        mean_ratios = self.ratios[0][1], self.ratios[1][1]
        before = float(np.average(np.abs(second), weights=weights))
        if size <= np.sqrt(expected) * before:
            share = 1 / gain if self.resolved else SAFETY_OF_MESHES * _left_of_first_order(*mean_ratios)
            error = np.abs(first - expected * second) * share
            error += np.abs(first) * (1 / gains[0] - 1 / gains[2]) + np.abs(second) * (most - least) / gain
            error += self.cut * np.maximum(np.abs(first), size) / gain
            hidden = BLOWN * np.maximum(np.maximum(np.abs(first), size), np.abs(second) / 2)
            error = np.maximum(error, upwind * hidden)
            return self.value + first / gain, _spread(error)
        ratio = size / before if before > 0 else 1.0
        settles = size <= MESHES_SETTLED or ratio < SLOWEST_APPROACH
        if name is None and not settles:
            return self.value, np.full(self.value.shape, np.inf)
        require(
            settles,
            f"the {name} must settle under refinement, got changes by factors of about {np.exp(before):.3g} and "
            f"{np.exp(size):.3g} between three meshes; refine the grid (where that "
            "does not help, walkers never pass some point on the way)",
        )
        ratio = min(ratio, SLOWEST_APPROACH)
        largest = np.maximum(np.abs(first), np.abs(second) / 2)
        return self.value, SAFETY_OF_MESHES * _spread(largest * max(1.0, ratio / (1 - ratio)))


def _left_of_first_order(ratio: float, next_ratio: float) -> float:
    """What Richardson's step leaves of an error of first order, over what the third mesh then shows of it."""
    left, shown = ratio / (ratio + 1), (ratio - 1) * (1 - (ratio + 1) / (ratio * (next_ratio + 1)))
    return left / shown


def answer_of(
    levels: Sequence[Array],
    grids: Sequence[Grid],
    onto: Grid,
    peclet: float = 0.0,
    *,
    logarithms: bool = True,
) -> Answer:
    """The answer of fields on `grids`, finest first, NaN where they are not defined, at the centres of `onto`.

    `peclet` is the largest number of the finest mesh.
    Each level has the shape of its grid.
    A change is formed at the centres of the coarser mesh and carried to `onto`. Of `logarithms` within four cells
    of an end, where they bend too much, what they are of is interpolated. Where centres are next to an end it is
    that of the nearest cell beyond. Where nothing lies beyond, the nearest cells stand for those beyond the ends,
    where they weigh least.
    """
    changes: list[Array] = []
    for fine, coarse, g, h in zip(levels, levels[1:], grids, grids[1:], strict=False):
        change = (_logs_onto(fine, g, h) if logarithms else _onto(fine, g, h, 0)) - coarse
        if np.isnan(change).all():
            change = _deepest(fine, g, h) - coarse
        if np.isnan(change).all():
            break
        changes.append(_carried(_filled(change), h, onto))
    cut = CUT / min(n for n in onto.cells if n > 1) if onto.dim > 1 else 0.0
    value = _onto(levels[0], grids[0], onto, MARGIN if logarithms else 0)
    return Answer(value, tuple(changes), ratios_of(grids), cut, peclet)


def ratios_of(grids: Sequence[Grid]) -> tuple[tuple[float, float, float], ...]:
    """Ratios of the spacings of successive grids: the least over the axes that differ, the mean, the largest."""
    found = []
    for fine, coarse in pairwise(grids):
        differ = [n / m for n, m in zip(fine.cells, coarse.cells, strict=True) if m < n]
        found.append((min(differ), coarsening(fine, coarse), max(differ)))
    return tuple(found)


def _onto(values: Array, grid: Grid, onto: Grid, margin: int) -> Array:
    """`values` at the centres of `onto`, NaN where that is within `margin` cells of NaN."""
    if grid == onto:
        return values
    matrices = [axis_matrix(grid, axis, nodes) for axis, nodes in enumerate(onto.axes)]
    missing = np.isnan(values)
    shared = all(np.diff(matrix.indptr).max(initial=1) == 1 for matrix in matrices)
    plain = shared or margin == 0 or not missing.any()
    shaded = missing if plain else ndimage.binary_dilation(missing, iterations=margin)
    result = along_axes(matrices, np.where(missing, 0.0, values))
    result[along_axes([abs(matrix) for matrix in matrices], shaded.astype(float)) > 0] = np.nan
    return result


def _logs_onto(logs: Array, grid: Grid, onto: Grid) -> Array:
    """As `_onto`, within `MARGIN` cells of an end the logarithm of the values there, NaN where these vanish."""
    result = _onto(logs, grid, onto, MARGIN)
    top = np.nanmax(logs)
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.log(_onto(np.exp(logs - top), grid, onto, 0)) + top
    return np.where(np.isnan(result) & np.isfinite(near), near, result)


def _deepest(values: Array, grid: Grid, onto: Grid) -> Array:
    """`values` at the centres of `onto` where NaN, filled by the nearest cells, weighs least; NaN elsewhere."""
    matrices = [axis_matrix(grid, axis, nodes) for axis, nodes in enumerate(onto.axes)]
    weight = along_axes([abs(matrix) for matrix in matrices], np.isnan(values).astype(float))
    return np.where(weight <= DEEP * weight.min(), _onto(_filled(values), grid, onto, 0), np.nan)


def _carried(values: Array, grid: Grid, onto: Grid) -> Array:
    return along_axes([axis_matrix(grid, axis, nodes) for axis, nodes in enumerate(onto.axes)], values)


def _filled(values: Array) -> Array:
    """`values` with those of the nearest cell where they are NaN."""
    missing: Booleans = np.isnan(values)
    if not missing.any():
        return values
    nearest = ndimage.distance_transform_edt(missing, return_distances=False, return_indices=True)
    return np.asarray(values[tuple(nearest)])


def _spread(error: Array) -> Array:
    return np.asarray(ndimage.maximum_filter(error, size=SPREAD)) if error.ndim else error
