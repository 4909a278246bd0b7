"""SGD as a sampler of the posterior: the best rate is best, and SGD itself reaches its divergence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from simulate import SGD, run_sgd
from theory import Constant, InputError, NoisyGradient, SymbolicLandscape, sgd_covariance, stationary_covariance
from theory.formulas.optimal_rate import (
    diagonal_preconditioner,
    full_preconditioner,
    normal_divergence,
    optimal_learning_rate,
    posterior_match,
)

A = np.array([[2, 0.5], [0.5, 1]])
C = np.array([[1, 0.3], [0.3, 2]])
B, N = 10, 1000
BOWL = SymbolicLandscape("x**2 + x*y/2 + y**2/2")


@st.composite
def problems(draw):
    """H and C positive definite of one dimension from 1 to 4, a batch size and a number of examples."""
    dim = draw(st.integers(1, 4))
    roots = [
        np.reshape(draw(st.lists(st.floats(-1, 1), min_size=dim**2, max_size=dim**2)), (dim, dim)) for _ in "HC"
    ]
    hessian, covariance = (root @ root.T + 0.1 * np.eye(dim) for root in roots)
    return hessian, covariance, draw(st.integers(1, 100)), draw(st.integers(1, 10**6))


def test_reference_numbers():
    found = optimal_learning_rate(A, C, B, N)
    assert found.learning_rate == pytest.approx(0.0133333, abs=4e-8)
    assert found.divergence == pytest.approx(0.0636362, abs=4e-8)
    np.testing.assert_allclose(
        found.covariance, stationary_covariance(A, found.learning_rate * C / (2 * B)), rtol=1e-12
    )
    np.testing.assert_allclose(N * found.posterior_covariance @ A, np.eye(2), atol=1e-14)
    assert N * np.trace(A @ found.covariance) == pytest.approx(
        2, rel=1e-12
    )  # the mean excess loss of the posterior


def test_the_divergence_of_normal_laws():
    grid = np.linspace(-12, 12, 4001)

    def density(mean, variance):
        return np.exp(-((grid - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)

    p, q = density(0.7, 0.5), density(0, 1.3)
    integral = (p * np.log(p / q)).sum() * (grid[1] - grid[0])
    assert normal_divergence(0.5, 1.3, [0.7]) == pytest.approx(integral, rel=1e-10)
    assert normal_divergence(1.3, 0.5, [0.7]) > 1.5 * integral  # the other way round is another number
    tiny = 1e-6
    assert normal_divergence(1 + tiny, 1.0) == pytest.approx(tiny**2 / 4, rel=1e-5)  # keeps its digits
    turn = np.array([[1.0, 2.0], [-0.5, 1.0]])
    assert normal_divergence(turn @ C @ turn.T, turn @ A @ turn.T) == pytest.approx(
        normal_divergence(C, A), rel=1e-12
    )


@settings(max_examples=40)
@given(problems())
def test_no_other_rate_is_nearer(problem):
    best = optimal_learning_rate(*problem)
    found = minimize_scalar(
        lambda z: posterior_match(*problem, best.learning_rate * np.exp(z)).divergence,
        bounds=(-2, 2),
        method="bounded",
        options={"xatol": 1e-9},
    )
    assert found.x == pytest.approx(0, abs=1e-4)  # half the digits
    assert best.divergence <= found.fun + 1e-12
    wrong = posterior_match(*problem, 2 * best.learning_rate)  # without the half of the variance
    dim = len(problem[0])
    assert wrong.divergence - best.divergence == pytest.approx(dim * (1 - np.log(2)) / 2, rel=1e-9)


@settings(max_examples=40)
@given(problems())
def test_the_full_preconditioner_samples_the_posterior(problem):
    found = full_preconditioner(*problem)
    assert found.divergence < 1e-18
    largest = np.abs(found.covariance).max()
    np.testing.assert_allclose(found.covariance, found.posterior_covariance, rtol=1e-8, atol=1e-10 * largest)
    without = posterior_match(*problem, found.rate / 2)  # half the rate has half the variance in every direction
    assert without.divergence == pytest.approx(len(problem[0]) * (np.log(2) - 0.5) / 2, rel=1e-9)


@settings(max_examples=15)
@given(problems())
def test_the_best_diagonal_is_at_least_as_near_as_the_published_one_and_as_a_number(problem):
    published = diagonal_preconditioner(*problem)
    best = diagonal_preconditioner(*problem, optimise=True)
    assert best.divergence <= published.divergence
    assert best.divergence <= optimal_learning_rate(*problem).divergence + 1e-9
    rates = np.diag(best.rate)
    for k in range(len(rates)):
        for factor in (0.99, 1.01):
            other = np.where(np.arange(len(rates)) == k, factor * rates, rates)
            assert posterior_match(*problem, other).divergence >= best.divergence - 1e-10


def test_the_published_diagonal_is_best_only_without_coupling():
    separable = diagonal_preconditioner(np.diag([2.0, 1.0]), np.diag([1.0, 3.0]), B, N)
    assert separable.divergence < 1e-18
    published = diagonal_preconditioner(A, C, B, N)
    np.testing.assert_allclose(np.diag(published.rate), [0.02, 0.01], rtol=1e-12)
    best = diagonal_preconditioner(A, C, B, N, optimise=True)
    assert published.divergence - best.divergence == pytest.approx(1.9457e-4, rel=1e-3)
    strongly = [[1.0, 0.95], [0.95, 1.0]], [[1.0, -0.9], [-0.9, 4.0]]
    published, best = (diagonal_preconditioner(*strongly, B, N, optimise=o) for o in (False, True))
    assert best.divergence < 0.9 * published.divergence


def test_the_law_of_discrete_sgd_has_the_divergence_up_to_the_rate():
    """Steps have their own exact covariance; it tends to that of continuous time as N grows and eps* falls."""
    rates, errors = [], []
    for examples in (1000, 2000, 4000, 8000):
        found = optimal_learning_rate(A, C, B, examples)
        exact = normal_divergence(sgd_covariance(A, C / B, found.learning_rate), found.posterior_covariance)
        rates.append(found.learning_rate)
        errors.append(abs(exact - found.divergence))
    slope = np.polyfit(np.log(rates), np.log(errors), 1)[0]
    assert slope == pytest.approx(1, abs=0.05)
    assert errors[0] < rates[0] / 10


def test_sgd_itself_reaches_the_divergence():
    """The sample covariance of independent walkers against the posterior, by the delta method to 5 errors."""
    model = NoisyGradient(BOWL, Constant(C))
    best = optimal_learning_rate(A, C, B, N)
    walkers, off = 200_000, {}
    for name, factor in (("best", 1.0), ("three times", 3.0)):
        rate = factor * best.learning_rate
        start = np.random.default_rng(7).multivariate_normal([0, 0], sgd_covariance(A, C / B, rate), walkers)
        steps = 60 if name == "best" else 20
        final = run_sgd(model, SGD(rate, B), start, steps=steps, rng=np.random.default_rng(8)).final
        covariance = final.T @ final / walkers
        exact = sgd_covariance(A, C / B, rate)
        # dKL = tr((P - S^-1) dS)/2 with P = N A
        slope = (N * A - np.linalg.inv(exact)) / 2
        samples = np.einsum("ni,ij,nj->n", final, slope, final)
        error = samples.std() / np.sqrt(walkers) + 3 / walkers  # the second order is d(d+1)/(4 walkers)
        found = normal_divergence(covariance, best.posterior_covariance)
        assert abs(found - normal_divergence(exact, best.posterior_covariance)) < 5 * error
        off[name] = abs(found - best.divergence)
        if name == "best":
            assert off[name] < 5 * error + best.learning_rate
    assert off["three times"] > 0.5


def test_sgd_that_starts_elsewhere_comes_to_the_law():
    model = NoisyGradient(BOWL, Constant(C))
    best = optimal_learning_rate(A, C, B, N)
    final = run_sgd(
        model, SGD(best.learning_rate, B), np.zeros((40_000, 2)), steps=900, rng=np.random.default_rng(9)
    ).final
    early = run_sgd(
        model, SGD(best.learning_rate, B), np.zeros((4000, 2)), steps=20, rng=np.random.default_rng(9)
    ).final
    divergences = [normal_divergence(w.T @ w / len(w), best.posterior_covariance) for w in (final, early)]
    assert divergences[0] == pytest.approx(best.divergence, abs=0.005)
    assert divergences[1] > 0.2


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: optimal_learning_rate(np.diag([1, 0]), C, B, N), "`hessian` must be positive definite"),
        (lambda: optimal_learning_rate(np.diag([1, -1]), C, B, N), "`hessian` must be positive definite"),
        (lambda: optimal_learning_rate([[1, 2]], C, B, N), "`hessian` must be a finite square matrix"),
        (lambda: optimal_learning_rate(A, np.eye(3), B, N), r"Hessian's shape \(2, 2\)"),
        (lambda: optimal_learning_rate(A, [[1, 2], [2, 1]], B, N), "without negative eigenvalues"),
        (lambda: optimal_learning_rate(A, [[1, 2], [0, 1]], B, N), "must be symmetric"),
        (lambda: optimal_learning_rate(A, np.zeros((2, 2)), B, N), "`gradient_covariance` is 0"),
        (
            lambda: optimal_learning_rate(np.eye(2), np.diag([1, 0]), B, N),
            "noise of SGD does not reach some direction",
        ),
        (lambda: optimal_learning_rate(A, C, 0, N), "`batch_size` must be a whole number"),
        (lambda: optimal_learning_rate(A, C, B, 0), "`examples` must be finite and at least 1"),
        (
            lambda: full_preconditioner(A, [[1, 1], [1, 1]], B, N),
            "`gradient_covariance` must be positive definite",
        ),
        (lambda: diagonal_preconditioner(A, np.diag([1, 0]), B, N), "noise in every coordinate"),
        (lambda: posterior_match(A, C, B, N, [[1.0]]), r"2 x 2, got shape \(1, 1\)"),
        (lambda: posterior_match(A, C, B, N, -1), "`rate` must be positive definite"),
        (lambda: full_preconditioner(A, C, B, N).learning_rate, "a matrix, not a number"),
        (lambda: normal_divergence(C, np.eye(3)), "one shape, got"),
        (lambda: normal_divergence([[0.0]], 1.0), "`covariance` must be positive definite"),
        (lambda: normal_divergence(C, A, [1.0]), "`shift` must have 2 components, got 1"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()


def test_noise_in_one_direction_is_enough_where_curvature_couples():
    found = optimal_learning_rate(A, np.diag([1.0, 0.0]), B, N)
    assert np.isfinite(found.divergence)
    assert found.divergence > 0.5
