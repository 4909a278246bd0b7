"""Signs and clipped values of normal numbers: means and covariances, in closed form."""

from __future__ import annotations

import numpy as np
from scipy.special import erfc, ndtr, owens_t

from theory.base.arrays import Array
from theory.base.rounding import LEAST_NORMAL

NODES = 24  # of Gauss's rule over the angle whose sine is the correlation
SURE = 1e-30  # of 1 - correlation^2: less is 0
FAR = 1e100  # standard deviations: where there is no noise


def sign_moments(mean: Array, covariance: Array) -> tuple[Array, Array]:
    """Mean (..., d) and covariance (..., d, d) of the signs of normal numbers with these moments.

    The mean is erf(mu / (2 c)^(1/2)), the covariance 4 (P(both positive) - the product), by Owen's function.

    References
    ----------
    Owen (1956), Tables for computing bivariate normal probabilities.
    """
    places, correlation = _standard(mean, covariance)
    x, y = places[..., :, None], places[..., None, :]
    together = 4 * (both_below(x, y, correlation) - ndtr(x) * ndtr(y))
    noisy = _diagonal(covariance) > 0  # else the sign is sure, also that of 0
    together = np.where(noisy[..., :, None] & noisy[..., None, :], together, 0.0)
    return sign_mean(places), _with_diagonal(together, np.where(noisy, sign_variance(places), 0.0))


def sign_mean(places: Array) -> Array:
    """Mean of the sign of a normal number whose mean is so many standard deviations, shape (...)."""
    return np.asarray(np.sign(places) * (1 - erfc(np.abs(places) / np.sqrt(2))))


def sign_variance(places: Array) -> Array:
    """Variance of that sign, also where it is tiny, shape (...)."""
    rare = erfc(np.abs(places) / np.sqrt(2))
    return np.asarray(rare * (2 - rare))


def clip_moments(mean: Array, covariance: Array, limit: float) -> tuple[Array, Array]:
    """Mean (..., d) and covariance (..., d, d) of normal numbers that are cut to [-limit, limit].

    Covariances by Price's theorem: their derivative in the correlation is the chance that neither is cut, times
    both standard deviations; Gauss's rule over the angle.

    References
    ----------
    Price (1958), A useful theorem for nonlinear devices having Gaussian inputs.
    """
    std = np.sqrt(_diagonal(covariance))
    safe = np.maximum(std, LEAST_NORMAL)
    with np.errstate(over="ignore"):
        low, high = (np.clip(end / safe, -FAR, FAR) for end in (-limit - mean, limit - mean))
    below, above, inside = ndtr(low), ndtr(-high), ndtr(high) - ndtr(low)
    falls = _normal(low) - _normal(high)
    found = limit * (above - below) + mean * inside + std * falls
    square = limit**2 * (above + below) + (mean**2 + std**2) * inside
    square += std * (mean * falls - limit * (_normal(low) + _normal(high)))
    variance = np.maximum(square - found**2, 0.0)
    if mean.shape[-1] == 1:
        return found, variance[..., None]
    _, correlation = _standard(mean, covariance)
    angle = np.arcsin(correlation)
    together = np.zeros_like(correlation)
    for node, weight in zip(*np.polynomial.legendre.leggauss(NODES), strict=True):
        theta = angle * (1 + node) / 2
        chance = sum(
            side * both_below(one[..., :, None], other[..., None, :], np.sin(theta))
            for one, other, side in ((high, high, 1), (low, high, -1), (high, low, -1), (low, low, 1))
        )
        together += weight / 2 * angle * np.cos(theta) * chance
    return found, _with_diagonal(std[..., :, None] * std[..., None, :] * together, variance)


def both_below(x: Array, y: Array, correlation: Array) -> Array:
    """Chance that two standard normal numbers of this correlation lie below x and y, by Owen's function."""
    x, y, correlation = np.broadcast_arrays(x, y, correlation)
    x, y = (np.where(one == 0, LEAST_NORMAL, one) for one in (x, y))
    spread = np.sqrt(np.maximum(1 - correlation**2, SURE))
    with np.errstate(over="ignore"):
        first, second = (y / x - correlation) / spread, (x / y - correlation) / spread
    apart = np.where(np.sign(x) == np.sign(y), 0.0, 0.5)
    return np.asarray((ndtr(x) + ndtr(y)) / 2 - owens_t(x, first) - owens_t(y, second) - apart)


def _standard(mean: Array, covariance: Array) -> tuple[Array, Array]:
    """Means in standard deviations and correlations; without noise the mean is infinitely many."""
    std = np.maximum(np.sqrt(_diagonal(covariance)), LEAST_NORMAL)
    correlation = covariance / std[..., :, None] / std[..., None, :]
    with np.errstate(over="ignore"):
        return np.clip(mean / std, -FAR, FAR), np.clip(correlation, -1, 1)


def _diagonal(matrices: Array) -> Array:
    return np.asarray(np.maximum(np.diagonal(matrices, axis1=-2, axis2=-1), 0.0))


def _with_diagonal(matrices: Array, diagonal: Array) -> Array:
    dim = diagonal.shape[-1]
    return np.asarray(np.where(np.eye(dim, dtype=bool), diagonal[..., :, None] * np.ones(dim), matrices))


def _normal(x: Array) -> Array:
    return np.asarray(np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi))
