"""What `loss_slope` is made of: control variates and the extrapolation to learning rate 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compare.slope import ByFormula, BySampling, loss_slope
from compare.slope.control import ControlVariates, controlled_mean
from compare.slope.extrapolation import extrapolate, extrapolate_logarithmic
from simulate import SGD, run_sgd
from theory import LinearRegression, ProductModel

FIVE = np.diag([1.0, 2.0, 0.5, 1.5, 1.0]) + 0.2


def rng(seed):
    return np.random.default_rng(seed)


# control variates


@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_control_variates_have_mean_zero_at_stationarity(momentum):
    """Within 5 standard errors; without C / B, or of another rate, they have not."""
    model, sgd = ProductModel("w - 1/2 + w**2/5", noise_std=2.0), SGD(0.05, 4, momentum=momentum)
    before = run_sgd(model, sgd, np.full((20_000, 1), 0.46), steps=400, rng=rng(10))
    after = run_sgd(model, sgd, before.checkpoint, steps=1)
    velocity = after.final - before.final if momentum else None

    def score(variates):
        found = variates(after.final, velocity)
        return np.abs(found.mean(axis=0)) / (found.std(axis=0) / np.sqrt(len(found)))

    place, hessian = np.array([0.463]), np.eye(1)
    assert score(ControlVariates(model, sgd, place, hessian)).max() < 5
    assert score(ControlVariates(model, replace(sgd, learning_rate=0.06), place, hessian)).max() > 20
    assert score(ControlVariates(model, replace(sgd, batch_size=400), place, hessian)).max() > 20


def test_few_traces_replace_many_entries():
    """Five dimensions with momentum have 65 variates; of 100 walkers 6 traces are taken, and the answer stays."""
    model, sgd = LinearRegression(FIVE), SGD(0.1, 4, momentum=0.5)
    w, v = rng(11).normal(size=(2, 7, 5))
    minimum = np.zeros(5)
    assert ControlVariates(model, sgd, minimum, FIVE)(w, v).shape == (7, 65)
    assert ControlVariates(model, sgd, minimum, FIVE, most=20)(w, v).shape == (7, 6)
    few = loss_slope(model, sgd, [0.02, 0.04, 0.08], method=BySampling(100, 300, 400), rng=rng(12))
    many = loss_slope(model, sgd, [0.02, 0.04, 0.08], method=BySampling(400, 100, 400), rng=rng(12))
    for one, other in zip(few.losses, many.losses, strict=True):
        assert abs(one.excess - other.excess) < 5 * one.excess.error


def test_standard_errors_of_controlled_means_are_honest():
    """Scores of 2000 small samples have the variance 1 within a tenth, and one without the variates is wider."""
    stream, scores, gains = rng(13), [], []
    for _ in range(2000):
        variates = stream.normal(size=(40, 3)) * [1.0, 1e-3, 10.0]
        values = 2 + variates @ [1.0, 500.0, 0.3] + stream.normal(size=40)
        found = controlled_mean(values, variates)
        scores.append((found.mean - 2) / found.standard_error)
        gains.append(found.variance_reduction)
    inside = np.mean(np.abs(scores) < 1.959964)
    assert 0.95 - 0.025 < inside < 0.95 + 0.025
    assert np.median(gains) > 4
    dependent = np.hstack([variates, variates[:, :1]])
    assert controlled_mean(values, dependent).mean == pytest.approx(found.mean)


def test_plain_means_agree_with_the_exact_loss():
    model, sgd = LinearRegression(1.0), SGD(0.1, 4)
    plain = BySampling(500, 200, 300, control_variates=False)
    found, exact = (
        loss_slope(model, sgd, [0.04, 0.08, 0.16], method=m, rng=rng(14)) for m in (plain, ByFormula())
    )
    for one, other in zip(found.losses, exact.losses, strict=True):
        assert one.variance_reduction is None
        assert abs(one.excess - other.excess) < 5 * one.excess.error
    assert found.verdict in {"agrees", "cannot tell"}


# extrapolation


@pytest.mark.parametrize("curve", [(0.3,), (0.3, 1.0), (0.0, 3.0), (-0.5, 0.4, 2.0)])
def test_intervals_cover_whatever_the_curve(curve):
    """At least 93 % of 600 intervals of 95 %; a straight line fitted blindly covers far less of the bent ones."""
    rates, errors, stream = np.array([0.05, 0.1, 0.2, 0.4]), np.full(4, 0.01), rng(15)
    truth = 1 + sum(c * rates ** (j + 1) for j, c in enumerate(curve))
    inside = blind = 0
    for _ in range(600):
        values = truth + errors * stream.normal(size=4)
        found = extrapolate(rates, values, errors, 1.0, independent=True).limit
        inside += abs(found - 1) <= 1.96 * found.error
        line, covariance = np.polyfit(rates, values, 1, w=1 / errors, cov="unscaled")
        blind += abs(line[1] - 1) <= 1.96 * np.sqrt(covariance[1, 1])
    assert inside >= 0.93 * 600
    assert blind < 0.6 * 600 or curve == (0.3,)


@settings(max_examples=30)
@given(limit=st.floats(0.1, 10), first=st.floats(-1, 1), second=st.floats(-1, 1), spacing=st.floats(0.5, 2))
def test_a_polynomial_is_extrapolated_exactly(limit, first, second, spacing):
    rates = np.array([0.1, 0.2, 0.3, 0.5])
    values = limit + first * rates**spacing + second * rates ** (2 * spacing)
    found = extrapolate(rates, values, np.full(4, 1e-12), spacing, independent=False)
    assert abs(found.limit - limit) < 1e-8
    scaled = extrapolate(10 * rates, 3 * values, np.full(4, 3e-12), spacing, independent=False)
    assert scaled.limit == pytest.approx(3 * found.limit, rel=1e-8)


@pytest.mark.parametrize("shapes", [(2.0,), (3.0, 5.0)])
def test_logarithms_are_extrapolated_exactly(shapes):
    """Lambda - P'(l)/P(l) for polynomials of degree m - 1, m = 2 and 3."""
    rates = np.array([1e-4, 1e-3, 3e-3, 1e-2, 3e-2])
    polynomial = np.array([1.0, *shapes])
    logs = -np.log(rates)
    values = 0.5 - np.polyval(np.polyder(polynomial), logs) / np.polyval(polynomial, logs)
    found = extrapolate_logarithmic(rates, values, np.full(5, 1e-10), 1.0, len(shapes) + 1, independent=False)
    assert abs(found.limit - 0.5) < 1e-6
    wrong = extrapolate(rates, values, np.full(5, 1e-10), 1.0, independent=False)
    assert abs(wrong.limit - 0.5) > 0.02


