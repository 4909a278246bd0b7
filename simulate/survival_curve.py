"""How long walkers stay in a basin."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy.special import betaincinv

from theory.base.arrays import Array, Integers
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.showing import span, told
from theory.laws import Ensemble


@dataclass(frozen=True, eq=False)
class Survival:
    """Walkers inside a basin at each observed step, and walkers diverged by then.

    Shapes: `steps`, `inside`, `diverged` (t,). `survival` counts who is there at each observation (walkers
    may come back), `first_exit(...).survival()` who has not left yet, at every step, without stored positions.
    """

    steps: Integers
    inside: Integers = field(repr=False)
    diverged: Integers = field(repr=False)
    walkers: int

    def __repr__(self) -> str:
        inside, diverged = int(self.inside[-1]), int(self.diverged[-1])
        return told("Survival", walkers=self.walkers, steps=span(self.steps), inside=inside, diverged=diverged)

    @property
    def fraction(self) -> Array:
        """Fraction of all walkers inside. Shape (times,)."""
        return self.inside / self.walkers

    def interval(self, confidence: float = 0.95) -> tuple[Array, Array]:
        """Low and high ends of intervals for the fraction inside, one at a time. Shapes (times,).

        Clopper and Pearson's. Nobody is censored, since diverged walkers count as gone, so that Kaplan and Meier's
        estimate is `fraction`, and Greenwood's variance that of a binomial law. Walkers are taken as independent;
        those that share a data set say nothing of other data sets.

        Raises
        ------
        InputError
            If `confidence` does not lie between 0 and 1.

        References
        ----------
        Clopper & Pearson, Biometrika 26 (1934).
        """
        require(0 < confidence < 1, f"`confidence` must lie between 0 and 1, got {confidence}")
        tail, inside = (1 - confidence) / 2, np.asarray(self.inside, dtype=np.float64)
        gone = self.walkers - inside
        low = np.where(inside > 0, betaincinv(np.maximum(inside, 1), gone + 1, tail), 0.0)
        high = np.where(gone > 0, betaincinv(inside + 1, np.maximum(gone, 1), 1 - tail), 1.0)
        return low, high

    def rate(self, first: int = 3, floor: float = 1e-3) -> Estimate:
        """Escape rate a step with its standard error, from step `first` until the fraction falls below `floor`.

        Maximum likelihood of a geometric law, censored at the end: p = (net exits) / (walkers at risk, summed over
        the spans between observations), rate = -log(1 - p) / span. With net returns the rate is negative, with
        nobody at risk it is NaN. The error is that of independent walkers; walkers that share a data set say
        nothing of other data sets.

        Raises
        ------
        InputError
            If `first` is negative or `floor` no fraction.
        """
        return self._rate(*self._window(first, floor))

    def halves(self, first: int = 3, floor: float = 1e-3) -> tuple[Estimate, Estimate]:
        """The rates of the two halves of the window of `rate`, down to `floor`: an exponential law has one.

        Raises
        ------
        InputError
            As `rate`.
        """
        begin, last = self._window(first, floor)
        middle = (begin + last) // 2
        return self._rate(begin, middle), self._rate(middle, last)

    def _window(self, first: int, floor: float) -> tuple[int, int]:
        require(first >= 0, f"`first` must not be negative, got {first}")
        require(0 <= floor < 1, f"`floor` must lie in [0, 1), got {floor}")
        below = np.flatnonzero(self.fraction < floor)
        last = int(below[0]) if len(below) else len(self.steps) - 1
        return int(np.searchsorted(self.steps, first)), last

    def _rate(self, begin: int, last: int) -> Estimate:
        spans = np.diff(self.steps[begin : last + 1])
        if len(spans) > 1 and spans[-1] != spans[0]:
            last -= 1  # a shorter last span has another probability to leave
        trials = float(self.inside[begin:last].sum())
        if trials <= 0:
            return Estimate(math.nan, math.nan)
        span = float(spans[0])
        leaving = float(self.inside[begin] - self.inside[last]) / trials
        if leaving >= 1:
            return Estimate(math.inf, math.nan)
        error = math.sqrt(abs(leaving) * (1 - leaving) / trials) / (1 - leaving)
        return Estimate(-math.log1p(-leaving) / span, error / span)


def survival(ensemble: Ensemble, step: float | None = None) -> Survival:
    """The survival in the box on whose grid `ensemble` was counted.

    Parameters
    ----------
    step
        Time of one step, for an ensemble that does not know its steps.

    Raises
    ------
    InputError
        If `step` is not positive, or needed and not there, or the ensemble was not counted on a grid while it ran.
    """
    require(step is None or (math.isfinite(step) and step > 0), f"`step` must be positive and finite, got {step}")
    require(
        len(ensemble.histograms) > 0,
        "survival needs an ensemble counted on the basin; run with `grid` = the basin and `save_every`",
    )
    histograms = ensemble.histograms
    return Survival(
        _steps(ensemble, step),
        np.array([h.counts.sum() for h in histograms]),
        np.array([h.diverged for h in histograms]),
        ensemble.walkers,
    )


def _steps(ensemble: Ensemble, step: float | None) -> Integers:
    if step is not None:
        return np.rint(ensemble.times / step).astype(np.int64)
    if ensemble.steps is None:
        raise InputError("survival needs the steps of the ensemble, got times only; give `step`, the time of one")
    return ensemble.steps
