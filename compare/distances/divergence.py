"""Kullback-Leibler divergence."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import rel_entr, xlogy

from compare.distances.distance import Distance, Uncertainty, with_interval
from compare.distances.masses import Law, Masses, common_law, errors, read_pair
from compare.distances.noise import binomial_moments, standard_error
from compare.distances.variation import total_variation
from theory.base.arrays import Array


def kullback_leibler(p: Law, q: Law, *, confidence: float = 0.95) -> Distance:
    """KL(p || q), the sum of p log(p / q) over the cells, in nats; infinite where p has mass and q has none.

    Lost walkers are one more cell, so a p with lost walkers is infinitely far from any Density: on the
    grid alone, compare ``p.survivors``. An infinite value has the interval [2 low^2, inf), with low that of
    the total variation (Pinsker).

    Noise floor: the mean of X log(X / np) / n over the cells, exact for binomial counts X, (K - 1) / (2n)
    when all K cells are dense. A sampled q adds its leading order (K - 1) / (2m), since its exact mean
    is infinite: a count may be 0; where one is, the floor is infinite. The lower end of the interval
    subtracts the bias at the observed laws where that is larger.

    Grid error: no bound by total variation exists. It is the first-order effect of errors e_p and e_q that
    are relative errors of one size everywhere: 2 e_p E_p|log(p/q) - KL| + 2 e_q. An estimate.

    Raises
    ------
    InputError
        If the laws are on different grids, or not on a grid.

    References
    ----------
    Miller (1955), Paninski, Neural Computation 15 (2003), for the bias.
    """
    first, second = read_pair(p, q)
    value = max(float(rel_entr(first.probabilities, second.probabilities).sum()), 0.0)  # rounding below 0
    error_p, error_q, known = errors(first, second)
    if math.isinf(value):
        low = 2 * total_variation(p, q, confidence=confidence).low ** 2
        floor = math.inf if second.walkers else _excess(first, second, second.probabilities)[0]
        return Distance(value, floor, low, math.inf, math.inf, math.inf, confidence, known)
    both = (first.probabilities > 0) & (second.probabilities > 0)
    log_ratio = np.zeros_like(first.probabilities)
    log_ratio[both] = np.log(first.probabilities[both]) - np.log(second.probabilities[both])
    ratio = np.zeros_like(log_ratio)
    if second.walkers is not None:  # else it has no part, and may overflow
        ratio[both] = np.exp(log_ratio[both])
    absolute = float(first.probabilities @ np.abs(log_ratio - value))
    floor, spread = _excess(first, second, common_law(first, second))
    return with_interval(
        value,
        Uncertainty(
            noise_floor=floor,
            standard_error=max(standard_error(first, second, log_ratio, -ratio), spread),
            grid_error=2 * error_p * absolute + 2 * error_q,
            grid_error_known=known,
            bias=max(floor, _excess(first, second)[0]),
        ),
        confidence,
    )


def _excess(p: Masses, q: Masses, common: Array | None = None) -> tuple[float, float]:
    """Mean excess of KL over that of the laws, and its spread: at `common` for both laws, or at each."""
    excess = spread = 0.0
    truth_p, truth_q = (p.probabilities, q.probabilities) if common is None else (common, common)
    if p.walkers is not None:
        means, variances = binomial_moments(_bregman, p.walkers, truth_p)
        excess, spread = float(means.sum()) / p.walkers, math.sqrt(variances.sum()) / p.walkers
    if q.walkers is not None:
        held = truth_q > 0
        terms = truth_p[held] * (1 - truth_q[held]) / truth_q[held]
        excess += float(terms.sum()) / (2 * q.walkers)
        spread += math.sqrt(float(terms.sum()) / 2) / q.walkers
    return excess, spread


def _bregman(count: Array, mean: Array) -> Array:
    # count log(count / mean) without its linear part, which has mean 0 and would only cancel
    safe = np.where(mean > 0, mean, 1.0)
    return np.asarray(xlogy(count, count) - xlogy(count, safe)) - count + mean  # the ratio may overflow
