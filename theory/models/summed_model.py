"""Data sets whose sums of gradients are products of matrices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, ArrayLike, points_of
from theory.models.dataset_model import DatasetModel
from theory.models.example_losses import DiagonalLinear, Logistic, TwoLayers
from theory.models.slabs import slabs


@dataclass(frozen=True, eq=False, repr=False)
class SummedModel(DatasetModel):
    """A `DatasetModel` of `examples_of`, whose weighted and mean gradients need no gradient of a single example.

    Raises
    ------
    InputError
        As `DatasetModel`.
    """

    examples_of: TwoLayers | DiagonalLinear | Logistic = field(kw_only=True)

    def gradient(self, w: ArrayLike) -> Array:
        """Mean gradient, shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        flat = points.reshape(-1, self.dim)
        even = np.broadcast_to(1 / len(self), (len(flat), len(self)))
        return self._weighted(flat, even).reshape(points.shape)

    def _weighted(self, points: Array, weights: Array) -> Array:
        found = np.empty(points.shape)
        for part in slabs(len(points), len(self) * self.dim):
            found[part] = self.examples_of.weighted(points[part], self.x, self.y, weights[part])
        return found
