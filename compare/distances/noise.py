"""What counting independent walkers does to a distance, in means and variances; nothing is random here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

from compare.distances.masses import Masses, whole
from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.errors import require
from theory.laws import Density

SPARSE = 30  # expected counts up to here are summed term by term
DEVIATIONS = 12  # of a count from its mean, and as many counts: what is farther has a chance below 1e-25


def standard_error(p: Masses, q: Masses, influence_p: Array, influence_q: Array) -> float:
    """sqrt(Var_p(phi_p) / n + Var_q(phi_q) / m), without the term of a computed law.

    `influence_p` and `influence_q` are the derivatives of the distance by the probabilities of each law;
    cells without mass do not count.
    """
    variance = 0.0
    for law, influence in ((p, influence_p), (q, influence_q)):
        if law.walkers is not None:
            seen = law.probabilities > 0
            weights, values = law.probabilities[seen], influence[seen]
            variance += float(weights @ (values - weights @ values) ** 2) / law.walkers
    return float(np.sqrt(variance))


def expected_gap(p: Masses, q: Masses, events_p: Array, events_q: Array) -> tuple[Array, Array]:
    """Mean and variance of |P(A) - Q(A)| for each event A if both laws were the same, shape of the events.

    Exact: De Moivre's binomial mean deviation about a computed law, and for two samples the
    hypergeometric one given the pooled counts, that is the mean over all relabellings of the walkers.

    Parameters
    ----------
    events_p, events_q
        Observed probabilities of the events (cells, or cells summed) under each law.
    """
    if p.walkers is not None and q.walkers is not None:
        n, m = p.walkers, q.walkers
        pooled = np.minimum(whole(events_p * n), n) + np.minimum(whole(events_q * m), m)
        scale, share = 1 / n + 1 / m, pooled / (n + m)
        mean = scale * hypergeometric_deviation(n, m, pooled)
        square = scale * share * (1 - share) * (n + m) / (n + m - 1)
        return mean, np.maximum(square - mean**2, 0.0)  # rounding below 0
    n, truth = (p.walkers or q.walkers or 0), events_p if p.walkers is None else events_q
    if n == 0:
        return np.zeros_like(truth), np.zeros_like(truth)
    mean = binomial_deviation(n, truth) / n
    return mean, np.maximum(truth * (1 - truth) / n - mean**2, 0.0)


def binomial_deviation(n: int, probability: ArrayLike) -> Array:
    """E|X - np| of X ~ Binomial(n, p): 2 v (1 - p) P(X = v) with v = floor(np) + 1.

    References
    ----------
    De Moivre (1730); Diaconis & Zabell, Statistical Science 6 (1991).
    """
    p = np.asarray(probability, dtype=np.float64)
    inner = (p > 0) & (p < 1)
    p = np.where(inner, p, 0.5)
    v = np.floor(n * p) + 1
    return np.where(inner, 2 * v * (1 - p) * np.exp(_log_binomial(n, v, p)), 0.0)


def hypergeometric_deviation(n: int, m: int, pooled: Integers) -> Array:
    """E|X - n s / N| where X of `pooled` s walkers fall to the first of two samples of n and m, N = n + m.

    2 v (m - s + v) P(X = v) / N with v = floor(n s / N) + 1, from (x N - s n) P(x) = T(x) - T(x + 1) with
    T(x) = x (m - s + x) P(x).
    """
    total = n + m
    v = (n * pooled) // total + 1
    return 2.0 * v * (m - pooled + v) * np.exp(_log_hypergeometric(n, m, pooled, v)) / total


def binomial_moments(function: Callable[[Array, Array], Array], n: int, probability: Array) -> tuple[Array, Array]:
    """Mean and variance of f(X, np), X ~ Binomial(n, p), for each p; f smooth on the scale np.

    Summed term by term for np <= 30, else by the three-point rule that has the first four moments of X
    (relative error below 2e-4 for the mean and 3 % for the variance, falling with np).
    """
    expected = n * probability
    at_mean = np.asarray(function(expected, expected), dtype=np.float64)
    mean, square = at_mean.copy(), at_mean**2
    sparse, dense = (expected > 0) & (expected <= SPARSE), (expected > SPARSE) & (probability < 1)
    p, few = probability[sparse], expected[sparse]
    summed, summed_square = np.zeros_like(p), np.zeros_like(p)
    largest = float(few.max(initial=0.0))
    for k in range(min(n, int(largest + DEVIATIONS * np.sqrt(largest) + DEVIATIONS)) + 1):
        weight, value = np.exp(_log_binomial(n, np.float64(k), p)), function(np.full_like(few, k), few)
        summed += weight * value
        summed_square += weight * value**2
    mean[sparse], square[sparse] = summed, summed_square
    p, many = probability[dense], expected[dense]
    variance = many * (1 - p)
    # nodes 0 and u, v about the mean solve u + v = 1 - 2p (skewness) and the fourth-moment equation
    root = np.sqrt(1 + 12 * variance - 12 * p * (1 - p))
    u, v = (1 - 2 * p + root) / 2, (1 - 2 * p - root) / 2
    nodes = np.stack([function(many + u, many), function(many + v, many), at_mean[dense]])
    at_u, at_v = variance / (u * root), -variance / (v * root)
    weights = np.stack([at_u, at_v, 1 - at_u - at_v])
    mean[dense], square[dense] = (weights * nodes).sum(axis=0), (weights * nodes**2).sum(axis=0)
    return mean, np.maximum(square - mean**2, 0.0)  # rounding below 0


def split_mean(function: Callable[[Array, Array], Array], n: int, m: int, pooled: Integers) -> Array:
    """E f(X, s - X) for each of the `pooled` counts s, split at random over samples of n and m walkers."""
    sizes, where = np.unique(pooled, return_inverse=True)
    means = np.zeros(len(sizes))
    for index, s in enumerate(sizes.tolist()):
        centre, reach = n * s / (n + m), DEVIATIONS * np.sqrt(s) + DEVIATIONS
        x = np.arange(max(0, s - m, int(centre - reach)), min(s, n, int(centre + reach)) + 1, dtype=np.float64)
        means[index] = np.exp(_log_hypergeometric(n, m, s, x)) @ function(x, s - x)
    return means[where]


def _log_binomial(n: int, x: ArrayLike, p: Array) -> Array:
    x = np.asarray(x, dtype=np.float64)
    return np.asarray(_log_choose(n, x) + xlogy(x, p) + xlog1py(n - x, -p))


def _log_hypergeometric(n: int, m: int, s: ArrayLike, x: ArrayLike) -> Array:
    s, x = np.asarray(s, dtype=np.float64), np.asarray(x, dtype=np.float64)
    return _log_choose(s, x) + _log_choose(n + m - s, n - x) - _log_choose(n + m, n)


def _log_choose(n: ArrayLike, k: ArrayLike) -> Array:
    n, k = np.asarray(n, dtype=np.float64), np.asarray(k, dtype=np.float64)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def counting_floor(law: Density, walkers: int) -> float:
    """The total variation that counts of so many independent walkers have on average from their own law.

    What they leave open of a computed law: theory that is nearer cannot be told from it by so many.

    Raises
    ------
    InputError
        If there is no walker.
    """
    require(walkers >= 1, f"`walkers` must be at least 1, got {walkers}")
    return float(binomial_deviation(walkers, law.probabilities).sum() / (2 * walkers))
