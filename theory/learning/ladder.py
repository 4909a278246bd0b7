"""Mean energies at rising inverse temperatures, and the learning coefficient that they tend to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, finite
from theory.base.errors import require
from theory.base.estimate import Estimate

POWERS = (1 / 6, 1 / 4, 1 / 2, 1.0)  # p of the terms t^-p and t^-2p; where m > 1 the middle ones
SHIFTS = (-4.0, 6.0, 41)  # c of the approach (m - 1) / (log t + c): least, largest, number
MOST_MULTIPLE = 4  # largest m that is tried
FORMED = 6.0  # log t above the start of the ladder, from where an approach is fitted
WIDE = 3.0  # times the spread of islands so far: from there on particles no longer follow
SEEN = 10  # levels, by which that spread is known
TINY = 1e-12  # least energy that a spread is compared with
SPREADS = 1.75  # standard deviations between approaches that count as bias, by counts of how often intervals cover
NEEDED = 10  # levels that are fitted


@dataclass(frozen=True, eq=False)
class Ladder:
    """E[t K] of independent islands of particles at levels t.

    Parameters
    ----------
    inverse_temperatures
        t, rising by one factor, shape (levels,).
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

        Approaches lambda - (m - 1)/(log t + c) + a t^-p + b t^-2p for m from 1 to `most`, 4 at most, are fitted by
        generalised least squares, every c and p of a range, and weighted by their evidence; `error` is the mean of
        their own, the other number 1.75 times the spread between them.

        Raises
        ------
        InputError
            If too few levels are settled.
        """
        logs = np.log(self.inverse_temperatures / self.inverse_temperatures[0])[: self.settled]
        taken = logs >= FORMED
        require(
            int(taken.sum()) >= NEEDED,
            f"at least {NEEDED} levels must be settled, got {int(taken.sum())}; give the minimum "
            "more exactly and L - L(w*) where that is large, or raise `moves`, `particles` and `reach`",
        )
        logs, seen = logs[taken], self.energies[: self.settled][taken]
        whiten = _whitener(seen)
        found = [
            fit for m in range(1, max(1, min(most, MOST_MULTIPLE)) + 1) for fit in _fits(m, logs, seen, whiten)
        ]
        multiplicity, values, errors, evidence = (np.array(column) for column in zip(*found, strict=True))
        weights = np.exp(evidence - evidence.max())
        weights /= weights.sum()
        value = float(weights @ values)
        spread = math.sqrt(float(weights @ (values - value) ** 2))
        shares = [float(weights[multiplicity == m].sum()) for m in range(1, int(multiplicity.max()) + 1)]
        return Estimate(value, math.sqrt(float(weights @ errors**2))), SPREADS * spread, 1 + int(np.argmax(shares))


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


def _fits(multiplicity: int, logs: Array, seen: Array, whiten: Array) -> list[tuple[int, float, float, float]]:
    """(m, lambda, its error, log evidence) of each approach of a multiplicity, all as likely beforehand.

    a and b are normal beforehand, of the size of lambda at the start of the ladder.
    """
    means, one = seen.mean(axis=1), np.ones((len(logs), 1))
    size = max(float(np.abs(means).max()), 1 / len(logs))
    known = np.diag([0.0, 1.0, 1.0])[1:]
    found = []
    shifts = np.linspace(*SHIFTS[:2], int(SHIFTS[2])) if multiplicity > 1 else [0.0]
    powers = POWERS if multiplicity == 1 else POWERS[1:3]
    for power in powers:
        decay = size * np.exp(-power * logs)[:, None]
        columns = np.hstack([one, decay, decay**2 / size])
        design = np.vstack([whiten @ columns, known])
        for shift in shifts:
            logarithm = (multiplicity - 1) / (logs + shift) if multiplicity > 1 else 0.0
            target = np.append(whiten @ (means + logarithm), [0.0, 0.0])
            found.append((multiplicity, *_least_squares(design, target, len(powers) * len(shifts))))
    return found


def _least_squares(design: Array, target: Array, alternatives: int) -> tuple[float, float, float]:
    """The first coefficient, its error, and the log evidence."""
    normal = design.T @ design
    inverse = np.linalg.inv(normal)
    coefficients = inverse @ (design.T @ target)
    left = target - design @ coefficients
    evidence = -float(left @ left) / 2 - float(np.linalg.slogdet(normal)[1]) / 2 - math.log(alternatives)
    return float(coefficients[0]), math.sqrt(float(inverse[0, 0])), evidence
