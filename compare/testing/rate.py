"""Whether walkers leave at the rate that theory says."""

from __future__ import annotations

import math

import numpy as np

from compare.testing.check import POWER, Check, judged, require_levels
from compare.testing.estimate import of_estimate
from simulate import Survival
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.formulas import EscapeRate
from theory.paths import Arrivals
from theory.statistics import EventRate


def assert_rate(
    rate: Survival | Arrivals | EscapeRate | Estimate | tuple[float, float],
    expected: EscapeRate | Estimate | float,
    *,
    alpha: float,
    first: int = 0,
    resolution: float | None = None,
) -> Check:
    """The check that events come at the expected rate; it fails by chance with probability `alpha`.

    Counted events while walkers are at risk, censored at the end: the chance of a number as far from the expected
    one, Poisson in continuous time, binomial in steps, half that of the number itself counted from ten expected
    events on, and all of it below, where false alarms are rarer than alpha. That the rate is constant is taken as
    given: give `first` where walkers settle first. Of an Estimate or EscapeRate the error is taken as a standard
    error.

    Parameters
    ----------
    rate
        A Survival of walkers that do not come back (`first_exit(...).survival()`), whose rate is per step;
        Arrivals; events and the time at risk, summed over the walkers, as a pair; or a rate with its error.
    expected
        The rate, in the same unit of time. The error of an Estimate or EscapeRate counts as a bound.
    first
        Step from which a Survival counts.
    resolution
        Difference of rates that must be found with probability .9, else the check fails.

    Raises
    ------
    AssertionError
        If the rate differs, or the data cannot tell.
    InputError
        If walkers came back or arrivals diverged, nobody is at risk, a number is not finite, or `alpha` is no
        chance.
    """
    __tracebackhide__ = True
    require_levels(alpha, resolution)
    truth = expected.value if isinstance(expected, EscapeRate) else Estimate(*_with_error(expected))
    require(0 < truth < float("inf"), f"`expected` must be positive and finite, got {float(truth)}")
    if isinstance(rate, EscapeRate):
        rate = rate.value
    if isinstance(rate, Estimate):
        return judged(of_estimate("assert_rate", rate, truth, alpha, "rate"), resolution)
    counted = _counted(rate, first)
    ends = truth - truth.error, truth + truth.error
    require(ends[0] > 0, f"`expected` must be more than its error, got {truth}; nothing would contradict it")
    low, high = counted.interval(1 - alpha)
    nearest = float(np.clip(counted.value, *ends))
    words = (
        f"{counted.events:g} events in {counted.at_risk:.6g} at risk, rate {float(counted.value):.6g} in "
        f"[{low:.6g}, {high:.6g}], expected {float(truth):.6g}{f' +- {truth.error:.2g}' if truth.error else ''}"
    )
    smallest = truth.error + max(counted.detectable(end, alpha, POWER) for end in ends)
    return judged(Check("assert_rate", words, counted.p_value(nearest), alpha, smallest, "rate"), resolution)


def _with_error(expected: Estimate | float) -> tuple[float, float]:
    return (float(expected), expected.error) if isinstance(expected, Estimate) else (float(expected), 0.0)


def _counted(rate: Survival | Arrivals | tuple[float, float], first: int) -> EventRate:
    """The events and the time at risk."""
    if isinstance(rate, Arrivals):
        require(
            rate.diverged == 0,
            f"a rate needs walkers that do not diverge, got {rate.diverged}; reduce `dt`",
        )
        risk = np.where(np.isnan(rate.times), rate.horizon, rate.times).sum()
        return EventRate(rate.arrived, float(risk))
    if isinstance(rate, Survival):
        return _of_survival(rate, first)
    events, at_risk = rate
    require(math.isfinite(events) and events == int(events), f"events must be a whole number, got {events}")
    return EventRate(int(events), float(at_risk))


def _of_survival(rate: Survival, first: int) -> EventRate:
    require(first >= 0, f"`first` must not be negative, got {first}")
    begin = int(np.searchsorted(rate.steps, first))
    inside, spans = rate.inside[begin:], np.diff(rate.steps[begin:])
    require(len(spans) > 0, f"a rate needs steps after `first`, got {first} of {rate.steps[-1]}; lower it")
    require(
        bool((np.diff(inside) <= 0).all()),
        "walkers came back to the basin, so that they are no first exits; take first_exit(...).survival()",
    )
    if spans[-1] != spans[0]:
        inside, spans = inside[:-1], spans[:-1]  # a shorter last span has another chance
    require(
        len(spans) > 0 and bool((spans == spans[0]).all()),
        "a rate needs observations at equal distances, got others; take another `save_every`",
    )
    return EventRate(int(inside[0] - inside[-1]), float(inside[:-1].sum()), float(spans[0]))
