"""Equations that follow the discrete algorithm: to second order, and exactly for quadratic loss."""

from __future__ import annotations

import numpy as np
import pytest
from checks import assert_near, check_landscape, differences, errors_off, squares
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from simulate import SGD, run_sgd
from theory import (
    CallableLandscape,
    Constant,
    InputError,
    Isotropic,
    Langevin,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    langevin_limit,
    sample_paths,
    sgd_covariance,
    stationary_covariance,
)
from theory.formulas.modified import OrnsteinUhlenbeck, exact_embedding, modified_loss

CURVED = SymbolicLandscape("(x**2 - 1)**2/4 + x*y**2 + y**4/4", ("x", "y"))
H = np.array([[2, 0.5], [0.5, 1]])
C = np.array([[1, 0.3], [0.3, 2]])


def descended(landscape, rate, start, time=1.0):
    w = np.array(start)
    for _ in range(round(time / rate)):
        w = w - rate * landscape.gradient(w)
    return w


def flowed(landscape, start, time=1.0):
    flow = solve_ivp(lambda _, w: -landscape.gradient(w), (0, time), start, rtol=1e-12, atol=1e-13)
    return flow.y[:, -1]


def steps_of_sgd(hessian, noise, rate, count):
    """Mean map and covariance after 1, ..., count steps from a point."""
    step, spread = np.eye(len(hessian)) - rate * hessian, np.zeros(hessian.shape)
    power = np.eye(len(hessian))
    for _ in range(count):
        power, spread = step @ power, step @ spread @ step.T + rate**2 * noise
        yield power, spread


@pytest.mark.parametrize(
    "landscape", [CURVED, CallableLandscape(CURVED.value, CURVED.gradient, CURVED.hessian, dim=2)]
)
def test_gradient_descent_follows_the_modified_loss_to_second_order(landscape):
    rates = np.array([0.05, 0.025, 0.0125, 0.00625])
    start = [0.4, 0.7]
    modified, plain = (
        [np.linalg.norm(descended(CURVED, r, start) - flowed(f(r), start)) for r in rates]
        for f in (lambda r: modified_loss(landscape, r), lambda _: CURVED)
    )
    order, first = (np.polyfit(np.log(rates), np.log(e), 1)[0] for e in (modified, plain))
    assert order == pytest.approx(2, abs=0.12)
    assert first == pytest.approx(1, abs=0.12)  # control: the flow of the loss itself
    wrong = [
        np.linalg.norm(descended(CURVED, r, start) - flowed(modified_loss(CURVED, 2 * r), start)) for r in rates
    ]
    assert np.polyfit(np.log(rates), np.log(wrong), 1)[0] < 1.2  # control: eta/2 for eta/4


def test_the_modified_loss_is_a_landscape_of_formula_or_functions():
    points = np.random.default_rng(0).normal(size=(30, 2))
    formula = modified_loss(CURVED, 0.1)
    assert isinstance(formula, SymbolicLandscape)
    assert_near(formula.gradient(points), differences(formula.value, points))
    assert_near(formula.hessian(points), differences(formula.gradient, points))
    functions = modified_loss(CallableLandscape(CURVED.value, CURVED.gradient, CURVED.hessian, dim=2), 0.1)
    check_landscape(functions, points, 1e-6)
    for part in ("value", "gradient"):
        assert getattr(functions, part)(points) == pytest.approx(getattr(formula, part)(points), rel=1e-12)
    parabola = modified_loss(NoisyGradient(SymbolicLandscape("w**2"), Constant([[4.0]])), 0.1)
    assert parabola.value(np.array([[2.0]])) == pytest.approx(4 + 0.1 * 4)


def test_it_is_the_drift_of_the_equation_of_second_order():
    model = ProductModel(["x*y", "x"], variables=["x", "y"])
    points = np.random.default_rng(1).normal(size=(30, 2))
    drift = langevin_limit(model, SGD(0.2, 3), order=2).drift(points)
    assert -modified_loss(model, 0.2).gradient(points) == pytest.approx(drift, rel=1e-12)


