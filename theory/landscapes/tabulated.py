"""Landscapes given by a table of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations_with_replacement, pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import BSpline, NdBSpline, make_interp_spline
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import InputError, require
from theory.base.rounding import NOT_ZERO
from theory.base.showing import as_call, span, told
from theory.laws import Grid

if TYPE_CHECKING:
    import xarray as xr

DEGREE = 5
RESOLVED_FALLS = (0.5, 1.5), (0.1, 10.0)  # of 2^p: falls of the differences at which the order counts as seen
UNRESOLVED = 2.0  # times the difference, where no order is seen
FEWEST_SPLINE_CELLS = 2 * (DEGREE + 1)  # along an axis: every other point must still carry a quintic
MOST_AXES = 3
EVEN = 1e-6  # of the spacing: by so much may the coordinates of a table be uneven


@dataclass(frozen=True)
class TableError:
    """Largest estimated errors, over the box, of `value`, `gradient` and `hessian` of a table.

    Each is of the largest component, in the units of that quantity.
    """

    value: float
    gradient: float
    hessian: float

    def __repr__(self) -> str:
        return as_call(self)


@dataclass(frozen=True, eq=False)
class TabulatedLandscape:
    """A landscape through the values at the cell centres of a grid, by quintic splines, with its `error`.

    The tensor product of quintic B-splines (SciPy), periodic along the periodic axes and with the not-a-knot
    condition at the ends of the others; gradient and Hessian are derivatives of the spline. Where L is smooth the
    errors are of order 6, 5 and 4 in the spacing, up to the walls of the box, half a cell beyond the last centres.
    Outside the box there is no value: NaN, as of a formula where it has none, so that everything that needs a
    number there refuses, or counts the walker as diverged.

    Parameters
    ----------
    grid
        In 1 to 3 dimensions, at least 12 cells along each axis.
    values
        L at `grid.centers`, shape `grid.shape`.

    Raises
    ------
    InputError
        If the shapes differ, a value is not finite, or the grid has too few cells or too many axes.

    References
    ----------
    de Boor (2001), A Practical Guide to Splines, chapters 13 and 17.
    """

    grid: Grid
    values: Array = field(repr=False)

    def __post_init__(self) -> None:
        require(isinstance(self.grid, Grid), f"`grid` must be a Grid, got {type(self.grid).__name__}")
        try:
            values = read_only(self.values)
        except (TypeError, ValueError):
            raise InputError(
                "`values` must be an array of numbers, they are not; give L at grid.centers"
            ) from None
        shape = self.grid.shape
        require(
            self.grid.dim <= MOST_AXES,
            f"a table must have 1 to {MOST_AXES} axes, got {self.grid.dim}; give a formula or a CallableLandscape",
        )
        require(
            min(shape) >= FEWEST_SPLINE_CELLS,
            f"a table needs at least {FEWEST_SPLINE_CELLS} cells along each axis, got {shape}; refine it",
        )
        require(
            values.shape == shape,
            f"`values` must have the grid's shape {shape}, got {values.shape}; give L at grid.centers",
        )
        bad = np.argwhere(~np.isfinite(values))
        require(
            len(bad) == 0,
            f"`values` must be finite, got {len(bad)} that are not, the first in cell "
            f"{tuple(bad[:1].ravel().tolist())}; fill them or cut the grid",
        )
        object.__setattr__(self, "values", values)

    def __repr__(self) -> str:
        return told("TabulatedLandscape", grid=self.grid, values=span(self.values))

    @staticmethod
    def from_xarray(table: xr.DataArray, periodic: bool | Sequence[bool] = False) -> TabulatedLandscape:
        """The landscape of a table whose coordinates are the cell centres, evenly spaced and rising.

        `table` has a one-dimensional coordinate for each of its dimensions, which become the components of w in
        their order; a NetCDF file gives one by `xarray.open_dataarray`.

        Raises
        ------
        InputError
            If a coordinate is missing, uneven or not rising, or as `TabulatedLandscape`.
        """
        lower, upper = [], []
        for name in table.dims:
            require(name in table.coords, f"a table needs a coordinate for each dimension, {name!r} has none")
            centres = np.asarray(table.coords[name].values, dtype=np.float64)
            require(
                len(centres) >= FEWEST_SPLINE_CELLS,
                f"a table needs at least {FEWEST_SPLINE_CELLS} points along {name!r}, got {len(centres)}; "
                "refine it",
            )
            spacing = (centres[-1] - centres[0]) / (len(centres) - 1)
            uneven = np.abs(np.diff(centres) - spacing).max()
            require(
                bool(spacing > 0 and uneven <= EVEN * spacing),
                f"the coordinate {name!r} must rise evenly, got steps from {np.diff(centres).min():.6g} to "
                f"{np.diff(centres).max():.6g}; interpolate the table onto even points",
            )
            lower.append(float(centres[0] - spacing / 2))
            upper.append(float(centres[-1] + spacing / 2))
        return TabulatedLandscape(Grid(lower, upper, table.shape, periodic), table.values)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.grid.dim

    @cached_property
    def _spline(self) -> NdBSpline:
        """The tensor product: the coefficients of one axis are the values that the next interpolates."""
        knots, coefficients = [], np.asarray(self.values)
        for axis in range(self.dim):
            line = _along(self.grid, coefficients, axis)
            knots.append(line.t)
            coefficients = np.moveaxis(line.c, 0, axis)
        return NdBSpline(tuple(knots), coefficients, DEGREE)

    def value(self, w: ArrayLike) -> Array:
        """L(w), shape (...); NaN outside the box."""
        return self._derivatives(w, [()])[..., 0]

    def gradient(self, w: ArrayLike) -> Array:
        """Gradient, shape (..., d); NaN outside the box."""
        return self._derivatives(w, [(axis,) for axis in range(self.dim)])

    def hessian(self, w: ArrayLike) -> Array:
        """Hessian, shape (..., d, d), symmetric; NaN outside the box."""
        pairs = list(combinations_with_replacement(range(self.dim), 2))
        found = self._derivatives(w, list(pairs))
        matrix = np.empty((*found.shape[:-1], self.dim, self.dim))
        for index, (i, j) in enumerate(pairs):
            matrix[..., i, j] = matrix[..., j, i] = found[..., index]
        return matrix

    def _derivatives(self, w: ArrayLike, axes: Sequence[tuple[int, ...]]) -> Array:
        """Partial derivatives along each of `axes`, on a new last axis."""
        points = np.asarray(w, dtype=np.float64)
        _, inside = self.grid.locate(points)
        found = np.full((*points.shape[:-1], len(axes)), np.nan)
        places = self.grid.wrap(points[inside])
        for axis, periodic in enumerate(self.grid.periodic):
            if periodic:  # the periodic spline starts at the first centre
                x = places[:, axis]
                length = self.grid.upper[axis] - self.grid.lower[axis]
                places[:, axis] = np.where(x < self.grid.axes[axis][0], x + length, x)
        for index, chosen in enumerate(axes):
            if len(places):
                found[inside, index] = self._spline(places, nu=np.bincount(chosen, minlength=self.dim))
        return found

    @cached_property
    def error(self) -> TableError:
        """Estimated errors of value, gradient and Hessian, the largest at the centres and faces of the cells.

        The spline through every other point of an axis differs from that through all by 2^p - 1 times the error
        of the latter, where p is 6, 5 and 4 and the table resolves the landscape. Whether it does is seen from
        every fourth and every eighth point: the difference must fall by a factor between 1/2 and 3/2 of 2^p, and
        before that by one not far from it. It is divided by that factor, at most 2^p, less 1. Elsewhere, as at a
        kink, in noise or with fewer than 48 cells along the axis, twice the difference is the error, too large for
        a smooth table. The axes add up.
        """
        found = []
        for derivatives in range(3):
            chosen = list(combinations_with_replacement(range(self.dim), derivatives))
            missed = [[self._missed(axis, each, 6 - derivatives) for each in chosen] for axis in range(self.dim)]
            found.append(sum(map(max, missed)))
        return TableError(*found)

    def _missed(self, axis: int, derivative: tuple[int, ...], order: int) -> float:
        """Estimated error that the spacing along `axis` leaves in a partial derivative."""
        levels = 4 if self.grid.shape[axis] >= 4 * FEWEST_SPLINE_CELLS else 2
        # through all points, and from each of the first two through every other, every fourth, every eighth
        found = [
            [self._on_points(axis, 2**level, min(first, 2**level - 1), derivative) for first in range(2)]
            for level in range(levels)
        ]
        gaps = [
            max(float(np.abs(c - f).max()) for c, f in zip(coarse, fine, strict=True))
            for fine, coarse in pairwise(found)
        ]
        falls = [wide / max(gap, NOT_ZERO) / 2.0**order for gap, wide in pairwise(gaps)]
        seen = [low < fall < high for fall, (low, high) in zip(falls, RESOLVED_FALLS, strict=False)]
        if not seen or not all(seen):
            return UNRESOLVED * gaps[0]
        return gaps[0] / (2.0**order * min(falls[0], 1.0) - 1)

    def _on_points(self, thinned: int, every: int, first: int, derivative: tuple[int, ...]) -> Array:
        """A derivative of the spline through some points along `thinned`, at centres and there at faces too."""
        found = np.asarray(self.values)
        for axis in range(self.dim):
            order, places = derivative.count(axis), np.asarray(self.grid.axes[axis])
            if axis != thinned and order == 0:
                continue  # at its own points the spline is the table
            some = (every, first) if axis == thinned else (1, 0)
            line = _along(self.grid, found, axis, *some)
            low, high = self.grid.lower[axis], self.grid.upper[axis]
            if axis == thinned:
                places = np.linspace(low, high, 2 * self.grid.shape[axis] + 1)
            if self.grid.periodic[axis]:
                start = line.t[DEGREE]
                places = start + np.mod(places - start, high - low)
            found = np.moveaxis(line(places, nu=order), 0, axis)
        return found


def _along(grid: Grid, values: Array, axis: int, every: int = 1, first: int = 0) -> BSpline:
    """Quintic splines along `axis` through every `every`-th of `values` from the `first` on."""
    x, y = grid.axes[axis][first::every], np.moveaxis(values, axis, 0)[first::every]
    if not grid.periodic[axis]:
        return make_interp_spline(x, y, DEGREE)
    # SciPy's own periodic splines solve for one column at a time; here one factorisation serves all.
    nodes, length = np.arange(-DEGREE, len(x) + DEGREE + 1), grid.upper[axis] - grid.lower[axis]
    knots = x[nodes % len(x)] + length * (nodes // len(x))
    design = BSpline.design_matrix(x, knots, DEGREE).tocoo()
    shape = (len(x), len(x))
    folded = csc_array((design.data, (design.row, design.col % len(x))), shape=shape)  # c[j + n] = c[j]
    coefficients = splu(folded).solve(y.reshape(len(x), -1)).reshape(y.shape)
    return BSpline(knots, coefficients[np.arange(len(x) + DEGREE) % len(x)], DEGREE)
