"""Linear regression: exact minibatch noise, exact covariances and the index of its power tail."""

from __future__ import annotations

import numpy as np
import pytest
from checks import check_landscape, check_model, check_tensor, errors_off, squares
from sgd_models import seeded

from simulate import SGD, run_sgd
from theory import (
    InputError,
    LinearRegression,
    ProductModel,
    langevin_limit,
    linear_regression_covariance,
    sample_paths,
    stationary_covariance,
    tail_index,
)
from theory.tensors import NoisyModel

A = np.array([[2, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1.5]])
SPACE = LinearRegression(A, noise_std=0.7, loss_scale=0.8)
POINTS = seeded(1).normal(size=(7, 3))


def test_the_landscape_and_its_noise_are_consistent():
    assert isinstance(SPACE, NoisyModel)
    check_landscape(SPACE, POINTS)
    check_tensor(SPACE.example_covariance, POINTS)
    np.testing.assert_allclose(SPACE.value([1.0, 0, 0]), 0.8 * (2 + 0.49), rtol=1e-14)
    w, spread = POINTS[0], 0.49 + POINTS[0] @ A @ POINTS[0]
    expected = 1.6**2 * (spread * A + np.outer(A @ w, A @ w))
    np.testing.assert_allclose(SPACE.gradient_covariance(w), expected, rtol=1e-12)


def test_it_is_the_product_model_with_white_inputs():
    twin = ProductModel([str(q) for q in SPACE.q], ["w1", "w2", "w3"], noise_std=0.7, loss_scale=0.8)
    np.testing.assert_allclose(SPACE.gradient_covariance(POINTS), twin.gradient_covariance(POINTS), rtol=1e-10)
    np.testing.assert_allclose(SPACE.hessian(POINTS), twin.hessian(POINTS), atol=1e-12)
    np.testing.assert_allclose(
        SPACE.example_covariance.divergence(POINTS), twin.example_covariance.divergence(POINTS), rtol=1e-10
    )
    np.testing.assert_allclose(SPACE.kl(POINTS), twin.kl(POINTS), rtol=1e-12)
    numbers = {v: float(x) for v, x in zip(SPACE.variables, POINTS[0], strict=True)}
    root = np.array(
        SPACE.example_covariance.root_expressions(SPACE.variables).xreplace(numbers).tolist(), dtype=float
    )
    np.testing.assert_allclose(root, SPACE.example_covariance.root(POINTS[0]), rtol=1e-10)
    ends = [run_sgd(m, SGD(0.05, 2), POINTS, steps=9, rng=seeded(2)).final for m in (SPACE, twin)]
    np.testing.assert_allclose(*ends, rtol=1e-12)


@pytest.mark.parametrize("batch", [1, 2, 8])
def test_batches_have_the_noise_of_the_model(batch):
    check_model(SPACE, np.array([0.5, -1.0, 0.8]), batch, seeded(3))


def test_the_plane_has_the_reference_covariance():
    model, sgd = LinearRegression(np.diag([1.0, 2.0])), SGD(0.3, 2)
    final = run_sgd(model, sgd, np.zeros((60_000, 2)), steps=80, rng=seeded(4)).final
    assert errors_off(squares(final), np.diag([0.153488, 0.216279])) < 5
    assert errors_off(squares(final), np.diag([0.075, 0.075])) > 10  # the equation in continuous time
    limit = langevin_limit(model, sgd)
    np.testing.assert_allclose(
        stationary_covariance(model.hessian(np.zeros(2)), limit.tensor(np.zeros(2))), np.diag([0.075, 0.075])
    )
    np.testing.assert_allclose(
        linear_regression_covariance(model, 0.3, 2), np.diag([0.153488, 0.216279]), atol=1e-6
    )


def test_many_dimensions_keep_their_covariance():
    """20 dimensions of curvature 1: Var = eta sigma^2 / (B (2 - eta (1 + (d + 1) / B)))."""
    dim, rate, batch = 20, 0.1, 4
    model = LinearRegression(np.eye(dim))
    final = run_sgd(model, SGD(rate, batch), np.zeros((3000, dim)), steps=100, rng=seeded(5)).final
    expected = rate / (batch * (2 - rate * (1 + (dim + 1) / batch)))
    assert errors_off(final.var(axis=1, keepdims=True), expected * (dim - 1) / dim) < 5
    assert errors_off(final.var(axis=1, keepdims=True), rate / (2 * batch) * (dim - 1) / dim) > 10


def test_paths_run_on_its_equation():
    limit = langevin_limit(LinearRegression(2.0), SGD(0.1, 5))
    final = sample_paths(limit, np.zeros(20_000), dt=0.02, steps=200, rng=seeded(6)).final
    # dv/dt = 2 eta / B (sigma^2 + 2 a v) a / 2 - 2 a v at rest, with a = 2
    assert errors_off(squares(final), 0.02 * 2 / (2 * 2 - 2 * 0.02 * 4)) < 5


def test_walkers_have_the_tail_of_the_index():
    """Rate 1, batch 4: P(|w| > u) ~ u^-3.505; continuous time says 5."""
    final = run_sgd(LinearRegression(1.0), SGD(1.0, 4), np.zeros(400_000), steps=60, rng=seeded(7)).final
    sizes = np.sort(np.abs(final[:, 0]))[-800:]
    hill = np.log(sizes[1:] / sizes[0])
    assert abs(1 / hill.mean() - 3.505) < 5 * 3.505 / np.sqrt(len(hill))
    assert abs(1 / hill.mean() - 5) > 5 * 5 / np.sqrt(len(hill))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: LinearRegression([[1, 2], [2, 1]]), "`input_covariance` must be positive definite, got .* -1, 3"),
        (lambda: LinearRegression([[1, 0.5], [0.2, 1]]), "`input_covariance` must be symmetric"),
        (lambda: LinearRegression([[1, 2, 3]]), "must be a finite square matrix"),
        (lambda: LinearRegression(1.0, noise_std=-1), "`noise_std` must be finite and not negative"),
        (lambda: tail_index(0, 1), "must be positive, got 0"),
        (lambda: tail_index(5, 1), "no law is stationary"),
        (lambda: tail_index(0.001, 10), "lighter than any power below"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
