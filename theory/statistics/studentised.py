"""Means of independent values, with intervals and probabilities that know their skewness."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri, owens_t, stdtr, stdtrit

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.rounding import EPSILON, LEAST_NORMAL
from theory.base.showing import told

MOST_SKEW = 0.1  # skewness^2 / n, up to which a chance of 1 % is right to 1 in 2
AT_QUANTILE = 2.6  # standard errors of that chance; beyond, the skewness may be less, by the fourth power
FEWEST = 10  # values
MANY = 1000  # values, in whose largest a tail is seen
FARTHER = 5  # times fewer of them, in which it must be seen as well
DOUBT = 2.0  # standard errors of the power of a tail
VARIANCE = 2.0  # power of a tail from which the variance exists
LARGEST_QUANTILE = 37.0  # standard errors, beyond which chances are 0 in double precision
ROUNDED = 64 * EPSILON  # of a mean, which rounding may leave
NO_BEND = 1e-9  # skewness / sqrt(n), below which the transformation is none


@dataclass(frozen=True, eq=False)
class StudentisedMeans:
    """Means of k quantities over independent walkers; chances by Student's law after Hall's transformation.

    With t = (mean - truth) / error and a = skewness / sqrt(n), ((1 + a t / 3)^3 - 1) / a + a / 6 is normal to
    order 1/n where t is to order n^(-1/2).

    Parameters
    ----------
    number
        Of walkers, n.
    mean, error, skewness
        Of each quantity, shape (k,); the error is the standard error of the mean.
    correlation
        Of the quantities, shape (k, k); 0 with one that does not vary.
    tail
        Power with which the probability of large values falls, at most, of the quantity with the heaviest tail.

    References
    ----------
    ---------- Hall, J. R. Statist. Soc. B 54 (1992), for the transformation; Hill, Ann. Statist. 3 (1975), for the
    tail; Hunter, J. Appl. Prob. 13 (1976), for the chance that one of several is far off.
    """

    number: int
    mean: Array = field(repr=False)
    error: Array = field(repr=False)
    skewness: Array = field(repr=False)
    correlation: Array = field(repr=False)
    tail: float = math.inf

    def __repr__(self) -> str:
        return told(
            "StudentisedMeans", number=self.number, mean=self.mean, error=self.error, skewness=self.skewness
        )

    @staticmethod
    def of(values: Array) -> StudentisedMeans:
        """Those of `values`, shape (n, k), a row for each walker.

        Raises
        ------
        InputError
            If there are fewer than ten walkers, or a value is not finite.
        """
        require(
            values.ndim == 2 and values.size > 0 and bool(np.isfinite(values).all()),
            f"`values` must be finite, a row for each walker, got shape {values.shape}",
        )
        number = len(values)
        require(number >= FEWEST, f"a studentised mean needs at least {FEWEST} walkers, got {number}; take more")
        mean = values.mean(axis=0)
        away = values - mean
        variance = (away**2).mean(axis=0)
        variance[np.sqrt(variance) <= ROUNDED * np.abs(mean)] = 0.0  # rounding of a constant
        spread = np.sqrt(variance)
        held = np.where(spread > 0, spread, 1.0)
        scaled = np.where(spread > 0, away / held, 0.0)
        return StudentisedMeans(
            number,
            mean,
            spread / math.sqrt(number - 1),
            (scaled**3).mean(axis=0),
            scaled.T @ scaled / number,
            _heaviest_tail(scaled),
        )

    def refuse_unless_enough(self, alpha: float) -> None:
        """Refuse values whose variance does not exist, or too few for their skewness at a chance `alpha`.

        Raises
        ------
        InputError
            If they are.
        """
        require(
            self.tail > VARIANCE,
            f"a mean with an error needs values of finite variance, got some that fall like x^-{self.tail:.3g} "
            "(the probability beyond x); take a bounded function, or quantiles",
        )
        quantile = self.quantile(alpha)
        most = MOST_SKEW * min(1.0, (AT_QUANTILE / quantile) ** 4)
        needed = float((self.skewness**2).max(initial=0.0)) / most
        require(
            needed <= self.number,
            f"{self.number} walkers are too few for a mean of skewness {np.abs(self.skewness).max():.3g} at alpha "
            f"= {alpha:.3g}: take {needed:.2g} or more, or a less skewed function",
        )

    def deviations(self, truth: Array, error: Array) -> Array:
        """Of each mean from `truth`, known to within `error`, in transformed standard errors; all (k,)."""
        off = self.mean - truth
        off = np.sign(off) * np.maximum(np.abs(off) - error - ROUNDED * np.abs(self.mean), 0.0)
        varied = self.error > 0
        ratio = off / np.where(varied, self.error, 1.0)
        found = np.where(varied, self._straight(ratio), np.where(off == 0, 0.0, np.copysign(np.inf, off)))
        return np.where(off == 0, 0.0, found)

    def p_value(self, truth: Array, error: Array) -> float:
        """Largest chance that a mean is as far from `truth` (k,), known to within `error` (k,), two-sided."""
        farthest = float(np.abs(self.deviations(truth, error)).max())
        tail = float(stdtr(self.number - 1, -farthest))
        return self._chance(-float(ndtri(tail))) if tail > 0 else 0.0

    def quantile(self, alpha: float) -> float:
        """Transformed standard errors that one of the means exceeds with a chance `alpha`."""
        low = max(0.0, -float(ndtri(min(alpha, 1.0) / 2)))
        high = min(LARGEST_QUANTILE, -float(ndtri(alpha / 2 / len(self.mean))))
        normal = low
        if self._chance(low) > alpha:
            normal = float(brentq(lambda c: math.log(self._chance(c) / alpha), low, high + 1))
        return -float(stdtrit(self.number - 1, ndtr(-normal)))

    def interval(self, alpha: float) -> tuple[Array, Array]:
        """Ends (k,) of the intervals that hold all truths but with a chance `alpha`."""
        quantile = self.quantile(alpha)
        low, high = self._bent(np.full(len(self.mean), -quantile)), self._bent(np.full(len(self.mean), quantile))
        return self.mean - self.error * high, self.mean - self.error * low

    def detectable(self, alpha: float, error: Array, power: float = 0.9) -> Array:
        """Differences (k,) that show with a chance `power` each.

        `alpha` is the chance of a false alarm, and `error` (k,) that of what the means are compared with.
        """
        low, high = self.interval(alpha)
        widest = np.maximum(self.mean - low, high - self.mean)
        return np.asarray(widest + error + float(ndtri(power)) * self.error)

    def _chance(self, quantile: float) -> float:
        """At most that of one of k normal variables with these correlations being beyond `quantile`, two-sided."""
        single = 2 * float(ndtr(-quantile))
        if len(self.mean) == 1:
            return single
        r = self._tree
        inner = owens_t(quantile, np.sqrt((1 - r) / (1 + r))) + owens_t(
            quantile, np.sqrt((1 + r) / np.maximum(1 - r, EPSILON))
        )
        both = 2 * single - 4 * inner  # that of two at once
        return min(1.0, len(self.mean) * single - float(np.maximum(both, 0.0).sum()))

    @cached_property
    def _tree(self) -> Array:
        """Sizes of the correlations along the tree that joins all quantities by the largest ones, (k - 1,)."""
        sizes = np.minimum(np.abs(self.correlation), 1.0)
        nearest = sizes[0].copy()
        nearest[0] = -1.0
        found = []
        for _ in range(len(sizes) - 1):
            new = int(np.argmax(nearest))
            found.append(nearest[new])
            nearest = np.where(nearest < 0, -1.0, np.maximum(nearest, sizes[new]))
            nearest[new] = -1.0
        return np.array(found)

    @property
    def _bend(self) -> Array:
        return np.asarray(self.skewness / math.sqrt(self.number))

    def _straight(self, ratio: Array) -> Array:
        a = self._bend
        return ratio + a * ratio**2 / 3 + a**2 * ratio**3 / 27 + a / 6

    def _bent(self, straight: Array) -> Array:
        a = self._bend
        flat = np.abs(a) < NO_BEND
        safe = np.where(flat, 1.0, a)
        return np.where(flat, straight, 3 / safe * (np.cbrt(1 + safe * (straight - safe / 6)) - 1))


def _heaviest_tail(scaled: Array) -> float:
    """Power of the tail of each quantity, of the heaviest; infinite for few values, or all of one size.

    Hill's estimate from the largest root of n values, two of its standard errors added, or from a fifth of them
    where that is more: tails that fall faster than any power show ever larger ones farther out.
    """
    if len(scaled) < MANY:
        return math.inf
    last = int(math.sqrt(len(scaled)))
    sizes = -np.sort(-np.partition(np.abs(scaled), len(scaled) - last - 1, axis=0)[-last - 1 :], axis=0)
    logs = np.log(np.maximum(sizes, LEAST_NORMAL))
    wide, far = (1 / np.maximum((logs[:k] - logs[k]).mean(axis=0), EPSILON) for k in (last, last // FARTHER))
    return float(np.maximum(wide * (1 + DOUBT / math.sqrt(last)), far).min())
