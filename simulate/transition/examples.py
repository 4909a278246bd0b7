"""Gradients of the examples of a data set, one by one and in batches."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from theory.base.arrays import Array, Integers
from theory.models import DatasetModel, ProductModel
from theory.models.example_losses import SquaredResidual

MOST_NUMBERS = 2_000_000  # in one array


@dataclass(frozen=True, eq=False)
class ExampleGradients:
    """Gradients of the examples of `model`, each of which is a share of the data set, `chances` (N,)."""

    model: DatasetModel
    chances: Array

    @staticmethod
    def of(model: DatasetModel) -> ExampleGradients:
        """All examples, each once."""
        return ExampleGradients(model, np.full(len(model), 1 / len(model)))

    def merged(self) -> ExampleGradients:
        """The examples that differ, with the shares of equal ones together."""
        x, y = self.model.x, self.model.y
        numbers = np.concatenate([x.reshape(len(x), -1), y.reshape(len(y), -1)], axis=1)
        _, first, counts = np.unique(numbers, axis=0, return_index=True, return_counts=True)
        if len(first) == len(numbers):
            return self
        return ExampleGradients(replace(self.model, x=x[first], y=y[first]), counts / len(numbers))

    def __len__(self) -> int:
        return len(self.chances)

    def gradients(self, w: Array) -> Array:
        """Of all examples at w (n, d), shape (n, N, d)."""
        return self.model.examples(w[:, None])

    def along(self, w: Array) -> tuple[Array, Array] | None:
        """Numbers (n, N) and directions (n, d) whose products are the gradients, None where they span a plane."""
        squares = self._squared
        if squares is None:
            return (self.gradients(w)[..., 0], np.ones((len(w), 1))) if self.model.dim == 1 else None
        q, slope = np.split(squares.predictor(w), [1], axis=1)
        return 2 * squares.loss_scale * (q * self._square_of_x() - self._product()), slope

    def silence(self, w: Array) -> Array:
        """A number at each place w (n,) of a line that vanishes where no example has a gradient."""
        found = self.along(w[:, None])
        assert found is not None
        return np.asarray(np.linalg.norm(found[0], axis=1) * found[1][:, 0])

    def batch_gradients(self, w: Array, members: Integers) -> Array:
        """Means over batches of the examples `members` (p, b), each at its own w (n, p, d): shape (n, p, d)."""
        squares = self._squared
        if squares is not None:
            q, slope = np.split(squares.predictor(w), [1], axis=-1)
            square, product = (np.mean(one[members], axis=1) for one in (self._square_of_x(), self._product()))
            return np.asarray(2 * squares.loss_scale * (q[..., 0] * square - product)[..., None] * slope)
        found = np.empty(w.shape)
        slab = max(1, MOST_NUMBERS // (members.size * self.model.dim))
        x, y = self.model.x[members], self.model.y[members]
        for begin in range(0, len(w), slab):
            part = slice(begin, begin + slab)
            found[part] = self.model.example_gradient(w[part, :, None], x, y).mean(axis=2)
        return found

    @property
    def _squared(self) -> ProductModel | None:
        """The model of a scalar q, for which two numbers a batch suffice."""
        owner = getattr(self.model.example_gradient, "__self__", None)
        return owner.model if isinstance(owner, SquaredResidual) and owner.model.outputs == 1 else None

    def _square_of_x(self) -> Array:
        return np.asarray(self.model.x[:, 0] ** 2)

    def _product(self) -> Array:
        return np.asarray(self.model.x[:, 0] * self.model.y)
