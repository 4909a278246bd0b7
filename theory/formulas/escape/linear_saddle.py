"""Mean times in which linear processes leave an unstable point: in continuous time, and in steps."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.integrate import quad
from scipy.special import dawsn, ndtr

from theory.base.arrays import Array
from theory.base.rounding import LARGEST_EXPONENT

ASYMPTOTIC_FROM = 12.0  # from here on the integral of Dawson's function is its asymptotic series, to rounding
TERMS = 10  # of that series
RESOLVED_DISTANCE = 60.0  # distance in standard deviations of a step up to which the integral equation is solved
FEWEST_NODES, NODES_A_DEVIATION = 40, 6  # of the quadrature of the integral equation
QUADRATURE_ERROR = 1e-9  # relative
OF_SQUARE = 5.0  # of a deviation over the distance, squared: relative error beyond
LAST_TERM = 80.0  # number of a term times the squared drift, beyond which terms have a factor e^-40
SERIES = 0.5  # drift in standard deviations a step below which the overshoot is a power series
# -zeta(1/2)/sqrt(2 pi), 1/4, -zeta(-1/2)/sqrt(8 pi), 0, zeta(-3/2)/(24 sqrt(2 pi)); the next one has the order 6.
OVERSHOOT = (0.5825971579390107, 0.25, 0.04146726370, 0.0, -0.000423629)
DAWSON_ERROR = 1e-13  # relative, of the integral up to there


def dawson_integral(upper: float) -> float:
    """The integral of Dawson's function from 0 to `upper` >= 0, to 1e-12 of it.

    It is (A^2/2) 2F2(1, 1; 3/2, 2; -A^2), with the asymptotic series (log(4 A^2) + Euler's constant) / 4 -
    sum (2k-1)!! / (2^(k+2) k A^(2k)).
    """
    if upper < ASYMPTOTIC_FROM:
        return float(quad(dawsn, 0.0, upper, epsabs=0.0, epsrel=DAWSON_ERROR, limit=200)[0])
    term, rest = 1.0, 0.0
    for k in range(1, TERMS + 1):
        term *= (2 * k - 1) / (2 * upper**2)
        rest += term / (4 * k)
    return (2 * math.log(2 * upper) + float(np.euler_gamma)) / 4 - rest


def linear_passage_time(growth: float, diffusion: float, distance: float) -> float:
    """Mean time from 0 until |u| = a for du = l u dt + sqrt(2 D) dW: (a^2/(2D)) 2F2(1, 1; 3/2, 2; -l a^2/(2D)).

    From D T'' + l u T' = -1 with T(+-a) = 0 the slope of T is -sqrt(2/(l D)) times Dawson's function.
    """
    return 2 / growth * dawson_integral(distance * math.sqrt(growth / (2 * diffusion)))


def linear_passage_steps(gain: float, variance: float, distance: float) -> tuple[float, float]:
    """Mean number of steps from 0 until |u| >= a for u <- (1 + gain) u + N(0, variance), and its relative error.

    Up to 60 standard deviations of a step the integral equation of the mean, by Gauss-Legendre quadrature with
    six points to a standard deviation (Nystroem). Beyond, the time of the process in continuous time with the
    same law after every step, and the steps by which a walk that is looked at once a step is late: its mean
    overshoot over its drift at the border. The error of that is of the order of the square of a standard
    deviation over the distance.
    """
    ratio = distance / math.sqrt(variance)
    if ratio <= RESOLVED_DISTANCE:
        return _integral_equation(gain, ratio), QUADRATURE_ERROR
    rate = math.log1p(gain)
    diffusion = rate / (gain * (2 + gain))  # in squares of a standard deviation of a step
    reach = ratio * math.sqrt(rate / (2 * diffusion))
    drift = gain * ratio
    late = mean_overshoot(drift) / drift * 2 * reach * float(dawsn(reach))
    # Looked at once a step, growth at a large gain keeps the phase of its last step.
    return linear_passage_time(rate, diffusion, ratio) + late, OF_SQUARE / ratio**2 + _phase(rate)


def mean_overshoot(drift: float) -> float:
    """Mean distance by which a walk of steps N(drift, 1) passes a far barrier.

    (1 + m^2)/(2m) - sum E max(-S_n, 0) / n (Siegmund 1985, Sequential Analysis, chapter 8); its power series in
    m, by twofold integration of the second derivative of the sum, begins with -zeta(1/2)/sqrt(2 pi) + m/4.
    """
    if drift < SERIES:
        return float(np.polynomial.polynomial.polyval(drift, OVERSHOOT))
    n = np.arange(1, 2 + int(LAST_TERM / drift**2))
    root = np.sqrt(n)
    below = np.exp(-((drift * root) ** 2) / 2) / math.sqrt(2 * math.pi) / root - drift * ndtr(-drift * root)
    return float((1 + drift**2) / (2 * drift) - below.sum())


@lru_cache(maxsize=64)
def _integral_equation(gain: float, ratio: float) -> float:
    """T(u) = 1 + int over (-a, a) of N(v; (1 + gain) u, 1) T(v) dv, at u = 0."""
    nodes, weights = np.polynomial.legendre.leggauss(FEWEST_NODES + int(NODES_A_DEVIATION * ratio))
    nodes, weights = nodes * ratio, weights * ratio

    def law(u: Array) -> Array:
        return np.exp(-((nodes - (1 + gain) * u[:, None]) ** 2) / 2) / math.sqrt(2 * math.pi) * weights

    times = np.linalg.solve(np.eye(len(nodes)) - law(nodes), np.ones(len(nodes)))
    return float(1 + (law(np.zeros(1)) @ times)[0])


def _phase(rate: float) -> float:
    """Bound on the periodic part of the mean of ceil(x) for x = log(a/|Z|)/rate, first Fourier mode, Z normal.

    E|Z|^(is) has the modulus 1/sqrt(cosh(pi s/2)), with s = 2 pi/rate.
    """
    wave = math.pi**2 / rate
    return math.exp(-min(wave, LARGEST_EXPONENT) / 2) * math.sqrt(2) / math.pi
