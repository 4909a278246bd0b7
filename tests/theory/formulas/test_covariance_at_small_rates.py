"""Covariances of SGD on quadratic loss keep their digits however small the steps are."""

from __future__ import annotations

import numpy as np
import pytest

from theory import LinearRegression, linear_regression_covariance, sgd_covariance


@pytest.mark.parametrize("rate", [1e-2, 1e-6, 1e-12])
def test_a_small_rate_costs_no_digits(rate: float) -> None:
    """Against C eta / (2 B h - ...) on a line, to 1e-14; subtracting a step from 1 loses those of the rate."""
    h, noise = 1.3, 0.7
    found = sgd_covariance([[h]], [[noise]], rate)[0, 0]
    assert found == pytest.approx(rate * noise / (h * (2 - rate * h)), rel=1e-14, abs=0)
    found = linear_regression_covariance(LinearRegression(1.0), rate, 4)[0, 0]
    assert found == pytest.approx(rate / 4 / (2 - rate * (1 + 2 / 4)), rel=1e-14, abs=0)
    naive = rate**2 * noise / (1 - (1 - rate * h) ** 2)
    assert rate > 1e-3 or abs(naive / (rate * noise / (h * (2 - rate * h))) - 1) > 1e-12  # control
    plane, both = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.2], [0.2, 0.5]])
    trace = np.trace(plane @ sgd_covariance(plane, both, rate)) / rate
    assert trace == pytest.approx(np.trace(both) / 2, rel=max(3 * rate, 1e-14), abs=0)
