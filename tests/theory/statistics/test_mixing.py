"""What chains are worth, by chains whose correlations are known."""

from __future__ import annotations

import numpy as np
import pytest
from autoregressive import autoregressive

from theory.statistics import effective_sample_size, least_effective_size, rank_rhat, split_rhat


def test_correlated_draws_are_worth_what_their_correlation_says() -> None:
    series = autoregressive(2000, 32, 0.8, seed=1)
    assert effective_sample_size(series) == pytest.approx(64_000 / 9, rel=0.1)
    least = least_effective_size(series)
    assert 64_000 / 9 * 0.85 < least <= effective_sample_size(series)
    control = autoregressive(2000, 32, 0.0, seed=1)
    assert effective_sample_size(control) == pytest.approx(64_000, rel=0.1)


def test_shares_see_what_the_mean_does_not() -> None:
    """The sign of draws changes at each step, so that their mean is well known; what is below -1 is not."""
    rng = np.random.default_rng(2)
    slow = np.abs(autoregressive(2000, 16, 0.98, seed=3))
    series = slow * np.where(rng.random(slow.shape) < 0.5, -1.0, 1.0)
    assert effective_sample_size(series) > 20_000
    assert least_effective_size(series) < 10_000


def test_ranks_see_spreads_and_need_no_moments() -> None:
    rng = np.random.default_rng(4)
    alike = rng.standard_cauchy((500, 8))
    assert rank_rhat(alike) < 1.02
    spread = rng.standard_normal((500, 8)) * np.linspace(0.5, 2, 8)
    assert split_rhat(spread) < 1.02  # the control: means alone do not tell
    assert rank_rhat(spread) > 1.08