@pytest.mark.parametrize("first", [0.002, 0.004, 0.008])
@pytest.mark.parametrize(("c", "a", "b"), [(3.0, 0.3, 1.0), (5.0, 0.25, 1.5), (4.0, -0.2, 1.0), (2.0, 0.0, 0.5)])
def test_logarithms_with_logarithms_in_the_corrections_are_covered(first, c, a, b):
    """Z = T^(1/2) (l + c) + T^(3/2) (a l + b) is in no order of the fit; values of very different errors."""
    for count in (4, 5, 6):
        rates = first * 2.0 ** np.arange(count)
        logs = -np.log(rates)
        leading, following = logs + c, rates * (a * logs + b)
        values = (0.5 * leading - 1 + 1.5 * following - a * rates) / (leading + following)
        errors = np.array([1e-9, 1e-11, *np.full(count - 2, 1e-14)])
        found = extrapolate_logarithmic(rates, values, errors, 1.0, 2, independent=False)
        assert abs(found.limit - 0.5) < 2 * found.limit.error < 0.1


def test_bounds_add_up_and_independent_errors_add_in_squares():
    """The effect of each value on the limit of a straight line, measured by moving it."""
    rates, errors = np.array([0.1, 0.2, 0.3, 0.5]), np.array([1.0, 2.0, 1.0, 3.0]) * 1e-3
    values = 1 + rates + 1e-3 * rates**2
    found = [extrapolate(rates, values, errors, 1.0, independent=flag).limit for flag in (True, False)]
    moved = [extrapolate(rates, values + e, errors, 1.0, independent=True).limit for e in np.diag(errors) / 10]
    effects = 10 * np.abs(np.array(moved) - found[0])
    assert found[0].error == pytest.approx(np.sqrt((effects**2).sum()), rel=0.01)
    assert found[1].error == pytest.approx(effects.sum(), rel=0.01)
