"""Losses of one example with their gradients, as objects that go to other processes.

Everywhere w has shape (..., d), x (..., m), y (...); a loss has shape (...), a gradient (..., d).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array
from theory.models.product import ProductModel


@dataclass(frozen=True)
class SquaredResidual:
    """loss_scale (q(w).x - y)^2 of a product model."""

    model: ProductModel

    def loss(self, w: Array, x: Array, y: Array) -> Array:
        """The loss, shape (...)."""
        return np.asarray(self.model.loss_scale * self._residual(w, x, y)[0] ** 2)

    def gradient(self, w: Array, x: Array, y: Array) -> Array:
        """Its gradient, shape (..., d)."""
        rest, jacobian = self._residual(w, x, y)
        pull = sum(x[..., k, None] * jacobian[..., k, :] for k in range(self.model.outputs))
        return np.asarray(2 * self.model.loss_scale * rest[..., None] * pull)

    def _residual(self, w: Array, x: Array, y: Array) -> tuple[Array, Array]:
        outputs = self.model.outputs
        q, jacobian = np.split(self.model.predictor(w), [outputs], axis=-1)
        return np.asarray((q * x).sum(axis=-1) - y), jacobian.reshape(*w.shape[:-1], outputs, self.model.dim)


def linear(w: Array, x: Array) -> Array:
    """w.x, shape (...); of one data set x (N, m) for all w (..., 1, m) by a product of matrices."""
    if x.ndim == 2 and w.ndim > 1 and w.shape[-2] == 1:
        return np.asarray(w[..., 0, :] @ x.T)
    return np.asarray((w * x).sum(axis=-1))


@dataclass(frozen=True)
class Logistic:
    """Log loss of y in {0, 1} with P(1) = 1 / (1 + exp(-w.x))."""

    def loss(self, w: Array, x: Array, y: Array) -> Array:
        """The loss, shape (...)."""
        z = linear(w, x)
        return np.asarray(np.logaddexp(0, z) - y * z)

    def gradient(self, w: Array, x: Array, y: Array) -> Array:
        """Its gradient, shape (..., d)."""
        return np.asarray((self._chance(w, x) - y)[..., None] * x)

    def hessian(self, w: Array, x: Array, y: Array) -> Array:
        """Its Hessian, shape (..., d, d)."""
        p = self._chance(w, x)
        return np.asarray((p * (1 - p))[..., None, None] * x[..., :, None] * x[..., None, :])

    def weighted(self, w: Array, x: Array, y: Array, weights: Array) -> Array:
        """Sums of weights (n, N) times gradients at w (n, d) of the examples x (N, m) and y (N,), shape (n, d)."""
        return np.asarray((weights * (self._chance(w[:, None], x) - y)) @ x)

    def _chance(self, w: Array, x: Array) -> Array:
        return np.asarray(0.5 * (1 + np.tanh(linear(w, x) / 2)))


@dataclass(frozen=True)
class DiagonalLinear:
    """Half the square of sum_j (u_j^2 - v_j^2) x_j - y, w = (u, v)."""

    def loss(self, w: Array, x: Array, y: Array) -> Array:
        """The loss, shape (...)."""
        return np.asarray(self._residual(w, x, y) ** 2 / 2)

    def gradient(self, w: Array, x: Array, y: Array) -> Array:
        """Its gradient, shape (..., d)."""
        return np.asarray(self._residual(w, x, y)[..., None] * self._slopes(w, x))

    def hessian(self, w: Array, x: Array, y: Array) -> Array:
        """Its Hessian, shape (..., d, d)."""
        slopes = self._slopes(w, x)
        bend = 2 * self._residual(w, x, y)[..., None] * np.concatenate([x, -x], axis=-1)
        return np.asarray(slopes[..., :, None] * slopes[..., None, :] + bend[..., None] * np.eye(w.shape[-1]))

    def weighted(self, w: Array, x: Array, y: Array, weights: Array) -> Array:
        """Sums of weights (n, N) times gradients at w (n, d) of the examples x (N, m) and y (N,), shape (n, d)."""
        pull = (weights * self._residual(w[:, None], x, y)) @ x
        return np.asarray(2 * w * np.concatenate([pull, -pull], axis=1))

    def _residual(self, w: Array, x: Array, y: Array) -> Array:
        u, v = np.split(w, 2, axis=-1)
        return np.asarray(linear(u**2 - v**2, x) - y)

    def _slopes(self, w: Array, x: Array) -> Array:
        """Gradient of the prediction, shape (..., d)."""
        return np.asarray(2 * w * np.concatenate([x, -x], axis=-1))


@dataclass(frozen=True)
class TwoLayers:
    """Half the square of sum_j a_j tanh(b_j.x) - y for `hidden` units of inputs of length `width`."""

    hidden: int
    width: int

    def loss(self, w: Array, x: Array, y: Array) -> Array:
        """The loss, shape (...)."""
        return np.asarray(self._layers(w, x, y)[2] ** 2 / 2)

    def gradient(self, w: Array, x: Array, y: Array) -> Array:
        """Its gradient, shape (..., d)."""
        outer, units, residual = self._layers(w, x, y)
        push = residual[..., None]
        inner = (push * outer * (1 - units**2))[..., None] * x[..., None, :]
        return np.concatenate([push * units, inner.reshape(*units.shape[:-1], self.hidden * self.width)], axis=-1)

    def weighted(self, w: Array, x: Array, y: Array, weights: Array) -> Array:
        """Sums of weights (n, N) times gradients at w (n, d) of the examples x (N, m) and y (N,), shape (n, d).

        The gradients of the single examples, which are longer, are never formed.
        """
        outer, units, residual = self._layers(w[:, None], x, y)
        pull = (weights * residual)[:, None]
        inner = (pull.swapaxes(1, 2) * outer * (1 - units**2)).swapaxes(1, 2) @ x
        return np.concatenate([(pull @ units)[:, 0], inner.reshape(len(w), -1)], axis=1)

    def _layers(self, w: Array, x: Array, y: Array) -> tuple[Array, Array, Array]:
        outer, inner = w[..., : self.hidden], w[..., self.hidden :].reshape(*w.shape[:-1], self.hidden, self.width)
        if x.ndim == 2 and w.ndim > 1 and w.shape[-2] == 1:  # one data set for all w: products of matrices
            units = np.tanh(x @ inner[..., 0, :, :].swapaxes(-1, -2))
        else:  # no array over units, inputs and points
            units = np.tanh(np.einsum("...hm,...m->...h", inner, x))
        return outer, units, np.asarray(np.einsum("...h,...h->...", outer, units) - y)
