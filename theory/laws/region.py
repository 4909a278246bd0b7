"""Regions of a grid: where a walk ends, or what a basin is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, Booleans, flagged
from theory.base.errors import require
from theory.laws.grid import Grid

Where = Callable[[Array], Booleans] | Booleans


@dataclass(frozen=True)
class Region:
    """Points of the box of `grid` for which `where` holds, or the cells of it that a mask holds.

    Parameters
    ----------
    grid
        The grid that a mask belongs to.
    where
        A function from points (n, d) to flags (n,), which gives a sharp boundary at any place; or flags of the
        cells, shape `grid.shape`, whose boundary runs along their faces.
    name
        What the user calls it.
    complement
        Whether the points outside are meant.

    Raises
    ------
    InputError
        If a mask is not flags of the shape of the grid.
    """

    grid: Grid
    where: Where
    name: str
    complement: bool = False

    def __post_init__(self) -> None:
        if not callable(self.where):
            mask = np.asarray(self.where)
            require(
                mask.shape == self.grid.shape and mask.dtype == np.bool_,
                f"`{self.name}` must be a function of points or flags of the cells, shape {self.grid.shape}, got "
                f"{mask.dtype} of shape {mask.shape}",
            )

    def holds(self, points: Array) -> Booleans:
        """Whether each of `points` (n, d), which lie in the box, belongs to the region."""
        wrapped = self.grid.wrap(points)
        if callable(self.where):
            flags = flagged(self.where, wrapped, self.name)
        else:
            flags = np.asarray(self.where).ravel()[self.grid.locate(wrapped)[0]]
        return ~flags if self.complement else flags

    def cells(self, grid: Grid) -> Booleans:
        """Whether the centre of each cell of `grid`, of the same box, belongs to the region, shape (size,)."""
        return self.holds(grid.centers.reshape(-1, grid.dim))

    def require_part(self, grid: Grid) -> None:
        """Require that the region holds some centres of `grid` and not all.

        Raises
        ------
        InputError
            If it holds none of them, or all.
        """
        count = int(np.count_nonzero(self.cells(grid)))
        if self.complement:
            count = grid.size - count
        require(
            0 < count < grid.size,
            f"`{self.name}` must hold some cell centres and not all, got {count} of {grid.size}; move its limits, "
            "or refine or move the grid",
        )
