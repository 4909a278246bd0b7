"""Equations written by hand, for tests that need no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array

Function = Callable[[Array], Array]


@dataclass(frozen=True)
class LineEquation:
    """dw = b dt + sqrt(2 D) dW (Ito) from functions of the coordinate, (...) to (...)."""

    b: Function
    noise: Function
    noise_slope: Function
    phi: Function | None = None
    dim: int = 1

    def drift(self, w: Array) -> Array:
        return self.b(w[..., 0])[..., None] + 0 * w

    def tensor(self, w: Array) -> Array:
        return (self.noise(w[..., 0])[..., None] + 0 * w)[..., None]

    def divergence(self, w: Array) -> Array:
        return self.noise_slope(w[..., 0])[..., None] + 0 * w

    def potential(self, w: Array) -> Array | None:
        return None if self.phi is None else self.phi(w[..., 0])


def sgd_line(
    q: np.polynomial.Polynomial, learning_rate: float, batch_size: int, share: float = 0.0
) -> LineEquation:
    """SGD's limit for y = q(w) x + noise, s = sigma = 1; `share` of D' joins the drift (Ito 0, anti-Ito 1)."""
    slope, bend = q.deriv(), q.deriv(2)
    scale = 4 * learning_rate / (2 * batch_size)

    def noise(w: Array) -> Array:
        return scale * (1 + 2 * q(w) ** 2) * slope(w) ** 2

    def noise_slope(w: Array) -> Array:
        return np.asarray(scale * slope(w) * (4 * q(w) * slope(w) ** 2 + 2 * (1 + 2 * q(w) ** 2) * bend(w)))

    return LineEquation(lambda w: -2 * q(w) * slope(w) + share * noise_slope(w), noise, noise_slope)
