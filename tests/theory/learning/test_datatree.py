"""Walkers and chains in the layout of ArviZ: it reads them, and finds what we find."""

from __future__ import annotations

import re
from pathlib import Path

import arviz_stats as az
import numpy as np
import pytest
import xarray as xr
from repository import ROOT

from theory import Ensemble, Estimate, LocalLearningCoefficient
from theory.base.errors import InputError
from theory.learning.chains import Chains
from theory.statistics import effective_sample_size, split_rhat


def correlated(seed: int, pace: float = 0.8) -> Chains:
    """Chains (times, chains) of squares of autoregressive series, as energies of a quadratic loss are."""
    rng = np.random.default_rng(seed)
    places = rng.normal(size=(1000, 8))
    for time in range(1, len(places)):
        places[time] = pace * places[time - 1] + np.sqrt(1 - pace**2) * places[time]
    return Chains(places**2 / 2, 0.01 * places**2, 0.6, 0.002 / seed, save_every=4 * seed, burn_in=500 * seed)


def made_of(*runs: Chains) -> LocalLearningCoefficient:
    """The coefficient of one run or of two, with what the series themselves say."""
    energy, slope = (runs[0].estimate(terms) for terms in runs[0].moments())
    rhat, size = split_rhat(runs[0].energies), effective_sample_size(runs[0].energies)
    tempered = runs[0].estimate(runs[0].energies)
    value = Estimate(energy + slope, 0.01)
    return LocalLearningCoefficient(
        value, 0.01, 0.0, 7.0, tempered, energy, slope, None, 0, rhat, size, 0.6, 0.002, runs
    )


@pytest.fixture(scope="module")
def coefficient() -> LocalLearningCoefficient:
    return made_of(correlated(1))


@pytest.fixture(scope="module")
def walkers() -> Ensemble:
    """300 walkers that have no memory, at every tenth of 400 steps."""
    places, steps = np.random.default_rng(3).normal(size=(41, 300, 1)), np.arange(0, 401, 10)
    return Ensemble(0.1 * steps, places, steps=steps)


def test_a_summary_of_chains_has_our_means_and_diagnostics(coefficient: LocalLearningCoefficient) -> None:
    tree = coefficient.to_datatree()
    found = az.summary(tree, round_to="none")
    assert list(found.index) == ["tempered", "energy", "slope"]
    for name in found.index:
        assert found["mean"][name] == pytest.approx(float(getattr(coefficient, name)), rel=1e-12)
    chains = coefficient.chains[0]
    theirs = float(az.rhat(tree["posterior"].to_dataset(), method="split")["tempered"])
    assert theirs == pytest.approx(split_rhat(chains.energies), abs=1e-9)
    assert theirs == pytest.approx(coefficient.rhat, abs=1e-9)
    size = float(az.ess(tree["posterior"].to_dataset(), method="mean")["tempered"])
    assert size == pytest.approx(effective_sample_size(chains.energies), rel=0.02)


def test_chains_that_do_not_agree_are_seen_alike(coefficient: LocalLearningCoefficient) -> None:
    data = coefficient.to_datatree()["posterior"].to_dataset()
    moved = data + 0.5 * xr.DataArray(np.arange(8), dims="chain")  # control: every chain about another value
    theirs = float(az.rhat(moved, method="split")["tempered"])
    assert theirs == pytest.approx(split_rhat(moved["tempered"].values.T), abs=1e-9)
    assert theirs > 1.2 > coefficient.rhat
    shuffled = np.random.default_rng(1).permuted(data["tempered"].values, axis=1)  # control: no autocorrelation
    assert effective_sample_size(shuffled.T) > 1.3 * coefficient.effective_sample_size


def test_chains_tell_what_was_thinned_and_where_they_come_from(coefficient: LocalLearningCoefficient) -> None:
    tree = coefficient.to_datatree()
    assert tree["posterior"]["tempered"].dims == ("chain", "draw")
    assert tree["posterior"]["tempered"].shape == (8, 1000)
    assert tree["posterior"]["step"].values[[0, -1]].tolist() == [504, 4500]
    assert (tree.attrs["thinning"], tree.attrs["burn_in"]) == (4, 500)
    assert tree.attrs["acceptance"] == pytest.approx(coefficient.acceptance)
    assert "arXiv:2308.12108" in tree.attrs["sources"][0]
    assert tree["sample_stats"].attrs["inference_library"] == "gibbsgap"
    lp = tree["sample_stats"]["lp"] + tree["posterior"]["tempered"]
    assert float(lp.max()) < 0  # what is left is the localization, which only takes away


