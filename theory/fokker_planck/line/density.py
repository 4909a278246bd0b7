"""Densities on a line whose masses are known beside their values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from theory.base.arrays import Array, ArrayLike, read_only
from theory.laws import Density
from theory.laws.density_views import labelled_density, parts_of
from theory.laws.law_moments import Reading

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False, repr=False)
class LineDensity(Density):
    """A law on a line that knows its masses and moments, also where its values do not tell them.

    Values are those at the centres, or averages over the cells where the density is infinite somewhere. Masses,
    expectations and moments are sums over the points of the rule that gave them, which follows the density into
    the cells: over jumps, kinks, narrow wells and singularities.

    Parameters
    ----------
    masses
        Of the cells, shape (cells,), sum 1.
    points, weights
        Points in the cells and the masses that they stand for, sum 1.

    Raises
    ------
    InputError
        As `Density`.
    """

    masses: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    points: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    weights: Array = field(default_factory=lambda: np.zeros(0), repr=False)

    @cached_property
    def probabilities(self) -> Array:
        """Mass of each cell, shape (cells,)."""
        return read_only(self.masses)

    @property
    def reading_error(self) -> float:
        """Nothing: masses are not read from the values."""
        return 0.0

    def averaged(self) -> Density:
        """The law as averages over its cells."""
        return replace(self, values=self.masses / self.grid.cell_volume, cell_averages=True)

    def expect(self, function: Callable[[Array], ArrayLike]) -> float:
        """Expectation of `function`, which maps points (..., 1) to values (...)."""
        return float(np.sum(np.asarray(function(self.points[:, None])) * self.weights))

    def _reading(self) -> Reading:
        """Moments of the rule that gave the masses."""
        mean = float(self.points @ self.weights)
        variance = np.array([[(self.points - mean) ** 2 @ self.weights]])
        nothing = np.zeros(1)
        return Reading(np.array([mean]), variance, nothing, nothing, nothing)

    def coarsen(self, factor: int) -> Density:
        """The averages of this law over cells joined by `factor`; moments stay what they are."""
        if factor == 1:
            return self
        grid = self.grid.coarsened(factor)
        masses = self.masses.reshape(-1, factor).sum(axis=1)
        return replace(self, grid=grid, values=masses / grid.cell_volume, masses=masses, cell_averages=True)

    def to_xarray(self) -> xr.DataArray:
        """As of any density, with the points of its rule as attributes."""
        return labelled_density(self, masses=self.masses, points=self.points, weights=self.weights)

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        rule = {name: data["density"].attrs[name] for name in ("masses", "points", "weights")}
        return cls(**parts_of(data), **rule)
