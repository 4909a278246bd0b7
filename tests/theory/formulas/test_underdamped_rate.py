"""Kramers' rate with inertia against the spectrum of the equation in phase space, and against paths."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from escape_laws import WELL, slope_of
from scipy import sparse
from scipy.sparse.linalg import eigs

from theory import BAOAB, HalfSpace, InputError, SymbolicLandscape, Underdamped, first_passage_times, kramers_rate
from theory.formulas.escape import underdamped_escape_rate
from theory.formulas.escape.critical import find_pass
from theory.formulas.escape.underdamped import _depopulation, _flight

TEMPERATURES = (0.05, 0.03, 0.02)
HALF = HalfSpace(1.0)
ACTION = 4 / 3  # of one round in a well of (q^2 - 1)^2/4 at the height of the barrier


@cache
def exact_rate(friction, temperature, positions=90, momenta=40):
    """Half the first eigenvalue for WELL: Hermite functions of q, Hermite polynomials of p; to 1e-5 or better."""
    width, size = 0.45 * (temperature / 0.05) ** 0.25, positions + 8
    roots = np.sqrt(np.arange(1, size) / 2)
    q = sparse.diags([roots, roots], [1, -1]).tocsr() * width
    slope = sparse.diags([roots, -roots], [1, -1]).tocsr() / width
    pull = (q @ q @ q - q) / (2 * temperature)
    down, up = (np.sqrt(temperature) * (sign * slope + pull)[:positions, :positions] for sign in (1, -1))
    ladder = sparse.diags([np.sqrt(np.arange(1, momenta))], [1])
    loss = sparse.kron(ladder.T @ ladder, sparse.eye(positions))
    matrix = -friction * loss + sparse.kron(ladder.T, down) - sparse.kron(ladder, up)
    values = np.sort(-eigs(matrix.tocsc(), k=3, sigma=1e-3, return_eigenvectors=False).real)
    assert abs(values[0]) < 1e-6 * values[1] + 1e-7
    return values[1] / 2


@pytest.mark.parametrize("friction", [0.5, 1.0, 3.0, 10.0])
def test_the_rate_is_that_of_the_spectrum_as_the_temperature_falls(friction):
    misses = []
    for temperature in TEMPERATURES:
        rate = underdamped_escape_rate(Underdamped(WELL, friction, temperature), -0.95, 0.03)
        exact = exact_rate(friction, temperature)
        assert abs(rate.value - exact) < rate.value.error
        assert rate.minimum == pytest.approx((-1,), abs=1e-12)
        assert rate.barrier == pytest.approx(0.25 / temperature)
        misses.append(rate.value / exact - 1)
    assert abs(misses[-1]) < 0.04
    assert 0.8 < slope_of(misses, TEMPERATURES) < 1.6 or friction < 1
    slow = kramers_rate(WELL, 0.02, -1, 0).value / friction  # control: without inertia
    fast = np.sqrt(2) / (2 * np.pi) * np.exp(-12.5)  # control: without friction
    assert abs(slow / exact - 1) > 2 * abs(misses[-1]) or friction > 5
    assert fast / exact > 1.2


def test_strong_friction_is_the_equation_without_inertia():
    gaps = []
    frictions = (10.0, 30.0, 100.0)
    for friction in frictions:
        rate = underdamped_escape_rate(Underdamped(WELL, friction, 0.02), -1, 0)
        slow = kramers_rate(WELL, 0.02, -1, 0)
        bare = slow.log_value - np.log1p(slow.correction) - np.log(friction)
        gaps.append(np.expm1(rate.log_value - bare))
    assert slope_of(gaps, frictions) == pytest.approx(-2, abs=0.03)  # l = |h| / friction (1 - |h| / friction^2)
    assert gaps[-1] == pytest.approx(-1e-4, rel=1e-3)


def test_paths_pass_for_good_at_this_rate():
    friction, temperature, walkers = 1.0, 0.06, 4000
    sde = Underdamped(WELL, friction, temperature)
    rate = underdamped_escape_rate(sde, -1, 0)
    start = np.tile([-1.0, 0.0], (walkers, 1))
    arrivals = first_passage_times(
        sde, start, HALF, dt=0.1, steps=60_000, rng=np.random.default_rng(2), scheme=BAOAB()
    )
    mean, error = arrivals.mean
    assert abs(1 / exact_rate(friction, temperature) - mean) < 5 * error + 0.02 * mean
    assert abs(rate.time - mean) < rate.time.error + 5 * error
    assert abs(rate.time / mean - 1) < 0.12
    slow = kramers_rate(WELL, temperature, -1, 0).time * friction
    assert slow < mean / 1.3  # control: without inertia
    assert rate.time / 2 < mean - 5 * error  # control: the rate of first coming to the saddle


def test_a_valley_has_the_line_s_rate_times_the_root_of_the_stiffness_across():
    valley = SymbolicLandscape("(x**2 - 1)**2/4 + (1 + 3*x**2)*y**2/2")
    rate = underdamped_escape_rate(Underdamped(valley, 2.0, 0.02), [-1.02, 0.01], [0.01, 0.0])
    line = underdamped_escape_rate(Underdamped(WELL, 2.0, 0.02), -1, 0)
    assert rate.log_value == pytest.approx(line.log_value + np.log(2), abs=1e-9)
    turn = SymbolicLandscape(
        "((0.8*x + 0.6*y)**2 - 1)**2/4 + (1 + 3*(0.8*x + 0.6*y)**2)*(0.8*y - 0.6*x)**2/2", ("x", "y")
    )
    same = underdamped_escape_rate(Underdamped(turn, 2.0, 0.02), [-0.8, -0.6], [0, 0])
    assert same.log_value == pytest.approx(rate.log_value, abs=1e-8)
    slow = kramers_rate(valley, 0.02, [-1, 0], [0, 0])
    growth = -1 + np.sqrt(2)
    assert rate.log_value == pytest.approx(slow.log_value + np.log(growth), abs=1e-9)


def test_the_action_of_a_round_and_the_factor_of_weak_friction():
    found = find_pass(lambda w: -WELL.gradient(w), WELL.hessian, -1, 0, 1)
    for sign in (1.0, -1.0):
        assert 2 * _flight(WELL, found, sign) == pytest.approx(ACTION, rel=1e-5)
    cubic = SymbolicLandscape("w**2/2 - w**3/3")
    found = find_pass(lambda w: -cubic.gradient(w), cubic.hessian, 0, 1, 1)
    assert 2 * _flight(cubic, found, 1.0) == pytest.approx(1.2, rel=1e-5)  # 36/5 of the barrier 1/6
    assert _flight(cubic, found, -1.0) == np.inf
    assert _depopulation(1e-4) == pytest.approx(1e-4, rel=0.02)  # Y = D - 0.82 D^(3/2)
    assert 1 - _depopulation(40.0) < 1e-4
    misses = []
    for temperature in (0.03, 0.02):  # the turnover that the error is about
        loss = 0.1 * ACTION / temperature
        kept = _depopulation(loss) ** 2 / _depopulation(2 * loss)
        rate = underdamped_escape_rate(Underdamped(WELL, 0.1, temperature), -1, 0)
        exact = exact_rate(0.1, temperature, 110, 60)
        assert abs(rate.value - exact) < rate.value.error
        strong = underdamped_escape_rate(Underdamped(WELL, 100, temperature), -1, 0)
        assert rate.relative_error - strong.relative_error == pytest.approx(1 / kept - 1, abs=1e-6)
        assert exact / rate.value < 0.9  # control: Kramers' formula alone
        misses.append(exact / (rate.value * kept) - 1)
    assert np.abs(misses) == pytest.approx(0, abs=0.08)
    weak, strong = (underdamped_escape_rate(Underdamped(cubic, f, 0.01), 0, 1) for f in (0.1, 100.0))
    doubt = 1 / _depopulation(0.1 * 1.2 / 0.01) - 1  # nobody comes back from the open side
    assert weak.relative_error - strong.relative_error == pytest.approx(doubt, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: underdamped_escape_rate(Underdamped(WELL, 0.01, 0.05), -1, 0),
            r"needs friction \* action >= temperature, got 0.0133 against 0.05: walkers diffuse in energy",
        ),
        (lambda: underdamped_escape_rate(Underdamped(WELL, 1, 0.3), -1, 0), "barrier of several temperatures"),
        (lambda: underdamped_escape_rate(Underdamped(WELL, 1, 0.05), -1, 1), "`saddle` must be a saddle"),
        (lambda: underdamped_escape_rate(WELL, -1, 0), "`sde` must be an Underdamped, got"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_what_is_refused_is_wrong():
    exact = exact_rate(0.03, 0.05, 110, 60)
    growth = -0.015 + np.sqrt(0.015**2 + 1)
    assert growth * np.sqrt(2) / (2 * np.pi) * np.exp(-5) > 4 * exact
