"""What was measured: a number with an interval at any confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, isfinite, isnan, log
from typing import Protocol

import numpy as np
from scipy.special import betaincinv, stdtrit

from compare.distances import Distance, Law, total_variation
from theory.base.arrays import Array, read_only
from theory.base.errors import require
from theory.base.estimate import Estimate

DEGREES = 1e9  # of freedom, from which Student's law is the normal one


class Measurement(Protocol):
    """A number, and an interval that holds its truth with any confidence asked for."""

    @property
    def value(self) -> float:
        """The number."""

    def interval(self, confidence: float) -> tuple[float, float]:
        """Lowest and highest value that the data leave open; `confidence` between 0 and 1."""


@dataclass(frozen=True)
class Computed:
    """A number that no sample made; its error bounds what the method leaves open.

    Raises
    ------
    InputError
        If the error is not finite: nobody knows how far off it is.
    """

    estimate: Estimate

    def __post_init__(self) -> None:
        require(
            isfinite(self.estimate.error),
            f"a computed number needs a finite error, got {self.estimate.error}; say what the method leaves open",
        )

    @property
    def value(self) -> float:
        """The number."""
        return float(self.estimate)

    def interval(self, confidence: float) -> tuple[float, float]:
        """The number with its error on both sides, whatever the confidence."""
        return self.value - self.estimate.error, self.value + self.estimate.error


@dataclass(frozen=True)
class Sampled:
    """A mean of samples with its standard error, normal or of Student's law with `degrees` of freedom.

    `floor` bounds what is wrong with all samples alike (a step, a grid) and widens every interval.

    Raises
    ------
    InputError
        If the standard error or the floor is not finite, the floor is negative, or `degrees` are not positive.
    """

    estimate: Estimate
    degrees: float = inf
    floor: float = 0.0

    def __post_init__(self) -> None:
        require(
            isfinite(self.estimate.error),
            f"a sampled number needs a finite standard error, got {self.estimate.error}; take more samples",
        )
        require(0 <= self.floor < inf, f"`floor` must be finite and not negative, got {self.floor}")
        require(self.degrees > 0, f"`degrees` must be positive, got {self.degrees}")

    @property
    def value(self) -> float:
        """The number."""
        return float(self.estimate)

    def interval(self, confidence: float) -> tuple[float, float]:
        """The number with as many standard errors on both sides as the confidence asks for."""
        tail = (1 + confidence) / 2
        width = float(stdtrit(min(self.degrees, DEGREES), tail)) * self.estimate.error + self.floor
        return self.value - width, self.value + width


@dataclass(frozen=True, eq=False)
class MeanOf:
    """The mean of independent repeats (data sets, seeds), with Student's interval.

    Parameters
    ----------
    repeats
        One number each, (n,).

    Raises
    ------
    InputError
        If there are fewer than two, or one is not finite.
    """

    repeats: Array = field(repr=False)

    def __post_init__(self) -> None:
        repeats = read_only(self.repeats)
        require(repeats.ndim == 1 and len(repeats) >= 2, f"`repeats` must be two or more, got {repeats.shape}")
        require(bool(np.all(np.isfinite(repeats))), "`repeats` must be finite, got one that is not")
        object.__setattr__(self, "repeats", repeats)

    @property
    def value(self) -> float:
        """The mean."""
        return float(self.repeats.mean())

    def interval(self, confidence: float) -> tuple[float, float]:
        """Student's interval of the mean."""
        count = len(self.repeats)
        error = float(self.repeats.std(ddof=1)) / count**0.5
        return Sampled(Estimate(self.value, error), count - 1).interval(confidence)


@dataclass(frozen=True)
class Share:
    """A share of independent trials, with the exact interval of Clopper and Pearson (1934).

    Raises
    ------
    InputError
        If `count` is not between 0 and `trials`, or there is no trial.
    """

    count: int
    trials: int

    def __post_init__(self) -> None:
        require(
            0 <= self.count <= self.trials and self.trials > 0,
            f"`count` must lie between 0 and `trials`, got {self.count} of {self.trials}",
        )

    @property
    def value(self) -> float:
        """The share."""
        return self.count / self.trials

    def interval(self, confidence: float) -> tuple[float, float]:
        """The interval of Clopper and Pearson."""
        tail, missed = (1 - confidence) / 2, self.trials - self.count
        low = float(betaincinv(self.count, missed + 1, tail)) if self.count else 0.0
        high = float(betaincinv(self.count + 1, missed, 1 - tail)) if missed else 1.0
        return low, high


