"""A data set with decay of weights beside its loss."""

from __future__ import annotations

import math

import numpy as np

from theory.base.arrays import Array, ArrayLike, points_of
from theory.base.errors import require
from theory.base.showing import argument
from theory.models.dataset_model import DatasetModel


class DecayedModel(DatasetModel):
    """The examples of `bare` with rate |w|^2 / 2 beside the loss of each, by its own sums of gradients.

    Raises
    ------
    InputError
        If `rate` is not positive and finite.
    """

    bare: DatasetModel
    rate: float

    def __init__(self, bare: DatasetModel, rate: float) -> None:
        require(math.isfinite(rate) and rate > 0, f"`rate` must be positive and finite, got {rate}")
        object.__setattr__(self, "bare", bare)
        object.__setattr__(self, "rate", float(rate))
        hessian = None if bare.example_hessian is None else self._example_hessian
        super().__init__(bare.x, bare.y, self._loss, self._example_gradient, bare.dim, hessian)

    def __repr__(self) -> str:
        return f"with_weight_decay({argument(self.bare)}, {self.rate})"

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Those of `bare`."""
        return self.bare.parameter_names

    def value(self, w: ArrayLike) -> Array:
        """Mean loss, shape (...).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        return np.asarray(self.bare.value(points) + self._decay(points))

    def gradient(self, w: ArrayLike) -> Array:
        """Mean gradient, shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        return self.bare.gradient(points) + self.rate * points

    def hessian(self, w: ArrayLike) -> Array:
        """Mean Hessian, shape (..., d, d), symmetric.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        return self.bare.hessian(w) + self.rate * np.eye(self.dim)

    def hessian_product(self, w: ArrayLike, v: ArrayLike) -> Array:
        """H(w) v of the mean loss, shape (..., d), whose leading axes are those of w and v together.

        Raises
        ------
        InputError
            If the last axis of `w` or `v` is not of length d.
        """
        return self.bare.hessian_product(w, v) + self.rate * points_of(v, self.dim)

    def walkers_at_once(self, batch_size: int) -> int:
        """How many walkers have their batches in memory at a time."""
        return self.bare.walkers_at_once(batch_size)

    def examples(self, points: Array) -> Array:
        """Gradients of all examples at points (n, 1, d), shape (n, N, d)."""
        return self.bare.examples(points) + self.rate * points

    def _loss(self, w: Array, x: Array, y: Array) -> Array:
        return np.asarray(self.bare.loss(w, x, y) + self._decay(w))

    def _example_gradient(self, w: Array, x: Array, y: Array) -> Array:
        return np.asarray(self.bare.example_gradient(w, x, y) + self.rate * w)

    def _example_hessian(self, w: Array, x: Array, y: Array) -> Array:
        assert self.bare.example_hessian is not None
        return np.asarray(self.bare.example_hessian(w, x, y) + self.rate * np.eye(self.dim))

    def _of_batches(self, points: Array, x: Array, y: Array) -> Array:
        return self.bare._of_batches(points, x, y) + self.rate * points

    def _weighted(self, points: Array, weights: Array) -> Array:
        shares = weights.sum(axis=1, keepdims=True)
        return np.asarray(self.bare._weighted(points, weights) + self.rate * shares * points)

    def _spread(self, points: Array, vectors: Array) -> Array:
        return self.bare._spread(points, vectors)

    def _decay(self, w: Array) -> Array:
        return np.asarray(self.rate / 2 * (w**2).sum(axis=-1))
