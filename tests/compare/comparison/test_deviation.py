"""Differences of laws in units of their errors, joined cells, and windows."""

from __future__ import annotations

import numpy as np
import pytest

from compare.comparison import common_window, deviation_of, join, joined_cells
from theory import Density, Grid, Histogram, InputError

LINE = Grid(-4.0, 4.0, 200)
LAW = Density.normalised(LINE, np.exp(-(LINE.axes[0] ** 2) / 2), error=0.0)
WALKERS = 20_000


def walkers(seed: int, number: int = WALKERS, shift: float = 0.0) -> Histogram:
    rng = np.random.default_rng(seed)
    return Histogram.from_samples(shift + rng.standard_normal((number, 1)), LINE)


def standard(observed: Histogram, law: Density | Histogram) -> np.ndarray:
    found = deviation_of(observed, law)
    many = observed.counts > 30
    return (found.difference / found.error)[many]


def test_differences_of_one_law_are_standard_errors() -> None:
    for law in (LAW, walkers(1, 5000)):
        scores = np.concatenate([standard(walkers(seed), law) for seed in range(2, 12)])
        assert 0.9 < scores.std() < 1.1
    assert standard(walkers(1, shift=0.2), LAW).std() > 1.5  # control


def test_the_sign_is_that_of_the_law_less_the_observed() -> None:
    found = deviation_of(walkers(1, shift=0.5), LAW)
    middle = LINE.axes[0]
    assert found.difference[middle < 0].sum() > 0 > found.difference[middle > 0.5].sum()
    assert found.difference.sum() * LINE.cell_volume == pytest.approx(0.0, abs=1e-3)


def test_a_single_walker_where_a_law_has_nothing_is_no_discovery() -> None:
    counts = np.zeros(200, dtype=np.int64)
    counts[100], counts[199], counts[198] = 997, 1, 2
    narrow = np.zeros(200)
    narrow[100] = 1.0
    found = deviation_of(Histogram(LINE, counts, 0, 0), Density.normalised(LINE, narrow, error=0.0))
    assert (found.difference / found.error)[[199, 198]] == pytest.approx([-1.0, -2.0])


def test_joined_cells_know_their_masses_and_are_never_long() -> None:
    observed = walkers(3)
    firsts = joined_cells([observed, LAW], longest=20)
    assert firsts[0] == 0
    assert firsts[-1] == 200
    assert (np.diff(firsts) > 0).all()
    assert np.diff(firsts).max() <= 20
    parts = np.add.reduceat(observed.counts, firsts[:-1])
    assert ((parts < 400) | (np.diff(firsts) == 1)).all()


def test_ratios_of_one_law_are_one_within_their_errors() -> None:
    scores = []
    for seed in range(4, 10):
        observed = walkers(seed)
        for law in (LAW, walkers(seed + 20, 5000)):
            firsts = joined_cells([observed], longest=20)
            found = join(observed, law, firsts)
            many = np.add.reduceat(observed.counts, firsts[:-1]) > 150
            scores.append((found.ratios[many] - 1) / found.ratio_errors[many])
            lengths = np.diff(firsts) * LINE.cell_volume
            assert (found.values * lengths).sum() == pytest.approx(1.0, abs=1e-3)
    assert 0.85 < np.concatenate(scores).std() < 1.15


def test_a_ratio_to_nobody_is_unknown() -> None:
    counts = np.zeros(200, dtype=np.int64)
    counts[100] = 500
    found = join(Histogram(LINE, counts, 0, 0), LAW, np.array([0, 100, 101, 200]))
    assert np.isnan(found.ratios[[0, 2]]).all()
    assert np.isfinite(found.ratios[1])


def test_a_window_holds_nearly_all_of_every_law_and_says_the_rest() -> None:
    found = common_window([walkers(1), LAW])
    assert found.lower[0] == pytest.approx(-3.7, abs=0.4)
    assert found.upper[0] == pytest.approx(3.7, abs=0.4)
    inside = (LINE.axes[0] > found.lower[0]) & (LINE.axes[0] < found.upper[0])
    assert found.outside[1] == pytest.approx(LAW.probabilities[~inside].sum(), abs=1e-12)
    assert (found.outside <= 1e-3).all()
    plane = Grid([-4.0, -4.0], [4.0, 4.0], [40, 40], periodic=[True, False])
    x, y = np.moveaxis(plane.centers, -1, 0)
    small = Density.normalised(plane, np.exp(-8 * (x**2 + y**2)), error=0.0)
    whole = common_window([small])
    assert (whole.lower[0], whole.upper[0]) == (-4.0, 4.0)  # a circle has no part
    assert -2 < whole.lower[1] < whole.upper[1] < 2


def test_a_law_without_mass_on_the_grid_has_no_window() -> None:
    nobody = Histogram(LINE, np.zeros(200, dtype=np.int64), 10, 0)
    assert common_window([nobody, LAW]).outside[0] == 0.0
    with pytest.raises(InputError, match="needs a law with mass on the grid"):
        common_window([nobody])
    with pytest.raises(InputError, match="at least one law"):
        common_window([])
