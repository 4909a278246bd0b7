"""The slope of the stationary loss at learning rate 0: measured by four methods, against what theory says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slopes import QUICK, RATES, logistic, power, rng

import compare
from compare.slope import ByFokkerPlanck, ByFormula, BySampling, ByTransitionOperator, loss_slope
from simulate import SGD, WithReplacement
from theory import (
    Constant,
    Grid,
    Isotropic,
    LinearRegression,
    NoisyGradient,
    ProductModel,
    Scaled,
    SymbolicLandscape,
    linear_regression_covariance,
    on_data,
)

FIVE = np.diag([1.0, 2.0, 0.5, 1.5, 1.0]) + 0.2

INPUTS = {1: 1.3, 2: [[2.0, 0.5], [0.5, 1.0]], 5: FIVE}


def covers(found):
    low, high = found.interval()
    return low <= found.prediction.value <= high


@pytest.mark.parametrize("dim", [1, 2, 5])
@pytest.mark.parametrize("method", [ByFormula(), QUICK])
def test_linear_regression_has_the_slope_of_the_heat_capacity(dim, method):
    """Tr C / (4 B) within 1 %, in the interval; half of it, the loss of one step, is not."""
    model, sgd = LinearRegression(INPUTS[dim]), SGD(0.1, 4)
    found = loss_slope(model, sgd, RATES, method=method, rng=rng(1))
    expected = np.trace(np.atleast_2d(INPUTS[dim])) / 16
    assert found.prediction.value == pytest.approx(expected)
    assert found.prediction.formula == "tr C / (4 B)"
    assert abs(found.slope / expected - 1) < 0.01
    assert covers(found)
    assert found.verdict == "agrees"
    wrong = replace(found, prediction=replace(found.prediction, value=expected * 1.02))
    assert wrong.verdict == "differs"


def test_each_loss_is_the_closed_form_of_one_dimension():
    """The loss eta sigma^2 a / (2 B (2 - eta a (1 + 2 / B))), by formula, by sampling and by the operator."""
    model, sgd, a = LinearRegression(1.3, noise_std=0.7), SGD(0.1, 4), 1.3
    rates = np.array([0.1, 0.2, 0.4])
    exact = rates * 0.49 * a / (8 * (2 - rates * a * 1.5))
    for method, tolerance in (
        (ByFormula(), 1e-12),
        (QUICK, 1e-10),
        (ByTransitionOperator(Grid(-3, 3, 160)), 1e-4),
    ):
        found = loss_slope(model, sgd, rates, method=method, rng=rng(2)).losses
        excess = np.array([float(one.excess) for one in found])
        np.testing.assert_allclose(excess, exact, rtol=tolerance)
        bounds = np.array([one.excess.error for one in found])
        assert (np.abs(excess - exact) <= 2 * bounds + 1e-12 * exact).all()


@settings(max_examples=20)
@given(rate=st.floats(0.01, 0.15), batch=st.integers(1, 20), slope=st.floats(-0.4, 0.4))
def test_the_loss_is_a_quarter_of_the_rate_times_the_square_of_the_batch_gradient(rate, batch, slope):
    """Exactly, at every rate: E|g_B|^2 = E|A w|^2 + E tr C(w) / B at the stationary iterates."""
    inputs = np.array([[1.5, slope], [slope, 0.8]])
    model = LinearRegression(inputs)
    rates = rate * np.array([0.5, 0.7, 1.0])
    excess = loss_slope(model, SGD(0.1, batch), rates, method=ByFormula()).losses[-1].excess
    spread = linear_regression_covariance(model, rates[-1], batch)
    noise = (1 + np.trace(inputs @ spread)) * np.trace(inputs) + np.trace(inputs @ spread @ inputs)
    square = np.trace(inputs @ spread @ inputs) + noise / batch
    assert excess == pytest.approx(rates[-1] / 4 * square, rel=1e-10)


def test_momentum_divides_the_slope_by_one_less_momentum():
    model, sgd = LinearRegression(INPUTS[2]), SGD(0.1, 4, momentum=0.5)
    found = loss_slope(model, sgd, RATES[:3], method=QUICK, rng=rng(3))
    assert found.prediction.value == pytest.approx(2 * 3 / 16)
    assert abs(found.slope / (2 * 3 / 16) - 1) < 0.01
    assert covers(found)
    assert found.losses[0].variance_reduction > 1e10
    quadratic = NoisyGradient(
        SymbolicLandscape("x**2 + y**2/2", variables=("x", "y")), Constant(np.diag([1.0, 3.0]))
    )
    exact, sampled = (
        loss_slope(quadratic, sgd, RATES[:3], method=method, rng=rng(3)) for method in (ByFormula(), QUICK)
    )
    for one, other in zip(exact.losses, sampled.losses, strict=True):
        assert other.excess == pytest.approx(one.excess, rel=1e-8)
    assert exact.verdict == "agrees"


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_a_loss_that_is_not_quadratic(momentum):
    """Logistic regression on 60 examples: the slope within 1 %, control variates reduce variances 100 fold."""
    sgd = SGD(0.1, 4, momentum=momentum, sampling=WithReplacement())
    found = loss_slope(logistic(), sgd, [0.1, 0.2, 0.4], minimum=(0, 0), method=QUICK, rng=rng(4))
    assert min(one.variance_reduction for one in found.losses) > 100
    assert abs(found.slope / found.prediction.value - 1) < 0.01
    assert found.verdict == "agrees"


def test_skewed_noise_has_the_same_slope():
    """Exponential inputs and labels: a third moment does not enter."""
    stream = rng(6)
    x = stream.exponential(size=400)
    model = on_data(ProductModel("w"), x, 0.5 * x + stream.exponential(size=400) - 1)
    sgd = SGD(0.1, 4, sampling=WithReplacement())
    found = loss_slope(model, sgd, [0.01, 0.02, 0.04], method=QUICK, rng=rng(7))
    assert abs(found.slope / found.prediction.value - 1) < 0.01
    assert covers(found)


def test_the_continuous_limit_has_the_same_slope_and_another_curvature():
    model = ProductModel("w - 1/2 + w**2/5", noise_std=2.0)
    limit = loss_slope(model, SGD(0.1, 20), [0.01, 0.02, 0.04], method=ByFokkerPlanck(Grid(-1, 2, 300)))
    assert limit.slope == pytest.approx(0.07, rel=1e-6)
    assert covers(limit)
    steps = loss_slope(
        model, SGD(0.1, 20), [0.01, 0.02, 0.04], minimum=0.45, method=BySampling(300, 500, 1500), rng=rng(8)
    )
    assert steps.verdict == "agrees"
    gap = steps.losses[-1].excess - limit.losses[-1].excess
    assert gap > 20 * steps.losses[-1].excess.error


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_powers_have_the_learning_coefficient_as_slope_by_fokker_planck(k):
    found = loss_slope(power(k), SGD(0.1, 2), RATES, method=ByFokkerPlanck(Grid(-3, 3, 240)))
    assert abs(found.slope / (1 / (2 * k) / 4) - 1) < 1e-6
    assert covers(found) or abs(found.slope / found.prediction.value - 1) < 1e-9
    if k > 1:
        assert abs(found.learning_coefficient * 2 * k - 1) < 1e-6
        assert found.prediction.formula == "lambda s^2 / (2 B)"


@pytest.mark.parametrize("k", [2, 3, 4])
def test_powers_have_the_learning_coefficient_as_slope_by_sampling(k):
    """Of SGD itself, within 3 %, in powers eta^(2 - 1/k); tr C / (4 B) is refused there."""
    method = BySampling(300, 1000, 2000, observations=25)
    found = loss_slope(power(k), SGD(0.1, 2), [0.02, 0.04, 0.08], minimum=0.0, method=method, rng=rng(9))
    assert found.prediction.power == pytest.approx(2 - 1 / k)
    assert abs(found.learning_coefficient * 2 * k - 1) < 0.03
    assert found.verdict == "agrees"
    naive = replace(found, prediction=replace(found.prediction, value=1 / 8))
    assert naive.verdict == "differs"


def test_a_power_by_the_transition_operator():
    found = loss_slope(power(2), SGD(0.1, 2), [0.04, 0.08, 0.16], method=ByTransitionOperator(Grid(-2, 2, 120)))
    assert abs(found.learning_coefficient * 4 - 1) < 1e-3
    assert found.verdict == "agrees"


def test_a_crossing_comes_to_its_learning_coefficient_with_a_logarithm():
    """x^2 y^2 in a box: lambda = 1/2, m = 2, within 3 %; powers of the rate alone miss it."""
    model = NoisyGradient(SymbolicLandscape("x**2*y**2", variables=("x", "y")), Isotropic(1.0, 2))
    method = ByFokkerPlanck(Grid((-1, -1), (1, 1), (120, 120)))
    rates = [0.008, 0.016, 0.032, 0.064]
    found = loss_slope(model, SGD(0.1, 1), rates, minimum=(0, 0), method=method)
    assert found.prediction.multiplicity == 2
    assert abs(found.learning_coefficient - 0.5) < 0.015
    assert found.verdict == "agrees"
    powers = loss_slope(model, SGD(0.1, 1), rates, minimum=(0, 0), method=method, power=1.0)
    assert powers.learning_coefficient < 0.42


@pytest.mark.parametrize(("loss", "truth"), [("(x*y*(x + y))**2/2", 1 / 3), ("(x*(x**2 + y**2))**2/2", 1 / 3)])
def test_a_minimum_along_lines_has_the_powers_of_their_other_points(loss, truth):
    """Lines of zeros bring powers T^(1/6), which a series in T takes for a part of the limit."""
    model = NoisyGradient(SymbolicLandscape(loss, variables=("x", "y")), Isotropic(1.0, 2))
    method = ByFokkerPlanck(Grid((-1, -1), (1, 1), (120, 120)))
    rates = [0.001, 0.002, 0.004, 0.008]
    found = loss_slope(model, SGD(0.1, 1), rates, minimum=(0, 0), method=method)
    assert found.prediction.power == pytest.approx(1 / 6)
    assert abs(found.learning_coefficient - truth) < 3 * found.learning_coefficient.error
    powers = loss_slope(model, SGD(0.1, 1), rates, minimum=(0, 0), method=method, power=1.0)
    assert abs(powers.learning_coefficient - truth) > 3 * powers.learning_coefficient.error


def test_a_crossing_on_a_torus_has_powers_beside_the_logarithm():
    """sin(x)^2 sin(y)^2: the law of a crossing with corrections T log T, and an interval that covers."""
    model = NoisyGradient(SymbolicLandscape("sin(x)**2*sin(y)**2", variables=("x", "y")), Isotropic(1.0, 2))
    side = np.pi / 2
    method = ByFokkerPlanck(lambda rate: Grid((-side, -side), (side, side), (120, 120), periodic=True))
    found = loss_slope(model, SGD(0.1, 1), [0.008, 0.016, 0.032, 0.064, 0.128], minimum=(0, 0), method=method)
    assert abs(found.learning_coefficient - 0.5) < 0.015
    assert covers(found)


def test_degenerate_and_regular_directions_together():
    """x^4 + y^2 + x^2 y^2: 1/4 + 1/2, on grids that follow the law."""
    model = NoisyGradient(
        SymbolicLandscape("x**4 + y**2 + x**2*y**2", variables=("x", "y")), Scaled(Isotropic(0.5, 2), 2.0)
    )

    def grid(rate):
        x, y = 3 * rate**0.25, 3 * rate**0.5
        return Grid((-x, -y), (x, y), (100, 100))

    found = loss_slope(model, SGD(0.1, 1), [0.005, 0.01, 0.02, 0.04], minimum=(0, 0), method=ByFokkerPlanck(grid))
    assert abs(found.learning_coefficient - 0.75) < 1e-3
    assert covers(found)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_formula_knows_its_slope_from_any_rates(momentum):
    """It is tr C / (4 B) to 1e-8 and within the error, from rates next to the edge; a line is far off."""
    plane = SymbolicLandscape("x**2/2 + 3*y**2/40 + x*y/9", variables=("x", "y"))
    models = [NoisyGradient(plane, Constant(np.array([[1.0, 0.3], [0.3, 2.0]])))]
    rates = [0.5, 1.0, 1.9]
    if not momentum:
        models.append(LinearRegression(1.0))
    for model, batch in zip(models, (4, 100), strict=False):
        found = loss_slope(model, SGD(0.1, batch, momentum=momentum), rates, method=ByFormula())
        assert found.verdict == "agrees"
        assert abs(found.slope / found.prediction.value - 1) < 1e-8
        assert abs(found.slope - found.prediction.value) <= found.slope.error < 1e-7 * found.slope
        assert [one.learning_rate for one in found.losses] == rates
        over = [one.excess / one.learning_rate for one in found.losses]
        assert abs(np.polyfit(rates, over, 1)[1] / found.prediction.value - 1) > 0.05


def test_the_public_name_is_the_function():
    assert compare.loss_slope is loss_slope


def test_the_table_and_the_dataset_say_the_same():
    found = loss_slope(LinearRegression(1.0), SGD(0.1, 4), RATES, method=QUICK, rng=rng(16))
    table = found.table()
    assert "prediction: 0.0625 = tr C / (4 B)" in table
    assert "verdict: agrees" in table
    data = found.to_xarray()
    assert data.attrs["verdict"] == "agrees"
    assert data.attrs["slope"] == float(found.slope)
    np.testing.assert_array_equal(data["learning_rate"], RATES)
    assert (data["variance_reduction"] > 1e10).all()
    assert data["excess_loss"][0] == float(found.losses[0].excess)
    low, high = found.interval(0.5)
    assert found.interval()[0] < low < high < found.interval()[1]


def test_the_result_does_not_depend_on_threads():
    model, sgd = ProductModel("w - 1/2 + w**2/5"), SGD(0.1, 4)
    first, second = (
        loss_slope(model, sgd, [0.05, 0.1, 0.2], minimum=0.46, method=method, rng=rng(17))
        for method in (BySampling(1100, 10, 200, 5, threads=1), BySampling(1100, 10, 200, 5, threads=2))
    )
    assert [float(one.excess) for one in first.losses] == [float(one.excess) for one in second.losses]
    assert float(first.slope) == float(second.slope)
