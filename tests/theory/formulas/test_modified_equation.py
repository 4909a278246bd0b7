"""SGD against its modified equations: weak errors at a fixed time fall with the power that the order says."""

from __future__ import annotations

import numpy as np
import pytest

from simulate import SGD, run_sgd
from theory import (
    CallableLandscape,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    NoisyGradient,
    ProductModel,
    SymbolicLandscape,
    langevin_limit,
)

RATES = (0.1, 0.05, 0.025)
PARABOLA = NoisyGradient(SymbolicLandscape("w**2"), Isotropic(4.0, 1))  # l_i = (w -+ 1)^2 - 1: C = 4


def relaxed(equation, time: float) -> float:
    """Mean at `time` from 1 under a linear drift."""
    slope = float(equation.drift(np.array([[1.0]]))[0, 0])
    return float(np.exp(slope * time))


@pytest.mark.parametrize(
    ("order", "table"), [(1, (0.02796, 0.01376, 0.00682)), (2, (0.003429, 0.000880, 0.000223))]
)
def test_the_mean_at_time_one_has_the_errors_of_the_table(order, table):
    errors = []
    for rate in RATES:
        equation = langevin_limit(PARABOLA, SGD(rate, 1), order=order)
        errors.append(abs(relaxed(equation, 1.0) - (1 - 2 * rate) ** round(1 / rate)))
    assert errors == pytest.approx(table, rel=2e-3)
    assert np.polyfit(np.log(RATES), np.log(errors), 1)[0] == pytest.approx(order, abs=0.15)


def test_the_walkers_are_where_the_second_order_says():
    rate, walkers = 0.1, 100_000
    run = run_sgd(PARABOLA, SGD(rate, 1), np.ones((walkers, 1)), steps=10, rng=np.random.default_rng(0))
    error = float(run.final.std() / np.sqrt(walkers))
    assert abs(run.final.mean() - relaxed(langevin_limit(PARABOLA, SGD(rate, 1), order=2), 1.0)) < 5 * error
    assert abs(run.final.mean() - relaxed(langevin_limit(PARABOLA, SGD(rate, 1)), 1.0)) > 5 * error  # control


def test_stationary_variances_of_both_orders_and_second_order_is_the_worse():
    rate = 0.1
    variances = [
        FokkerPlanck(langevin_limit(PARABOLA, SGD(rate, 1), order=order), Grid(-3.0, 3.0, 300))
        .stationary()
        .covariance[0, 0]
        for order in (1, 2)
    ]
    assert variances == pytest.approx([rate, rate / (1 + rate)], rel=1e-6)
    exact = rate / (1 - rate)
    assert abs(variances[1] - exact) > abs(variances[0] - exact)


def test_formula_and_functions_agree_and_what_is_unknown_is_refused():
    model = ProductModel(["x*y", "x"], variables=["x", "y"])
    points = np.random.default_rng(0).standard_normal((20, 2))
    step = SGD(0.2, 3)
    formula = langevin_limit(model, step, order=2)
    assert formula.compiled is not None
    functions = NoisyGradient(
        CallableLandscape(model.value, model.gradient, model.hessian, dim=2), model.example_covariance
    )
    assert langevin_limit(functions, step, order=2).drift(points) == pytest.approx(
        formula.drift(points), rel=1e-12
    )
    pull = np.einsum("nij,nj->ni", model.hessian(points), model.gradient(points))
    assert formula.drift(points) == pytest.approx(-model.gradient(points) - 0.1 * pull, rel=1e-12)
    with pytest.raises(InputError, match="`order` must be 1 or 2, got 3"):
        langevin_limit(model, step, order=3)
    with pytest.raises(InputError, match=r"known without momentum, got 0\.9"):
        langevin_limit(model, SGD(0.2, 3, 0.9), order=2)
