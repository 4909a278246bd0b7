"""What theory predicts of a number, and what an interval of the measured number says of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf, isnan

from theory.base.errors import require
from theory.base.estimate import Estimate


class Outcome(Enum):
    """What the data say of a prediction."""

    HOLDS = "holds"
    FAILS = "fails"
    UNSETTLED = "not settled"


@dataclass(frozen=True)
class Prediction:
    """A number lies in [low, high], up to `margin`: what is off by less counts as the same.

    An interval inside [low - margin, high + margin] says that the prediction holds, one outside that it fails, any
    other does not decide. So intervals at confidence 1 - a make a prediction that is true fail, or one that is off
    by more than the margin hold, with probability a at most.

    Parameters
    ----------
    formula
        Where the number comes from, in words or mathematics.

    Raises
    ------
    InputError
        If the ends are not in order, the margin is negative or infinite, a single number has none (no interval
        could say that it holds), or every number is allowed (none could say that it fails).
    """

    low: float
    high: float
    margin: float = 0.0
    formula: str = ""

    def __post_init__(self) -> None:
        require(self.low <= self.high, f"`low` must not exceed `high`, got {self.low} and {self.high}")
        require(0 <= self.margin < inf, f"`margin` must not be negative or infinite, got {self.margin}")
        require(
            (self.low > -inf or self.high < inf) and self.low < inf and self.high > -inf,
            f"a prediction must leave out some numbers and not all, got {self.low} to {self.high}; nothing could "
            "refute it",
        )
        require(
            self.low < self.high or self.margin > 0,
            f"a single number needs a `margin` above 0, got {self.margin}; say what counts as the same",
        )

    def outcome(self, interval: tuple[float, float]) -> Outcome:
        """What an interval of the measured number says; one with an end that is NaN says nothing.

        Raises
        ------
        InputError
            If its ends are not in order.
        """
        lowest, highest = self.low - self.margin, self.high + self.margin
        low, high = interval
        if isnan(low) or isnan(high):
            return Outcome.UNSETTLED
        require(low <= high, f"an interval must go from its lowest to its highest number, got [{low}, {high}]")
        if low > highest or high < lowest:
            return Outcome.FAILS
        return Outcome.HOLDS if low >= lowest and high <= highest else Outcome.UNSETTLED

    def __str__(self) -> str:
        """As tables say it."""
        if self.low == -inf or self.high == inf:
            words = f"at most {self.high:.4g}" if self.low == -inf else f"at least {self.low:.4g}"
        else:
            words = f"{self.low:.4g}" if self.low == self.high else f"{self.low:.4g} to {self.high:.4g}"
        within = f" within {self.margin:.2g}" if self.margin else ""
        return words + within + (f" ({self.formula})" if self.formula else "")


def equal_to(value: float | Estimate, *, margin: float, formula: str = "") -> Prediction:
    """The number is `value`, with its error; what is off by less than `margin` counts as the same.

    Raises
    ------
    InputError
        As `Prediction`.
    """
    error = value.error if isinstance(value, Estimate) else 0.0
    return Prediction(float(value) - error, float(value) + error, margin, formula)


def between(low: float, high: float, *, formula: str = "") -> Prediction:
    """The number lies between two others, `low` and `high`.

    Raises
    ------
    InputError
        As `Prediction`.
    """
    return Prediction(low, high, 0.0, formula)


def at_least(bound: float, *, formula: str = "") -> Prediction:
    """The number is `bound` or more.

    Raises
    ------
    InputError
        As `Prediction`.
    """
    return Prediction(bound, inf, 0.0, formula)


def at_most(bound: float, *, formula: str = "") -> Prediction:
    """The number is `bound` or less.

    Raises
    ------
    InputError
        As `Prediction`.
    """
    return Prediction(-inf, bound, 0.0, formula)
