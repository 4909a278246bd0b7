"""The noise that minibatches make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from theory.base.errors import require
from theory.landscapes.protocol import Landscape
from theory.tensors.protocol import TensorField
from theory.tensors.scaled import Scaled


@runtime_checkable
class NoisyModel(Landscape, Protocol):
    """A landscape whose gradient is estimated from examples; `covariance` is C(w), that of one example."""

    @property
    def covariance(self) -> TensorField:
        """Covariance of one example's gradient."""
        ...


@dataclass(frozen=True, init=False, repr=False)
class Minibatch(Scaled):
    """D(w) = learning_rate C(w) / (2 batch_size): what SGD's noise is in continuous time, Ito.

    Raises
    ------
    InputError
        If the rate or the batch size is not positive.
    """

    model: NoisyModel
    learning_rate: float
    batch_size: int

    def __init__(self, model: NoisyModel, learning_rate: float, batch_size: int) -> None:
        require(
            math.isfinite(learning_rate) and learning_rate > 0,
            f"`learning_rate` must be positive and finite, got {learning_rate}",
        )
        require(
            batch_size >= 1 and int(batch_size) == batch_size,
            f"`batch_size` must be a whole number, at least 1, got {batch_size}",
        )
        require(
            isinstance(model, NoisyModel),
            f"`model` must know the covariance of its gradient, got {type(model).__name__}; take a ProductModel "
            "or NoisyGradient(landscape, covariance)",
        )
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "learning_rate", learning_rate)
        object.__setattr__(self, "batch_size", int(batch_size))
        object.__setattr__(self, "field", model.covariance)
        object.__setattr__(self, "factor", learning_rate / (2 * batch_size))

    def __repr__(self) -> str:
        return f"Minibatch({self.model!r}, learning_rate={self.learning_rate}, batch_size={self.batch_size})"
