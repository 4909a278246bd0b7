"""Comparisons: verdicts that can fail, the table, the data set, and the refusals."""

from __future__ import annotations

import numpy as np
import pytest

from compare.comparison import compare_laws
from theory.base.errors import InputError
from theory.laws.density import Density
from theory.laws.ensemble import Ensemble
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram

GRID = Grid(-5, 5, 60)


def normal(mean: float, grid: Grid = GRID, error: float | None = 1e-4) -> Density:
    return Density.from_log(grid, -((grid.centers[..., 0] - mean) ** 2) / 2, error)


def walkers(n: int, seed: int = 0, mean: float = 0.0) -> Ensemble:
    return Ensemble(np.ones(1), mean + np.random.default_rng(seed).standard_normal((1, n, 1)))


def test_the_right_law_agrees_and_the_wrong_one_differs() -> None:
    comparison = compare_laws(
        walkers(20_000), {"right": normal(0), "wrong": normal(0.2), "sampled": walkers(20_000, 1)}
    )
    assert comparison.names == ("right", "wrong", "sampled")
    assert comparison.agrees("right")
    assert comparison.agrees("sampled")
    assert not comparison.agrees("wrong")
    assert comparison.verdict("wrong") == "differs"
    assert comparison.noise_floor["sampled"] == pytest.approx(
        np.sqrt(2) * comparison.noise_floor["right"], rel=0.1
    )
    assert comparison.distances["wrong"]["wasserstein"].value == pytest.approx(0.2, abs=0.04)


def test_false_alarms_are_rare() -> None:
    alarms = sum(not compare_laws(walkers(2000, seed), {"right": normal(0)}).agrees("right") for seed in range(60))
    assert alarms <= 3


def test_too_few_walkers_cannot_tell() -> None:
    fine = Grid(-5, 5, 5000)
    comparison = compare_laws(walkers(500), {"right": normal(0, fine)})
    assert comparison.verdict("right") == "cannot tell"
    assert not comparison.agrees("right")
    assert "cannot tell" in comparison.table()
    enough = compare_laws(walkers(500), {"right": normal(0, Grid(-5, 5, 20))})  # control: a coarser grid tells
    assert enough.verdict("right") == "agrees"


def test_two_computed_laws_need_their_errors() -> None:
    near = normal(0.001, error=0.002)
    assert compare_laws(normal(0, error=0.002), {"near": near}).agrees("near")
    assert not compare_laws(normal(0, error=None), {"near": normal(0.001, error=None)}).agrees("near")
    assert compare_laws(normal(0), {"same": normal(0)}).agrees("same")


def test_table() -> None:
    observed = Histogram(GRID, walkers(1000).histogram(GRID).counts, diverged=250)
    comparison = compare_laws(observed, {"gibbs": normal(0), "langevin": normal(0, error=None)})
    table = comparison.table(all_distances=True)
    lines = table.splitlines()
    assert lines[0] == "observed: 1250 walkers, 20% of them lost; 95% intervals"
    assert len(lines) == 2 + 2 * 4
    assert lines[1].split()[:5] == ["prediction", "distance", "value", "floor", "ratio"]
    start = lines[1].index("interval")
    assert all(line[start] == "[" for line in lines[2:])
    assert lines[2].startswith("gibbs")
    assert lines[2].endswith("differs")
    assert "inf" in lines[3]  # a fifth of the walkers is where no density has mass
    assert "unknown" in lines[6]
    assert "unknown" not in lines[2]


def test_the_table_shows_total_variation_alone_unless_asked() -> None:
    seen = walkers(1000).histogram(GRID)
    comparison = compare_laws(
        seen, {"gibbs": normal(0), "langevin": walkers(1000, 1), "old": normal(0, error=None)}
    )
    lines = comparison.table().splitlines()
    assert len(lines) == 2 + 3 + 1
    assert lines[1].split() == ["prediction", "total", "variation", "debiased", "floor", "interval", "verdict"]
    assert "inf" not in "\n".join(lines)
    assert "inf" in comparison.table(all_distances=True)  # control: of a sampled law, which is not everywhere
    found = comparison.distances["gibbs"]["total_variation"]
    assert f"{found.value:.4g}" in lines[2]
    assert f"[{found.low:.4g}, {found.high:.4g}]" in lines[2]
    assert lines[2].endswith("agrees")
    assert lines[-1] == "no interval holds the error of old, which is not known"
    assert all(word in comparison._repr_html_() for word in ("debiased", "floor", "interval"))
    assert "kullback" not in comparison._repr_html_()


@pytest.mark.parametrize("confidence", [0.999, 0.99999, 1 - 1e-9])
def test_no_interval_is_called_one_of_all(confidence: float) -> None:
    found = compare_laws(normal(0), {"a": normal(0)}, confidence=confidence)
    assert "100%" not in found.table()
    assert "99.9" in found.table()


def test_to_xarray() -> None:
    comparison = compare_laws(walkers(2000), {"a": normal(0), "b": normal(1)}, confidence=0.9)
    data = comparison.to_xarray()
    assert data["value"].dims == ("prediction", "distance")
    here = data.sel(prediction="b", distance="hellinger")
    record = comparison.distances["b"]["hellinger"]
    for name in ("value", "noise_floor", "low", "high", "grid_error", "standard_error", "detectable"):
        assert float(here[name]) == getattr(record, name)
    assert data["verdict"].values.tolist() == ["agrees", "differs"]
    assert data.attrs == {"confidence": 0.9, "lost": 0.0, "walkers": 2000}


def test_refusals() -> None:
    in_space = Ensemble.from_samples(np.random.default_rng(1).standard_normal((10, 3)))
    with pytest.raises(InputError, match="at least one law"):
        compare_laws(normal(0), {})
    with pytest.raises(InputError, match="Ensembles only"):
        compare_laws(in_space, {"other": in_space})
    with pytest.raises(InputError, match=r"'fine' on Grid\(.*, 61\) and not Grid\(.*, 60\)"):
        compare_laws(normal(0), {"coarse": normal(0), "fine": normal(0, Grid(-5, 5, 61))})
    with pytest.raises(InputError, match="`name` must be one of gibbs, got 'Gibbs'"):
        compare_laws(normal(0), {"gibbs": normal(0)}).agrees("Gibbs")


def test_a_sampled_density_has_a_noise_floor() -> None:
    exact = normal(0.0, error=0.0)
    sampled = walkers(2000).density(GRID)
    computed = Density(GRID, sampled.values, error=0.0)
    assert compare_laws(sampled, {"exact": exact}).noise_floor["exact"] > 0
    assert compare_laws(sampled.coarsen(2), {"exact": exact.coarsen(2)}).noise_floor["exact"] > 0
    assert compare_laws(computed, {"exact": exact}).noise_floor["exact"] == 0  # control: the same, computed
