"""What a formula of escape gives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import as_call
from theory.base.stability import stability_limit


@dataclass(frozen=True)
class EscapeRate:
    """The rate at which walkers settled at `minimum` pass over `saddle` to what lies behind it, for good.

    Its inverse is the mean time from the minimum into the next one where this saddle is the only way; rates over
    several saddles add. Half the walkers on the saddle turn back: they reach it at twice this rate, which is also
    that of leaving the basin for the first time.

    Parameters
    ----------
    log_value
        Natural logarithm of the rate, for rates below the smallest float too.
    relative_error
        Estimated error of the rate, as a part of it.
    barrier
        Height of the barrier of the effective potential, in temperatures.
    correction
        Relative change of the rate by the next order in the temperature, part of `log_value`; None where it is
        not known.
    minimum, saddle
        The critical points that Newton's method found from those given.
    """

    log_value: float
    relative_error: float
    barrier: float
    correction: float | None
    minimum: tuple[float, ...]
    saddle: tuple[float, ...]

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def value(self) -> Estimate:
        """The rate with its error; 0 where only `log_value` can hold it."""
        return self._with_error(self.log_value)

    @property
    def time(self) -> Estimate:
        """The mean time 1 / rate with its error; inf where only `log_value` can hold it."""
        return self._with_error(-self.log_value)

    def _with_error(self, logarithm: float) -> Estimate:
        with np.errstate(over="ignore"):
            number = float(np.exp(logarithm))
        return Estimate(number, number * self.relative_error if number else 0.0)


def require_barrier(barrier: float) -> None:
    """Refuse a barrier that no asymptotic formula sees: below one temperature.

    Raises
    ------
    InputError
        If `barrier`, in temperatures, is below 1 or not finite.
    """
    require(
        math.isfinite(barrier) and barrier >= 1,
        f"a formula of escape needs a barrier of several temperatures, got {barrier:.3g}; lower the temperature, "
        "or solve for the mean first passage time",
    )


def require_escape_by_noise(learning_rate: float | None, sharpness: float) -> None:
    """Refuse a minimum that discrete steps leave by themselves.

    Raises
    ------
    InputError
        If learning_rate * sharpness is 2 or more, or the rate is not positive and finite.
    """
    if learning_rate is None:
        return
    require(
        math.isfinite(learning_rate) and learning_rate > 0,
        f"`learning_rate` must be positive and finite, got {learning_rate}",
    )
    product, limit = learning_rate * sharpness, stability_limit()
    require(
        product < limit,
        f"escape over a barrier needs learning_rate * sharpness < {limit:g}, got {product:.3g}: steps leave this "
        "minimum by instability, without noise; use the transition operator",
    )