@pytest.mark.parametrize("noise", [C, H, np.diag([1.0, 0.01]), np.zeros((2, 2))])
@pytest.mark.parametrize("hessian", [H, np.diag([2.0, 0.0]), np.array([[-1.0, 0.7], [0.7, 2.0]])])
def test_the_embedding_has_the_law_of_sgd_after_every_step(hessian, noise):
    rate, start = 0.2, np.array([1.0, -2.0])
    embedding = exact_embedding(hessian, noise, rate)
    limit = OrnsteinUhlenbeck(hessian, Constant(rate / 2 * noise))
    mean_gap = covariance_gap = 0.0
    for k, (power, spread) in enumerate(steps_of_sgd(hessian, noise, rate, 20), start=1):
        size = max(1.0, np.abs(spread).max(), np.abs(power).max())
        assert embedding.mean(start, rate * k) == pytest.approx(power @ start, abs=1e-12 * size)
        assert embedding.covariance(rate * k) == pytest.approx(spread, abs=1e-12 * size)
        mean_gap = max(mean_gap, np.abs(limit.mean(start, rate * k) - power @ start).max())
        covariance_gap = max(covariance_gap, np.abs(limit.covariance(rate * k) - spread).max())
    assert mean_gap > 0.05  # control: the limit
    assert covariance_gap > 1e-3 or not noise.any()


@given(st.integers(1, 5), st.floats(0.01, 0.95), st.integers(0, 2**32 - 1))
def test_its_stationary_law_is_that_of_sgd(dim, sharpest, seed):
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    hessian = turn * rng.uniform(0.2, 1, dim) @ turn.T
    hessian = (hessian + hessian.T) / 2
    rate = sharpest / np.linalg.eigvalsh(hessian)[-1]
    factor = rng.normal(size=(dim, dim))
    noise = factor @ factor.T + 0.5 * np.trace(factor @ factor.T) * np.eye(dim)
    try:
        embedding = exact_embedding(hessian, noise, rate)
    except InputError as error:
        assume("no diffusion" not in str(error))
        raise
    exact = sgd_covariance(hessian, noise, rate)
    assert embedding.stationary == pytest.approx(exact, rel=1e-10, abs=1e-12 * np.abs(exact).max())
    assert embedding.covariance(1e4 * rate) == pytest.approx(exact, rel=1e-10, abs=1e-12 * np.abs(exact).max())


def test_stationary_covariances_of_the_references():
    embedding = exact_embedding(H, C, 0.2)
    exact = sgd_covariance(H, C, 0.2)
    assert embedding.stationary == pytest.approx(exact, abs=1e-12)
    limit = stationary_covariance(H, 0.1 * C)
    assert np.abs(limit - exact).max() > 0.01  # control
    rate = 0.1  # L = x^2, C = 4: SGD eta/(1 - eta), order 1 eta, order 2 eta/(1 + eta)
    assert exact_embedding(2.0, 4.0, rate).stationary[0, 0] == pytest.approx(rate / (1 - rate), rel=1e-13)
    assert stationary_covariance(2.0, 2 * rate)[0, 0] == pytest.approx(rate)
    drift = exact_embedding(2.0, 4.0, rate).drift_matrix[0, 0]
    assert drift == pytest.approx(-np.log(0.8) / 0.1)
    assert drift == pytest.approx(2 * (1 + rate), rel=0.02)  # the drift of order 2 is its next term


def test_paths_of_the_embedding_are_walkers_of_sgd():
    rate, walkers, steps = 0.3, 100_000, 5
    model = NoisyGradient(SymbolicLandscape("w1**2 + w2**2/2 + w1*w2/2"), Constant(C))
    start = np.tile([1.0, -2.0], (walkers, 1))
    run = run_sgd(model, SGD(rate, 1), start, steps=steps, rng=np.random.default_rng(0)).final
    embedding = exact_embedding(H, C, rate)
    mean, spread = embedding.mean(start[0], steps * rate), embedding.covariance(steps * rate)
    assert errors_off(run, mean) < 5
    assert errors_off(squares(run), spread) < 5
    limit = OrnsteinUhlenbeck(H, Constant(rate / 2 * C))
    assert errors_off(run, limit.mean(start[0], steps * rate)) > 5  # control
    assert errors_off(squares(run), limit.covariance(steps * rate)) > 5
    assert embedding.sde.compiled is not None
    small = 0.005
    paths = sample_paths(embedding.sde, start, dt=small, steps=300, rng=np.random.default_rng(1)).final
    assert paths.mean(axis=0) == pytest.approx(mean, abs=0.01)
    assert np.cov(paths.T) == pytest.approx(spread, abs=0.01)


