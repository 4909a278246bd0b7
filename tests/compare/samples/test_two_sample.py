"""Two samples in many dimensions: distances by their formulas, false alarms, power, and refusals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from autoregressive import autoregressive
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

from compare import (
    Classifier,
    EnergyDistance,
    MaximumMeanDiscrepancy,
    SlicedWasserstein,
    TwoSampleTest,
    two_sample_test,
)
from compare.samples import pairs
from compare.samples.contract import SampleDistance
from theory import Draws, Ensemble, InputError

METHODS = (EnergyDistance(), SlicedWasserstein(20), MaximumMeanDiscrepancy(), Classifier())
RNG = np.random.default_rng


def tried(seed: int, method: SampleDistance, shift: float = 0.0, n: int = 40, dim: int = 3) -> TwoSampleTest:
    x, y = RNG(seed).standard_normal((2, n, dim))
    return two_sample_test(x, y + shift, rng=RNG(seed), method=method, permutations=39)


def prepared(method: SampleDistance, points: np.ndarray, labels: np.ndarray) -> float:
    return float(method.prepare(points, labels, RNG(0)).values(labels[None])[0])


def test_distances_are_those_of_their_formulas() -> None:
    points, labels = RNG(1).standard_normal((60, 4)), np.arange(60) < 25
    x, y = points[labels], points[~labels]
    ways = [cdist(a, b) for a, b in ((x, y), (x, x), (y, y))]
    energy = 2 * ways[0].mean() - ways[1].mean() - ways[2].mean()
    assert prepared(EnergyDistance(), points, labels) == pytest.approx(energy, rel=1e-12)
    kernels = [np.exp(-(way**2) / (2 * 1.5**2)).mean() for way in ways]
    found = prepared(MaximumMeanDiscrepancy(1.5), points, labels)
    assert found == pytest.approx(kernels[1] + kernels[2] - 2 * kernels[0], rel=1e-11)
    line = prepared(SlicedWasserstein(), points[:, :1], labels)
    assert line == pytest.approx(wasserstein_distance(x[:, 0], y[:, 0]), rel=1e-12)


def test_sliced_distances_are_means_over_directions() -> None:
    points, labels = RNG(1).standard_normal((60, 4)), np.arange(60) < 25
    sample = SlicedWasserstein(7).prepare(points, labels, RNG(0))
    along = [wasserstein_distance(points[labels] @ v, points[~labels] @ v) for v in sample.vectors]
    assert float(sample.values(labels[None])[0]) == pytest.approx(np.mean(along), rel=1e-12)


def test_blocks_of_pairs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tried(1, EnergyDistance(), 0.3)
    monkeypatch.setattr(pairs, "LARGEST_BLOCK", 300)
    monkeypatch.setattr(pairs, "LABELLINGS", 7)
    parts = tried(1, EnergyDistance(), 0.3)
    assert parts.value == pytest.approx(whole.value, rel=1e-12)
    assert parts.p_value == whole.p_value
    assert parts.detectable == pytest.approx(whole.detectable, rel=1e-9)


@pytest.mark.parametrize("method", METHODS, ids=lambda one: type(one).__name__)
def test_false_alarms_are_as_stated_and_shifts_are_found(method: SampleDistance) -> None:
    """Chances of equal laws are uniform; benchmarks/sweeps/two_samples.py counts them closer."""
    chances = np.array([tried(seed, method).p_value for seed in range(24)])
    assert 0.25 < chances.mean() < 0.75
    assert (chances <= 0.05).mean() <= 0.2
    assert sum(tried(seed, method, 1.2).verdict == "differs" for seed in range(4)) >= 3  # the control


@pytest.mark.parametrize("method", METHODS, ids=lambda one: type(one).__name__)
def test_the_stated_shift_is_found_as_often_as_stated(method: SampleDistance) -> None:
    def power(factor: float) -> float:
        found = 0
        for seed in range(12):
            rng = RNG(seed)
            way = rng.standard_normal(3)
            step = factor * shown * way / np.linalg.norm(way)
            x, y = rng.standard_normal((2, 60, 3))
            found += two_sample_test(x, y + step, rng=rng, method=method, permutations=39).p_value <= 0.05
        return found / 12

    shown = float(np.mean([tried(seed, method, n=60).detectable for seed in range(2)]))
    assert 0.2 < shown < 1.5
    assert power(1.2) >= 0.7
    assert power(0.3) <= 0.6  # the control: a smaller one is not


def test_spreads_are_seen_too() -> None:
    rng = RNG(3)
    x, y = rng.standard_normal((300, 2)), 1.6 * rng.standard_normal((300, 2))
    for method in METHODS:
        assert two_sample_test(x, y, rng=RNG(1), method=method).verdict == "differs"


def test_units_do_not_matter_and_same_seeds_give_the_same() -> None:
    x, y = RNG(1).standard_normal((2, 50, 3))
    plain = two_sample_test(x, y, rng=RNG(5))
    scaled = two_sample_test(x * [1.0, 1e6, 1e-9] + 7.0, y * [1.0, 1e6, 1e-9] + 7.0, rng=RNG(5))
    assert scaled.value == pytest.approx(plain.value, rel=1e-7)
    assert two_sample_test(x, y, rng=RNG(5)) == plain


def test_draws_of_chains_are_thinned() -> None:
    """The control takes them as independent."""

    def alarms(of: Callable[[Draws], Draws | np.ndarray]) -> int:
        found = 0
        for seed in range(6):
            one, other = (Draws(autoregressive(1000, 8, 0.8, seed + add).reshape(1000, 4, 2)) for add in (0, 100))
            found += two_sample_test(of(one), of(other), rng=RNG(1), permutations=39).p_value <= 0.05
        return found

    assert alarms(lambda draws: draws.all[-600:]) >= 3
    assert alarms(lambda draws: draws) <= 1


def test_too_few_points_cannot_tell() -> None:
    x, y = RNG(1).standard_normal((2, 10, 50))
    found = two_sample_test(x, y, rng=RNG(1), alpha=0.01)
    assert found.verdict == "cannot tell"
    assert "cannot tell: energy distance" in str(found)
    more = RNG(2).standard_normal((2, 200, 2))
    assert two_sample_test(*more, rng=RNG(1)).verdict == "agrees"


class Ranked:
    """A learner as scikit-learn's are."""

    def fit(self, X, y):
        self.weights = X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)

    def predict_proba(self, X):
        chance = 1 / (1 + np.exp(-X @ self.weights))
        return np.stack([1 - chance, chance], axis=1)


