"""What every implementation must satisfy, and how a test measures an order or a statistic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulate import SGD, run_sgd
from theory.base.arrays import Array, ArrayLike


def differences(function: Callable[[Array], Array], w: Array, step: float = 1e-3) -> Array:
    """Fourth-order central differences of `function` along each component of w, on a new last axis."""
    shifts = step * np.eye(w.shape[-1])
    near = [function(w + e) - function(w - e) for e in shifts]
    far = [function(w + 2 * e) - function(w - 2 * e) for e in shifts]
    return (8 * np.stack(near, -1) - np.stack(far, -1)) / (12 * step)


def assert_near(found: Any, expected: Any, tolerance: float = 1e-7) -> None:
    """Equal to `tolerance` times the largest expected value, or times 1 where that is small."""
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance * max(1.0, np.abs(expected).max()))


def check_landscape(landscape: Any, w: Array, tolerance: float = 1e-7) -> None:
    """Gradient and Hessian at points w (n, d) are the derivatives of the value, over any leading axes."""
    gradient, hessian = landscape.gradient(w), landscape.hessian(w)
    assert landscape.value(w).shape == w.shape[:-1]
    assert_near(gradient, differences(landscape.value, w), tolerance)
    assert_near(hessian, differences(landscape.gradient, w), tolerance)
    np.testing.assert_array_equal(hessian, hessian.swapaxes(-1, -2))
    np.testing.assert_allclose(landscape.value(w[0]), landscape.value(w)[0], rtol=1e-15)
    np.testing.assert_allclose(landscape.gradient(w[:, None])[:, 0], gradient, rtol=1e-15)


def check_tensor(field: Any, w: Array, tolerance: float = 1e-7) -> None:
    """At points w (n, d): R R' is the tensor, symmetric, and the divergence is that of its rows."""
    tensor, root = field.tensor(w), field.root(w)
    assert tensor.shape == (*w.shape, field.dim)
    assert_near(root @ root.swapaxes(-1, -2), tensor, 1e-12)
    assert_near(tensor, tensor.swapaxes(-1, -2), 1e-14)
    rows = np.einsum("...ijj->...i", differences(field.tensor, w))
    assert_near(field.divergence(w), rows, tolerance)


def batch_gradients(model: Any, w: Array, batch_size: int, draws: int, rng: np.random.Generator) -> Array:
    """Minibatch gradients at one point w (d,), as SGD uses them, shape (draws, d)."""
    rate = 0.125
    stepped = run_sgd(model, SGD(rate, batch_size), np.tile(w, (draws, 1)), steps=1, rng=rng).final
    return (w - stepped) / rate


def check_model(model: Any, w: Array, batch_size: int, rng: np.random.Generator, draws: int = 40_000) -> None:
    """At w (d,) minibatch gradients have mean grad L and covariance C / B, to 5 standard errors."""
    gradients = batch_gradients(model, w, batch_size, draws, rng)
    assert errors_off(gradients, model.gradient(w)) < 5
    assert errors_off(squares(gradients), model.gradient_covariance(w) / batch_size) < 5


def squares(samples: Array) -> Array:
    """Outer products of centred `samples` (n, d), whose mean is the covariance, shape (n, d, d)."""
    centred = samples - samples.mean(axis=0)
    return np.asarray(centred[:, :, None] * centred[:, None, :])


def errors_off(samples: Array, expected: ArrayLike) -> float:
    """Distance of the mean of independent `samples` (n, ...) from `expected` in standard errors, the largest."""
    error = samples.std(axis=0) / np.sqrt(len(samples))
    return float(np.max(np.abs(samples.mean(axis=0) - expected) / np.maximum(error, 1e-12)))


def observed_order(steps: ArrayLike, errors: ArrayLike) -> float:
    """Slope of log error against log step, by least squares."""
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])
