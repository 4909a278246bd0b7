"""Stochastic collapse against real SGD and closed forms; exponents of drift and noise along lines."""

from __future__ import annotations

import math
from fractions import Fraction as F

import numpy as np
import pytest
import sympy
from doubles import sgd_line
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial
from scipy.special import expi

from simulate import SGD, run_sgd
from theory import InputError, NoisyGradient, ProductModel, SymbolicLandscape, find_degenerate_points
from theory.base.estimate import Estimate
from theory.points.collapse import collapse_exponent, collapse_rate, gaussian_collapse_exponent
from theory.points.collapse.exponent import _below_zero
from theory.points.critical import local_exponents
from theory.tensors import SymbolicTensor

FLAT = ProductModel("3.6*w**2", noise_std=1.0, loss_scale=1.0)
BARRIER = ProductModel("(w + 1.8)*(w - 1.8)**2", noise_std=1.0, loss_scale=1.0)
TOP = (F(-3, 5),)


def measured(model, at, direction, sgd, *, steps, walkers, seed, first=0):
    """Mean of log|u| per step of real SGD with its standard error; `first` steps are left out."""
    rng = np.random.default_rng(seed)
    offset = 1e-100 if np.dot(at, direction) == 0 else 1e-9  # rare large steps must stay in the linear range
    start = np.asarray(at, dtype=float) + offset * np.asarray(direction, dtype=float)
    every = math.gcd(first, steps) if first else steps
    paths = run_sgd(model, sgd, np.tile(start, (walkers, 1)), steps=steps, rng=rng, save_every=every)
    begin = paths.positions[round(first / steps * (len(paths.positions) - 1))]
    shifts = [np.abs((p - np.asarray(at, dtype=float)) @ direction) for p in (begin, paths.positions[-1])]
    growth = (np.log(shifts[1]) - np.log(shifts[0])) / (steps - first)
    return growth.mean(), growth.std(ddof=1) / math.sqrt(walkers)


def test_the_exponent_of_a_square():
    """-8 c^2 eta^2 / B in the limit (s = sigma = 1); the reference number of the literature's parameters."""
    found = collapse_exponent(FLAT, [0], learning_rate=0.01, batch_size=20)
    assert found.continuous == pytest.approx(-8 * 3.6**2 * 0.01**2 / 20, rel=1e-12)
    assert found.continuous == pytest.approx(-5.184e-4, rel=1e-12)
    assert found.collapses
    assert found.collapses_in_the_limit
    assert found.drift == 0


def test_the_discrete_exponent_tends_to_the_limit():
    ratios = []
    for rate in (4e-3, 2e-3, 1e-3):
        found = collapse_exponent(FLAT, [0], learning_rate=rate, batch_size=20)
        ratios.append(found.discrete / found.continuous - 1)
    assert ratios[1] / ratios[0] == pytest.approx(1 / 4, abs=0.01)  # an even law: the next term is eta^4
    assert ratios[2] / ratios[1] == pytest.approx(1 / 4, abs=0.01)


@pytest.mark.parametrize(
    ("model", "at", "direction", "rate", "batch"),
    [
        (FLAT, (0,), (1,), 0.01, 20),
        (FLAT, (0,), (1,), 0.05, 2),
        (FLAT, (0,), (1,), 0.3, 2),
        (BARRIER, TOP, (1,), 0.005, 20),
        (BARRIER, TOP, (1,), 0.01, 1),
        (ProductModel("x**2*(1 + y)", variables=("x", "y"), noise_std=0.5), (0, 1), (1, 0), 0.3, 4),
        (ProductModel(["w**2 + 1", "2*w**2 - w**3 + 1/2"], input_std=(1.0, 0.5)), (0,), (1,), 0.2, 3),
    ],
)
def test_real_sgd(model, at, direction, rate, batch):
    """Steps from 1e-9 off the set; its own law of batches, not a normal one, and not the limit."""
    found = collapse_exponent(model, at, direction, learning_rate=rate, batch_size=batch)
    mean, error = measured(
        model, [float(x) for x in at], direction, SGD(rate, batch), steps=20, walkers=60_000, seed=5
    )
    assert abs(found.discrete - mean) < 5 * error
    if rate * found.batch_noise > 1:
        assert abs(found.continuous - mean) > 20 * error
    if rate * found.batch_noise > 0.3:
        normal = gaussian_collapse_exponent(found.drift, found.batch_noise, rate)
        assert abs(normal.discrete - mean) > 5 * error


def test_the_limit_may_have_the_wrong_sign():
    """At this barrier with single examples the SDE is drawn to the point that SGD leaves."""
    found = collapse_exponent(BARRIER, TOP, learning_rate=0.01, batch_size=1)
    assert found.collapses_in_the_limit
    assert found.collapses is False
    small = collapse_exponent(FLAT, [0], learning_rate=0.3, batch_size=2)
    assert small.collapses_in_the_limit
    assert small.collapses is False


