"""What an interval says of a prediction."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compare.claims import Outcome, Prediction, at_least, at_most, between, equal_to
from theory import Estimate, InputError

NUMBERS = st.floats(-100, 100)


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [
        ((0.95, 1.05), "holds"),
        ((1.001, 1.05), "holds"),  # known to differ, by less than counts
        ((1.11, 1.12), "fails"),
        ((0.8, 1.05), "not settled"),  # reaches beyond the margin
        ((1.2, 1.3), "fails"),
        ((-9.0, 9.0), "not settled"),
    ],
)
def test_a_number_within_a_margin(interval, outcome):
    assert equal_to(1.0, margin=0.1).outcome(interval).value == outcome


def test_the_error_of_a_prediction_counts_with_it():
    assert equal_to(Estimate(1.0, 0.02), margin=0.1).outcome((1.01, 1.11)) is Outcome.HOLDS
    assert equal_to(1.0, margin=0.1).outcome((1.01, 1.11)) is Outcome.UNSETTLED


def test_bounds_need_no_margin():
    assert at_most(1.0).outcome((0.0, 0.9)) is Outcome.HOLDS
    assert at_most(1.0).outcome((0.9, 1.1)) is Outcome.UNSETTLED
    assert at_least(1.0).outcome((0.0, 0.9)) is Outcome.FAILS
    assert between(0.0, 1.0).outcome((0.2, 0.3)) is Outcome.HOLDS


@given(NUMBERS, st.floats(0.01, 10), NUMBERS, st.floats(0, 10))
def test_the_outcome_of_a_narrower_interval_is_never_undone_by_the_wider(centre, margin, middle, width):
    prediction = equal_to(centre, margin=margin)
    wide = prediction.outcome((middle - 2 * width, middle + 2 * width))
    narrow = prediction.outcome((middle - width, middle + width))
    if wide is Outcome.FAILS:
        assert narrow is Outcome.FAILS


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Prediction(2.0, 1.0), "`low` must not exceed"),
        (lambda: equal_to(1.0, margin=0.0), "needs a `margin` above 0"),
        (lambda: equal_to(1.0, margin=-1.0), "must not be negative"),
        (lambda: equal_to(nan, margin=0.1), "must not exceed"),
        (lambda: at_most(nan), "must not exceed"),
        (lambda: equal_to(1.0, margin=inf), "negative or infinite"),
        (lambda: equal_to(1.0, margin=nan), "negative or infinite"),
        (lambda: equal_to(Estimate(1.0, inf), margin=0.1), "nothing could refute it"),
        (lambda: at_least(-inf), "nothing could refute it"),
        (lambda: equal_to(inf, margin=1.0), "leave out some numbers and not all"),
    ],
)
def test_a_prediction_that_is_none_is_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_words():
    assert str(equal_to(0.5, margin=0.01, formula="lambda")) == "0.5 within 0.01 (lambda)"
    assert str(at_most(3.0)) == "at most 3"
    assert str(Prediction(1.0, inf)) == "at least 1"


def test_an_interval_of_nothing_decides_nothing():
    for prediction in (equal_to(1.0, margin=0.1), at_most(1.0), at_least(1.0), between(0.0, 1.0)):
        assert prediction.outcome((nan, nan)) is Outcome.UNSETTLED
        assert prediction.outcome((-inf, inf)) is Outcome.UNSETTLED
        assert prediction.outcome((5.0, nan)) is Outcome.UNSETTLED
        assert prediction.outcome((nan, -5.0)) is Outcome.UNSETTLED
        with pytest.raises(InputError, match="from its lowest to its highest"):
            prediction.outcome((3.0, -3.0))
