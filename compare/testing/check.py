"""What an assertion found, whether it held or not."""

from __future__ import annotations

import math
from dataclasses import dataclass

from theory.base.errors import in_one_line, require

POWER = 0.9  # with which the smallest detectable difference is found


@dataclass(frozen=True)
class Check:
    """One test of a prediction; every assertion gives it back, and says it when it fails.

    Parameters
    ----------
    name
        Of the assertion.
    found
        Statistic, and interval where there is one, in words.
    p_value
        Largest chance, over the laws that the prediction allows, of what was found or less likely.
    alpha
        Chance of a false alarm.
    detectable
        Smallest difference that is found with probability .9, in the units of `unit`; infinite where none is.
    unit
        What `detectable` is a difference of, in words.
    """

    name: str
    found: str
    p_value: float
    alpha: float
    detectable: float
    unit: str

    def __str__(self) -> str:
        relation = "<" if self.p_value < self.alpha else ">="
        told = f"{self.name}: {self.found}; p = {self.p_value:.2g} {relation} alpha = {self.alpha:.3g}"
        return in_one_line(f"{told}; {self.smallest}")

    @property
    def smallest(self) -> str:
        """The smallest detectable difference in words."""
        if math.isinf(self.detectable):
            return f"no difference of {self.unit} is found with probability {POWER:g}"
        return (
            f"smallest difference of {self.unit} that is found with probability {POWER:g}: {self.detectable:.3g}"
        )


class CheckFailed(AssertionError):
    """What an assertion raises: one line, and the `check` that did not hold."""

    def __init__(self, message: str, check: Check) -> None:
        super().__init__(message)
        self.check = check

    def __reduce__(self) -> tuple[type[CheckFailed], tuple[str, Check]]:
        return type(self), (str(self), self.check)


def judged(check: Check, resolution: float | None) -> Check:
    """`check`, if it holds, and could have failed for a difference of `resolution`, in the units of its own.

    Raises
    ------
    CheckFailed
        If it does not hold, or the data cannot tell.
    """
    __tracebackhide__ = True
    if check.p_value < check.alpha:
        raise CheckFailed(str(check), check)
    if resolution is not None and not check.detectable <= resolution:
        message = f"{check}, above the resolution {resolution:.3g} asked for: the data cannot tell"
        raise CheckFailed(message, check)
    return check


def require_levels(alpha: float, resolution: float | None) -> None:
    """Refuse an `alpha` that is no chance, and a `resolution` that is not positive.

    Raises
    ------
    InputError
        If they are not.
    """
    require(0 < alpha < 1, f"`alpha` must lie between 0 and 1, got {alpha}; it is the chance of a false alarm")
    require(resolution is None or resolution > 0, f"`resolution` must be positive, got {resolution}")
