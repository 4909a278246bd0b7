"""When walkers first arrive somewhere, and the law that they keep until they leave."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array
from theory.base.estimate import Estimate
from theory.laws.density import Density
from theory.laws.field import Field


@dataclass(frozen=True)
class PassageTime:
    """The time until walkers first meet their target, from each cell centre; 0 in the target.

    `mean` and `standard_deviation` are fields with errors; use `mean.at(w)` between the centres.
    """

    mean: Field
    standard_deviation: Field

    @property
    def variance(self) -> Array:
        """The variance at the cell centres, shape `grid.shape`; infinite where it is above 1e308."""
        with np.errstate(over="ignore"):
            return np.asarray(self.standard_deviation.values**2)


@dataclass(frozen=True)
class QuasiStationary:
    """The law that walkers keep while they stay in a basin, and the rate at which they leave it."""

    density: Density = field(repr=False)
    rate: Estimate
