"""Total variation."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import bisect
from scipy.special import ndtr

from compare.distances.distance import Distance, with_interval
from compare.distances.masses import Law, errors, read_pair
from compare.distances.noise import expected_gap, standard_error
from theory.arrays import Array

FAR = 40.0  # standard deviations, beyond which noise has no part


def total_variation(p: Law, q: Law, *, confidence: float = 0.95) -> Distance:
    """Half the sum of |p - q| over the cells: the largest difference in the probability of any event.

    Between 0 and 1. Lost walkers are one more cell, in which a Density has no mass. The noise floor is
    exact: half the sum of the mean deviations of the counts (`noise.expected_gap`); two samples are
    compared with the random relabellings of their walkers. The influence function is sign(p - q) / 2.
    The grid error is the sum of the two laws' own, a bound.

    The plug-in value is too large, by the noise floor where the laws are one. `Distance.debiased` is t times it,
    with t the share of the observed differences that gives the observed value as its mean when normal noise of the
    floor's size is added in each cell: 0 below the floor, the value far above it. Its bias is below 1.5 standard
    errors where cells hold some walkers; where most hold none or one, the differences of laws pass for noise.

    Raises
    ------
    InputError
        If the laws are on different grids, or not on a grid.

    References
    ----------
    Diaconis & Zabell, Statistical Science 6 (1991), for the mean deviation.
    """
    first, second = read_pair(p, q)
    difference = first.probabilities - second.probabilities
    influence = np.sign(difference) / 2
    gap, variance = expected_gap(first, second, first.probabilities, second.probabilities)
    spread = math.sqrt(variance.sum()) / 2  # sparse cells all have one sign, and the influence no spread
    error_p, error_q, known = errors(first, second)
    return with_interval(
        float(np.abs(difference).sum() / 2),
        noise_floor=float(gap.sum() / 2),
        standard_error=max(standard_error(first, second, influence, -influence), spread),
        grid_error=error_p + error_q,
        grid_error_known=known,
        confidence=confidence,
        largest=1.0,
        debiased=_debiased(np.abs(difference), gap),
    )


def _debiased(differences: Array, gap: Array) -> float:
    """The total variation whose mean over samples is the observed one; `gap` is each cell's mean deviation."""
    value, spread = float(differences.sum()) / 2, gap * math.sqrt(math.pi / 2)
    noisy = spread > differences / FAR

    def excess(share: float) -> float:
        z = share * differences[noisy] / spread[noisy]
        folded = gap[noisy] * np.exp(-(z**2) / 2) + share * differences[noisy] * (1 - 2 * ndtr(-z))
        return float(folded.sum() + share * differences[~noisy].sum()) / 2 - value

    if excess(0.0) >= 0:
        return 0.0 if noisy.any() else value
    return value * float(bisect(excess, 0.0, 1.0)) if excess(1.0) > 0 else value
