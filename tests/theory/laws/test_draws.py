"""Draws of chains: what they are worth, as counts and as independent walkers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from autoregressive import autoregressive

from compare import compare_laws
from theory import Draws, Ensemble, Grid, Histogram, InputError, gaussian

GRID = Grid(-5.0, 5.0, 50)
LAW = gaussian([0.0], [[1.0]], GRID)


def draws_of(correlation: float, seed: int, draws: int = 500, chains: int = 8) -> Draws:
    return Draws(autoregressive(draws, chains, correlation, seed)[..., None])


def verdict(law: Draws | Ensemble | Histogram) -> str:
    return compare_laws(law, {"law": LAW}).verdict("law")


def test_counts_know_what_they_are_worth() -> None:
    draws = draws_of(0.8, 1)
    counted = draws.histogram(GRID)
    assert counted.walkers == 4000
    assert counted.independent == int(draws.effective_size)
    assert draws.effective_size == pytest.approx(4000 / 9, rel=0.25)
    assert counted.coarsen(2).effective == counted.effective
    assert counted.survivors.samples == counted.independent
    floor = compare_laws(draws, {"law": LAW}).noise_floor["law"]
    assert floor == pytest.approx(
        3 * compare_laws(Ensemble.from_samples(draws.all), {"law": LAW}).noise_floor["law"], rel=0.15
    )


def test_correlated_draws_agree_with_their_law_and_as_walkers_do_not() -> None:
    """The control counts them as independent."""
    right = [verdict(draws_of(0.95, seed)) for seed in range(10)]
    wrong = [verdict(Ensemble.from_samples(draws_of(0.95, seed).all)) for seed in range(10)]
    assert right.count("differs") <= 1
    assert wrong.count("differs") >= 6


def test_two_chains_of_one_law_agree() -> None:
    found = [
        compare_laws(draws_of(0.9, seed), {"other": draws_of(0.9, seed + 100)}).verdict("other")
        for seed in range(8)
    ]
    assert found.count("differs") <= 1
    moved = Draws(draws_of(0.9, 3).positions + 1.0)
    assert compare_laws(draws_of(0.9, 4), {"moved": moved}).verdict("moved") == "differs"  # the control


def test_independent_draws_are_far_apart() -> None:
    draws = draws_of(0.8, 5, 2000)
    kept = draws.independent()
    assert kept.walkers == pytest.approx(draws.effective_size / 2, rel=0.1)
    chains = kept.final.reshape(-1, 8)
    assert abs(np.mean(chains[1:] * chains[:-1])) < 0.1
    alone = Draws(np.random.default_rng(1).standard_normal((50, 4, 2)))
    assert alone.independent().walkers >= 50


def test_what_chains_do_not_tell_is_refused() -> None:
    with pytest.raises(InputError, match="take more `steps`"):
        draws_of(0.9, 1, 40).independent()
    lost = draws_of(0.5, 1).positions.copy()
    lost[3, 2] = np.nan
    with pytest.raises(InputError, match="must be finite"):
        Draws(lost).histogram(GRID)
    with pytest.raises(InputError, match="at least 4 draws"):
        Draws(np.zeros((3, 8, 1)))
    with pytest.raises(InputError, match="`effective` must lie between"):
        Histogram(GRID, np.ones(50, dtype=np.int64), effective=51.0)


def test_a_stationary_run_is_a_sample_of_all_its_times() -> None:
    positions = autoregressive(100, 6, 0.5, 1)[..., None]
    run = Ensemble.from_samples(positions, np.arange(100.0))
    assert Draws.of(run, after=20.0).positions.shape == (80, 6, 1)
    with pytest.raises(InputError, match="kept their positions"):
        Draws.of(Ensemble(np.arange(5.0), positions[:1]))


def test_files_keep_all(tmp_path: Path) -> None:
    draws = Draws(draws_of(0.5, 1).positions, 0.61, 0.125)
    draws.save(tmp_path / "draws.nc")
    again = Draws.load(tmp_path / "draws.nc")
    np.testing.assert_array_equal(again.positions, draws.positions)
    assert (again.acceptance, again.step_size) == (0.61, 0.125)
    counted = draws.histogram(GRID)
    counted.save(tmp_path / "counts.nc")
    assert Histogram.load(tmp_path / "counts.nc").effective == counted.effective
    tree = draws.to_datatree()
    assert tree["posterior"]["positions"].dims == ("chain", "draw", "component")
    assert tree["posterior"]["positions"].shape == (8, 500, 1)
