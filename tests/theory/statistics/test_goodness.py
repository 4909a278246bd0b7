"""Walkers beside masses of cells: parts by the masses alone, false alarms as stated, differences found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from theory.base import InputError
from theory.base.arrays import Array
from theory.statistics import GoodnessOfFit, goodness_of_fit
from theory.statistics.cell_tree import halved

LINE = np.linspace(-6, 6, 241)
REPEATS = 200


def normal(mean: float = 0.0, spread: float = 1.0) -> Array:
    values = np.exp(-(((LINE - mean) / spread) ** 2) / 2)
    return np.asarray(values / values.sum())


def ring() -> Array:
    x, y = np.meshgrid(LINE[::4], LINE[::4], indexing="ij")
    values = np.exp(-3 * (x**2 + y**2 - 4) ** 2)
    return np.asarray(values / values.sum())


def found(law: Array, masses: Array, walkers: int, seed: int, error: float = 0.0) -> list[GoodnessOfFit]:
    rng = np.random.default_rng(seed)
    counts = (rng.multinomial(walkers, law.ravel()).reshape(masses.shape) for _ in range(REPEATS))
    return [goodness_of_fit(one, masses, error=error) for one in counts]


def rejected(judged: list[GoodnessOfFit], alpha: float) -> float:
    return float(np.mean([one.p_value < alpha for one in judged]))


@pytest.mark.parametrize(("masses", "walkers"), [(normal(), 100), (normal(), 20_000), (ring(), 2000)])
def test_the_chance_of_a_false_alarm_is_alpha(masses: Array, walkers: int) -> None:
    alarms = rejected(found(masses, masses, walkers, 1), 0.1)
    assert binom.sf(round(alarms * REPEATS) - 1, REPEATS, 0.1) > 1e-3
    assert binom.cdf(round(alarms * REPEATS), REPEATS, 0.085) > 1e-3


@pytest.mark.parametrize("form", ["wide", "narrow", "one part"])
def test_a_difference_of_the_size_that_is_stated_is_found(form: str) -> None:
    masses, walkers, alpha = normal(), 10_000, 0.01
    size = goodness_of_fit(np.rint(masses * walkers).astype(np.int64), masses).detectable(alpha)
    shapes = {"wide": np.sign(LINE), "narrow": (-1.0) ** (np.arange(len(LINE)) // 3), "one part": abs(LINE) < 0.2}
    tilt = masses * (shapes[form] - masses @ shapes[form])
    law = masses + tilt * 2 * size / np.abs(tilt).sum()
    assert rejected(found(law, masses, walkers, 2), alpha) > (0.9 if form != "narrow" else 0.8)
    assert rejected(found(masses, masses, walkers, 2), alpha) < 0.05


def test_an_error_of_the_masses_does_not_reject() -> None:
    masses, error = normal(), 0.01
    law = masses.copy()
    law[:80] *= 1 + error / law[:80].sum()
    law[160:] *= 1 - error / law[160:].sum()
    assert np.abs(law - masses).sum() / 2 == pytest.approx(error, rel=1e-6)
    assert rejected(found(law, masses, 100_000, 3, error), 0.1) < 0.1
    assert rejected(found(law, masses, 100_000, 3), 0.1) > 0.9


def test_parts_follow_from_the_masses_alone() -> None:
    masses = ring()
    cuts = halved(masses, 0.01, 9)
    whole = {(one.depth, str(one.low), str(one.high)) for one in halved(masses, 0.01, 9)}
    assert whole == {(one.depth, str(one.low), str(one.high)) for one in cuts}
    assert min(min(one.masses) for one in cuts) >= 0.01
    assert sum(cuts[0].masses) == pytest.approx(1)
    for one in cuts:
        assert float(masses[one.low].sum()) == pytest.approx(one.masses[0])
        assert float(masses[one.high].sum()) == pytest.approx(one.masses[1])


def test_walkers_where_nobody_should_be_count() -> None:
    masses = np.array([0.25, 0.5, 0.25, 0.0])
    counts = np.array([250, 500, 250, 0])
    assert goodness_of_fit(counts, masses).p_value == 1
    assert goodness_of_fit(counts, masses, outside=1).p_value == 0
    assert goodness_of_fit(counts + np.array([0, 0, 0, 1]), masses).p_value == 0
    assert goodness_of_fit(counts, masses, outside=1, error=1e-3).p_value == 1
    assert goodness_of_fit(counts, masses, outside=250, outside_mass=0.2).p_value == 1
    assert goodness_of_fit(counts, masses, outside=250, outside_mass=0.1).p_value < 1e-6


def test_the_one_in_the_emptiest_cell_counts() -> None:
    counts = np.rint(normal() * 1000).astype(np.int64)
    assert goodness_of_fit(counts, normal()).p_value > 0.5
    counts[2] += 1  # at 5.9 standard deviations
    assert goodness_of_fit(counts, normal()).p_value < 1e-3


def test_a_law_in_one_cell_tells_nothing_on_the_grid() -> None:
    one = goodness_of_fit(np.array([1000, 0]), np.array([1.0, 0.0]))
    assert one.octaves == ()
    assert one.detectable(0.01) == np.inf


@pytest.mark.parametrize(
    ("options", "said"),
    [({"error": -0.1}, "error"), ({"outside_mass": 1.0}, "outside_mass"), ({"error": np.nan}, "error")],
)
def test_wrong_numbers_are_refused(options: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        goodness_of_fit(np.array([1, 2]), np.array([0.5, 0.5]), **options)
    with pytest.raises(InputError, match=r"sum 1, got 0\.9"):
        goodness_of_fit(np.array([1, 2]), np.array([0.5, 0.4]))
    with pytest.raises(InputError, match="at least one walker"):
        goodness_of_fit(np.array([0, 0]), np.array([0.5, 0.5]))
