"""When walkers first arrive somewhere, and the law that they keep until they leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from theory.base.arrays import Array
from theory.base.estimate import Estimate
from theory.base.showing import span, told
from theory.laws.density import Density
from theory.laws.field import Field
from theory.laws.stored import Stored, axes_of, described, grid_of

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class PassageTime(Stored):
    """The time until walkers first meet their target, from each cell centre; 0 in the target.

    `mean` and `standard_deviation` are fields with errors; use `mean.at(w)` between the centres.
    """

    mean: Field
    standard_deviation: Field

    def __repr__(self) -> str:
        fields = {"mean": self.mean, "standard_deviation": self.standard_deviation}
        numbers = {name: f"{span(one.values)} +- {span(one.error)}" for name, one in fields.items()}
        return told("PassageTime", grid=self.mean.grid, **numbers)

    @property
    def variance(self) -> Array:
        """The variance at the cell centres, shape `grid.shape`; infinite where it is above 1e308."""
        with np.errstate(over="ignore"):
            return np.asarray(self.standard_deviation.values**2)

    def to_xarray(self) -> xr.Dataset:
        """Mean and standard deviation with their errors, and the coordinates `w0`, `w1`, ..."""
        import xarray as xr  # half a second that only files need

        axes = axes_of(self.mean.grid)
        arrays = {
            f"{name}{part}": (list(axes), values)
            for name, one in (("mean", self.mean), ("standard_deviation", self.standard_deviation))
            for part, values in (("", one.values), ("_error", one.error))
        }
        return xr.Dataset(arrays, axes, described("PassageTime", self.mean.grid))

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        grid = grid_of(data.attrs, data["mean"].shape)
        names = ("mean", "standard_deviation")
        return cls(*(Field(grid, data[name].values, data[f"{name}_error"].values) for name in names))


@dataclass(frozen=True)
class QuasiStationary(Stored):
    """The law that walkers keep while they stay in a basin, and the rate at which they leave it."""

    density: Density = field(repr=False)
    rate: Estimate

    def __repr__(self) -> str:
        return told("QuasiStationary", rate=self.rate, density=self.density)

    def to_xarray(self) -> xr.Dataset:
        """The density, and the rate with its error as attributes."""
        rate: dict[str, Any] = {"rate": float(self.rate), "rate_error": self.rate.error}
        return (
            self.density.to_xarray().to_dataset(name="density").assign_attrs(described("QuasiStationary", **rate))
        )

    @classmethod
    def _of(cls, data: xr.Dataset) -> Self:
        rate = Estimate(float(data.attrs["rate"]), float(data.attrs["rate_error"]))
        return cls(Density.from_xarray(data["density"]), rate)
