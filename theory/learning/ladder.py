"""Mean energies at rising inverse temperatures, and the learning coefficient that they tend to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from theory.base.arrays import Array, finite
from theory.base.errors import require
from theory.base.estimate import Estimate

POWERS = (1 / 6, 1 / 4, 1 / 2, 1.0)  # p of the terms t^-p and t^-2p; where m > 1 the middle ones
SHIFTS = (0.0, 10.0, 41)  # c of the approach (m - 1) / (log(t / t_h) + c): least, largest, number
MOST_MULTIPLE = 4  # largest m that is tried
FORMED = 6.0  # log t above the start of the ladder, from where the spread of islands is the usual one
RISEN, AFTER = 0.5, 2.0  # share of the largest energy, reached at t_h; log(t / t_h) from where it is fitted
WIDE = 3.0  # times the spread of islands so far: from there on particles no longer follow
SEEN = 10  # levels, by which that spread is known
TINY = 1e-12  # least energy that a spread is compared with
RARER = 4.0  # times less likely beforehand is each m than m - 1: it takes one more coincidence
MISFIT = 0.99  # quantile of chi-square, above which levels are too early for any approach
SURE = 0.95  # level of the interval that the bias is for
POINTS, REACH = 4001, 8.0  # of the mixture's distribution function, and how many errors beyond all fits
NEEDED = 10  # levels that are fitted


@dataclass(frozen=True, eq=False)
class Ladder:
    """E[t K] of independent islands of particles at levels t.

    Parameters
    ----------
    inverse_temperatures
        t, rising, shape (levels,).
    energies
        Means of t K, shape (levels, islands).

    Raises
    ------
    InputError
        If the shapes do not fit, or levels do not rise.
    """

    inverse_temperatures: Array = field(repr=False)
    energies: Array = field(repr=False)

    def __post_init__(self) -> None:
        levels, energies = (
            finite(self.inverse_temperatures, "inverse_temperatures"),
            finite(self.energies, "energies"),
        )
        require(
            levels.ndim == 1 and levels.size > 0 and levels[0] > 0 and bool((np.diff(levels) > 0).all()),
            f"`inverse_temperatures` must be positive and rising, shape (levels,), got shape {levels.shape}",
        )
        require(
            energies.ndim == 2 and len(energies) == len(levels) and energies.shape[1] > 1,
            f"`energies` must have shape ({len(levels)}, islands) with two islands or more, got {energies.shape}",
        )
        object.__setattr__(self, "inverse_temperatures", levels)
        object.__setattr__(self, "energies", energies)

    def __repr__(self) -> str:
        return f"<Ladder: levels={len(self.energies)}, islands={self.islands}>"

    @property
    def islands(self) -> int:
        """Number of independent islands."""
        return int(self.energies.shape[1])

    @property
    def settled(self) -> int:
        """Levels before the islands' energies drift apart, as they do where steps are too rare for the law."""
        logs = np.log(self.inverse_temperatures / self.inverse_temperatures[0])
        spread = self.energies.std(axis=1, ddof=1) / np.sqrt(np.maximum(self.energies.mean(axis=1), TINY))
        formed = np.flatnonzero(logs >= FORMED)
        usual = float(np.median(spread[formed[:SEEN]])) if len(formed) else math.inf
        apart = formed[~(spread[formed] <= WIDE * usual)]
        return int(apart[0]) if len(apart) else len(spread)

    def at(self, level: int) -> Estimate:
        """E[t K] there, with its standard error from the spread of the islands."""
        means = self.energies[level]
        return Estimate(float(means.mean()), float(means.std(ddof=1) / math.sqrt(self.islands)))

    def slope(self) -> Estimate:
        """dE/dlog t at the last settled level, by the difference to the one before."""
        last = self.settled - 1
        step = math.log(self.inverse_temperatures[last] / self.inverse_temperatures[last - 1])
        means = (self.energies[last] - self.energies[last - 1]) / step
        return Estimate(float(means.mean()), float(means.std(ddof=1) / math.sqrt(self.islands)))

    def limit(self, most: int) -> tuple[Estimate, float, int]:
        """Lambda with its standard error, what the approach leaves open of it, and the likeliest multiplicity.

        Approaches lambda - (m - 1)/(log(t/t_h) + c) + a t^-p + b t^-2p for m from 1 to `most`, 4 at most, are
        fitted by generalised least squares, every c and p of a range, and weighted by their evidence, each m being
        a quarter as likely beforehand as m - 1; t_h is where half the largest energy is reached. Early levels are
        left out until an approach fits. Lambda is the mean of the mixture. The error of a fit is the larger one of
        the model's and of what it says of each island; `error` is their mean, and the other number is what the
        farther end of the mixture's 95 % interval adds to it in squares.

        Raises
        ------
        InputError
            If too few levels are settled.
        """
        seen = self.energies[: self.settled]
        means, logs = seen.mean(axis=1), np.log(self.inverse_temperatures)[: self.settled]
        formed = int((logs - logs[0] >= FORMED).sum())
        require(
            formed >= NEEDED,
            f"at least {NEEDED} levels must be settled, got {formed}; give the minimum "
            "more exactly and L - L(w*) where that is large, or raise `moves`, `particles` and `reach`",
        )
        logs = logs - logs[int(np.argmax(means >= RISEN * means.max()))]
        number = min(formed, max(NEEDED, int((logs >= AFTER).sum())))
        logs, seen = logs[-number:], seen[-number:]
        for first in range(len(logs) - NEEDED + 1):
            fits = _all_fits(max(1, min(most, MOST_MULTIPLE)), logs[first:], seen[first:])
            excess = float(fits[4].min() / special.chdtri(len(logs) - first - 1, 1 - MISFIT))
            if excess <= 1:
                break
        multiplicity, values, errors, evidence, _ = fits
        errors = errors * math.sqrt(max(1.0, excess))
        weights = np.exp(evidence - evidence.max()) * RARER ** (1 - multiplicity)
        weights /= weights.sum()
        value, error = float(weights @ values), math.sqrt(float(weights @ errors**2))
        low, high = _ends(values, errors, weights, self.islands - 1)
        quantile = float(special.stdtrit(self.islands - 1, (1 + SURE) / 2))
        left = max(value - low, high - value) ** 2 - (quantile * error) ** 2
        shares = [float(weights[multiplicity == m].sum()) for m in range(1, int(multiplicity.max()) + 1)]
        return Estimate(value, error), math.sqrt(max(left, 0.0)), 1 + int(np.argmax(shares))


