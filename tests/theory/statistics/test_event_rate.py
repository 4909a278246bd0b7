"""Rates of counted events beside Poisson and binomial laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from theory.base import InputError
from theory.statistics import EventRate


def test_few_events_have_garwoods_interval() -> None:
    low, high = EventRate(3, 10.0).interval(0.95)
    assert (low, high) == pytest.approx((0.0618672, 0.8767273), rel=1e-6)
    assert EventRate(0, 10.0).interval(0.95) == pytest.approx((0.0, 0.3688879), rel=1e-6)


@pytest.mark.parametrize("span", [None, 0.5])
def test_intervals_hold_what_is_not_rejected(span: float | None) -> None:
    rate = EventRate(25, 200.0, span)
    for end in rate.interval(0.99):
        assert rate.p_value(end) == pytest.approx(0.01, rel=1e-6)
    assert rate.p_value(float(rate.value)) > 0.9
    assert rate.interval(0.5)[0] < rate.value < rate.interval(0.5)[1]


def test_steps_say_the_rate_in_continuous_time() -> None:
    assert EventRate(50, 100.0, 2.0).value == pytest.approx(np.log(2) / 2)
    assert EventRate(100, 100.0, 2.0).value == np.inf
    assert EventRate(100, 100.0, 2.0).interval(0.9)[1] == np.inf
    assert EventRate(20, 1e6, 1.0).value == pytest.approx(EventRate(20, 1e6).value, rel=1e-4)


@pytest.mark.parametrize("expected", [4.0, 12.5, 60.0])
def test_false_alarms_are_those_stated(expected: float) -> None:
    counts = np.arange(300)
    chances = poisson.pmf(counts, expected)
    found = np.array([EventRate(int(k), expected).p_value(1.0) for k in counts])
    alarms = {alpha: chances[found < alpha].sum() for alpha in (0.1, 0.01)}
    assert alarms[0.1] < 0.15
    assert alarms[0.01] < 0.015
    if expected > 10:
        assert alarms[0.1] > 0.05
        assert alarms[0.01] > 0.005


def test_a_difference_of_the_size_that_is_stated_is_found() -> None:
    rng, size = np.random.default_rng(8), EventRate(0, 50.0).detectable(1.0, 0.01)
    for rate in (1 - size, 1 + size):
        found = [EventRate(int(k), 50.0).p_value(1.0) < 0.01 for k in rng.poisson(50 * rate, 500)]
        assert np.mean(found) > 0.87
    assert EventRate(0, 3.0).detectable(1.0, 0.01) == np.inf


@pytest.mark.parametrize("given", [(-1, 1.0), (1, 0.0), (1, np.inf), (3, 2.0, 1.0), (1, 2.0, 0.0)])
def test_what_is_no_count_is_refused(given: tuple[float, ...]) -> None:
    with pytest.raises(InputError):
        EventRate(*given)  # type: ignore[arg-type]
