"""What several meshes tell: answers of fourth order and their errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import ndimage

from theory.arrays import Array, Booleans
from theory.errors import require
from theory.fokker_planck.plane.mesh import coarsening, coarser_grids
from theory.grid import Grid
from theory.interpolation import along_axes, axis_matrix

MARGIN = 4  # cells next to an end where logarithms are too steep to interpolate
SETTLED = 0.2  # relative change between meshes below which a slow approach is accepted: a leak at least doubles
SLOWEST = 0.8  # ratio of successive changes: beyond, the answer follows the mesh
SPREAD = 5  # cells over which the largest error counts, as estimates pass through 0


def ladder(grid: Grid) -> tuple[Grid, ...]:
    """Meshes of the box of `grid`, finest first: on a line refined 9 and 3 times, else a half and a quarter."""
    if grid.dim == 1:
        return grid.refined(9), grid.refined(3), grid
    return (grid, *coarser_grids(grid))


@dataclass(frozen=True, eq=False)
class Answer:
    """An answer on one mesh, the changes that the next two coarser meshes show, and the ratios of their spacings.

    Parameters
    ----------
    value
        On the finest mesh; logarithms of what is positive.
    changes
        Value less that on the second mesh, and that less the one on the third; as many as there are.
    ratios
        Spacing of the second mesh over that of the first, and of the third over that of the second: the least
        over the axes, the mean square's, the largest.
    """

    value: Array = field(repr=False)
    changes: tuple[Array, ...] = field(repr=False)
    ratios: tuple[tuple[float, float, float], ...]

    def extrapolated(self, name: str | None, weights: Array | None = None) -> tuple[Array, Array]:
        """The value without its error of second order, and its own error; both of the shape of `value`.

        Richardson's step where the changes, their mean size with `weights`, fall faster than at first order; the
        error is then what the third mesh says against second order, some four times the error that is left, and
        what ratios that differ between the axes leave open. Otherwise the value itself with the sum of the changes
        to come.

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
        if len(self.changes) == 1:
            return self.value, np.abs(first)
        second = self.changes[1]
        next_gains = [ratio**2 - 1 for ratio in self.ratios[1]]
        least, expected, most = (
            g / ((g + 1) * k) for g, k in zip(gains, (next_gains[2], next_gains[1], next_gains[0]), strict=True)
        )
        size, before = (float(np.average(np.abs(change), weights=weights)) for change in (first, second))
        if size <= np.sqrt(expected) * before:
            error = np.abs(first - expected * second) / gain
            error += np.abs(first) * (1 / gains[0] - 1 / gains[2]) + np.abs(second) * (most - least) / gain
            return self.value + first / gain, _spread(error)
        ratio = size / before if before > 0 else 1.0
        settles = size <= SETTLED or ratio < SLOWEST
        if name is None and not settles:
            return self.value, np.full(self.value.shape, np.inf)
        require(
            settles,
            f"the {name} must settle under refinement, got changes by factors of about {np.exp(before):.3g} and "
            f"{np.exp(size):.3g} between three meshes; refine the grid (where that "
            "does not help, walkers never pass some point on the way)",
        )
        ratio = min(ratio, SLOWEST)
        return self.value, _spread(np.abs(first) * max(1.0, ratio / (1 - ratio)))


def answer_of(logs: Sequence[Array], grids: Sequence[Grid], onto: Grid) -> Answer:
    """The answer of fields on `grids`, finest first, NaN where they are not defined, at the centres of `onto`.

    A change is formed at the centres of the coarser mesh and carried to `onto`; within four cells of an end, where
    logarithms bend too much, it is that of the nearest cell beyond.
    """
    changes: list[Array] = []
    for fine, coarse, g, h in zip(logs, logs[1:], grids, grids[1:], strict=False):
        change = _onto(fine, g, h) - coarse
        if np.isnan(change).all():
            break
        changes.append(_carried(_filled(change), h, onto))
    return Answer(_onto(logs[0], grids[0], onto), tuple(changes), ratios_of(grids))


def ratios_of(grids: Sequence[Grid]) -> tuple[tuple[float, float, float], ...]:
    """Ratios of the spacings of successive grids: the least over the axes that differ, the mean, the largest."""
    found = []
    for fine, coarse in pairwise(grids):
        differ = [n / m for n, m in zip(fine.cells, coarse.cells, strict=True) if m < n]
        found.append((min(differ), coarsening(fine, coarse), max(differ)))
    return tuple(found)


def _onto(values: Array, grid: Grid, onto: Grid) -> Array:
    """`values` at the centres of `onto`, NaN where that is too near to NaN."""
    if grid == onto:
        return values
    matrices = [axis_matrix(grid, axis, nodes) for axis, nodes in enumerate(onto.axes)]
    missing = np.isnan(values)
    shared = all(np.diff(matrix.indptr).max(initial=1) == 1 for matrix in matrices)
    shaded = missing if shared or not missing.any() else ndimage.binary_dilation(missing, iterations=MARGIN)
    result = along_axes(matrices, np.where(missing, 0.0, values))
    result[along_axes([abs(matrix) for matrix in matrices], shaded.astype(float)) > 0] = np.nan
    return result


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
