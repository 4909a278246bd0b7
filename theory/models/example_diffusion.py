"""The noise of batches as what it is made of: the gradients of the examples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike, points_of
from theory.base.errors import require
from theory.base.showing import argument
from theory.landscapes.differences import divergence_with_error
from theory.models.dataset_model import DatasetModel


@dataclass(frozen=True)
class ExampleDiffusion:
    """D(w) = (learning_rate / (2 batch_size)) C(w) of a data set, whose noise is made without the matrix.

    R(w) z = (learning_rate / (2 B N))^(1/2) sum_i z_i (g_i - gbar) over the gradients g_i of all N examples, with
    z normal: the law of the noise is that of `Minibatch(model, learning_rate, batch_size)`, and a step of
    `EulerMaruyama` costs N gradients and no matrix (d, d).

    Parameters
    ----------
    model
        A `DatasetModel`.
    learning_rate
        Positive; with heavy-ball momentum, divided by 1 - momentum.
    batch_size
        At least 1.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    model: DatasetModel
    learning_rate: float
    batch_size: int

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.learning_rate) and self.learning_rate > 0,
            f"`learning_rate` must be positive and finite, got {self.learning_rate}",
        )
        require(
            self.batch_size >= 1 and self.batch_size % 1 == 0,
            f"`batch_size` must be a whole number, at least 1, got {self.batch_size}",
        )

    def __repr__(self) -> str:
        return f"ExampleDiffusion({argument(self.model)}, {self.learning_rate}, {self.batch_size})"

    @property
    def dim(self) -> int:
        """Dimension d."""
        return int(self.model.dim)

    @property
    def channels(self) -> int:
        """Normal numbers of an increment: one for each example."""
        return len(self.model)

    def push(self, w: Array, normals: Array) -> Array:
        """R(w) z for normal numbers z (n, N) at w (n, d), shape (n, d).

        Raises
        ------
        InputError
            If the shapes do not fit.
        """
        return self._size * weighted_examples(self.model, w, normals)

    def stride(self, w: Array, normals: Array, dt: float, spread: float) -> Array:
        """-dt grad L(w) + spread R(w) z at w (n, d) for z (n, N), shape (n, d), in one pass over the gradients."""
        number = len(self.model)
        noise = spread * self._size / math.sqrt(number) * (normals - normals.mean(axis=1, keepdims=True))
        return self.model.weighted_gradient(w, noise - dt / number)

    def tensor(self, w: ArrayLike) -> Array:
        """D(w), shape (..., d, d)."""
        return self._size**2 * self.model.gradient_covariance(w)

    def root(self, w: ArrayLike) -> Array:
        """The gradients themselves without their mean, as a factor of D, shape (..., d, N).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        gradients = self.model.examples(points.reshape(-1, 1, self.dim))
        centred = (gradients - gradients.mean(axis=1, keepdims=True)).swapaxes(1, 2) / math.sqrt(len(self.model))
        return np.asarray(self._size * centred.reshape(*points.shape, len(self.model)))

    def divergence(self, w: ArrayLike) -> Array:
        """Row divergence by fourth-order differences, shape (..., d)."""
        return divergence_with_error(self.tensor, w)[0]

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix | None:
        """None: data are no formula."""
        return None

    @property
    def _size(self) -> float:
        return math.sqrt(self.learning_rate / (2 * self.batch_size))


def weighted_examples(model: DatasetModel, points: Array, normals: Array) -> Array:
    """N^-1/2 sum_i z_i (g_i - gbar) for numbers z (n, N) at points (n, d), shape (n, d): of covariance C(w)."""
    weights = normals - normals.mean(axis=1, keepdims=True)  # sum z_i (g_i - gbar) = sum (z_i - zbar) g_i
    return model.weighted_gradient(points, weights) / math.sqrt(len(model))
