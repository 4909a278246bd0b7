"""Probability densities on a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from theory.arrays import Array, ArrayLike, Booleans, read_only
from theory.errors import require
from theory.grid import Grid

if TYPE_CHECKING:
    import xarray as xr

MASS_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Density:
    """A law on the cells of a grid: values >= 0 whose sum times the cell volume is 1.

    Parameters
    ----------
    grid
        The grid the values belong to.
    values
        Density at the cell centres or averaged over the cells, shape `grid.shape`; kept as a read-only copy.
    error
        Estimated error in total variation (mesh refinement), or None where nobody estimated it.
    samples
        Number of independent samples behind a histogram, which sets its noise floor; None for a computed law.
    cell_averages
        Whether the values are averages over the cells, as those of counts are, rather than values at the centres.

    Raises
    ------
    InputError
        If shapes differ, a value is negative or not finite, or the mass is not 1 to 1e-9.
    """

    grid: Grid
    values: Array = field(repr=False)
    error: float | None = None
    samples: int | None = None
    cell_averages: bool = False

    def __post_init__(self) -> None:
        values = read_only(self.values)
        require(
            values.shape == self.grid.shape,
            f"`values` must have the grid's shape {self.grid.shape}, got {values.shape}",
        )
        require(
            bool(np.isfinite(values).all()),
            f"`values` must be finite, got {np.count_nonzero(~np.isfinite(values))} that are not",
        )
        require(bool((values >= 0).all()), f"`values` must not be negative, got {values.min():.3g}")
        mass = float(values.sum() * self.grid.cell_volume)
        require(
            abs(mass - 1) <= MASS_TOLERANCE,
            f"`values` must integrate to 1, got {mass:.12g}; use Density.normalised or Density.from_log",
        )
        object.__setattr__(self, "values", values)

    @staticmethod
    def normalised(
        grid: Grid, values: ArrayLike, error: float | None = None, *, cell_averages: bool = False
    ) -> Density:
        """The density proportional to non-negative `values`."""
        weights = np.asarray(values, dtype=np.float64)
        mass = weights.sum() * grid.cell_volume
        require(bool(mass > 0 and np.isfinite(mass)), f"`values` must have positive finite mass, got {mass}")
        return Density(grid, weights / mass, error, cell_averages=cell_averages)

    @staticmethod
    def from_log(grid: Grid, log_values: ArrayLike, error: float | None = None) -> Density:
        """The density proportional to exp(`log_values`); -inf is no mass, any common offset is allowed."""
        logs = np.asarray(log_values, dtype=np.float64)
        require(
            bool((logs < np.inf).all() and (logs > -np.inf).any()),
            "`log_values` must be below +inf, not NaN, and finite somewhere",
        )
        return Density.normalised(grid, np.exp(logs - logs.max()), error)

    @staticmethod
    def from_samples(points: ArrayLike, grid: Grid) -> Density:
        """The histogram of `points` (n, d) on `grid`.

        Raises
        ------
        InputError
            If there is no point, or one lies outside the grid: nothing is dropped silently.
        """
        counts, outside = grid.count(points)
        total = int(counts.sum()) + outside
        require(total > 0, "a density needs at least one sample, got none")
        require(outside == 0, f"{outside} of {total} samples lie outside the grid; widen it or take a Histogram")
        return Density(grid, counts / (total * grid.cell_volume), samples=total, cell_averages=True)

    @property
    def probabilities(self) -> Array:
        """Mass of each cell, shape `grid.shape`."""
        return self.values * self.grid.cell_volume

    def expect(self, function: Callable[[Array], ArrayLike]) -> float:
        """Expectation of `function`, which maps centres (..., d) to values (...)."""
        return float((np.asarray(function(self.grid.centers)) * self.probabilities).sum())

    @property
    def mean(self) -> Array:
        """Mean, shape (d,)."""
        return np.tensordot(self.probabilities, self.grid.centers, axes=self.grid.dim)

    @property
    def covariance(self) -> Array:
        """Covariance, shape (d, d)."""
        centred = (self.grid.centers - self.mean).reshape(-1, self.grid.dim)
        return centred.T @ (centred * self.probabilities.reshape(-1, 1))

    def marginal(self, axis: int) -> Density:
        """The law of one coordinate, on that axis of the grid."""
        require(-self.grid.dim <= axis < self.grid.dim, f"`axis` must be below {self.grid.dim}, got {axis}")
        axis %= self.grid.dim
        others = tuple(k for k in range(self.grid.dim) if k != axis)
        line = Grid(self.grid.lower[axis], self.grid.upper[axis], self.grid.cells[axis], self.grid.periodic[axis])
        values = self.probabilities.sum(axis=others) / line.cell_volume
        return Density(line, values, self.error, self.samples, self.cell_averages)

    def mass(self, where: Callable[[Array], Booleans] | Booleans) -> float:
        """Mass of the cells in `where`: a mask of shape `grid.shape`, or a function of the centres."""
        mask = np.asarray(where(self.grid.centers) if callable(where) else where, dtype=bool)
        require(
            mask.shape == self.grid.shape,
            f"`where` must give one flag a cell, shape {self.grid.shape}, got {mask.shape}",
        )
        return float(self.probabilities[mask].sum())

    def coarsen(self, factor: int) -> Density:
        """The exact cell averages of this law on cells joined by `factor` along each axis."""
        coarse = self.grid.coarsened(factor)
        split = [part for n in coarse.cells for part in (n, factor)]
        joined = self.values.reshape(split).mean(axis=tuple(range(1, 2 * self.grid.dim, 2)))
        return Density(coarse, joined, self.error, self.samples, self.cell_averages or factor > 1)

    def to_xarray(self) -> xr.DataArray:
        """The values with their coordinates `w0`, `w1`, ..., their kind and the error as attributes."""
        import xarray as xr  # half a second that only files need

        names = [f"w{axis}" for axis in range(self.grid.dim)]
        coordinates = dict(zip(names, self.grid.axes, strict=True))
        attributes: dict[str, float] = {"cell_averages": int(self.cell_averages)}  # files hold no booleans
        if self.error is not None:
            attributes["total_variation_error"] = self.error
        return xr.DataArray(self.values, coordinates, names, name="density", attrs=attributes)
