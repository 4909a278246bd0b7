"""The function of exponential fitting."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array


def bernoulli(z: Array) -> Array:
    """B(z) = z / (exp(z) - 1) with relative accuracy for every z; B(z) = exp(-z) B(-z). Shape of z."""
    size = np.abs(z)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        ratio = size / np.where(z > 0, np.expm1(size), -np.expm1(-size))
    return np.where(z == 0, 1.0, ratio)
