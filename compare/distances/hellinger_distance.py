"""Hellinger distance."""

from __future__ import annotations

import math

import numpy as np

from compare.distances.distance import Distance, Uncertainty, with_interval
from compare.distances.masses import Law, Masses, errors, read_pair
from compare.distances.noise import binomial_moments, split_mean, standard_error
from theory.base.arrays import Array


def hellinger(p: Law, q: Law, *, confidence: float = 0.95) -> Distance:
    """sqrt(1 - sum sqrt(p q)) = |sqrt p - sqrt q| / sqrt 2, between 0 and 1; H^2 <= TV <= sqrt(2) H.

    Lost walkers are one more cell, in which a Density has no mass. The noise floor is the root of the exact
    mean of H^2 under one common law (binomial counts, or random relabellings of two samples): by Jensen
    an upper bound of the mean of H, above it by a fraction 1 / (4 (K - 1)) for K dense cells.
    The grid error sqrt(e_p) + sqrt(e_q) is a bound, from H <= sqrt(TV), and often far from sharp.

    Raises
    ------
    InputError
        If the laws are on different grids, or not on a grid.
    """
    first, second = read_pair(p, q)
    root_p, root_q = np.sqrt(first.probabilities), np.sqrt(second.probabilities)
    value = float(np.linalg.norm(root_p - root_q) / math.sqrt(2))
    error_p, error_q, known = errors(first, second)
    square, variance = _square(first, second)
    floor = math.sqrt(square)
    spread = math.sqrt(variance) / (2 * floor) if floor > 0 else 0.0
    return with_interval(
        value,
        Uncertainty(
            noise_floor=floor,
            standard_error=max(_standard_error(first, second, value), spread),
            grid_error=math.sqrt(error_p) + math.sqrt(error_q),
            grid_error_known=known,
        ),
        confidence,
        largest=1.0,
    )


def _standard_error(p: Masses, q: Masses, value: float) -> float:
    """Delta method with dH/dp = -sqrt(q / p) / (4 H); at H = 0 its limit sqrt((1/n + 1/m) / 8)."""
    if value == 0:
        return math.sqrt(sum(1 / law.walkers for law in (p, q) if law.walkers is not None) / 8)
    root_p, root_q = np.sqrt(p.probabilities), np.sqrt(q.probabilities)
    both = (root_p > 0) & (root_q > 0)
    by_p, by_q = np.zeros_like(root_p), np.zeros_like(root_q)
    np.divide(root_q, root_p, out=by_p, where=both)
    np.divide(root_p, root_q, out=by_q, where=both)
    return standard_error(p, q, -by_p / (4 * value), -by_q / (4 * value))


def _square(p: Masses, q: Masses) -> tuple[float, float]:
    """Mean and variance of H^2 if both laws were the same."""
    n, m = p.walkers, q.walkers
    if n is not None and m is not None:
        pooled = p.counts + q.counts

        def split(x: Array, y: Array) -> Array:
            return np.asarray((np.sqrt(x / n) - np.sqrt(y / m)) ** 2 / 2)

        mean = split_mean(split, n, m, pooled)
        square = split_mean(lambda x, y: split(x, y) ** 2, n, m, pooled)
        return float(mean.sum()), float(np.maximum(square - mean**2, 0.0).sum())  # rounding below 0
    size = n if n is not None else m
    if size is None:
        return 0.0, 0.0
    truth = p.probabilities if n is None else q.probabilities
    means, variances = binomial_moments(lambda x, mean: (np.sqrt(x) - np.sqrt(mean)) ** 2, size, truth)
    return float(means.sum()) / (2 * size), float(variances.sum()) / (2 * size) ** 2
