"""The power of a tail from the largest of a sample."""

from __future__ import annotations

import numpy as np
import pytest

from theory import InputError
from theory.laws import hill_index


def test_exact_powers_are_covered() -> None:
    """Of Pareto laws the standard scores have the spread 1 and no bias."""
    rng, scores = np.random.default_rng(1), []
    for power in (1.0, 2.5, 6.0):
        for _ in range(60):
            found = hill_index(rng.uniform(size=4000) ** (-1 / power), 400)
            scores.append((found - power) / found.error)
    assert abs(np.mean(scores)) < 5 / len(scores) ** 0.5
    assert 0.8 < np.std(scores) < 1.2


def test_a_normal_law_has_no_power() -> None:
    """The power grows with the threshold, far beyond what chance allows."""
    sample = np.random.default_rng(2).standard_normal(100_000)
    many, few = hill_index(sample, 10_000), hill_index(sample, 100)
    assert few - many > 5 * (few.error**2 + many.error**2) ** 0.5


def test_signs_and_order_do_not_matter() -> None:
    sample = np.random.default_rng(3).standard_t(3, 1000)
    assert hill_index(sample, 50) == hill_index(-np.sort(sample), 50)


@pytest.mark.parametrize("largest", [0, 1, 5])
def test_too_few_or_too_many_are_refused(largest: int) -> None:
    with pytest.raises(InputError, match="largest"):
        hill_index([1.0, 2.0, 3.0, 4.0, 5.0], largest)


def test_equal_samples_are_refused() -> None:
    with pytest.raises(InputError, match="largest 2 samples"):
        hill_index([0.0, 0.0, 0.0, 1.0, 1.0], 2)
    with pytest.raises(InputError, match="largest 2 samples"):
        hill_index([1.0, 2.0, 2.0, 2.0], 2)
