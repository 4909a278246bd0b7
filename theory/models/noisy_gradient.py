"""A landscape whose gradient comes with Gaussian noise of given covariance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from theory.base.arguments import Given
from theory.base.arrays import Array, ArrayLike
from theory.base.contracts import require_dimension
from theory.base.errors import require
from theory.base.renamed import OldName, renamed
from theory.base.showing import as_call
from theory.landscapes import Landscape, SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.tensors import FactoredField, TensorField, whole_field
from theory.tensors.protocol import SpectralTensor
from theory.tensors.spectral_field import SpectralField


@renamed(covariance="example_covariance")
@dataclass(frozen=True)
class NoisyGradient:
    """A bare landscape made into a model: one example's gradient is N(grad L(w), C(w)), C = `example_covariance`.

    Raises
    ------
    InputError
        If the dimensions of landscape and covariance differ.
    """

    landscape: Landscape
    example_covariance: Annotated[FactoredField, Given(TensorField)]

    covariance = OldName("example_covariance")

    def __post_init__(self) -> None:
        require_dimension("landscape", self.landscape)
        require_dimension("tensor field", self.example_covariance)
        object.__setattr__(self, "example_covariance", whole_field(self.example_covariance))
        require(
            self.landscape.dim == self.example_covariance.dim,
            f"landscape and covariance must have one dimension, got {self.landscape.dim} and "
            f"{self.example_covariance.dim}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    @cached_property
    def compiled(self) -> CompiledField | SpectralField | None:
        """Gradient and factor of the covariance row by row, d + d channels components; None without formulas."""
        if not isinstance(self.landscape, SymbolicLandscape):
            return None
        gradient, variables = self.landscape.gradient_expressions, self.landscape.variables
        root = self.example_covariance.root_expressions(variables)
        if root is not None:
            return CompiledField((*gradient, *root), variables)
        if not isinstance(self.example_covariance, SpectralTensor):
            return None
        return self.example_covariance.factor_field(gradient, variables, 1.0)

    @property
    def dim(self) -> int:
        """Dimension d of w."""
        return self.landscape.dim

    def value(self, w: ArrayLike) -> Array:
        """L(w), shape (...)."""
        return self.landscape.value(w)

    def gradient(self, w: ArrayLike) -> Array:
        """Mean gradient, shape (..., d)."""
        return self.landscape.gradient(w)

    def hessian(self, w: ArrayLike) -> Array:
        """Hessian, shape (..., d, d)."""
        return self.landscape.hessian(w)

    def gradient_covariance(self, w: ArrayLike) -> Array:
        """Covariance of one example's gradient, shape (..., d, d)."""
        return self.example_covariance.tensor(w)
