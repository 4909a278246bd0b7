"""The limit at rate 0, in powers of the rate and with logarithms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.learning import extrapolate, extrapolate_logarithmic


def rng(seed):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("curve", [(0.3,), (0.3, 1.0), (0.0, 3.0), (-0.5, 0.4, 2.0)])
def test_intervals_cover_whatever_the_curve(curve):
    """At least 93 % of 600 intervals of 95 %; a straight line fitted blindly covers far less of the bent ones."""
    rates, errors, stream = np.array([0.05, 0.1, 0.2, 0.4]), np.full(4, 0.01), rng(15)
    truth = 1 + sum(c * rates ** (j + 1) for j, c in enumerate(curve))
    inside = blind = 0
    for _ in range(600):
        values = truth + errors * stream.normal(size=4)
        found = extrapolate(rates, values, errors, 1.0, independent=True).limit
        inside += abs(found - 1) <= 1.96 * found.error
        line, covariance = np.polyfit(rates, values, 1, w=1 / errors, cov="unscaled")
        blind += abs(line[1] - 1) <= 1.96 * np.sqrt(covariance[1, 1])
    assert inside >= 0.93 * 600
    assert blind < 0.6 * 600 or curve == (0.3,)


@settings(max_examples=30)
@given(limit=st.floats(0.1, 10), first=st.floats(-1, 1), second=st.floats(-1, 1), spacing=st.floats(0.5, 2))
def test_a_polynomial_is_extrapolated_exactly(limit, first, second, spacing):
    rates = np.array([0.1, 0.2, 0.3, 0.5])
    values = limit + first * rates**spacing + second * rates ** (2 * spacing)
    found = extrapolate(rates, values, np.full(4, 1e-12), spacing, independent=False)
    assert abs(found.limit - limit) < 1e-8
    scaled = extrapolate(10 * rates, 3 * values, np.full(4, 3e-12), spacing, independent=False)
    assert scaled.limit == pytest.approx(3 * found.limit, rel=1e-8)


@pytest.mark.parametrize("shapes", [(2.0,), (3.0, 5.0)])
def test_logarithms_are_extrapolated_exactly(shapes):
    """Lambda - P'(l)/P(l) for polynomials of degree m - 1, m = 2 and 3."""
    rates = np.array([1e-4, 1e-3, 3e-3, 1e-2, 3e-2])
    polynomial = np.array([1.0, *shapes])
    logs = -np.log(rates)
    values = 0.5 - np.polyval(np.polyder(polynomial), logs) / np.polyval(polynomial, logs)
    found = extrapolate_logarithmic(rates, values, np.full(5, 1e-10), 1.0, len(shapes) + 1, independent=False)
    assert abs(found.limit - 0.5) < 1e-6
    wrong = extrapolate(rates, values, np.full(5, 1e-10), 1.0, independent=False)
    assert abs(wrong.limit - 0.5) > 0.02


@pytest.mark.parametrize("first", [0.002, 0.004, 0.008])
@pytest.mark.parametrize(("c", "a", "b"), [(3.0, 0.3, 1.0), (5.0, 0.25, 1.5), (4.0, -0.2, 1.0), (2.0, 0.0, 0.5)])
def test_logarithms_with_logarithms_in_the_corrections_are_covered(first, c, a, b):
    """Z = T^(1/2) (l + c) + T^(3/2) (a l + b) is in no order of the fit; values of very different errors."""
    for count in (4, 5, 6):
        rates = first * 2.0 ** np.arange(count)
        logs = -np.log(rates)
        leading, following = logs + c, rates * (a * logs + b)
        values = (0.5 * leading - 1 + 1.5 * following - a * rates) / (leading + following)
        errors = np.array([1e-9, 1e-11, *np.full(count - 2, 1e-14)])
        found = extrapolate_logarithmic(rates, values, errors, 1.0, 2, independent=False)
        assert abs(found.limit - 0.5) < 2 * found.limit.error < 0.1


def test_bounds_add_up_and_independent_errors_add_in_squares():
    """The effect of each value on the limit of a straight line, measured by moving it."""
    rates, errors = np.array([0.1, 0.2, 0.3, 0.5]), np.array([1.0, 2.0, 1.0, 3.0]) * 1e-3
    values = 1 + rates + 1e-3 * rates**2
    found = [extrapolate(rates, values, errors, 1.0, independent=flag).limit for flag in (True, False)]
    moved = [extrapolate(rates, values + e, errors, 1.0, independent=True).limit for e in np.diag(errors) / 10]
    effects = 10 * np.abs(np.array(moved) - found[0])
    assert found[0].error == pytest.approx(np.sqrt((effects**2).sum()), rel=0.01)
    assert found[1].error == pytest.approx(effects.sum(), rel=0.01)
