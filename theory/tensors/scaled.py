"""A tensor field times a positive number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import sympy

from theory.base.arguments import Given
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.showing import as_call
from theory.tensors.protocol import FactoredField, SpectralTensor, TensorField
from theory.tensors.spectral_field import SpectralField
from theory.tensors.whole import whole_field


@dataclass(frozen=True)
class Scaled:
    """`factor` times the tensor field `field`.

    Raises
    ------
    InputError
        If the factor is negative or not finite.
    """

    field: Annotated[FactoredField, Given(TensorField)]
    factor: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", whole_field(self.field))
        require(
            math.isfinite(self.factor) and self.factor > 0,
            f"the factor of a tensor must be positive and finite, got {self.factor}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.field.dim

    def tensor(self, w: ArrayLike) -> Array:
        """The scaled matrix, shape (..., d, d)."""
        return self.factor * self.field.tensor(w)

    def root(self, w: ArrayLike) -> Array:
        """The scaled factor, shape (..., d, channels)."""
        return math.sqrt(self.factor) * self.field.root(w)

    def divergence(self, w: ArrayLike) -> Array:
        """The scaled divergence, shape (..., d)."""
        return self.factor * self.field.divergence(w)

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The scaled factor, or None where the field has no formula."""
        root = self.field.root_expressions(variables)
        return None if root is None else math.sqrt(self.factor) * root

    def tensor_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """The scaled matrix, where the field has it apart from its factor, else None."""
        tensor = self.field.tensor_expressions(variables) if isinstance(self.field, SpectralTensor) else None
        return None if tensor is None else self.factor * tensor

    def factor_field(
        self, drift: tuple[sympy.Expr, ...], variables: tuple[sympy.Symbol, ...], size: float
    ) -> SpectralField | None:
        """Rows `drift`, then `size` times the scaled factor, where the field is a `SpectralTensor`, else None."""
        if not isinstance(self.field, SpectralTensor):
            return None
        return self.field.factor_field(drift, variables, size * math.sqrt(self.factor))