@pytest.mark.parametrize(("rate", "batch"), [(0.5, 1), (1.0, 1), (2.2, 3), (4.0, 1)])
def test_minima_without_label_noise(rate, batch):
    """One step is u <- u (1 - eta chi2_B / B): sampled, and the pole of the logarithm inside."""
    found = collapse_exponent(ProductModel("w", noise_std=0.0), [0], learning_rate=rate, batch_size=batch)
    factors = np.random.default_rng(1).chisquare(batch, 10**6) / batch
    logs = np.log(np.abs(1 - rate * factors))
    assert abs(found.discrete - logs.mean()) < 5 * logs.std() / 1000
    assert found.discrete.error < 1e-10
    assert abs(found.continuous - logs.mean()) > 20 * logs.std() / 1000


@pytest.mark.parametrize("rate", [0.01, 0.3, 1.0, 5.0])
def test_batches_of_two_without_label_noise(rate):
    """Then S is exponential and E log|1 - eta S| = -exp(-1/eta) Ei(1/eta)."""
    found = collapse_exponent(ProductModel("w", noise_std=0.0), [0], learning_rate=rate, batch_size=2)
    exact = -math.exp(-1 / rate) * expi(1 / rate)
    assert abs(found.discrete - exact) <= max(3 * found.discrete.error, 1e-12)
    assert abs(found.continuous - exact) > 1e-7


def test_momentum_against_real_sgd():
    rng = np.random.default_rng(2)
    found = collapse_exponent(FLAT, [0], learning_rate=0.02, batch_size=4, momentum=0.5, rng=rng)
    sgd = SGD(0.02, 4, momentum=0.5)
    mean, error = measured(FLAT, [0.0], (1,), sgd, steps=80, walkers=20_000, seed=3, first=40)
    assert abs(found.discrete - mean) < 5 * math.hypot(error, found.discrete.error)
    assert abs(found.continuous - mean) > 5 * error
    slow = collapse_exponent(FLAT, [0], learning_rate=0.002, batch_size=1, momentum=0.5, rng=rng)
    assert abs(slow.discrete - slow.continuous) < 5 * slow.discrete.error + 0.05 * abs(slow.continuous)
    plain = collapse_exponent(FLAT, [0], learning_rate=0.002, batch_size=1).continuous
    assert slow.continuous == pytest.approx(4 * plain)
    assert abs(slow.discrete - plain) > 5 * slow.discrete.error


@settings(max_examples=30)
@given(st.floats(-3, 3), st.floats(0.02, 5), st.floats(0.01, 1))
def test_the_closed_form_is_the_integral_over_the_normal_law(drift, noise, rate):
    found = gaussian_collapse_exponent(drift, noise, rate)
    mean, std = 1 - rate * drift, rate * noise
    # The integral of log|x| against the density, the substitution x = +-e^y taking the pole away.
    y = np.linspace(-45, math.log(abs(mean) + 12 * std), 400_001)
    x = np.exp(y)
    density = sum(np.exp(-(((s * x - mean) / std) ** 2) / 2) for s in (1, -1)) / (std * math.sqrt(2 * math.pi))
    assert found.discrete == pytest.approx(np.trapezoid(y * x * density, y), abs=1e-7)


def test_the_criterion_of_stochastic_collapse():
    """A drift mu > -eta zeta^2 / 2 draws walkers even to a maximum (mu < 0); with small steps SGD agrees."""
    rate, noise = 1e-3, 30.0
    edge = -rate * noise**2 / 2
    above, below = (gaussian_collapse_exponent(edge * part, noise, rate) for part in (0.9, 1.1))
    assert above.drift < 0
    assert (above.collapses, above.collapses_in_the_limit) == (True, True)
    assert (below.collapses, below.collapses_in_the_limit) == (False, False)


@pytest.mark.parametrize(
    ("model", "at", "direction", "message"),
    [
        (ProductModel("w"), (0,), None, "the point must be invariant: gradient noise must vanish there"),
        (ProductModel("w**2"), (1,), None, "must be invariant"),
        (ProductModel("w**3"), (0,), None, "vanish linearly along `direction`, they vanish faster"),
        (ProductModel("x**2 + 2*x*y"), (0, 0), (1, 0), "must be mapped to itself by the linear step"),
        (ProductModel("x**2 + y**2"), (0, 0), None, "`direction` must have 2 coordinates, got none"),
        (ProductModel("x**2 + y**2"), (0, 0), (0, 0), "`direction` must not be zero"),
        (ProductModel("x**2 + y**2"), (0,), (1, 0), "`at` must have 2 coordinates, got 1"),
        (ProductModel(["w", "2*w"], noise_std=0.0), (0,), None, "needs one output, got 2"),
        (SymbolicLandscape("w**2"), (0,), None, "must be a ProductModel, got SymbolicLandscape"),
    ],
)
def test_refusals(model, at, direction, message):
    with pytest.raises(InputError, match=message):
        collapse_exponent(model, at, direction, learning_rate=0.1, batch_size=2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 0.0}, "`learning_rate` must be positive"),
        ({"batch_size": 1.5}, "`batch_size` must be a whole number"),
        ({"momentum": 1.0}, r"`momentum` must lie in \[0, 1\)"),
        ({"momentum": 0.5}, "the exponent is sampled; `rng` must be a numpy Generator"),
    ],
)
def test_refused_options(options, message):
    with pytest.raises(InputError, match=message):
        collapse_exponent(FLAT, [0], **({"learning_rate": 0.1, "batch_size": 2} | options))


