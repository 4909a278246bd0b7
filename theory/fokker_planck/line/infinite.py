"""Laws whose density is infinite somewhere: averages over the cells, with moments from inside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from theory.arrays import Array, ArrayLike
from theory.density import Density


@dataclass(frozen=True, eq=False)
class InfiniteDensity(Density):
    """A law on a line that is infinite somewhere, where neither a centre nor an average says what a cell holds.

    Values are averages over the cells. Expectations and moments are sums over the points of the rule that gave the
    masses, which follows the density into the cells.

    Parameters
    ----------
    points, weights
        Points and their masses, which sum to 1.
    """

    points: Array = field(default_factory=lambda: np.zeros(0), repr=False)
    weights: Array = field(default_factory=lambda: np.zeros(0), repr=False)

    def expect(self, function: Callable[[Array], ArrayLike]) -> float:
        """Expectation of `function`, which maps points (..., 1) to values (...)."""
        return float(np.sum(np.asarray(function(self.points[:, None])) * self.weights))

    @property
    def mean(self) -> Array:
        """Mean, shape (1,)."""
        return np.array([self.points @ self.weights])

    @property
    def covariance(self) -> Array:
        """Variance, shape (1, 1)."""
        return np.array([[(self.points - self.mean) ** 2 @ self.weights]])

    def averaged(self) -> Density:
        """The law itself, which is one of averages."""
        return self

    def coarsen(self, factor: int) -> Density:
        """The averages of this law over cells joined by `factor`; moments stay what they are."""
        joined = super().coarsen(factor)
        return replace(self, grid=joined.grid, values=joined.values, error=joined.error)
