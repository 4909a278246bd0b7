"""Means with their skewness: false alarms as stated, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from theory.base import InputError
from theory.statistics import StudentisedMeans

NOTHING = np.zeros(1)


@pytest.mark.parametrize("skewed", [True, False])
def test_false_alarms_of_a_skewed_law(skewed: bool) -> None:
    rng, repeats = np.random.default_rng(4), 1000
    alarms = student = 0
    for _ in range(repeats):
        values = rng.exponential(size=(30, 1)) if skewed else rng.standard_normal((30, 1))
        means = StudentisedMeans.of(values)
        alarms += means.p_value(np.full(1, float(skewed)), NOTHING) < 0.01
        student += abs(means.mean[0] - skewed) / means.error[0] > 2.756
    assert 1e-3 < binom.cdf(alarms, repeats, 0.01) < 0.999
    assert (binom.sf(student, repeats, 0.01) < 1e-3) == skewed  # what Student's law alone would give


@pytest.mark.parametrize("correlation", [0.0, 0.9, 1.0, -0.6])
def test_of_several_means_the_farthest_counts_once(correlation: float) -> None:
    matrix = np.array([[1, correlation], [correlation, 1]])
    means = StudentisedMeans(10**6, np.zeros(2), np.ones(2), np.zeros(2), matrix)
    drawn = np.random.default_rng(5).multivariate_normal([0, 0], matrix, size=100_000)
    off = float(np.mean(np.abs(drawn).max(axis=1) > 2))
    assert means.p_value(np.array([2.0, 0.0]), np.zeros(2)) == pytest.approx(off, abs=0.004)
    assert means.p_value(np.full(2, means.quantile(0.01)), np.zeros(2)) == pytest.approx(0.01, rel=1e-4)


def test_intervals_hold_what_is_not_rejected() -> None:
    means = StudentisedMeans.of(np.random.default_rng(6).gamma(1.0, size=(200, 3)))
    for end in means.interval(0.05):
        off = means.mean.copy()
        off[1] = end[1]
        assert means.p_value(off, np.zeros(3)) == pytest.approx(0.05, rel=1e-6)
        assert means.p_value(off + 0.1, np.full(3, 0.2)) > 0.05
    assert (means.detectable(0.05, np.zeros(3)) > means.error).all()


def test_a_constant_is_what_it_is() -> None:
    means = StudentisedMeans.of(np.column_stack([np.full(50, 0.1), np.arange(50.0)]))
    assert means.p_value(np.array([0.1, 24.5]), np.zeros(2)) > 0.9
    assert means.p_value(np.array([0.1001, 24.5]), np.zeros(2)) == 0


def test_what_has_no_variance_and_what_is_too_skewed_is_refused() -> None:
    rng = np.random.default_rng(7)
    with pytest.raises(InputError, match="finite variance"):
        StudentisedMeans.of(rng.standard_cauchy((5000, 1))).refuse_unless_enough(0.01)
    skewed = StudentisedMeans.of(rng.gamma(0.1, size=(30, 1)))
    with pytest.raises(InputError, match="too few for a mean of skewness"):
        skewed.refuse_unless_enough(0.01)
    steady = StudentisedMeans.of(rng.standard_t(6, (5000, 1)))
    steady.refuse_unless_enough(0.01)
    many = StudentisedMeans.of(rng.exponential(size=(300, 1)))
    many.refuse_unless_enough(0.01)
    with pytest.raises(InputError, match="at alpha = 1e-08"):
        many.refuse_unless_enough(1e-8)
    with pytest.raises(InputError, match="at least 10 walkers, got 9"):
        StudentisedMeans.of(np.ones((9, 1)))
