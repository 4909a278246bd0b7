"""A tensor field between matrices, P D P'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import sympy

from theory.base.arguments import Given
from theory.base.arrays import Array, ArrayLike
from theory.base.showing import as_call
from theory.landscapes.differences import divergence_with_error
from theory.tensors.protocol import FactoredField, TensorField
from theory.tensors.whole import whole_field


@dataclass(frozen=True, eq=False)
class Transformed:
    """P(w) D(w) P(w)': the covariance of noise of covariance D that is multiplied by P.

    Parameters
    ----------
    field
        D.
    matrix
        P, a function of points (..., d) with matrices (..., d, d).
    """

    field: Annotated[FactoredField, Given(TensorField)]
    matrix: Callable[[Array], Array]

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", whole_field(self.field))

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.field.dim

    def tensor(self, w: ArrayLike) -> Array:
        """P D P', shape (..., d, d)."""
        matrix = self.matrix(np.asarray(w, dtype=np.float64))
        return np.asarray(matrix @ self.field.tensor(w) @ matrix.swapaxes(-1, -2))

    def root(self, w: ArrayLike) -> Array:
        """P times the factor of D, shape (..., d, channels)."""
        return np.asarray(self.matrix(np.asarray(w, dtype=np.float64)) @ self.field.root(w))

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence by fourth-order differences on the length that the field asks for, shape (..., d)."""
        return divergence_with_error(self.tensor, w)[0]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """None: P is no formula."""
        return None
