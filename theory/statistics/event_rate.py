"""The rate of events that were counted while walkers were at risk."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.optimize import brentq

from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import as_call

HALF_COUNTED = 10.0  # expected events, from which half the chance of the observed number counts
FARTHEST = 1e3  # of the expected number of events and 100 more, beyond which no search for a rate goes
RATE_STEP = 1e-10  # relative, to which rates are searched


@dataclass(frozen=True)
class EventRate:
    """Events while walkers were at risk: a constant rate, censored at the end.

    Parameters
    ----------
    events
        How many walkers had theirs.
    at_risk
        Time at risk, summed over the walkers; for steps of `span` the number of steps at risk.
    span
        Time between two looks, each of which sees at most one event of a walker; None where time is continuous.

    Raises
    ------
    InputError
        If there are fewer than 0 events, no time at risk, or more events than looks.

    References
    ----------
    ---------- Garwood, Biometrika 28 (1936); Clopper & Pearson, Biometrika 26 (1934); Lancaster, J. Am. Stat.
    Assoc. 56 (1961), for half the chance of the observed number.
    """

    events: int
    at_risk: float
    span: float | None = None

    def __post_init__(self) -> None:
        fits = self.events >= 0 and math.isfinite(self.at_risk) and self.at_risk > 0
        require(
            fits,
            f"a rate needs a number of events and a positive time at risk, got {self.events} in {self.at_risk}; "
            "let the walkers run longer",
        )
        require(
            self.span is None or (0 < self.span < math.inf and self.events <= self.at_risk),
            f"events must not be more than the looks that saw them, got {self.events} of {self.at_risk:g}",
        )

    __repr__ = as_call

    @property
    def value(self) -> Estimate:
        """Maximum likelihood with its standard error; infinite where every look saw an event."""
        share = self.events / self.at_risk
        if self.span is None:
            return Estimate(share, math.sqrt(self.events) / self.at_risk)
        if share >= 1:
            return Estimate(math.inf, math.nan)
        return Estimate(-math.log1p(-share) / self.span, math.sqrt(share / (1 - share) / self.at_risk) / self.span)

    def p_value(self, rate: float) -> float:
        """Chance of a number of events as far from that of `rate`, two-sided.

        Half the chance of the number itself counts, so that the chance of a false alarm is alpha on average over
        rates; all of it below ten expected events, where it is alpha at most.
        """
        return min(1.0, 2 * min(self._tails(self.events, rate)))

    def interval(self, confidence: float) -> tuple[float, float]:
        """Rates that the events do not exclude at `confidence`."""
        alpha, most = 1 - confidence, self._most()
        centre = min(float(self.value), most)

        def kept(rate: float) -> float:
            return self.p_value(rate) - alpha

        low = float(brentq(kept, 0.0, centre, xtol=RATE_STEP * centre)) if self.events else 0.0
        if self.span is not None and self.events >= self.at_risk:
            return low, math.inf
        least = max(centre, RATE_STEP * most)
        return low, float(brentq(kept, least, most, xtol=RATE_STEP * least))

    def detectable(self, rate: float, alpha: float, power: float = 0.9) -> float:
        """Difference from `rate`, on either side, that is found with a chance `power` in as much time at risk.

        `alpha` is the chance of a false alarm. Infinite where too few events are expected for a lower rate to
        show.
        """
        tails = 1 - power
        expected, most = self.at_risk * self._chance(rate), self._most(rate)
        count = math.floor(expected)
        while min(1.0, 2 * min(self._tails(count, rate))) >= alpha and count >= 0:
            count -= 1
        if count < 0:
            return math.inf
        lower = brentq(lambda r: self._below(count, r) - power, 0.0, rate, xtol=RATE_STEP * rate)
        count = math.ceil(expected)
        while min(1.0, 2 * min(self._tails(count, rate))) >= alpha:
            count += 1
        if self.span is not None and count > self.at_risk:
            return math.inf
        upper = brentq(lambda r: self._below(count - 1, r) - tails, rate, most, xtol=RATE_STEP * rate)
        return max(rate - float(lower), float(upper) - rate)

    def _most(self, rate: float = 0.0) -> float:
        """A rate far above all that are looked for."""
        if self.span is not None:
            return FARTHEST / self.span
        return FARTHEST * (rate + (self.events + 1) / self.at_risk)

    def _chance(self, rate: float) -> float:
        """Expected events for each unit at risk."""
        return rate if self.span is None else -math.expm1(-rate * self.span)

    def _below(self, count: int, rate: float) -> float:
        """Chance of `count` events or fewer."""
        from scipy.stats import binom, poisson

        if self.span is None:
            return float(poisson.cdf(count, rate * self.at_risk))
        return float(binom.cdf(count, round(self.at_risk), self._chance(rate)))

    def _tails(self, count: int, rate: float) -> tuple[float, float]:
        """Chances of `count` or fewer, and of `count` or more, with its own counted by half or whole."""
        from scipy.stats import binom, poisson

        chance = self._chance(rate)
        if self.span is None:
            expected = rate * self.at_risk
            below, above = poisson.cdf(count, expected), poisson.sf(count - 1, expected)
            own = poisson.pmf(count, expected)
        else:
            looks = round(self.at_risk)
            below, above = binom.cdf(count, looks, chance), binom.sf(count - 1, looks, chance)
            own = binom.pmf(count, looks, chance)
        half = float(own) / 2 if self.at_risk * chance >= HALF_COUNTED else 0.0
        return float(below) - half, float(above) - half
