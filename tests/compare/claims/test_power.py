"""The power with which an error falls, from two errors with their intervals."""

import math

import numpy as np
import pytest

from compare.claims import Computed, MeanOf, Power, Sampled, series_of
from theory import Estimate, InputError

REPEATS = 4000


def computed(value: float, error: float = 0.0) -> Computed:
    return Computed(Estimate(value, error))


def test_powers_of_exact_errors() -> None:
    found = Power(computed(0.8), computed(0.1))
    assert found.value == pytest.approx(3)
    assert found.interval(0.99) == pytest.approx((3, 3))
    assert Power(computed(0.9), computed(0.1), factor=3.0).value == pytest.approx(2)


def test_bounds_of_both_errors_count() -> None:
    assert Power(computed(1.0, 0.1), computed(0.5, 0.05)).interval(0.9) == pytest.approx(
        (math.log2(0.9 / 0.55), math.log2(1.1 / 0.45))
    )


def test_it_covers_whatever_the_dependence() -> None:
    """Also where both errors are the same noise."""
    rng, truth = np.random.default_rng(1), 2.0
    inside = 0
    for noise in rng.normal(0.0, 0.02, REPEATS):
        coarse, fine = (Sampled(Estimate(value + noise, 0.02)) for value in (0.4, 0.1))
        low, high = Power(coarse, fine).interval(0.9)
        inside += low <= truth <= high
    assert inside >= 0.9 * REPEATS


def test_an_error_that_may_be_0_leaves_an_end_open() -> None:
    low, high = Power(computed(0.4, 0.1), computed(0.1, 0.2)).interval(0.9)
    assert math.isfinite(low)
    assert high == math.inf
    assert Power(computed(-0.1), computed(0.1)).value == -math.inf


def test_a_step_that_grows_is_refused() -> None:
    with pytest.raises(InputError, match="`factor` must be above 1, got 1"):
        Power(computed(0.4), computed(0.1), factor=1.0)


def test_a_series_shows_the_intervals() -> None:
    one = MeanOf(np.array([1.0, 2.0, 4.0]))
    found = series_of("mean", [0.5], [one])
    assert found.low is not None
    assert found.high is not None
    assert (found.low[0], found.y[0], found.high[0]) == (one.interval(0.95)[0], one.value, one.interval(0.95)[1])
