"""Times from strict saddles: formulas against quadrature, the Fokker-Planck equation, paths and SGD itself."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy
from escape_laws import READINGS, WELL, W
from hypothesis import given
from hypothesis import strategies as st

from simulate import SGD, first_exit
from theory import (
    Constant,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    NoisyGradient,
    Outside,
    ProductModel,
    SymbolicLandscape,
    SymbolicTensor,
    first_passage_times,
)
from theory.formulas.escape import saddle_passage_time, sgd_saddle_passage_time
from theory.formulas.escape.linear_saddle import (
    dawson_integral,
    linear_passage_steps,
    linear_passage_time,
    mean_overshoot,
)
from theory.formulas.escape.unstable_line import mean_time_out

HILL = SymbolicLandscape("-w**2/2")
PLANE = SymbolicLandscape("(x**2 - 1)**2/4 + y**2/2")
SHEAR = np.array([[1.0, 0.0], [2.0, -2.0]])  # the Jacobian, whose left eigenvector is the first axis
SHEARED = Langevin(
    SymbolicLandscape("y**2 - x**2/2 - x*y", ("x", "y")),
    Constant([[0.02, 0.015], [0.015, 0.03]]),
    extra_drift=lambda w: np.asarray(w) @ (SHEAR - np.array([[1.0, 1.0], [1.0, -2.0]])).T,
)


def outside(distance):
    return lambda w: np.abs(w[..., 0]) > distance


def solved(sde, distance, cells=400):
    time = FokkerPlanck(sde, Grid(-1.5 * distance, 1.5 * distance, cells)).mean_first_passage_time(
        outside(distance)
    )
    return float(time.mean.at(0.0)), float(time.mean.error_at(0.0))


def exit_steps(model, sgd, distance, walkers, seed, steps=20_000):
    """Mean first step outside and its standard error."""
    start = np.zeros((walkers, model.dim))
    first = "x" if model.dim > 1 else "w"
    basin = f"{first} < {distance} and {first} > -{distance}"
    event = first_exit(model, sgd, start, basin, steps=steps, rng=np.random.default_rng(seed))
    assert event.happened.all()
    return event.event.mean(), event.event.std() / math.sqrt(walkers)


@given(st.floats(1e-3, 60.0))
def test_the_integral_is_the_hypergeometric_function(reach):
    exact = reach**2 / 2 * mpmath.hyper([1, 1], [1.5, 2], -(mpmath.mpf(reach) ** 2))
    assert dawson_integral(reach) == pytest.approx(float(exact), rel=1e-12)


def test_the_integral_has_no_seam_and_ends_in_a_logarithm():
    assert dawson_integral(12 * (1 - 1e-14)) == pytest.approx(dawson_integral(12), rel=1e-12)
    assert dawson_integral(1e150) == pytest.approx((2 * np.log(2e150) + np.euler_gamma) / 4, rel=1e-14)
    assert dawson_integral(1e-5) == pytest.approx(0.5e-10, rel=1e-9)  # Brownian motion: a^2 / (2D)


@pytest.mark.parametrize("temperature", [1.0, 0.1, 0.01, 0.001])
def test_a_parabola_against_the_fokker_planck_equation(temperature):
    sde = Langevin(HILL, Isotropic(temperature, 1))
    exact, error = solved(sde, 0.7)
    found = saddle_passage_time(sde, 0.0, 0.7)
    assert abs(found.time - exact) < 5e-6 * exact + error
    assert found.time.error < 1e-8 * found.time
    wrong = linear_passage_time(1.0, 2 * temperature, 0.7)  # control: noise without its factor of two
    assert abs(wrong - exact) > 0.05 * exact
    far = abs(found.logarithmic / found.time - 1)
    assert far < 3 * temperature if temperature < 0.02 else far > 0.01


def test_the_solver_of_the_line_is_the_formula_where_all_is_linear():
    for diffusion in (1.0, 1e-3, 1e-9):
        time = mean_time_out(lambda u: 2.5 * u, lambda _, d=diffusion: d, diffusion / 2.5, 0.4)
        assert time == pytest.approx(linear_passage_time(2.5, diffusion, 0.4), rel=1e-8)
    shifted = mean_time_out(lambda u: 0.3 + u, lambda _: 0.1, 0.1, 1.0)  # without symmetry: against quadrature
    tilted = Langevin(SymbolicLandscape("-w**2/2 - 0.3*w"), Isotropic(0.1, 1))
    assert shifted == pytest.approx(solved(tilted, 1.0)[0], rel=1e-6)


@pytest.mark.parametrize("temperature", [0.1, 0.01, 1e-3, 1e-4])
def test_the_error_covers_a_double_well_and_is_no_larger_than_it_need_be(temperature):
    sde = Langevin(WELL, Isotropic(temperature, 1))
    found = saddle_passage_time(sde, 0.01, 0.3)
    exact, error = solved(sde, 0.3)
    assert found.saddle == pytest.approx((0,), abs=1e-12)
    miss = abs(found.time - exact)
    assert miss < found.time.error + error
    assert miss > 0.9 * found.time.error - error  # control: the linear formula is not exact here


@pytest.mark.parametrize("reading", READINGS)
def test_noise_that_changes_along_the_way(reading):
    noise = SymbolicTensor(sympy.Matrix([sympy.sqrt(0.01 * (1 + W + 3 * W**2))]), (W,))
    sde = Langevin(WELL, noise, reading)
    found = saddle_passage_time(sde, 0.0, 0.3)
    place = found.saddle[0]
    target = Grid(-0.5, 0.5, 500)
    time = FokkerPlanck(sde, target).mean_first_passage_time(lambda w: np.abs(w[..., 0] - place) > 0.3).mean
    assert abs(found.time - time.at(place)) < found.time.error + time.error.max()
    assert found.time.error < 0.1 * found.time
    assert found.growth == pytest.approx(1 - 3 * place**2 + 0.06 * reading.share, rel=1e-9)
    assert (place == 0) == (reading.share == 0)  # div D moves the zero of the Ito drift


def test_a_drift_that_is_no_gradient_needs_the_left_eigenvector():
    found = saddle_passage_time(SHEARED, [0.001, 0.0], 0.5)
    right, left = np.array(found.right), np.array(found.left)
    assert SHEAR @ right == pytest.approx(right)
    assert left @ SHEAR == pytest.approx(left)
    assert left @ right == pytest.approx(1)
    assert found.diffusion == pytest.approx(0.02 * left[0] ** 2)
    wall = 0.5 / left[0]
    arrivals = first_passage_times(
        SHEARED,
        np.zeros((8000, 2)),
        Outside(-wall, wall),
        dt=0.01,
        steps=2000,
        rng=np.random.default_rng(4),
    )
    mean, error = arrivals.mean
    assert abs(found.time - mean) < 5 * error + 0.01
    tensor = SHEARED.diffusion.matrix
    wrong = linear_passage_time(1.0, right @ tensor @ right, 0.5)  # control: noise along the right eigenvector
    assert abs(wrong - mean) > 5 * error + 0.01


def test_a_bent_way_out_and_spread_across_it():
    bent = SymbolicLandscape("(x**2 - 1)**2/4 + (1 + x)*(y - x**2)**2")
    for temperature in (0.05, 0.01):
        sde = Langevin(bent, Isotropic(temperature, 2))
        found = saddle_passage_time(sde, [0.0, 0.0], 0.3)
        equation = FokkerPlanck(sde, Grid([-0.45, -1.2], [0.45, 1.2], [90, 120]))
        time = equation.mean_first_passage_time(outside(0.3)).mean
        assert abs(found.time - time.at([0.0, 0.0])) < found.time.error + 1e-3 * found.time
        assert found.time.error < 0.35 * found.time


def test_several_unstable_directions_take_the_one_that_is_asked_for():
    top = SymbolicLandscape("-x**2/2 - 2*y**2", ("x", "y"))
    sde = Langevin(top, Constant(np.diag([0.01, 0.02])))
    with pytest.raises(
        InputError, match=r"must have one unstable direction, got 2 at \[0.0, 0.0\]; give `direction`"
    ):
        saddle_passage_time(sde, [0.0, 0.0], 0.3)
    slow = saddle_passage_time(sde, [0.0, 0.0], 0.3, direction=[1.0, 0.1])
    fast = saddle_passage_time(sde, [0.0, 0.0], 0.3, direction=[0.0, 1.0])
    assert (slow.growth, fast.growth) == pytest.approx((1, 4))
    assert slow.time == pytest.approx(linear_passage_time(1.0, 0.01, 0.3))
    assert fast.time == pytest.approx(linear_passage_time(4.0, 0.02, 0.3))


@pytest.mark.parametrize("gain", [0.003, 0.05, 0.5])
@pytest.mark.parametrize("batch_size", [1, 30, 1000])
def test_steps_of_sgd_from_a_parabola(gain, batch_size):
    model = NoisyGradient(HILL, Constant([[1.0]]))
    sgd = SGD(gain, batch_size)
    found = sgd_saddle_passage_time(model, sgd, 0.0, 0.25)
    mean, error = exit_steps(model, sgd, 0.25, 20_000 if gain > 0.01 else 4000, 7)
    assert abs(found.time / gain - mean) < 5 * error + found.time.error / gain
    assert found.time.error < 3e-3 * found.time
    continuous = saddle_passage_time(Langevin(HILL, Isotropic(gain / (2 * batch_size), 1)), 0.0, 0.25)
    if gain > 0.01:  # control: the equation in continuous time
        assert abs(continuous.time / gain - mean) > 5 * error


@pytest.mark.parametrize("gain", [1e-5, 1e-3, 0.03, 0.3, 1.0])
def test_the_two_ways_to_count_steps_meet(gain):
    near, _ = linear_passage_steps(gain, 1.0, 60.0)
    far, error = linear_passage_steps(gain, 1.0, 60.0 * (1 + 1e-9))
    assert abs(far / near - 1) < error < 3e-3
    rate = math.log1p(gain)
    bare = linear_passage_time(rate, rate / (gain * (2 + gain)), 60.0)
    assert abs(bare / near - 1) > 2 * abs(far / near - 1)  # control: walkers that are looked at all the time


@pytest.mark.parametrize("drift", [0.02, 0.2, 0.4999, 0.5, 1.0, 3.0])
def test_the_mean_overshoot_of_a_walk(drift):
    rng = np.random.default_rng(3)
    walkers, border = 30_000, 12.0
    place = np.zeros(walkers)
    while (below := place < border).any():
        place[below] += drift + rng.standard_normal(int(below.sum()))
    over = place - border
    assert abs(over.mean() - mean_overshoot(drift)) < 5 * over.std() / math.sqrt(walkers)
    assert abs(over.mean() - 0.5 * (1 + drift)) > 5 * over.std() / math.sqrt(walkers) or drift > 2  # control


def test_the_overshoot_has_no_seam():
    assert mean_overshoot(0.5 * (1 - 1e-12)) == pytest.approx(mean_overshoot(0.5), abs=3e-6)


def test_the_time_grows_with_the_logarithm_of_the_batch_size():
    model = NoisyGradient(PLANE, Constant(np.diag([2.0, 1.0])))
    rate, batches = 0.05, np.array([30, 300, 3000, 30_000])
    found = [sgd_saddle_passage_time(model, SGD(rate, int(b)), [0.0, 0.0], 0.2) for b in batches]
    means, errors = np.transpose([exit_steps(model, SGD(rate, int(b)), 0.2, 6000, 5) for b in batches])
    for passage, mean, error in zip(found, means, errors, strict=True):
        assert abs(passage.time / rate - mean) < 5 * error + passage.time.error / rate
    law = 1 / (2 * math.log1p(rate))  # steps for every factor e of B
    top = slice(1, None)  # for B = 30 noise still helps on the whole way
    (slope, _), covariance = np.polyfit(np.log(batches[top]), means[top], 1, w=1 / errors[top], cov="unscaled")
    doubt = 5 * math.sqrt(covariance[0, 0])
    assert abs(slope - law) < doubt + 0.03 * law
    assert (
        abs(slope - 2 * law) > doubt + 0.03 * law
    )  # control: a displacement that falls as 1 / B, not as its root
    predicted = np.diff([p.logarithmic for p in found]) / np.log(10)
    assert predicted == pytest.approx(0.5)


def test_the_noise_of_real_minibatches_at_a_saddle_of_a_model():
    model, rate, walkers = ProductModel(["x*y - 1", "x/2"]), 0.05, 6000
    times = []
    for batch_size in (20, 200, 2000):
        sgd = SGD(rate, batch_size)
        found = sgd_saddle_passage_time(model, sgd, [0.0, 0.0], 0.2)
        u = f"({found.left[0]!r}*x + {found.left[1]!r}*y)"
        start, rng = np.zeros((walkers, 2)), np.random.default_rng(1)
        event = first_exit(model, sgd, start, f"{u} < 0.2 and {u} > -0.2", steps=5000, rng=rng)
        assert event.happened.all()
        mean, error = rate * event.event.mean(), rate * event.event.std() / math.sqrt(walkers)
        assert abs(found.time - mean) < 5 * error + found.time.error
        assert found.time.error < 0.01 * found.time
        half = linear_passage_time(found.growth, found.diffusion / 2, 0.2)  # control: noise without its factor
        assert abs(half - mean) > 5 * error + found.time.error
        times.append(mean)
    assert np.diff(times) == pytest.approx(np.log(10) / (2 * np.log1p(rate * found.growth) / rate), rel=0.08)


def test_noise_that_vanishes_at_the_saddle_is_refused():
    model = ProductModel("x*y - 1")  # C = 0 wherever the gradient of q vanishes
    with pytest.raises(InputError, match=r"leaving a saddle needs noise there, got D = 0 .*start on it stay"):
        sgd_saddle_passage_time(model, SGD(0.01, 5), [0.0, 0.0], 0.2)
    noisy = NoisyGradient(model, Constant(np.eye(2)))
    assert sgd_saddle_passage_time(noisy, SGD(0.01, 5), [0.0, 0.0], 0.2).growth == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: saddle_passage_time(HILL, 0.0, 0.1), "`sde` must be a Langevin, got"),
        (lambda: saddle_passage_time(SHEARED, [0.0], 0.1), r"`saddle` must be 2 finite numbers, got \[0.0\]"),
        (lambda: saddle_passage_time(SHEARED, [0, 0], 0), "`distance` must be positive and finite, got 0"),
        (lambda: saddle_passage_time(well(), 0.2, 0.1), "within half of `distance` of a zero of the drift"),
        (lambda: saddle_passage_time(well(), 1.0, 0.1), "must have an unstable direction, got growth rates"),
        (lambda: saddle_passage_time(well(), 0.0, 0.8), "must stay where the drift is linear, got 0.8"),
        (lambda: saddle_passage_time(spiral(), [0, 0], 0.1), "must be real"),
        (lambda: saddle_passage_time(SHEARED, [0, 0], 0.1, direction=[0, 0]), "must not be zero"),
        (
            lambda: sgd_saddle_passage_time(NoisyGradient(HILL, Constant([[1.0]])), SGD(0.1, 1, 0.5), 0.0, 1.0),
            "known without momentum, got 0.5",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()


def well():
    return Langevin(WELL, Isotropic(0.01, 1))


def spiral():
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    bowl = SymbolicLandscape("-x**2 - y**2", ("x", "y"))
    return Langevin(bowl, Isotropic(0.1, 2), extra_drift=lambda w: np.asarray(w) @ turn.T)
