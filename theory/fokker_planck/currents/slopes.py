"""Slopes of fields on grids along the axes, by splines, with their errors."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.interpolate import make_interp_spline

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.rounding import EPSILON
from theory.laws import Grid

ROUNDING_OF_DIFFERENCES = 16 * EPSILON  # of a difference of two values, over the spacing
SPLINE_FORGETS = 50  # cells beyond which a spline forgets to rounding
SPREAD = 5  # cells over which the largest error counts, as estimates pass through 0


def slopes(values: Array, grid: Grid) -> tuple[Array, Array]:
    """Gradient at the centres by quintic splines along the axes and its error, shape (*grid.shape, d) each.

    Sixth order inside; the error is what splines of degree 7 say of it, and rounding.
    """
    found = [_slope(values, grid, axis) for axis in range(grid.dim)]
    gradient, error = (np.stack(parts, axis=-1) for parts in zip(*found, strict=True))
    return gradient, error


def _slope(values: Array, grid: Grid, axis: int) -> tuple[Array, Array]:
    cells = grid.shape[axis]
    require(cells > 1, f"a slope needs two cells along every axis, got one along axis {axis}")
    fine, rough, best = (spline_derivative(values, grid, axis, degree) for degree in (5, 3, 7))
    error = 2 * np.abs(best - fine) if cells > 7 else np.abs(fine - rough)
    if cells < 6:
        error = np.abs(fine) + np.abs(np.gradient(values, grid.spacing[axis], axis=axis) - fine)
    error = ndimage.maximum_filter(error, size=SPREAD)
    return fine, error + ROUNDING_OF_DIFFERENCES * np.abs(values).max() / grid.spacing[axis]


def spline_derivative(values: Array, grid: Grid, axis: int, degree: int, order: int = 1) -> Array:
    """Derivative of this order along an axis at the centres, by a spline of odd degree, lower on few cells."""
    nodes, cells = grid.axes[axis], grid.shape[axis]
    degree = min(degree, (cells - 2) | 1)
    if grid.periodic[axis]:  # wrapped so far that the ends are not felt
        reach = np.arange(-SPLINE_FORGETS, cells + SPLINE_FORGETS)
        values = values.take(reach % cells, axis)
        nodes = nodes[0] + grid.spacing[axis] * reach
    spline = make_interp_spline(nodes, values, k=min(degree, len(nodes) - 1), axis=axis)
    return np.asarray(spline.derivative(order)(grid.axes[axis]))
