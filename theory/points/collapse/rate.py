"""The rate at which walkers collapse onto a manifold without noise, or leave it, in the limit of small steps."""

from __future__ import annotations

import math

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.rounding import EPSILON
from theory.manifold.drift import effective_rate
from theory.manifold.frame import FLAT_DIRECTION
from theory.manifold.point import curvature_scale, own_length
from theory.tensors import Minibatch
from theory.tensors.minibatch import AnyNoisyModel, covariance_of

SINGLE = 1e-6  # of the normal direction: what another may have by rounding


def collapse_rate(
    model: AnyNoisyModel, w: ArrayLike, learning_rate: float, batch_size: int, momentum: float = 0.0
) -> float:
    """Rate h + eta m^2 / (2 B) at which log |u| falls in time t = eta k, u the distance from the manifold.

    For a point w (d,) where gradient and noise vanish, with one normal direction n: close to it du = -h u dt +
    sqrt(eta/B) m u dW, with h = n'Hn and m^2 the limit of n'Cn / u^2 along n. Positive:
    walkers collapse onto the manifold, even where h < 0; they stop there, since the noise along it vanishes with
    the distance, and no drift along it remains. Negative: they leave. Where h = 0 and noise does not vanish, as at
    quartic valleys with additive noise, there is no such rate.

    Raises
    ------
    InputError
        If the gradient or the noise do not vanish at w, or the first order in the distance has no single normal
        direction of its own.

    References
    ----------
    Chen, Kunin, Yamamura & Ganguli (2023), Stochastic collapse: how gradient noise attracts SGD dynamics towards
    simpler subnetworks.
    """
    noise = Minibatch(model, effective_rate(learning_rate, momentum), batch_size)
    point = np.asarray(w, dtype=np.float64)
    require(
        point.shape == (model.dim,) and bool(np.isfinite(point).all()),
        f"`w` must be a point of {model.dim} finite numbers, got {point.tolist()}",
    )
    slope, size = float(np.linalg.norm(model.gradient(point))), float(np.linalg.norm(point))
    length = own_length(model, point) or size or 1.0
    size = max(size, length)
    require(
        slope <= FLAT_DIRECTION * size * curvature_scale(model, point),
        f"collapse needs a point where the gradient vanishes, got |grad L| = {slope:.3g} at {point.tolist()}",
    )
    curvature = _half_hessian(model, point, length)
    loud, strength = float(np.trace(covariance_of(model).tensor(point))), float(np.trace(curvature))
    require(
        loud <= (FLAT_DIRECTION * size) ** 2 * strength,
        f"collapse needs noise that vanishes as the distance from w, got tr C = {loud:.3g} at {point.tolist()}; "
        "take slow_drift where the valley is quadratic, FokkerPlanck where it is not",
    )
    hessian = model.hessian(point)
    parts = [matrix / (float(np.linalg.norm(matrix)) or 1.0) for matrix in (hessian, curvature)]
    _, weights, directions = np.linalg.svd(np.vstack(parts))
    n = directions[0]
    growth = _half_second_derivative(model, point, n, length)
    require(
        float(weights[1:].max(initial=0.0)) <= SINGLE * weights[0]
        and np.trace(growth) - n @ growth @ n <= SINGLE * strength,
        "collapse has a rate of its own for one normal direction, got first-order changes of gradient and noise "
        f"with the singular values {', '.join(f'{v:.3g}' for v in weights)}; take sample_paths",
    )
    return float(n @ hessian @ n + noise.factor * (n @ growth @ n))


def _half_second_derivative(model: AnyNoisyModel, point: Array, way: Array, length: float) -> Array:
    """Half the second derivative of C along the unit vector `way`, shape (d, d), of fourth order.

    C vanishes at the point, so that nothing cancels and the step need only be long against the rounding of w.
    """
    rounding = EPSILON * max(1.0, float(np.linalg.norm(point)) / length)
    step = rounding ** (1 / 5) * length
    tensors = covariance_of(model).tensor(point + step * np.arange(-2, 3)[:, None] * way)
    return np.asarray(np.einsum("k,kij->ij", [-1, 16, -30, 16, -1], tensors) / (24 * step**2))


def _half_hessian(model: AnyNoisyModel, point: Array, length: float) -> Array:
    """Half the Hessian of tr C, shape (d, d), from its second derivatives along axes and diagonals."""
    dim = len(point)
    half = np.zeros((dim, dim))
    for i in range(dim):
        for j in range(i + 1):
            way = np.zeros(dim)
            way[[i, j]] = 1.0 if i == j else math.sqrt(0.5)
            half[i, j] = half[j, i] = float(np.trace(_half_second_derivative(model, point, way, length)))
    axes = np.diag(half).copy()
    off = half - (axes[:, None] + axes[None, :]) / 2
    return np.asarray(np.where(np.eye(dim, dtype=bool), half, off))
