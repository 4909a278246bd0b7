"""The noise of a data set's examples, as a tensor field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike
from theory.landscapes.differences import divergence_with_error

if TYPE_CHECKING:
    from theory.models.dataset_model import DatasetModel


@dataclass(frozen=True)
class ExampleNoise:
    """The covariance of the gradients of a data set's examples, as a tensor field."""

    model: DatasetModel

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.model.dim

    def tensor(self, w: ArrayLike) -> Array:
        """C(w), shape (..., d, d)."""
        return self.model.gradient_covariance(w)

    def root(self, w: ArrayLike) -> Array:
        """Eigenvectors times roots of eigenvalues, shape (..., d, d)."""
        eigenvalues, vectors = np.linalg.eigh(self.tensor(w))
        return np.asarray(vectors * np.sqrt(np.maximum(eigenvalues, 0))[..., None, :])  # of what rounding left

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence by fourth-order differences, shape (..., d)."""
        return divergence_with_error(self.tensor, w)[0]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """None: data are no formula."""
        return None
