"""Zeros of D: found wherever they are, with exponents and types that formulas give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from doubles import LineEquation, sgd_line
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial

from theory.base.errors import InputError
from theory.points.degenerate import Feller, Side, find_degenerate_points


def power_law(m: float, n: float, kappa: float, position: float = 0.0) -> LineEquation:
    """D = |u|^m and a drift kappa |u|^n that points away from `position` for kappa > 0."""

    def noise_slope(w):
        u = w - position
        return m * np.sign(u) * np.abs(u) ** (m - 1)

    return LineEquation(
        lambda w: kappa * np.sign(w - position) * np.abs(w - position) ** n,
        lambda w: np.abs(w - position) ** m,
        noise_slope,
    )


TABLE = [
    # m, n, kappa: type, attracting, integrable
    (0.5, 0.0, 1.0, Feller.REGULAR, True, True),
    (1.5, 2.0, 1.0, Feller.EXIT, True, False),
    (2.0, 3.0, -1.0, Feller.NATURAL, True, False),
    (1.5, 0.5, 0.75, Feller.REGULAR, True, True),
    (1.5, 0.5, 0.25, Feller.EXIT, True, False),
    (1.5, 0.5, 1.0, Feller.ENTRANCE, False, True),
    (2.0, 1.0, 0.5, Feller.NATURAL, True, False),
    (2.0, 1.0, 1.0, Feller.NATURAL, False, False),
    (2.0, 1.0, 1.5, Feller.NATURAL, False, True),
    (4.0, 3.0, 2.0, Feller.NATURAL, False, False),
    (4.0, 3.0, 4.0, Feller.NATURAL, False, True),
    (2.0, 0.0, 1.0, Feller.ENTRANCE, False, True),
    (2.0, 0.0, -1.0, Feller.EXIT, True, False),
    (4.0, 1.0, 1.0, Feller.NATURAL, False, True),
    (4.0, 1.0, -1.0, Feller.NATURAL, True, False),
]


@pytest.mark.parametrize(("m", "n", "kappa", "feller", "attracting", "integrable"), TABLE)
def test_types_of_power_laws(m, n, kappa, feller, attracting, integrable):
    (point,) = find_degenerate_points(power_law(m, n, kappa, 0.3), -1, 2)
    assert point.position == pytest.approx(0.3, abs=1e-12)
    for side in point.sides:
        assert (side.noise_exponent, side.drift_exponent) == (m, n)
        assert side.noise_coefficient == pytest.approx(1, rel=1e-6)
        assert side.drift_coefficient == pytest.approx(kappa, rel=1e-6)
        assert (side.feller, side.attracting, side.integrable) == (feller, attracting, integrable)


@pytest.mark.parametrize(("m", "n", "kappa", "feller", "attracting", "integrable"), TABLE)
def test_types_agree_with_fellers_integrals(m, n, kappa, feller, attracting, integrable):
    """Scale, mass and times of arrival and departure, summed over shells down to u = 2^-40: converge or not."""
    exponent = n - m + 1
    depth = 40.0 if exponent >= 0 else 16.0
    log_u = -math.log(2) * np.arange(0.0, depth + 20, 1 / 64)  # twenty more so that inner integrals are whole
    log_scale = -kappa * (log_u if exponent == 0 else np.expm1(exponent * log_u) / exponent) + log_u
    log_speed = -m * log_u - (log_scale - log_u) + log_u

    def converges(log_shells):
        third = int(depth * 64 / 3)
        return np.logaddexp.reduce(log_shells[2 * third : 3 * third]) < np.logaddexp.reduce(
            log_shells[third : 2 * third]
        ) - math.log(2)

    def within(log_shells):
        return np.logaddexp.accumulate(log_shells[::-1])[::-1]

    side = Side(m, 1.0, n, kappa)
    assert converges(log_scale) == side.attracting
    assert converges(log_speed) == side.integrable
    if exponent < 0:
        return  # the inner integrals live on scales below the shells
    assert (side.attracting and converges(within(log_scale) + log_speed)) == (
        feller in (Feller.REGULAR, Feller.EXIT)
    )
    assert (side.integrable and converges(within(log_speed) + log_scale)) == (
        feller in (Feller.REGULAR, Feller.ENTRANCE)
    )


def test_barrier_and_flat_minimum_of_a_cubic():
    q = Polynomial.fromroots([-1.8, 1.8, 1.8])
    barrier, minimum = find_degenerate_points(sgd_line(q, 0.01, 20), -4, 4)
    depth = q(-0.6)
    expected = -20 / 0.01 * depth / ((1 + 2 * depth**2) * q.deriv(2)(-0.6))
    for side in barrier.sides:
        assert side.ratio == pytest.approx(expected, rel=1e-6)
        assert side.ratio == pytest.approx(19.886, abs=1e-3)
        assert not side.attracting
        assert side.integrable
    assert minimum.position == pytest.approx(1.8, abs=1e-9)
    assert [(s.noise_exponent, s.drift_exponent) for s in minimum.sides] == [(2, 3), (2, 3)]
    assert all(side.attracting and not side.integrable for side in minimum.sides)
    assert barrier.drift_vanishes
    assert minimum.drift_vanishes


def test_reading_of_the_noise_changes_the_type():
    cubic = Polynomial.fromroots([-1.8, 1.8, 1.8])
    critical = find_degenerate_points(sgd_line(cubic, 0.01, 20, 0.5), -4, 4)[1]
    assert [side.ratio for side in critical.sides] == [1, 1]  # exactly, although b changes sign 0.03 away
    q = Polynomial([0, 0, 0, 1.0])  # D ~ u^4 and the drift of the loss, u^5, is negligible
    ito, stratonovich, anti_ito = (
        find_degenerate_points(sgd_line(q, 0.5, 4, share), -1, 1)[0].right for share in (0, 0.5, 1)
    )
    assert (ito.attracting, ito.integrable) == (True, False)
    assert (stratonovich.ratio, stratonovich.attracting, stratonovich.integrable) == (2, False, False)
    assert (anti_ito.ratio, anti_ito.attracting, anti_ito.integrable) == (4, False, True)


def test_gates_and_ends():
    gate = LineEquation(lambda w: 1 + 0 * w, lambda w: w**2, lambda w: 2 * w)
    (point,) = find_degenerate_points(gate, -1, 1)
    assert point.direction == 1
    assert (point.left.feller, point.right.feller) == (Feller.EXIT, Feller.ENTRANCE)
    (at_end,) = find_degenerate_points(gate, 0, 1)
    assert at_end.left is None
    assert at_end.position == 0
    assert find_degenerate_points(gate, 0.01, 1) == ()


@pytest.mark.parametrize("floor", [1e-4, 1e-9, 1e-14])
def test_a_small_minimum_is_no_zero(floor):
    equation = LineEquation(lambda w: -w, lambda w: floor + w**2, lambda w: 2 * w)
    assert find_degenerate_points(equation, -1, 1) == ()


@settings(max_examples=40)
@given(
    roots=st.lists(st.integers(-30, 30), min_size=1, max_size=4, unique=True),
    orders=st.lists(st.integers(1, 2), min_size=4, max_size=4),
    shift=st.floats(-50, 50),
    scale=st.floats(0.01, 100),
)
def test_zeros_move_with_the_coordinate(roots, orders, shift, scale):
    """Noise sigma = prod (w - r)^k has zeros of order 2k at r, wherever the coordinate puts them."""
    roots = sorted(r / 10 for r in roots)

    def root(x):
        return np.prod([(x - r) ** k for r, k in zip(roots, orders, strict=False)], axis=0)

    def slope(x):
        return sum(
            k
            * (x - r) ** (k - 1)
            * np.prod([(x - s) ** j for s, j in zip(roots, orders, strict=False) if s != r], axis=0)
            for r, k in zip(roots, orders, strict=False)
        )

    def back(w):
        return (w - shift) / scale

    equation = LineEquation(
        lambda w: 0 * w,
        lambda w: scale**2 * root(back(w)) ** 2,
        lambda w: 2 * scale * root(back(w)) * slope(back(w)),
    )
    points = find_degenerate_points(equation, shift - 4.05 * scale, shift + 4.02 * scale)
    assert [p.noise_exponent for p in points] == [2 * k for _, k in zip(roots, orders, strict=False)]
    assert np.allclose([back(p.position) for p in points], roots, atol=1e-7)
    assert all(math.isinf(side.drift_exponent) and side.attracting for p in points for side in p.sides)


@pytest.mark.parametrize(
    ("noise", "slope", "message"),
    [
        (lambda w: 0 * w, lambda w: 0 * w, "D must not vanish everywhere, got 0 from -1 to 1"),
        (
            lambda w: np.maximum(w, 0) ** 2,
            lambda w: 2 * np.maximum(w, 0),
            "both vanish on an interval, got neither from -1 to",
        ),
        (lambda w: w, lambda w: 1 + 0 * w, "D must not be negative, got -1 at -1"),
        (lambda w: w**2 / w**2, lambda w: 0 * w, "D must be finite"),
        (
            lambda w: w**2 * np.log(np.abs(w) + 1e-300) ** 2,
            lambda w: 2 * w * (np.log(np.abs(w) + 1e-300) ** 2 + np.log(np.abs(w) + 1e-300)),
            "must follow a power of the distance",
        ),
        (
            lambda w: w**2 * (w - 1e-5) ** 2,
            lambda w: 2 * w * (w - 1e-5) * (2 * w - 1e-5),
            "zeros of D lie too close",
        ),
        (
            lambda w: (w - 0.99999) ** 2,
            lambda w: 2 * (w - 0.99999),
            "zeros of D must lie 0.00012 from each other and from the ends to be told apart, got 1e-05 right",
        ),
    ],
)
def test_refusals(noise, slope, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        find_degenerate_points(LineEquation(lambda w: 0 * w, noise, slope), -1, 1)


def test_two_dimensions_are_refused():
    with pytest.raises(InputError, match="1 dimension, got 2"):
        find_degenerate_points(LineEquation(np.sin, np.exp, np.exp, dim=2), -1, 1)