class Flat(Ranked):
    def predict_proba(self, X):
        return np.zeros(len(X))


def test_a_learner_of_ones_own_learns() -> None:
    mine = Ranked()
    assert tried(1, Classifier(mine), 0.8).verdict == "differs"
    assert not hasattr(mine, "weights")  # copies learn
    with pytest.raises(InputError, match=r"give chances \(40, 2\), got shape \(40,\)"):
        tried(1, Classifier(Flat()))


def test_refusals() -> None:
    x = RNG(1).standard_normal((20, 2))
    lost = Ensemble.from_samples(np.where(np.arange(20)[:, None] < 3, np.nan, x))
    for y, words in (
        (x[:, :1], "one dimension"),
        (x[:5], "at least 10 points"),
        (lost, "3 of 20 points are not"),
        (np.zeros((2, 3, 4)), "points"),
    ):
        with pytest.raises(InputError, match=words):
            two_sample_test(x, y, rng=RNG(1))
    with pytest.raises(InputError, match="to reject"):
        two_sample_test(x, x, rng=RNG(1), alpha=0.001)
    with pytest.raises(InputError, match="one point"):
        two_sample_test(np.ones((20, 2)), np.ones((20, 2)), rng=RNG(1))
    with pytest.raises(InputError, match="`bandwidth` must be positive"):
        MaximumMeanDiscrepancy(0.0)