@dataclass(frozen=True, eq=False)
class DistanceOf:
    """A distance between two laws, by default the total variation; the value is without what sampling adds."""

    observed: Law = field(repr=False)
    law: Law = field(repr=False)
    distance: Callable[..., Distance] = total_variation

    @property
    def value(self) -> float:
        """The distance, without the bias of sampling where that is known."""
        found = self.distance(self.observed, self.law)
        return found.value if found.debiased is None else found.debiased

    def interval(self, confidence: float) -> tuple[float, float]:
        """The interval of the distance at this confidence."""
        found = self.distance(self.observed, self.law, confidence=confidence)
        return found.low, found.high


@dataclass(frozen=True)
class Difference:
    """One measurement minus another, whatever their dependence."""

    first: Measurement
    second: Measurement

    @property
    def value(self) -> float:
        """The difference of the two."""
        return self.first.value - self.second.value

    def interval(self, confidence: float) -> tuple[float, float]:
        """The intervals of both, each at half the risk, taken from each other: it covers, and is wide."""
        each = 1 - (1 - confidence) / 2
        (low, high), (other_low, other_high) = self.first.interval(each), self.second.interval(each)
        return low - other_high, high - other_low


@dataclass(frozen=True)
class Ratio:
    """One measurement over another that is positive, whatever their dependence."""

    first: Measurement
    second: Measurement

    @property
    def value(self) -> float:
        """The ratio of the two."""
        return self.first.value / self.second.value

    def interval(self, confidence: float) -> tuple[float, float]:
        """The intervals of both, each at half the risk, divided by each other: it covers, and is wide.

        Raises
        ------
        InputError
            If the interval of the denominator reaches 0.
        """
        each = 1 - (1 - confidence) / 2
        numerator, (low, high) = self.first.interval(each), self.second.interval(each)
        require(low > 0, f"the denominator of a ratio must be above 0, its interval begins at {low:.3g}")
        ends = [top / bottom for top in numerator for bottom in (low, high)]
        return (-inf, inf) if any(map(isnan, ends)) else (min(ends), max(ends))  # infinite over infinite


@dataclass(frozen=True)
class Power:
    """The power of a step with which a positive error falls, seen at a step and at one `factor` times smaller.

    Raises
    ------
    InputError
        If the factor is not above 1.
    """

    coarse: Measurement
    fine: Measurement
    factor: float = 2.0

    def __post_init__(self) -> None:
        require(self.factor > 1, f"`factor` must be above 1, got {self.factor}")

    @property
    def value(self) -> float:
        """The logarithm of the ratio of the errors over that of the steps."""
        return self._power(self.coarse.value, self.fine.value)

    def interval(self, confidence: float) -> tuple[float, float]:
        """From the intervals of both errors, each at half the risk; without an end where an error may be 0.

        Raises
        ------
        InputError
            If the interval of an error lies below 0.
        """
        each = 1 - (1 - confidence) / 2
        (low, high), (least, most) = self.coarse.interval(each), self.fine.interval(each)
        require(
            high > 0 and most > 0,
            f"errors that fall like a power must be positive, their intervals end at {high:.3g} and {most:.3g}; "
            "give their sizes",
        )
        return self._power(low, most), self._power(high, least)

    def _power(self, coarse: float, fine: float) -> float:
        if coarse <= 0 or fine == inf:
            return -inf
        return inf if fine <= 0 or coarse == inf else (log(coarse) - log(fine)) / log(self.factor)


def is_constant(measurement: Measurement) -> bool:
    """Whether a mean of equal repeats is part of it: they say nothing of how far the truth may lie from them."""
    if isinstance(measurement, MeanOf):
        return bool(np.all(measurement.repeats == measurement.repeats[0]))
    parts = (getattr(measurement, name, None) for name in ("first", "second", "coarse", "fine"))
    return any(part is not None and is_constant(part) for part in parts)
