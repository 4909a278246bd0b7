"""Networks whose loss is a formula, and decay of weights beside a loss."""

from __future__ import annotations

import numpy as np
import pytest

from theory import (
    InputError,
    diagonal_linear_network,
    logistic_regression,
    two_layer_network,
    with_weight_decay,
)

X = np.random.default_rng(1).standard_normal((40, 3))
LABELS = (X[:, 0] > 0) * 1.0
POINTS = np.random.default_rng(2).standard_normal((4, 6))


def test_a_diagonal_network_is_linear_regression_in_the_difference_of_squares() -> None:
    model = diagonal_linear_network(X, X @ [1.0, 0.0, -2.0] + 1.0)
    u, v = POINTS[:, :3], POINTS[:, 3:]
    expected = ((X @ (u**2 - v**2).T - model.y[:, None]) ** 2 / 2).mean(axis=0)
    np.testing.assert_allclose(model.value(POINTS), expected, rtol=1e-12)
    fitted = np.array([np.sqrt(2.0), 1.0, 0.0, 1.0, 1.0, np.sqrt(2.0)])  # a point of a line of minima
    noiseless = diagonal_linear_network(X, X @ [1.0, 0.0, -2.0])
    assert float(noiseless.value(fitted)) < 1e-28
    assert np.abs(noiseless.gradient_covariance(fitted)).max() < 1e-28  # the fit is exact: SGD stands still
    assert np.linalg.matrix_rank(noiseless.hessian(fitted), tol=1e-9) == 3
    assert np.abs(model.gradient_covariance(fitted)).max() > 0.1  # control: labels off by one


@pytest.mark.parametrize("bare", [logistic_regression(X, LABELS), two_layer_network(X, LABELS, 2)])
def test_decay_adds_its_quadratic_and_no_noise(bare) -> None:
    model, w = with_weight_decay(bare, 0.25), np.linspace(-1, 1, bare.dim)
    np.testing.assert_allclose(model.value(w), bare.value(w) + 0.125 * w @ w, rtol=1e-12)
    np.testing.assert_allclose(model.gradient(w), bare.gradient(w) + 0.25 * w, rtol=1e-12)
    np.testing.assert_allclose(model.hessian(w), bare.hessian(w) + 0.25 * np.eye(bare.dim), atol=1e-9)
    np.testing.assert_allclose(model.gradient_covariance(w), bare.gradient_covariance(w), rtol=1e-9)
    assert len(model) == len(bare)


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan, np.inf])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(InputError, match="`rate` must be positive and finite, got"):
        with_weight_decay(logistic_regression(X, LABELS), rate)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros((3, 0)), np.zeros(3), r"`x` must have shape \(N, m\), got \(3, 0\)"),
        (X, LABELS[:5], r"a data set needs x of shape \(N, m\) and y of shape \(N,\), got \(40, 3\) and \(5,\)"),
    ],
)
def test_data_that_do_not_fit_a_diagonal_network_are_refused(x, y, words: str) -> None:
    with pytest.raises(InputError, match=words):
        diagonal_linear_network(x, y)
