"""Values on a grid with their errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import ndimage

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import require
from theory.base.showing import span, told
from theory.laws.grid import Grid
from theory.laws.interpolation import values_at
from theory.laws.stored import Stored, axes_of, described, grid_of

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class Field(Stored):
    """Values at the cell centres of a grid with their estimated errors.

    Parameters
    ----------
    grid
        The grid the values belong to.
    values
        Shape `grid.shape`, read-only.
    error
        Estimated error of each value, in the same units and of the same shape; NaN where nobody can tell.

    Raises
    ------
    InputError
        If the shapes are not the grid's.
    """

    grid: Grid
    values: Array = field(repr=False)
    error: Array = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("values", "error"):
            frozen = read_only(getattr(self, name))
            require(
                frozen.shape == self.grid.shape,
                f"`{name}` must have the grid's shape {self.grid.shape}, got {frozen.shape}",
            )
            object.__setattr__(self, name, frozen)

    def __repr__(self) -> str:
        return told("Field", grid=self.grid, values=span(self.values), error=span(self.error))

    def at(self, w: ArrayLike) -> Array:
        """Values at points w (..., d), between the centres by local quintics; on a line w may be a number.

        Raises
        ------
        InputError
            If a point lies outside the box.
        """
        points, shape = self._points(w)
        return values_at(self.grid, self.values, points, nodes=6).reshape(shape)

    def error_at(self, w: ArrayLike) -> Array:
        """Error of `at(w)`: the largest of the next centres, with the steps from cubics to quintics and beyond.

        Points `w` (..., d) give values (...).

        Raises
        ------
        InputError
            As `at`.
        """
        points, shape = self._points(w)
        cubic, quintic, beyond = (values_at(self.grid, self.values, points, nodes) for nodes in (4, 6, 8))
        step = np.abs(quintic - cubic) + np.abs(beyond - quintic)  # either may pass through 0
        nearby = ndimage.maximum_filter(self.error, size=3, mode="nearest")
        cell, _ = self.grid.locate(points)
        return np.asarray(nearby.flat[cell] + step).reshape(shape)

    def _points(self, w: ArrayLike) -> tuple[Array, tuple[int, ...]]:
        points = np.asarray(w, dtype=np.float64)
        if self.grid.dim == 1 and (points.ndim == 0 or points.shape[-1] != 1):
            points = points[..., None]
        _, inside = self.grid.locate(points)
        require(
            bool(inside.all()),
            f"`w` must lie in the box {self.grid.lower} to {self.grid.upper}, got {np.count_nonzero(~inside)} "
            "points outside",
        )
        return self.grid.wrap(points).reshape(-1, self.grid.dim), points.shape[:-1]

    def to_xarray(self) -> xr.Dataset:
        """Values and errors with their coordinates `w0`, `w1`, ..."""
        import xarray as xr  # half a second that only files need

        axes = axes_of(self.grid)
        arrays = {name: (list(axes), getattr(self, name)) for name in ("values", "error")}
        return xr.Dataset(arrays, axes, described("Field", self.grid))

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        grid = grid_of(data.attrs, data["values"].shape)
        return cls(grid, data["values"].values, data["error"].values)