def _whitener(seen: Array) -> Array:
    """The inverse root of the covariance of the means (levels, islands): one variance, neighbours correlated."""
    levels, islands = seen.shape
    centred = seen - seen.mean(axis=1, keepdims=True)
    variance = (centred**2).sum(axis=1) / (islands - 1)
    unit = centred / np.sqrt(variance)[:, None]
    share = max(0.0, float((unit[1:] * unit[:-1]).sum(axis=1).mean()) / (islands - 1))
    places = np.arange(levels)
    correlation = min(share, 1 - 1 / levels) ** np.abs(places[:, None] - places)
    root = np.linalg.cholesky(correlation * float(variance.mean()) / islands)
    return np.asarray(np.linalg.inv(root))


def _all_fits(most: int, logs: Array, seen: Array) -> Array:
    """m, lambda, its error, log evidence and chi-square of each approach with m up to `most`, shape (5, fits)."""
    whiten = _whitener(seen)
    found = [fit for m in range(1, most + 1) for fit in _fits(m, logs, seen, whiten)]
    return np.array(found).T


def _fits(multiplicity: int, logs: Array, seen: Array, whiten: Array) -> list[tuple[float, ...]]:
    """The same of the approaches of one multiplicity, all as likely beforehand.

    a and b are normal beforehand, of the size of lambda at the start of the ladder.
    """
    means, one = seen.mean(axis=1), np.ones((len(logs), 1))
    size = max(float(np.abs(means).max()), 1 / len(logs))
    known = np.diag([0.0, 1.0, 1.0])[1:]
    nearest = max(SHIFTS[0], AFTER - float(logs[0]))
    shifts = np.linspace(nearest, SHIFTS[1], int(SHIFTS[2])) if multiplicity > 1 else np.zeros(1)
    logarithms = (multiplicity - 1) / (logs[:, None] + shifts) if multiplicity > 1 else 0 * logs[:, None]
    powers = POWERS if multiplicity == 1 else POWERS[1:3]
    targets = np.vstack([whiten @ (means[:, None] + logarithms), np.zeros((2, len(shifts)))])
    found: list[tuple[float, ...]] = []
    for power in powers:
        decay = size * np.exp(-power * logs)[:, None]
        design = np.vstack([whiten @ np.hstack([one, decay, decay**2 / size]), known])
        normal = design.T @ design
        gain = np.linalg.solve(normal, design.T)
        coefficients = gain @ targets
        chi = ((targets - design @ coefficients) ** 2).sum(axis=0)
        own = (gain[0, : len(logs)] @ whiten @ seen).std(ddof=1) / math.sqrt(seen.shape[1])
        error = max(math.sqrt(float(np.linalg.inv(normal)[0, 0])), float(own))
        known_size = float(np.linalg.slogdet(normal)[1]) / 2 + math.log(len(powers) * len(shifts))
        found += [
            (multiplicity, value, error, -misfit / 2 - known_size, misfit)
            for value, misfit in zip(coefficients[0], chi, strict=True)
        ]
    return found


def _ends(values: Array, errors: Array, weights: Array, freedom: int) -> tuple[float, float]:
    """Of the interval of a mixture of t laws."""
    places = np.linspace((values - REACH * errors).min(), (values + REACH * errors).max(), POINTS)
    below = np.zeros(POINTS)
    for value, error, weight in zip(values, errors, weights, strict=True):
        below += weight * special.stdtr(freedom, (places - value) / error)
    low, high = np.interp([(1 - SURE) / 2, (1 + SURE) / 2], below, places)
    return float(low), float(high)