def test_a_process_that_turns_has_its_known_laws():
    matrix, noise = np.array([[1.0, 3.0], [-3.0, 1.0]]), Constant(0.5 * np.eye(2))
    process = OrnsteinUhlenbeck(matrix, noise)
    assert process.covariance(0.7) == pytest.approx((1 - np.exp(-1.4)) / 2 * np.eye(2), abs=1e-14)
    angle = np.exp(-0.7) * np.array([np.cos(2.1), np.sin(2.1)])
    assert process.mean([1.0, 0.0], 0.7) == pytest.approx(angle, abs=1e-14)
    assert process.mean(np.eye(2), 0.7)[0] == pytest.approx(angle)
    start = np.array([[1.0, 0.2], [0.2, 0.3]])
    two = process.covariance(0.3, process.covariance(0.4, start))
    assert two == pytest.approx(process.covariance(0.7, start), abs=1e-14)
    assert process.stationary == pytest.approx(0.5 * np.eye(2))
    points = np.random.default_rng(0).normal(size=(5, 2))
    assert isinstance(process.sde, Langevin)
    assert process.sde.drift(points) == pytest.approx(-points @ matrix.T)
    assert process.sde.compiled is not None
    still = OrnsteinUhlenbeck(0.0, Isotropic(0.25, 1))
    assert still.covariance(4.0)[0, 0] == pytest.approx(2.0)  # Brownian motion
    with pytest.raises(InputError, match="a stationary law needs a drift towards 0"):
        _ = still.stationary


def test_noise_of_rank_one_has_no_embedding_unless_it_is_an_eigenvector():
    leaves_out = np.ones((2, 2))
    with pytest.raises(InputError, match=r"no diffusion has the law of this noise, got one with the eigenvalue -"):
        exact_embedding(np.diag([2.0, 1.0]), leaves_out, 0.2)
    kept = exact_embedding(np.array([[2.0, 1.0], [1.0, 2.0]]), leaves_out, 0.2)
    assert np.linalg.matrix_rank(kept.diffusion.matrix, tol=1e-10) == 1
    assert sgd_covariance(np.diag([2.0, 1.0]), leaves_out, 0.2).shape == (2, 2)  # SGD itself has a law


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exact_embedding(5.0, 1.0, 0.2), r"needs learning_rate \* curvature < 1, got 1: steps overshoot"),
        (lambda: exact_embedding(np.diag([1.0, 7.0]), C, 0.2), r"< 1, got 1\.4"),
        (lambda: exact_embedding([[1, 2], [0, 1]], C, 0.2), "`hessian` must be a symmetric matrix"),
        (lambda: exact_embedding(H, [[np.nan]], 0.2), "`batch_covariance` must be a symmetric matrix"),
        (lambda: exact_embedding(H, 1.0, 0.2), "must have one shape"),
        (lambda: exact_embedding(H, C, 0), "`learning_rate` must be positive and finite, got 0"),
        (lambda: OrnsteinUhlenbeck(H, Isotropic(1.0, 1)), "`drift_matrix` must be 1 x 1 finite numbers"),
        (
            lambda: OrnsteinUhlenbeck(H, Constant(C)).covariance(-1),
            "`time` must be finite and not negative, got -1",
        ),
        (lambda: modified_loss("w**2", 0.1), "`landscape` must be a Landscape"),
        (lambda: modified_loss(CURVED, np.inf), "`learning_rate` must be positive and finite, got inf"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(InputError, match=message):
        call()
