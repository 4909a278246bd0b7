"""A landscape whose gradient comes with Gaussian noise of given covariance."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.landscapes.compiled import CompiledField
from theory.landscapes.protocol import Landscape
from theory.landscapes.symbolic import SymbolicLandscape
from theory.tensors.protocol import SpectralTensor, TensorField
from theory.tensors.spectral_field import SpectralField


@dataclass(frozen=True)
class NoisyGradient:
    """A bare landscape made into a model: one example's gradient is N(grad L(w), covariance(w)).

    Raises
    ------
    InputError
        If the dimensions of landscape and covariance differ.
    """

    landscape: Landscape
    covariance: TensorField

    def __post_init__(self) -> None:
        require(
            self.landscape.dim == self.covariance.dim,
            f"landscape and covariance must have one dimension, got {self.landscape.dim} and "
            f"{self.covariance.dim}",
        )

    @cached_property
    def compiled(self) -> CompiledField | SpectralField | None:
        """Gradient and factor of the covariance row by row, d + d channels components; None without formulas."""
        if not isinstance(self.landscape, SymbolicLandscape):
            return None
        gradient, variables = self.landscape.gradient_expressions, self.landscape.variables
        root = self.covariance.root_expressions(variables)
        if root is not None:
            return CompiledField((*gradient, *root), variables)
        if not isinstance(self.covariance, SpectralTensor):
            return None
        return self.covariance.factor_field(gradient, variables, 1.0)

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
        return self.covariance.tensor(w)
