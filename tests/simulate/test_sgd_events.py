"""First exits and hits, noted at every step: against stored paths, in any form of the region."""

from __future__ import annotations

import numpy as np
import pytest
from sgd_models import CUBIC, QUADRATIC, VECTOR, C, data_for, seeded

from simulate import SGD, StableNoise, WithoutReplacement, WithReplacement, first_exit, first_hit, run_sgd
from simulate.rules import Adam, Sign, WeightDecay
from theory import CallableLandscape, Constant, Grid, InputError, NoisyGradient, logistic_regression

NOISY = NoisyGradient(QUADRATIC, Constant(C))
HIDDEN = NoisyGradient(CallableLandscape(QUADRATIC.value, QUADRATIC.gradient, dim=2), Constant(C))
LOGISTIC = logistic_regression(seeded(1).normal(size=(20, 2)), (seeded(2).normal(size=20) > 0) * 1.0)

RUNS = {
    "scalar": (
        CUBIC,
        SGD(0.02, 5, 0.5),
        "w > -1.1 and w < 0.5",
        lambda w: (w[:, 0] > -1.1) & (w[:, 0] < 0.5),
        None,
    ),
    "vector": (VECTOR, SGD(0.2, 2), "x**2 + y**2 < 0.4", lambda w: (w**2).sum(axis=1) < 0.4, None),
    "data": (
        VECTOR,
        SGD(0.1, 2, sampling=WithoutReplacement()),
        "-0.6 < y < 0.5",
        lambda w: (w[:, 1] > -0.6) & (w[:, 1] < 0.5),
        data_for(VECTOR, 10),
    ),
    "gaussian": (NOISY, SGD(0.1, 1), "not (x > 0.7 or y > 0.7)", lambda w: (w <= 0.7).all(axis=1), None),
    "numpy": (HIDDEN, SGD(0.1, 1), "abs(w1) + abs(w2) < 1", lambda w: np.abs(w).sum(axis=1) < 1, None),
    "Adam": (VECTOR, SGD(0.05, 2, rule=Adam()), "x**2 + y**2 < 0.4", lambda w: (w**2).sum(axis=1) < 0.4, None),
    "signs": (
        HIDDEN,
        SGD(0.1, 1, rule=(WeightDecay(0.1), Sign())),
        "abs(w1) + abs(w2) < 1",
        lambda w: np.abs(w).sum(axis=1) < 1,
        None,
    ),
    "own data": (LOGISTIC, SGD(1.0, 2, sampling=WithReplacement()), "w2 <= 0.1", lambda w: w[:, 1] <= 0.1, None),
}


def from_paths(inside):
    """First step outside, -1 for none, of flags (steps, walkers)."""
    return np.where(inside.all(axis=0), -1, (~inside).argmax(axis=0))


@pytest.mark.parametrize("name", RUNS)
def test_first_exits_and_hits_are_those_of_the_paths(name):
    model, sgd, text, function, data = RUNS[name]
    start = seeded(3).normal(size=(700, model.dim)) / 3
    paths = run_sgd(model, sgd, start, steps=15, rng=seeded(4), data=data, save_every=1).positions
    inside = np.array([function(w) for w in paths])
    expected, hits = from_paths(inside), from_paths(~inside)
    assert {-1, 0} < set(expected)
    assert len(set(expected)) > 4
    for region in (text, function):
        found = first_exit(model, sgd, start, region, steps=15, rng=seeded(4), data=data, threads=2)
        np.testing.assert_array_equal(found.event, expected)
        stopped = paths[np.where(expected < 0, 15, expected), np.arange(700)]
        np.testing.assert_array_equal(found.positions, stopped)
        hit = first_hit(model, sgd, start, region, steps=15, rng=seeded(4), data=data)
        np.testing.assert_array_equal(hit.event, hits)
    survival = found.survival()
    stayed = np.logical_and.accumulate(inside, axis=0).sum(axis=1)
    np.testing.assert_array_equal(survival.inside, stayed)
    assert found.diverged == 0


