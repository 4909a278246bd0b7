"""Control variates of a stationary law, and the means that they free of noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from compare.slope import ByFormula, BySampling, loss_slope
from simulate import SGD, run_sgd
from simulate.stationary import ControlVariates, controlled_mean
from theory import LinearRegression, ProductModel

FIVE = np.diag([1.0, 2.0, 0.5, 1.5, 1.0]) + 0.2


def rng(seed):
    return np.random.default_rng(seed)


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
        scores.append((found.mean - 2) / found.mean.error)
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
