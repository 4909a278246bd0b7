"""The process in continuous time that has exactly the law of SGD after every step, for quadratic loss."""

from __future__ import annotations

import math

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.matrices import is_symmetric
from theory.base.rounding import LEAST_NORMAL
from theory.formulas.modified.ornstein_uhlenbeck import OrnsteinUhlenbeck
from theory.tensors import Constant
from theory.tensors.constant import EIGENVALUE_LEFT_BY_ROUNDING


def exact_embedding(hessian: ArrayLike, batch_covariance: ArrayLike, learning_rate: float) -> OrnsteinUhlenbeck:
    """The equation dw = -F w dt + sqrt(2 D) dW that has the law of SGD on w'Hw/2 at all times eta k.

    w <- w - eta (H w + xi), xi ~ N(0, C_B): F = -log(I - eta H)/eta, and in the eigenvectors of H
    2 D_ij = eta C_ij x/(1 - e^-x) with x = eta (F_i + F_j). Exact in mean, covariance and correlations at any rate
    for which it exists; directions without curvature or with negative curvature are allowed. Without Gaussian
    noise it is exact in the first two moments. Its drift begins with those of orders 1 and 2 of `langevin_limit`.

    It exists less often than SGD is stable. Noise of a batch that leaves out a direction is refused unless the
    curvature does not mix it in: a diffusion would spread within a step what one step of SGD keeps sharp. For the
    same reason there is none with momentum: position minus velocity is known for certain after a step.

    Parameters
    ----------
    hessian, batch_covariance
        H and C_B, symmetric (d, d) or numbers; C_B is that of the whole batch's gradient.
    learning_rate
        eta.

    Raises
    ------
    InputError
        If a matrix is not symmetric, eta times a curvature is 1 or more (steps overshoot, and no real logarithm
        exists), or D would have a negative eigenvalue.

    References
    ----------
    Van Loan (1978), Computing integrals involving the matrix exponential; the diffusion is derived here.
    """
    curvature, noise = _symmetric(hessian, "hessian"), _symmetric(batch_covariance, "batch_covariance")
    require(
        curvature.shape == noise.shape,
        f"`hessian` and `batch_covariance` must have one shape, got {curvature.shape} and {noise.shape}",
    )
    require(
        math.isfinite(learning_rate) and learning_rate > 0,
        f"`learning_rate` must be positive and finite, got {learning_rate}",
    )
    values, vectors = np.linalg.eigh(curvature)
    sharpest = float(learning_rate * values[-1])
    require(
        sharpest < 1,
        f"an equation with the law of SGD needs learning_rate * curvature < 1, got {sharpest:.6g}: steps "
        "overshoot, which no path in continuous time does; reduce the learning rate to less than 1 / sharpness",
    )
    rates = -np.log1p(-learning_rate * values)  # eta F
    sums = rates[:, None] + rates[None, :]
    matched = learning_rate / 2 * _growth(sums) * (vectors.T @ noise @ vectors)
    diffusion = vectors @ matched @ vectors.T
    spectrum = np.linalg.eigvalsh((diffusion + diffusion.T) / 2)
    require(
        bool(spectrum[0] >= -EIGENVALUE_LEFT_BY_ROUNDING * max(float(np.abs(spectrum).max()), LEAST_NORMAL)),
        f"no diffusion has the law of this noise, got one with the eigenvalue {spectrum[0]:.3g} beside "
        f"{spectrum[-1]:.3g}: batches leave out a direction that curvature mixes in; reduce the learning rate, or "
        "take langevin_limit",
    )
    drift = vectors * (rates / learning_rate) @ vectors.T
    return OrnsteinUhlenbeck((drift + drift.T) / 2, Constant((diffusion + diffusion.T) / 2))


def _growth(x: Array) -> Array:
    """The function x / (1 - e^-x), 1 at 0."""
    safe = np.where(x == 0, 1.0, x)
    return np.asarray(np.where(x == 0, 1.0, -safe / np.expm1(-safe)))


def _symmetric(given: ArrayLike, name: str) -> Array:
    matrix = np.atleast_2d(np.asarray(given, dtype=np.float64))
    require(
        matrix.ndim == 2
        and matrix.shape[0] == matrix.shape[1]
        and bool(np.isfinite(matrix).all())
        and is_symmetric(matrix),
        f"`{name}` must be a symmetric matrix of finite numbers, got {matrix.tolist()}",
    )
    return np.asarray((matrix + matrix.T) / 2)
