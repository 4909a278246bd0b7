"""The slope of the loss without a matrix, against that with one and against theory."""

from __future__ import annotations

import numpy as np
import pytest

from compare import ByFormula, BySampling, LossSlope, loss_slope
from compare.slope import measure
from simulate import SGD, WithReplacement
from theory import DatasetModel, InputError, logistic_regression, with_weight_decay
from theory.points import lowest_minimum

RATES = (0.1, 0.2, 0.4)
SOME = BySampling(60, 200, 200, 10, progress=False)


def seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


X = seeded(0).standard_normal((150, 8))
BARE = logistic_regression(X, (X[:, 0] + 0.5 * seeded(1).standard_normal(150) > 0) * 1.0)
MODEL = with_weight_decay(BARE, 0.1)
PLACE = np.array(lowest_minimum(MODEL, 1, rng=seeded(2)).position)


@pytest.fixture
def large(monkeypatch):
    monkeypatch.setattr(measure, "MOST_DENSE", 4)


def found(method: BySampling = SOME, momentum: float = 0.0, **options) -> LossSlope:
    options = {"minimum": PLACE, **options}
    sgd = SGD(0.1, 5, momentum, sampling=WithReplacement())
    return loss_slope(MODEL, sgd, RATES, rng=seeded(3), method=method, confidence=0.999, **options)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_both_ways_agree_and_find_what_theory_says(monkeypatch, momentum):
    dense = found(momentum=momentum)
    monkeypatch.setattr(measure, "MOST_DENSE", 4)
    free = found(momentum=momentum)
    exact = np.trace(MODEL.gradient_covariance(PLACE)) / (20 * (1 - momentum))
    assert free.prediction.value == pytest.approx(exact, rel=1e-9)
    assert dense.prediction.value == pytest.approx(exact, rel=1e-6)
    assert free.verdict == dense.verdict == "agrees"
    low, high = free.interval()
    assert not low <= exact / 2 <= high  # control
    for one, other in zip(dense.losses, free.losses, strict=True):
        assert abs(one.excess - other.excess) < 4 * np.hypot(one.excess.error, other.excess.error)
        assert other.variance_reduction > 20
    assert "of 8 weights all curvatures are above" in free.prediction.reason


def test_what_walkers_have_not_filled_is_in_the_error(large):
    """Without control variates a short burn-in lacks it: the control is the error of sampling alone."""
    exact = found().prediction.value
    assert exact is not None
    short = found(BySampling(3000, 4, 34, 2, control_variates=False, progress=False))
    first = short.losses[0]
    assert 0.7 * exact < first.excess / 0.1 < 0.97 * exact
    assert first.excess.error / 0.1 > abs(first.excess / 0.1 - exact) / 3
    low, high = short.interval()
    assert low < exact < high


def test_refusals_say_what_to_do(large):
    with pytest.raises(InputError, match=r"walkers must settle, up to \d+% of the noise points along"):
        found(BySampling(20, 10, 2, 2, progress=False))
    with pytest.raises(InputError, match="the loss is found by BySampling"):
        found(ByFormula())
    with pytest.raises(InputError, match="of 8 weights `minimum` must be given"):
        found(minimum=None)
    with pytest.raises(InputError, match=r"a Newton step lowers the loss by .* descend further"):
        found(minimum=PLACE + 0.1)
    with pytest.raises(InputError, match="need `rng`, got None"):
        loss_slope(MODEL, SGD(0.1, 5, sampling=WithReplacement()), RATES, minimum=PLACE)


def test_a_direction_without_curvature_does_no_harm_where_no_noise_points(large):
    """An input that is always 0 leaves one flat; the control is one along which noise points."""
    x = np.column_stack([X, np.zeros(150)])
    flat = logistic_regression(x, (X[:, 0] + 1.5 * seeded(1).standard_normal(150) > 0) * 1.0)
    place = np.array(lowest_minimum(flat, 1, rng=seeded(2)).position)
    sgd = SGD(0.1, 5, sampling=WithReplacement())
    options = {"method": SOME, "minimum": place}
    slope = loss_slope(flat, sgd, RATES, rng=seeded(3), **options)
    assert slope.verdict == "agrees"
    assert "of 9 weights no curvature is seen below" in slope.prediction.reason

    def along(w, x, y):
        found = flat.example_gradient(w, x, y)
        return found + 2 * (x[..., 1:2] - X[:, 1].mean()) * np.eye(9)[-1]

    pushed = DatasetModel(x, flat.y, flat.loss, along, 9)
    with pytest.raises(InputError, match="walkers must settle"):
        loss_slope(pushed, sgd, RATES, rng=seeded(3), **options)
