"""The noise that minibatches make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import sympy

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.showing import argument
from theory.landscapes import Landscape
from theory.landscapes.differences import divergence_with_error
from theory.tensors.protocol import FactoredField, TensorField
from theory.tensors.scaled import Scaled
from theory.tensors.whole import root_of, whole_field


@runtime_checkable
class NoisyModel(Landscape, Protocol):
    """A landscape whose gradient is estimated from examples; `example_covariance` is C(w), that of one example."""

    @property
    def example_covariance(self) -> TensorField:
        """Covariance of one example's gradient."""
        ...


@runtime_checkable
class OldNoisyModel(Landscape, Protocol):
    """A model of the user's that has its C(w) by the old name `covariance`."""

    @property
    def covariance(self) -> TensorField:
        """Covariance of one example's gradient."""
        ...


@runtime_checkable
class CovarianceModel(Landscape, Protocol):
    """A landscape that gives C(w), the covariance of one example's gradient, as a function of w.

    One of the user's own may say by an attribute `normal` that its batch gradients are so.
    """

    def gradient_covariance(self, w: ArrayLike) -> Array:
        """C(w), shape (..., d, d)."""
        ...


AnyNoisyModel: TypeAlias = NoisyModel | CovarianceModel | OldNoisyModel


@dataclass(frozen=True)
class ModelCovariance:
    """C(w) of a `CovarianceModel` as a tensor field."""

    model: CovarianceModel

    @property
    def dim(self) -> int:
        """Dimension d."""
        return self.model.dim

    def tensor(self, w: ArrayLike) -> Array:
        """C(w), shape (..., d, d)."""
        return self.model.gradient_covariance(w)

    def root(self, w: ArrayLike) -> Array:
        """The symmetric root, shape (..., d, d)."""
        return root_of(self.model, "gradient_covariance", self.tensor(w), w)

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence by fourth-order differences on the length that the field asks for, shape (..., d)."""
        return divergence_with_error(self.tensor, w)[0]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """None: a function is no formula."""
        return None


def covariance_of(model: AnyNoisyModel) -> FactoredField:
    """C(w) of a model as a tensor field: its `example_covariance`, or what its `gradient_covariance` gives.

    Raises
    ------
    InputError
        If its `example_covariance` is no tensor field.
    """
    covariance = getattr(model, "example_covariance", None)
    if covariance is None:  # the user's own may have it by the old name
        covariance = getattr(model, "covariance", None)
    return ModelCovariance(model) if covariance is None else whole_field(covariance)  # type: ignore[arg-type]


@dataclass(frozen=True, init=False, repr=False)
class Minibatch(Scaled):
    """D(w) = learning_rate C(w) / (2 batch_size): what SGD's noise is in continuous time, Ito.

    Raises
    ------
    InputError
        If the rate or the batch size is not positive.
    """

    model: AnyNoisyModel
    learning_rate: float
    batch_size: int

    def __init__(self, model: AnyNoisyModel, learning_rate: float, batch_size: int) -> None:
        require(
            math.isfinite(learning_rate) and learning_rate > 0,
            f"`learning_rate` must be positive and finite, got {learning_rate}",
        )
        require(
            batch_size >= 1 and int(batch_size) == batch_size,
            f"`batch_size` must be a whole number, at least 1, got {batch_size}",
        )
        require(
            isinstance(model, AnyNoisyModel),
            f"`model` must know the covariance of its gradient, got {type(model).__name__}; take a ProductModel "
            "or NoisyGradient(landscape, covariance)",
        )
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "learning_rate", learning_rate)
        object.__setattr__(self, "batch_size", int(batch_size))
        object.__setattr__(self, "field", covariance_of(model))
        object.__setattr__(self, "factor", learning_rate / (2 * batch_size))

    def __repr__(self) -> str:
        return (
            f"Minibatch({argument(self.model)}, learning_rate={self.learning_rate}, batch_size={self.batch_size})"
        )