def test_a_walker_that_diverges_is_no_exit():
    """Beyond the barrier of -w^4/4 walkers run off to the right within the basin; the others leave to the left."""
    model = NoisyGradient(
        CallableLandscape(lambda w: -(w[..., 0] ** 4) / 4, lambda w: -(w**3), dim=1), Constant(1.0)
    )
    start = np.array([3.0, 3.0, -3.0, 4.0])
    for region in ("w > -5", lambda w: w[:, 0] > -5):
        found = first_exit(model, SGD(0.1, 9), start, region, steps=40, rng=seeded(5))
        assert found.diverged == 3
        np.testing.assert_array_equal(found.happened, [False, False, True, False])
        np.testing.assert_array_equal(np.isnan(found.positions[:, 0]), [True, True, False, True])
        survival = found.survival()
        assert (survival.inside[-1], survival.diverged[-1]) == (0, 3)
        np.testing.assert_array_equal(survival.inside + survival.diverged + (found.event[2] <= survival.steps), 4)


def test_positions_on_a_circle_are_watched_where_they_are():
    domain = Grid((-0.3, -9), (0.3, 9), (1, 1), periodic=(True, False))
    start = np.zeros((300, 2))
    found = first_exit(NOISY, SGD(0.5, 1), start, "x > -0.31 and x < 0.31", steps=20, rng=seeded(6), domain=domain)
    assert not found.happened.any()
    free = first_exit(NOISY, SGD(0.5, 1), start, "x > -0.31 and x < 0.31", steps=20, rng=seeded(6))
    assert free.happened.mean() > 0.9


def test_survival_of_a_geometric_law():
    """Without memory (w <- w - eta g from 0 each time) the chance to leave is the same at every step."""
    from scipy.stats import norm

    model = NoisyGradient(QUADRATIC, Constant(np.diag([1.0, 1.0])))
    rates = np.linalg.inv([[2, 0.5], [0.5, 1]])  # one step forgets where it came from
    found = first_exit(model, SGD(1.0, 1, 0.0, rates), np.zeros((20_000, 2)), "x < 0.6", steps=40, rng=seeded(7))
    spread = np.sqrt((rates @ rates.T)[0, 0])
    rate, error = found.survival().rate(0)
    expected = -np.log(norm.cdf(0.6 / spread))
    assert abs(rate - expected) < 5 * error < 0.02
    assert abs(rate - 1.1 * expected) > 5 * error


def test_heavy_tails_cross_where_normal_noise_of_the_same_size_cannot():
    flat = NoisyGradient(QUADRATIC, Constant(1e-8 * np.eye(2)))
    start = np.zeros((3000, 2))
    heavy = first_exit(
        flat, SGD(0.05, 1, noise=StableNoise(1.2, 0.3)), start, "abs(x) < 1", steps=100, rng=seeded(8)
    )
    light = first_exit(
        flat, SGD(0.05, 1, noise=StableNoise(2.0, 0.3)), start, "abs(x) < 1", steps=100, rng=seeded(8)
    )
    assert heavy.happened.mean() > 0.05
    assert not light.happened.any()


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ("w", "must be made of comparisons"),
        ("w == 1", "must compare by <, <=, > or >="),
        ("w < ", "does not parse"),
        ("v < 1", "undeclared variable 'v'"),
        ("__import__('os') < 1", "which is no arithmetic"),
        (3, "must be text or a function, got 3"),
        (lambda w: w[:, 0], r"must map points \(2, 1\) to flags \(2,\), got float64"),
        (lambda w: w > 0, r"to flags \(2,\), got bool of shape \(2, 1\)"),
    ],
)
def test_refuses(region, reason):
    with pytest.raises(InputError, match=reason):
        first_exit(CUBIC, SGD(0.1, 2), [0.0, 0.1], region, steps=2, rng=seeded(0))
