"""Covariances for quadratic loss: Lyapunov identities, published formulas, reference numbers."""

from __future__ import annotations

import numpy as np
import pytest
from checks import errors_off, squares

from simulate import SGD, run_sgd
from theory import (
    Grid,
    InputError,
    ProductModel,
    gaussian,
    linear_regression_covariance,
    sgd_covariance,
    stationary_covariance,
)

H = np.array([[2, 0.5], [0.5, 1]])
C = np.array([[1, 0.3], [0.3, 2]])
RATES = [0.2, np.array([[0.3, 0.1], [0.1, 0.2]])]


def published(covariance, rate, momentum):
    """Both sides of Liu, Ziyin & Ueda's equation for the covariance of SGD with a matrix rate."""
    pull = rate * np.eye(2) @ H if np.ndim(rate) == 0 else rate @ H
    matrix = rate * np.eye(2) if np.ndim(rate) == 0 else rate
    drift = pull @ covariance + covariance @ pull.T
    kick = pull @ covariance @ pull.T
    twice = pull @ pull @ covariance + covariance @ pull.T @ pull.T
    squared = momentum**2
    left = (1 - momentum) * drift - (1 + squared) / (1 - squared) * kick + momentum / (1 - squared) * twice
    return left, matrix @ C @ matrix.T


@pytest.mark.parametrize(
    ("momentum", "expected"), [(0.0, (0.07016, -0.02138, 0.23367)), (0.9, (0.87407, -0.48080, 1.98270))]
)
def test_sgd_covariance_has_the_reference_numbers(momentum, expected):
    found = sgd_covariance(H, C, 0.2, momentum)
    np.testing.assert_allclose(found[[0, 0, 1], [0, 1, 1]], expected, atol=6e-6)


@pytest.mark.parametrize("rate", RATES, ids=["number", "matrix"])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_sgd_covariance_satisfies_the_published_equation(rate, momentum):
    left, right = published(sgd_covariance(H, C, rate, momentum), rate, momentum)
    np.testing.assert_allclose(left, right, atol=1e-14)
    left, right = published(sgd_covariance(H, C, rate, momentum + 0.01), rate, momentum)
    assert np.abs(left - right).max() > 1e-4


def test_sgd_covariance_in_one_dimension():
    rate, h, c = 0.3, 1.7, 0.4
    assert sgd_covariance(h, c, rate)[0, 0] == pytest.approx(rate * c / (h * (2 - rate * h)), rel=1e-14)


def test_for_small_rates_sgd_has_the_covariance_of_its_limit():
    errors = []
    for rate in (1e-3, 1e-4):
        limit = stationary_covariance(H, rate / (1 - 0.5) * C / 2)
        errors.append(np.abs(sgd_covariance(H, C, rate, 0.5) / limit - 1).max())
    assert errors[0] < 0.01
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.02)


@pytest.mark.parametrize("drift", [H, [[1.0, 0.6], [-1.4, 1.2]], [[1.0, 5.0], [0.0, 0.1]]])
def test_stationary_covariance_solves_its_equation(drift):
    covariance = stationary_covariance(drift, C)
    np.testing.assert_allclose(np.array(drift) @ covariance + covariance @ np.transpose(drift), 2 * C, atol=1e-12)
    np.testing.assert_array_equal(np.sign(np.linalg.eigvalsh(covariance)), 1)


def test_stationary_covariance_reference_numbers():
    np.testing.assert_allclose(
        stationary_covariance(np.diag([1, 3]), [[1, 0.6], [0.6, 1]]), [[1, 0.3], [0.3, 1 / 3]], atol=1e-14
    )
    np.testing.assert_allclose(stationary_covariance(H, 0.7 * np.eye(2)), 0.7 * np.linalg.inv(H), atol=1e-14)
    np.testing.assert_allclose(stationary_covariance(H, 0.7 * H), 0.7 * np.eye(2), atol=1e-14)


@pytest.mark.parametrize(("eta", "batch", "a"), [(0.3, 4, 1.0), (0.5, 2, 1.0), (0.1, 1, 2.0)])
@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_linear_regression_in_one_dimension(eta, batch, a, scale):
    model = ProductModel("w - 1/2", noise_std=0.7, input_std=np.sqrt(a), loss_scale=scale)
    found = linear_regression_covariance(model, eta / (2 * scale), batch)
    assert found[0, 0] == pytest.approx(eta * 0.7**2 / (batch * (2 - eta * a * (1 + 2 / batch))), rel=1e-12)


def test_linear_regression_reference_numbers():
    model = ProductModel(["x", "y"], input_std=(1, np.sqrt(2)))
    found = linear_regression_covariance(model, 0.3, 2)
    np.testing.assert_allclose(found, np.diag([0.153488, 0.216279]), atol=6e-7)
    limit = stationary_covariance(model.hessian([0, 0]), 0.3 / 4 * model.gradient_covariance([0, 0]))
    np.testing.assert_allclose(limit, 0.075 * np.eye(2), atol=1e-14)


def test_linear_regression_solves_the_published_equation():
    model = ProductModel(["x", "x - y"], noise_std=0.8)
    eta, batch, a = 0.2, 3, np.array([[2, -1], [-1, 1]])
    covariance = linear_regression_covariance(model, eta, batch)
    noise = (a @ covariance @ a + np.trace(a @ covariance) * a + 0.8**2 * a) / batch
    np.testing.assert_allclose(a @ covariance + covariance @ a - eta * a @ covariance @ a, eta * noise, atol=1e-14)


def test_what_no_parameter_can_fit_is_noise():
    model = ProductModel(["w", "2*w - 1"], noise_std=0.5)  # q never vanishes
    exact = linear_regression_covariance(model, 0.1, 2)
    final = run_sgd(model, SGD(0.1, 2), np.full(60_000, 0.4), steps=60, rng=np.random.default_rng(3)).final
    assert errors_off(squares(final), exact) < 5
    fitted = linear_regression_covariance(ProductModel(["w", "2*w"], noise_std=0.5), 0.1, 2)
    assert errors_off(squares(final), fitted) > 10


def test_the_normal_density_has_its_moments():
    grid = Grid((-9, -12), (11, 12), (80, 90))
    density = gaussian([1, 0], C, grid)
    np.testing.assert_allclose(density.mean, [1, 0], atol=1e-12)
    np.testing.assert_allclose(density.covariance, C, atol=1e-10)
    assert density.values.max() == pytest.approx(1 / (2 * np.pi * np.sqrt(np.linalg.det(C))), rel=0.02)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: stationary_covariance([[1, 0], [0, -0.5]], C), "eigenvalue with real part -0.5"),
        (lambda: stationary_covariance([[0]], [[1]]), "drift towards 0"),
        (lambda: sgd_covariance(H, C, 1.0), "spectral radius 1.2.*; reduce the learning rate"),
        (lambda: sgd_covariance(np.diag([1, 0]), C, 0.1), "must contract, got spectral radius 1;"),
        (lambda: linear_regression_covariance(ProductModel("w**2"), 0.1, 2), "needs q affine in w"),
        (lambda: linear_regression_covariance(ProductModel("w"), 1.0, 1), "growth 2 a step; reduce"),
        (lambda: linear_regression_covariance(ProductModel("x + y"), 0.1, 1), "stable in mean square"),
        (lambda: gaussian([0], [[0.0]], Grid(-1, 1, 3)), "positive definite covariance, got the eigenvalue 0"),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make()
