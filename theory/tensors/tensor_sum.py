"""A sum of tensor fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import sympy

from theory.base.arguments import Given
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.showing import as_call
from theory.tensors.protocol import FactoredField, TensorField
from theory.tensors.whole import whole_field


@dataclass(frozen=True)
class TensorSum:
    """The sum of the tensor `fields`: the covariance of independent noises together.

    Raises
    ------
    InputError
        If there is no field, or dimensions differ.
    """

    fields: Annotated[tuple[FactoredField, ...], Given(tuple[TensorField, ...])]

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(whole_field(field) for field in self.fields))
        dims = [field.dim for field in self.fields]
        require(
            len(set(dims)) == 1,
            f"`fields` must be tensor fields of one dimension, got {dims or 'none'}; give one or more",
        )

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.fields[0].dim

    def tensor(self, w: ArrayLike) -> Array:
        """The sum of the matrices, shape (..., d, d)."""
        return np.asarray(sum(field.tensor(w) for field in self.fields))

    def root(self, w: ArrayLike) -> Array:
        """The factors side by side, shape (..., d, channels)."""
        return np.concatenate([field.root(w) for field in self.fields], axis=-1)

    def divergence(self, w: ArrayLike) -> Array:
        """The sum of the divergences, shape (..., d)."""
        return np.asarray(sum(field.divergence(w) for field in self.fields))

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The factors side by side, or None where one of them is no formula."""
        roots = [field.root_expressions(variables) for field in self.fields]
        return None if any(root is None for root in roots) else sympy.Matrix.hstack(*roots)
