"""Whether chains agree with each other, and how many independent draws they are worth."""

from __future__ import annotations

import math

import numpy as np
from scipy import fft
from scipy.special import ndtri

from theory.base.arrays import Array

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)  # quantiles: the share of the draws below each is a mean of its own


def split_rhat(series: Array) -> float:
    """The potential scale reduction of chains (times, chains) cut in half: 1 where they agree.

    Infinite where no chain moved.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, section 11.4.
    """
    halves = _halves(series)
    within, total = _variances(halves)
    return math.sqrt(total / within) if within > 0 else math.inf


def rank_rhat(series: Array) -> float:
    """The larger `split_rhat` of normal scores of chains (times, chains), and of distances from their median.

    Unlike that of the draws it needs no moment, and sees chains that differ in spread alone.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), Rank-normalization, folding, and localization.
    """
    folded = np.abs(series - np.median(series))
    return max(split_rhat(_normal_scores(one)) for one in (series, folded))


def effective_sample_size(series: Array) -> float:
    """The number of independent draws whose mean is as exact as that of chains (times, chains).

    Autocorrelations from within and between the halves of the chains, summed while the sums of neighbours are
    positive, and made to decrease (Geyer).

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter & Buerkner (2021), Rank-normalization, folding, and localization,
    section 3.2; Geyer (1992), Practical Markov chain Monte Carlo.
    """
    halves = _halves(series)
    times, chains = halves.shape
    within, total = _variances(halves)
    if not within > 0:
        return 0.0
    centred = halves - halves.mean(axis=0)
    spectrum = fft.rfft(centred, fft.next_fast_len(2 * times), axis=0)
    covariances = (
        fft.irfft(np.abs(spectrum) ** 2, fft.next_fast_len(2 * times), axis=0)[:times].mean(axis=1) / times
    )
    correlations = 1 - (within - covariances * times / (times - 1)) / total
    correlations[0] = 1.0
    pairs = correlations[: times // 2 * 2].reshape(-1, 2).sum(axis=1)
    negative = np.flatnonzero(pairs <= 0)
    kept = np.minimum.accumulate(pairs[: negative[0]] if negative.size else pairs)
    return float(times * chains / max(2 * kept.sum() - 1, 1 / math.log10(times * chains)))


def least_effective_size(series: Array) -> float:
    """The least `effective_sample_size` of chains (times, chains) for their mean and for shares of their law.

    The shares are those below five quantiles of all draws: what histograms and distances are made of.
    """
    below = [(series <= bound).astype(np.float64) for bound in np.quantile(series, SHARES)]
    told = [flags for flags in below if flags.min() < flags.max()]  # not of a quantile that is the largest draw
    return min(effective_sample_size(one) for one in (series, *told))


def _normal_scores(series: Array) -> Array:
    from scipy.stats import rankdata  # half a second that few need

    ranks = rankdata(series, axis=None).reshape(series.shape)
    return np.asarray(ndtri((ranks - 3 / 8) / (series.size + 1 / 4)))


def _halves(series: Array) -> Array:
    half = len(series) // 2
    return np.concatenate([series[:half], series[-half:]], axis=1)


def _variances(halves: Array) -> tuple[float, float]:
    """Variance within the chains, and the estimate of the whole that takes in the spread of their means."""
    times = len(halves)
    within = float(halves.var(axis=0, ddof=1).mean())
    return within, within * (times - 1) / times + float(halves.mean(axis=0).var(ddof=1))
