"""Laplace's method to the second order beyond the Gaussian integral."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

from theory.base.arrays import Array, ArrayLike
from theory.landscapes.function import central_differences

Line = Callable[[Array], Array]


def derivatives(function: Line, at: float, radius: float, count: int, degree: int) -> Array:
    """The function and its first `count` derivatives at a point, from its Chebyshev series around it."""
    series = Chebyshev.interpolate(function, degree, domain=[at - radius, at + radius])
    return np.array([series.deriv(k)(at) if k else series(at) for k in range(count + 1)])


def laplace_terms(slopes: ArrayLike, log_weight: ArrayLike) -> tuple[float, float]:
    """The relative terms of order 1 and 2 in the temperature of the integral of exp(log_weight - Phi).

    With x = z / sqrt(Phi''), the exponent beyond -z^2/2 is a series in the root of the temperature whose j-th
    term is p_j(z) = l_j z^j / j! - f_{j+2} z^{j+2} / (j+2)!; its exponential is averaged over a normal z.

    Parameters
    ----------
    slopes
        Phi' = 0, Phi'', ..., of order 1 to 6, at the minimum of Phi.
    log_weight
        The logarithm of the weight and its derivatives of order 1 to 4, there.
    """
    phi, weight = np.asarray(slopes, dtype=np.float64), np.asarray(log_weight, dtype=np.float64)
    width = phi[1] ** -0.5
    pieces = [Polynomial([1.0])]
    for j in range(1, 5):
        coefficients = np.zeros(j + 3)
        coefficients[j] = weight[j] * width**j / math.factorial(j)
        coefficients[j + 2] = -phi[j + 1] * width ** (j + 2) / math.factorial(j + 2)
        pieces.append(Polynomial(coefficients))
    powers = [Polynomial([1.0])]
    for n in range(1, 5):
        terms = [j / n * pieces[j] * powers[n - j] for j in range(1, n + 1)]
        powers.append(sum(terms, start=Polynomial([0.0])))
    return _normal_mean(powers[2]), _normal_mean(powers[4])


def first_term(slope: Callable[[ArrayLike], Array], at: Array, scale: float) -> float:
    """The relative term of first order of the integral of exp(-Phi) in d dimensions, from the gradient of Phi.

    `scale` is the length on which that varies.

    With G the inverse of Phi'' and f_3, f_4 the next derivatives: -f_4 GG/8 + f_3 f_3 GGG (1/8 and 1/12, for the
    two ways to join them). The derivatives are differences, good to four digits or so.
    """

    def curvature(w: Array) -> Array:
        return central_differences(slope, w, scale=scale)

    def third(w: Array) -> Array:
        return central_differences(curvature, w, scale=scale)

    f_3, f_4, inverse = third(at), central_differences(third, at, scale=scale), np.linalg.inv(curvature(at))
    pair = np.einsum("ijk,jk->i", f_3, inverse)
    once = (pair @ inverse @ pair - np.einsum("ijkl,ij,kl", f_4, inverse, inverse)) / 8
    return float(once + np.einsum("ijk,lmn,il,jm,kn", f_3, f_3, inverse, inverse, inverse) / 12)


def _normal_mean(polynomial: Polynomial) -> float:
    """E p(z) for a standard normal z."""
    even = np.asarray(polynomial.coef)[::2]
    moments = np.cumprod([1.0, *range(1, 2 * len(even) - 2, 2)])
    return float(even @ moments)
