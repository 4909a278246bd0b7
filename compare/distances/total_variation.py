"""Total variation."""

from __future__ import annotations

import math

import numpy as np

from compare.distances.distance import Distance, with_interval
from compare.distances.masses import Law, errors, read_pair
from compare.distances.noise import expected_gap, standard_error


def total_variation(p: Law, q: Law, *, confidence: float = 0.95) -> Distance:
    """Half the sum of |p - q| over the cells: the largest difference in the probability of any event.

    Between 0 and 1. Lost walkers are one more cell, in which a Density has no mass. The noise floor is
    exact: half the sum of the mean deviations of the counts (`noise.expected_gap`); two samples are
    compared with the random relabellings of their walkers. The influence function is sign(p - q) / 2.
    The grid error is the sum of the two laws' own, a bound.

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
    )
