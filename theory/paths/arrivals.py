"""When walkers reached a target."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import told


@dataclass(frozen=True, eq=False)
class Arrivals:
    """When walkers first reached a target; nobody is dropped.

    Parameters
    ----------
    times
        Shape (walkers,); NaN for those that have not arrived by `horizon` or diverged before.
    horizon
        Time of the last step.
    diverged
        Number of walkers whose position is no longer finite.
    """

    times: Array = field(repr=False)
    horizon: float
    diverged: int

    def __repr__(self) -> str:
        return told(
            "Arrivals",
            walkers=len(self.times),
            arrived=self.arrived,
            diverged=self.diverged,
            horizon=self.horizon,
            rate=None if self.diverged else self.rate,
        )

    @property
    def arrived(self) -> int:
        """Number of walkers that have arrived."""
        return int(np.isfinite(self.times).sum())

    @property
    def waiting(self) -> int:
        """Number of walkers that are still on their way."""
        return len(self.times) - self.arrived - self.diverged

    @property
    def mean(self) -> Estimate:
        """Mean time with its standard error.

        Raises
        ------
        InputError
            If somebody has not arrived: the mean of the others is too short.
        """
        require(
            self.arrived == len(self.times),
            f"a mean needs all walkers to arrive, got {self.waiting} of {len(self.times)} still on their way and "
            f"{self.diverged} diverged; raise `steps`, or take `rate`",
        )
        return Estimate(float(self.times.mean()), float(self.times.std() / math.sqrt(len(self.times))))

    @property
    def rate(self) -> Estimate:
        """Arrivals per time at risk with its standard error: maximum likelihood of a censored exponential law.

        Raises
        ------
        InputError
            If walkers diverged: nobody knows how long they were at risk.
        """
        require(self.diverged == 0, f"a rate needs walkers that do not diverge, got {self.diverged}; reduce `dt`")
        risk = float(np.where(np.isnan(self.times), self.horizon, self.times).sum())
        if risk <= 0:
            return Estimate(math.inf, math.nan)
        return Estimate(self.arrived / risk, math.sqrt(self.arrived) / risk)