def test_refused_noise():
    with pytest.raises(InputError, match="`batch_noise` must be positive"):
        gaussian_collapse_exponent(1.0, 0.0, 0.1)


@pytest.mark.parametrize("roots", [(-1.8, 1.8, 1.8), (0.0, 0.0), (0.5, 0.5, 0.5)])
def test_exponents_agree_with_those_measured_on_a_line(roots):
    q, (w,) = Polynomial.fromroots(roots), sympy.symbols("w,", real=True)
    formula = sympy.prod([w - sympy.Rational(str(r)) for r in roots])
    model = ProductModel(formula, noise_std=1.0, loss_scale=1.0)
    rate, batch = 0.01, 20
    for point in find_degenerate_points(sgd_line(q, rate, batch), -4, 4):
        for sign, side in ((-1, point.left), (1, point.right)):
            found = local_exponents(model, (round(point.position, 6),), (sign * 2,))
            assert found.invariant
            exact = found.side(rate, batch)
            assert (exact.noise_exponent, exact.drift_exponent) == (side.noise_exponent, side.drift_exponent)
            assert exact.noise_coefficient == pytest.approx(side.noise_coefficient, rel=1e-4)
            assert exact.drift_coefficient == pytest.approx(side.drift_coefficient, rel=1e-4)
            assert exact.feller is side.feller


def test_exponents_along_lines_in_the_plane():
    model = ProductModel("x**2*y", noise_std=1.0, loss_scale=1.0)
    diagonal = local_exponents(model, (0, 0), (1, 1))
    # q = u^3 / 2^(3/2): L = u^6 / 8, e.grad q = 3 u^2 / 2^(3/2)
    assert (diagonal.drift_exponent, diagonal.noise_exponent) == (5, 4)
    assert diagonal.drift_coefficient == pytest.approx(-6 / 8)
    assert diagonal.noise_coefficient == pytest.approx(4 * 9 / 8)
    assert not diagonal.invariant
    with pytest.raises(InputError, match="walkers leave this line"):
        diagonal.side(0.1, 2)
    across = local_exponents(model, (0, 2), (1, 0))
    # L = 4 u^4 and C = 4 (1 + 2 q^2) (4 u)^2, but the gradient has a part along y
    assert (across.drift_exponent, across.drift_coefficient) == (3, -16.0)
    assert (across.noise_exponent, across.noise_coefficient) == (2, 64.0)
    along = local_exponents(model, (0, 0), (0, 1))
    assert (along.drift_exponent, along.noise_exponent, along.invariant) == (math.inf, math.inf, True)
    with pytest.raises(InputError, match="no noise along this line"):
        along.side(0.1, 2)


def test_exponents_of_other_formulas():
    w = sympy.Symbol("w", real=True)
    model = NoisyGradient(
        SymbolicLandscape("1 - cos(w)"), SymbolicTensor(sympy.Matrix([[sympy.sin(w) ** 2]]), (w,))
    )
    found = local_exponents(model, (0,), (1,))
    assert (found.drift_exponent, found.drift_coefficient) == (1, -1.0)
    assert (found.noise_exponent, found.noise_coefficient) == (4, 1.0)
    with pytest.raises(InputError, match="must be a ProductModel or a NoisyGradient, got"):
        local_exponents(SymbolicLandscape("w**2"), (0,), (1,))
    with pytest.raises(InputError, match="`direction` must not be zero"):
        local_exponents(FLAT, (0,), (0,))


@pytest.mark.parametrize("place", [0, 3, 100, 1000])
def test_the_rate_of_the_limit_is_that_of_the_exponent_wherever_the_point_is(place):
    model = ProductModel(f"(x - {place})**2*(1 + (x - {place})**2)")
    exact = collapse_exponent(model, [place], learning_rate=0.01, batch_size=2).continuous
    assert collapse_rate(model, [place], 0.01, 2) * 0.01 == pytest.approx(-exact, rel=1e-6)


def test_a_sign_needs_five_errors():
    assert _below_zero(Estimate(-4.0, 1.0)) is None
    assert _below_zero(Estimate(-6.0, 1.0)) is True
    assert _below_zero(Estimate(6.0, 1.0)) is False
