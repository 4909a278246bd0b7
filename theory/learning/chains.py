"""What chains say of a mean: whether they mixed, how many independent draws they are worth, and cumulants."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import fft

from theory.base.arrays import Array
from theory.base.estimate import Estimate


@dataclass(frozen=True, eq=False)
class Chains:
    """Chains of energies X = n beta (L - L(w*)) and of the localising prior's U.

    Parameters
    ----------
    energies, tethers
        X and U after the burn-in, shape (times, chains).
    acceptance
        Share of proposals accepted after the burn-in; None where all are.
    step_size
        Step of the sampler after the burn-in.
    save_every, burn_in
        How many steps made one that was kept, and steps before them.
    """

    energies: Array = field(repr=False)
    tethers: Array = field(repr=False)
    acceptance: float | None
    step_size: float
    save_every: int = 1
    burn_in: int = 0

    @property
    def number(self) -> int:
        """Number of independent chains."""
        return int(self.energies.shape[1])

    def estimate(self, terms: Array) -> Estimate:
        """The mean of `terms` (times, chains), its standard error from the spread of the chains' means."""
        means = terms.mean(axis=0)
        return Estimate(float(means.mean()), float(means.std(ddof=1) / math.sqrt(self.number)))

    def moments(self) -> tuple[Array, Array]:
        """Two series (times, chains) whose means are the energy without the prior's pull and its slope in log n.

        The first is E[X] + Cov(X, U): its derivative in the strength is that of E[X] at strength 0, so that what
        the localization does to first order is gone. The second is its derivative in log t at fixed prior,
        k1 - k2 + Cov(X, U) - k(X, X, U), with k the joint cumulants. Each term is the cumulant plus its influence
        function, so that the mean is the estimate and the spread of the chains' means its error.
        """
        mean, tether = self.energies.mean(), self.tethers.mean()
        x, u = self.energies - mean, self.tethers - tether
        square, product = x * x, x * u
        variance, covariance = square.mean(), product.mean()
        mixed = square * u - 2 * covariance * x - variance * u
        energy = self.energies + product
        return energy, energy - square - mixed


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


def _halves(series: Array) -> Array:
    half = len(series) // 2
    return np.concatenate([series[:half], series[-half:]], axis=1)


def _variances(halves: Array) -> tuple[float, float]:
    """Variance within the chains, and the estimate of the whole that takes in the spread of their means."""
    times = len(halves)
    within = float(halves.var(axis=0, ddof=1).mean())
    return within, within * (times - 1) / times + float(halves.mean(axis=0).var(ddof=1))
