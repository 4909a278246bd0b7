"""Total variation."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import bisect
from scipy.special import ndtr

from compare.distances.distance import Distance, Uncertainty, with_interval
from compare.distances.masses import Law, errors, read_pair
from compare.distances.noise import expected_gap, standard_error
from theory.base.arrays import Array

FAR = 40.0  # standard deviations, beyond which noise has no part
LEAN = 0.25  # standard deviations by which the value is read lower near the floor


def total_variation(p: Law, q: Law, *, confidence: float = 0.95) -> Distance:
    """Half the sum of |p - q| over the cells: the largest difference in the probability of any event.

    Between 0 and 1. Lost walkers are one more cell, in which a Density has no mass. The noise floor is
    exact: half the sum of the mean deviations of the counts (`noise.expected_gap`); two samples are
    compared with the random relabellings of their walkers. The influence function is sign(p - q) / 2.
    The grid error is the sum of the two laws' own, a bound.

    The plug-in value is too large, by the noise floor where the laws are one. `Distance.debiased` is t times it,
    with t the share of the observed differences that gives the observed value as its mean when normal noise of the
    floor's size is added in each cell: 0 below the floor, the value far above it. Near the floor the value is
    first read a quarter of its spread lower: this balances the bias at equal laws, upwards, with that of laws a
    little apart, downwards. On K cells the bias stays below 0.4 K^(1/4) standard errors (measured; 1.5 of them at
    K = 200), but where most cells hold none or one walker the differences of laws pass for noise.

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
        Uncertainty(
            noise_floor=float(gap.sum() / 2),
            standard_error=max(standard_error(first, second, influence, -influence), spread),
            grid_error=error_p + error_q,
            grid_error_known=known,
        ),
        confidence,
        largest=1.0,
        debiased=_debiased(np.abs(difference), gap, spread),
    )


def hidden_in_cells(p: Law, q: Law) -> float:
    """What the total variation of two computed laws may exceed that of their cells by.

    Within a cell in which the densities cross they differ, and their masses may not: where the difference is
    linear across such a cell it hides at most an eighth of what its neighbours show on both sides. The number is
    twice that, summed over all pairs of neighbours of different sign.

    Raises
    ------
    InputError
        If the laws are on different grids, or not on a grid.
    """
    first, second = read_pair(p, q)
    difference = (first.probabilities - second.probabilities)[:-1].reshape(first.grid.shape)
    hidden = 0.0
    for axis in range(difference.ndim):
        lines = np.moveaxis(difference, axis, 0)
        crosses = lines[:-1] * lines[1:] < 0
        hidden += float((np.abs(lines[:-1]) + np.abs(lines[1:]))[crosses].sum()) / 4
    return hidden


def _debiased(differences: Array, gap: Array, noise: float) -> float:
    """The total variation whose mean over samples is the observed one, or a little less near the floor.

    `gap` is each cell's mean deviation and `noise` the spread of the value if both laws were the same.
    """
    value, spread = float(differences.sum()) / 2, gap * math.sqrt(math.pi / 2)
    noisy = spread > differences / FAR
    above = value - float(gap.sum()) / 2
    if not noisy.any():
        return value
    if above <= 0:
        return 0.0
    aim = value - LEAN * 2 * noise**2 / (2 * noise + above)

    def excess(share: float) -> float:
        z = share * differences[noisy] / spread[noisy]
        folded = gap[noisy] * np.exp(-(z**2) / 2) + share * differences[noisy] * (1 - 2 * ndtr(-z))
        return float(folded.sum() + share * differences[~noisy].sum()) / 2 - aim

    if excess(0.0) >= 0:
        return 0.0
    return value * float(bisect(excess, 0.0, 1.0)) if excess(1.0) > 0 else value
