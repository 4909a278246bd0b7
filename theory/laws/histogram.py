"""Counts of walkers on a grid, with those that are not on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.errors import require
from theory.base.showing import told
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.stored import Stored, axes_of, described, grid_of

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class Histogram(Stored):
    """How many walkers are in each cell, outside the grid, and diverged; nobody is dropped.

    Parameters
    ----------
    counts
        Walkers in each cell, shape `grid.shape`.
    outside, diverged
        Walkers at finite positions off the grid, and walkers whose position is no longer finite.
    effective
        How many independent walkers the counts are worth, where they are of correlated ones, as of draws along
        chains; None: all of them.

    Raises
    ------
    InputError
        If the shape is not the grid's, a count is negative or no whole number, or `effective` is not between 1 and
        the number of walkers.
    """

    grid: Grid
    counts: Integers = field(repr=False)
    outside: int = 0
    diverged: int = 0
    effective: float | None = None

    def __post_init__(self) -> None:
        require(
            self.counts.shape == self.grid.shape,
            f"`counts` must have the grid's shape {self.grid.shape}, got {self.counts.shape}",
        )
        whole = np.isfinite(self.counts) & (self.counts >= 0) & (self.counts == np.trunc(self.counts))
        require(
            bool(whole.all()),
            f"`counts` must be whole numbers, not negative, got {np.count_nonzero(~whole)} that are not",
        )
        object.__setattr__(self, "counts", self.counts.astype(np.int64, copy=False))
        for name in ("outside", "diverged"):
            require(getattr(self, name) >= 0, f"`{name}` must not be negative, got {getattr(self, name)}")
        require(self.walkers > 0, "a histogram needs at least one walker, got none")
        require(
            self.effective is None or 1 <= self.effective <= self.walkers,
            f"`effective` must lie between 1 and the {self.walkers} walkers, got {self.effective}",
        )

    def __repr__(self) -> str:
        return told(
            "Histogram", grid=self.grid, walkers=self.walkers, outside=self.outside, diverged=self.diverged,
            effective=self.effective,
        )  # fmt: skip

    @staticmethod
    def from_samples(points: ArrayLike, grid: Grid) -> Histogram:
        """Counts of `points` (n, d); a point that is not finite counts as diverged.

        Raises
        ------
        InputError
            If there are no points, or they are not of the dimension of the grid.
        """
        positions = grid.as_points(points)
        finite = np.isfinite(positions).all(axis=-1)
        counts, outside = grid.count(positions[finite])
        return Histogram(grid, counts, outside, int(finite.size - np.count_nonzero(finite)))

    @property
    def walkers(self) -> int:
        """All walkers: on the grid, outside, diverged."""
        return int(self.counts.sum()) + self.outside + self.diverged

    @property
    def independent(self) -> int:
        """How many independent walkers the counts are worth, rounded down."""
        return self.walkers if self.effective is None else int(self.effective)

    @property
    def lost(self) -> float:
        """Fraction of the walkers that is not on the grid."""
        return (self.outside + self.diverged) / self.walkers

    @property
    def probabilities(self) -> Array:
        """Fraction of all walkers in each cell; sums to 1 - `lost`. Shape `grid.shape`."""
        return self.counts / self.walkers

    @property
    def density(self) -> Density:
        """The law of all walkers.

        Raises
        ------
        InputError
            If a walker is outside or diverged; `survivors` is the law of the others.
        """
        require(
            self.outside + self.diverged == 0,
            f"{self.outside} of {self.walkers} walkers lie outside the grid and {self.diverged} diverged; "
            "widen the grid, reduce the learning rate, or take `survivors`",
        )
        return self.survivors

    @property
    def survivors(self) -> Density:
        """The law of the walkers on the grid, given that they are on it.

        Raises
        ------
        InputError
            If nobody is.
        """
        on_grid = int(self.counts.sum())
        require(on_grid > 0, f"none of the {self.walkers} walkers is on the grid; widen it")
        values = self.counts / (on_grid * self.grid.cell_volume)
        worth = max(1, on_grid * self.independent // self.walkers)
        return Density(self.grid, values, samples=worth, cell_averages=True)

    def coarsen(self, factor: int) -> Histogram:
        """The same walkers counted on cells joined by `factor` along each axis."""
        coarse = self.grid.coarsened(factor)
        split = [part for n in coarse.cells for part in (n, factor)]
        joined = self.counts.reshape(split).sum(axis=tuple(range(1, 2 * self.grid.dim, 2)))
        return Histogram(coarse, joined, self.outside, self.diverged, self.effective)

    def to_xarray(self) -> xr.DataArray:
        """The counts with their coordinates `w0`, `w1`, ..., and who is not on the grid as attributes."""
        import xarray as xr  # half a second that only files need

        axes = axes_of(self.grid)
        lost = {"outside": self.outside, "diverged": self.diverged}
        attributes = described("Histogram", self.grid, **lost, effective=self.effective)
        return xr.DataArray(self.counts, axes, list(axes), name="counts", attrs=attributes)

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        counts, held = data["counts"], data["counts"].attrs | data.attrs
        lost, worth = (int(held["outside"]), int(held["diverged"])), held.get("effective")
        return cls(grid_of(held, counts.shape), counts.values, *lost, None if worth is None else float(worth))
