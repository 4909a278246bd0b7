"""Intervals cover at the confidence they are asked for."""

import numpy as np
import pytest
from scipy.stats import binom

from compare.claims import Computed, Difference, DistanceOf, MeanOf, Power, Ratio, Sampled, Share
from theory import Density, Estimate, Grid, Histogram, InputError

REPEATS = 4000


def covered(measurements, truth, confidence):
    """How often the truth lies in the interval."""
    ends = np.array([one.interval(confidence) for one in measurements])
    return float(np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1])))


@pytest.mark.parametrize("confidence", [0.9, 0.99])
@pytest.mark.parametrize("count", [2, 5, 20])
def test_the_mean_of_few_repeats(confidence, count):
    rng = np.random.default_rng(1)
    found = covered([MeanOf(rng.normal(3.0, 2.0, count)) for _ in range(REPEATS)], 3.0, confidence)
    assert abs(found - confidence) < 5 * (confidence * (1 - confidence) / REPEATS) ** 0.5


def test_the_normal_interval_of_few_repeats_would_not_cover():
    rng = np.random.default_rng(1)
    repeats = rng.normal(3.0, 2.0, (REPEATS, 3))
    normal = [Sampled(Estimate(r.mean(), r.std(ddof=1) / 3**0.5)) for r in repeats]
    assert covered(normal, 3.0, 0.99) < 0.95


@pytest.mark.parametrize("share", [0.001, 0.3, 0.98])
def test_shares_cover_exactly(share):
    trials, confidence = 60, 0.95
    counts = np.arange(trials + 1)
    inside = [low <= share <= high for low, high in (Share(int(k), trials).interval(confidence) for k in counts)]
    assert binom.pmf(counts, trials, share)[inside].sum() >= confidence


def test_none_and_all_are_ends():
    assert Share(0, 10).interval(0.9)[0] == 0.0
    assert Share(10, 10).interval(0.9)[1] == 1.0
    assert Share(0, 10).interval(0.95)[1] == pytest.approx(1 - 0.025**0.1)  # (1 - p)^10 = 0.025


def test_differences_and_ratios_cover_whatever_the_dependence():
    rng = np.random.default_rng(2)
    noise = rng.normal(0.0, 0.1, (REPEATS, 2))
    for second in (noise[:, 1], noise[:, 0], -noise[:, 0]):
        pairs = [
            (Sampled(Estimate(2 + a, 0.1)), Sampled(Estimate(4 + b, 0.1)))
            for a, b in zip(noise[:, 0], second, strict=True)
        ]
        assert covered([Difference(a, b) for a, b in pairs], -2.0, 0.95) > 0.95
        assert covered([Ratio(a, b) for a, b in pairs], 0.5, 0.95) > 0.95


def test_a_floor_widens_every_interval():
    low, high = Sampled(Estimate(1.0, 0.0), floor=0.5).interval(0.9)
    assert (low, high) == (0.5, 1.5)


def test_a_distance_is_asked_at_the_confidence():
    grid = Grid(0.0, 1.0, 4)
    counts = Histogram(grid, np.array([260, 240, 250, 250]), 0, 0)
    one = DistanceOf(counts, Density(grid, np.ones(4)))
    (low, high), (_, higher) = one.interval(0.9), one.interval(0.999)
    assert low == 0.0
    assert high < higher
    assert one.value < high


def computed(value):
    return Computed(Estimate(value, 0.01))


class Open:
    value = 1.0

    def interval(self, confidence):
        return 0.5, np.inf


def test_what_is_open_to_one_side_leaves_powers_and_ratios_open():
    assert Power(computed(1.0), Open()).interval(0.9)[0] == -np.inf
    assert Power(Open(), computed(1.0)).interval(0.9)[1] == np.inf
    assert Ratio(Open(), Open()).interval(0.9) == (-np.inf, np.inf)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Computed(Estimate(1.0, float("nan"))), "finite error"),
        (lambda: Sampled(Estimate(1.0, float("inf"))), "finite standard error"),
        (lambda: MeanOf(np.array([1.0])), "two or more"),
        (lambda: MeanOf(np.array([1.0, np.nan])), "finite"),
        (lambda: Sampled(Estimate(1.0, 0.1), floor=-0.1), "`floor` must be finite and not negative"),
        (lambda: Sampled(Estimate(1.0, 0.1), floor=float("nan")), "`floor` must be finite"),
        (lambda: Sampled(Estimate(1.0, 0.1), 0), "`degrees` must be positive"),
        (lambda: Power(computed(1.0), computed(-0.5)).interval(0.9), "must be positive, their intervals end at"),
        (lambda: Power(computed(-1.0), computed(0.5)).interval(0.9), "must be positive, their intervals end at"),
        (lambda: Share(3, 2), "between 0 and `trials`"),
        (lambda: Share(0, 0), "between 0 and `trials`"),
        (lambda: Ratio(Share(1, 2), Share(0, 2)).interval(0.9), "above 0"),
    ],
)
def test_what_has_no_interval_is_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()
