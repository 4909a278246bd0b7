"""Mean and covariance of walkers with standard errors that hold for any law with fourth moments."""

from __future__ import annotations

import numpy as np
import pytest
from call_objects import MODEL, SGD, rng

import simulate
from theory import Ensemble, Grid, InputError, Moments
from theory.laws.moments import Sums

WITHIN = 3.3  # standard errors: 99.9 of 100 for normal estimates


def drawn(random, kind, size):
    """Independent numbers with mean 0, variance 1."""
    match kind:
        case "normal":
            return random.normal(size=size)
        case "uniform":
            return random.uniform(-np.sqrt(3), np.sqrt(3), size)
        case "two points":
            return random.choice([-0.5, 2.0], size, p=[0.8, 0.2])
        case "exponential":
            return random.exponential(size=size) - 1
        case "wells":
            return random.choice([-1, 1], size) * 0.9 + random.normal(size=size) * np.sqrt(1 - 0.81)


@pytest.mark.parametrize("kind", ["normal", "uniform", "two points", "exponential", "wells"])
def test_the_truth_is_within_errors(kind):
    random = np.random.default_rng(8)
    off = {"mean": [], "covariance": []}
    normal_theory = []
    for _ in range(400):
        mix = random.normal(size=(2, 2))
        points = drawn(random, kind, (1500, 2)) @ mix.T + 3.0
        found = Ensemble.from_samples(points).moments
        off["mean"] += ((found.mean - 3.0) / found.mean_error).ravel().tolist()
        truth = mix @ mix.T
        scores = (found.covariance[0] - truth) / found.covariance_error[0]
        off["covariance"] += scores[np.triu_indices(2)].tolist()
        product = np.outer(np.diag(truth), np.diag(truth))
        normal_theory += ((found.covariance[0] - truth) / np.sqrt((product + truth**2) / 1500)).ravel().tolist()
    for scores in off.values():
        assert np.mean(np.abs(scores) < WITHIN) > 0.99
        assert 0.9 < np.std(scores) < 1.1  # errors are neither too small nor too large
    if kind in ("exponential", "uniform"):  # control: errors of a normal law
        assert not 0.9 < np.std(normal_theory) < 1.1


def test_blocks_add_up():
    random = np.random.default_rng(2)
    points = 50.0 + random.exponential(size=(1300, 3)) @ random.normal(size=(3, 3))
    whole = Sums.of(points)
    parts = Sums.of(points[:0])
    for cut in (points[:512], points[512:1024], points[:0], points[1024:]):
        parts = parts.plus(Sums.of(cut))
    for name in ("number", "mean", "squares", "thirds", "fourths"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-9, atol=1e-9)
    x = points - points.mean(axis=0)
    np.testing.assert_allclose(whole.fourths[0, 2], (x[:, 0] ** 2 * x[:, 2] ** 2).sum())
    np.testing.assert_allclose(whole.thirds[0, 2], (x[:, 0] ** 2 * x[:, 2]).sum())


def test_streamed_moments_and_those_of_positions_are_the_same():
    box = Grid(-9, 9, 10)
    runs = [
        simulate.run_sgd(MODEL, SGD, np.zeros((1100, 1)), steps=6, rng=rng(), save_every=2, grid=grid)
        for grid in (box, None)
    ]
    streamed, kept = (run.moments for run in runs)
    for name in ("count", "mean", "covariance", "mean_error", "covariance_error"):
        np.testing.assert_allclose(getattr(streamed, name), getattr(kept, name), rtol=1e-9, atol=1e-15)
    assert runs[1].moments is kept


def test_a_run_does_not_pay_for_moments():
    walkers = simulate.run_sgd(MODEL, SGD, np.zeros((20, 1)), steps=2, rng=rng())
    assert "found" not in vars(walkers)
    assert walkers.moments.count.tolist() == [20]
    assert "found" in vars(walkers)


def test_who_diverged_has_no_part():
    points = [[1.0], [np.nan], [3.0], [np.inf]]
    found = Ensemble.from_samples(points).moments
    assert found.count.tolist() == [2]
    assert found.mean.tolist() == [[2.0]]
    assert found.covariance.tolist() == [[[2.0]]]


def test_nobody_can_tell_of_one_walker_or_of_bare_numbers():
    one = Ensemble.from_samples([[1.0]]).moments
    assert np.isnan(one.covariance).all()
    assert np.isnan(one.mean_error).all()
    bare = Moments(np.array([4.0]), np.zeros((1, 1)), np.ones((1, 1, 1)))
    assert bare.mean_error.tolist() == [[0.5]]
    assert np.isnan(bare.covariance_error).all()


def test_ensembles_of_samples():
    line = Ensemble.from_samples([0.0, 1.0, 2.0], 4.0)
    assert (line.walkers, line.dim, line.times.tolist()) == (3, 1, [4.0])
    seen = Ensemble.from_samples(np.zeros((2, 5, 3)), [0.0, 1.0])
    assert (seen.walkers, seen.dim, len(seen.times)) == (5, 3, 2)
    counted = Ensemble.from_samples([[0.1], [0.9], [7.0], [np.inf]], grid=Grid(0, 1, 2))
    assert counted.diverged == 1
    assert counted.histograms[0].counts.tolist() == [1, 1]
    assert (counted.histograms[0].outside, counted.histograms[0].diverged) == (1, 1)


@pytest.mark.parametrize(
    ("points", "times", "grid", "words"),
    [
        (np.zeros((0, 1)), 0.0, None, "`points` must have shape"),
        (np.zeros((1, 1, 1, 1)), 0.0, None, "`points` must have shape"),
        (np.zeros((2, 3, 1)), 0.0, None, "`times` must be one for each of 2"),
        (np.zeros((2, 3, 1)), [1.0, 0.0], None, "must be finite and ascend"),
        (np.zeros((3, 1)), np.nan, None, "must be finite and ascend"),
        (np.zeros((3, 2)), 0.0, Grid(0, 1, 2), "`grid` must have dimension 2, got 1"),
    ],
)
def test_samples_that_do_not_fit_are_refused(points, times, grid, words):
    with pytest.raises(InputError, match=words):
        Ensemble.from_samples(points, times, grid=grid)


def test_given_points_stay_as_they_are():
    points = np.array([[1.0, np.inf]])
    Ensemble.from_samples(points)
    assert points.tolist() == [[1.0, np.inf]]


def test_walkers_on_their_way_to_infinity_add_up_without_a_warning():
    far = np.array([[0.0], [1e100], [-1e200]])
    both = Sums.of(far).plus(Sums.of(-far))
    assert both.number == 6
    assert not np.isfinite(both.fourths).any()
    near = Sums.of(far[:1]).plus(Sums.of(far[:1] + 1))  # the control
    assert near.squares == pytest.approx(0.5)


def test_nobody_has_no_moments():
    found = Ensemble.from_samples(np.full((3, 2), np.nan)).moments
    assert found.count.tolist() == [0]
    for name in ("mean", "covariance", "mean_error", "covariance_error"):
        assert np.isnan(getattr(found, name)).all()
