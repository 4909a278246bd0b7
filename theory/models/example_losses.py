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


def logistic_loss(w: Array, x: Array, y: Array) -> Array:
    """Log loss of y in {0, 1}, shape (...)."""
    z = (w * x).sum(axis=-1)
    return np.asarray(np.logaddexp(0, z) - y * z)


def logistic_gradient(w: Array, x: Array, y: Array) -> Array:
    """Its gradient, shape (..., d)."""
    return np.asarray((_chance(w, x) - y)[..., None] * x)


def logistic_hessian(w: Array, x: Array, y: Array) -> Array:
    """Its Hessian, shape (..., d, d)."""
    p = _chance(w, x)
    return np.asarray((p * (1 - p))[..., None, None] * x[..., :, None] * x[..., None, :])


def _chance(w: Array, x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh((w * x).sum(axis=-1) / 2)))


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
        inner = (outer * (1 - units**2))[..., None] * x[..., None, :]
        flat = inner.reshape(*inner.shape[:-2], self.hidden * self.width)
        return np.asarray(residual[..., None] * np.concatenate([units, flat], axis=-1))

    def _layers(self, w: Array, x: Array, y: Array) -> tuple[Array, Array, Array]:
        outer, inner = w[..., : self.hidden], w[..., self.hidden :].reshape(*w.shape[:-1], self.hidden, self.width)
        units = np.tanh((inner * x[..., None, :]).sum(axis=-1))
        return outer, units, np.asarray((outer * units).sum(axis=-1) - y)