def test_two_runs_stand_side_by_side() -> None:
    rough, fine = correlated(1), correlated(2)
    tree = made_of(rough, fine).to_datatree()
    assert tree["posterior"]["step_size"].values.tolist() == [0.002, 0.001]
    means = tree["posterior"]["tempered"].mean(("chain", "draw")).values
    assert means == pytest.approx([rough.energies.mean(), fine.energies.mean()], rel=1e-12)
    assert (tree.attrs["thinning"], tree.attrs["burn_in"]) == ([4, 8], [500, 1000])
    assert list(az.summary(tree).index)[:2] == ["tempered[0.002]", "tempered[0.001]"]


def test_a_coefficient_without_chains_has_no_tree(coefficient: LocalLearningCoefficient) -> None:
    parts = {name: value for name, value in vars(coefficient).items() if name != "chains"}
    bare = LocalLearningCoefficient(**parts)
    assert bare == coefficient
    with pytest.raises(InputError, match="needs its chains for a data tree, it has none; sample it again"):
        bare.to_datatree()


def test_walkers_are_chains_and_times_draws(walkers: Ensemble, tmp_path: Path) -> None:
    tree = walkers.to_datatree()
    places = tree["posterior"]["positions"]
    assert places.dims == ("chain", "draw", "component")
    np.testing.assert_array_equal(places.values, walkers.positions.transpose(1, 0, 2))
    assert tree.attrs["thinning"] == 10
    assert tree.attrs["walkers"] == 300
    found = az.summary(tree, round_to="none")
    assert list(found.index) == ["positions[0]"]
    assert found["mean"].iloc[0] == pytest.approx(walkers.positions.mean(), rel=1e-12)
    tree.to_netcdf(tmp_path / "walkers.nc", engine="h5netcdf")
    with xr.open_datatree(tmp_path / "walkers.nc", engine="h5netcdf") as back:
        assert back["posterior"].to_dataset().identical(tree["posterior"].to_dataset())


def test_diverged_walkers_are_told_and_kept() -> None:
    points = np.random.default_rng(2).normal(size=(20, 8, 2))
    points[12:, 3] = np.inf
    tree = Ensemble.from_samples(points, np.arange(20.0)).to_datatree()
    assert (tree.attrs["diverged"], tree.attrs["walkers"], "thinning" in tree.attrs) == (1, 8, False)
    lost = tree["sample_stats"]["diverging"]
    assert (lost.dims, int(lost.sum()), int(lost.sel(chain=3).sum())) == (("chain", "draw"), 8, 8)
    assert tree["posterior"].sizes["chain"] == 8
    assert az.summary(tree)["mean"].isna().all()  # no mean where mass is lost, unless one asks for the others
    stayed = tree.isel(chain=[0, 1, 2, 4, 5, 6, 7])
    assert np.isfinite(az.summary(stayed)["mean"]).all()


def test_one_time_is_one_chain_of_all_walkers(walkers: Ensemble) -> None:
    tree = Ensemble.from_samples(walkers.final, 40.0).to_datatree()
    assert dict(tree["posterior"].sizes) == {"chain": 1, "draw": 300, "component": 1}
    assert tree.attrs["time"] == 40.0
    found = az.summary(tree, round_to="none")
    assert found["sd"].iloc[0] == pytest.approx(walkers.final.std(ddof=1), rel=0.01)
    assert 100 < found["ess_bulk"].iloc[0] < 600
    assert np.isnan(found["r_hat"].iloc[0])  # there is no other chain


def test_the_example_of_the_documents_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "formats.md").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(compile(block, "formats.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "positions[0]" in printed
    assert printed.splitlines()[-1] == block.rpartition("  # ")[2].strip()
