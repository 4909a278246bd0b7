"""Distances: formulas, metric properties, lost walkers, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from grid_laws import gaussian, law_of, sample
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from compare.distances import Distance, hellinger, kullback_leibler, total_variation, wasserstein
from theory.base.errors import InputError
from theory.laws.density import Density
from theory.laws.ensemble import Ensemble
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram
from theory.laws.limit_law import DensityClass, LimitLaw, PointMass

ALL = (total_variation, kullback_leibler, hellinger, wasserstein)
METRICS = (total_variation, hellinger, wasserstein)
Function = Callable[..., Distance]


LINE = Grid(-9, 9, 1800)


@pytest.mark.parametrize(("mean", "std"), [(0.5, 1.0), (0.0, 1.6), (1.0, 0.7)])
def test_gaussian_pairs(mean: float, std: float) -> None:
    p, q = gaussian(LINE, 0, 1), gaussian(LINE, mean, std)
    divergence = math.log(std) + (1 + mean**2) / (2 * std**2) - 0.5
    affinity = math.sqrt(2 * std / (1 + std**2)) * math.exp(-(mean**2) / (4 * (1 + std**2)))
    assert float(kullback_leibler(p, q)) == pytest.approx(divergence, rel=1e-4)
    assert float(hellinger(p, q)) == pytest.approx(math.sqrt(1 - affinity), rel=1e-4)
    if std == 1:
        assert float(total_variation(p, q)) == pytest.approx(2 * ndtr(mean / 2) - 1, rel=1e-4)
        assert float(wasserstein(p, q)) == pytest.approx(mean, rel=1e-6)
    if mean == 0:
        assert float(wasserstein(p, q)) == pytest.approx((std - 1) * math.sqrt(2 / math.pi), rel=1e-4)
    # control: the other direction of the divergence is another number
    assert std == 1 or abs(float(kullback_leibler(q, p)) / divergence - 1) > 0.1


@pytest.mark.parametrize("distance", ALL)
def test_equal_densities_have_distance_and_floor_zero(distance: Function) -> None:
    p = gaussian(LINE, 0, 1)
    result = distance(p, p)
    assert (result.value, result.noise_floor, result.low) == (0, 0, 0)
    assert result.high == result.grid_error == 0


def test_grid_errors_reach_the_interval_and_unknown_ones_are_said() -> None:
    p, q = gaussian(LINE, 0, 1, 0.01), gaussian(LINE, 0.1, 1, 0.02)
    result = total_variation(p, q)
    assert result.grid_error == pytest.approx(0.03)
    assert result.high == pytest.approx(result.value + 0.03)
    assert result.grid_error_known
    assert not total_variation(p, gaussian(LINE, 0.1, 1, None)).grid_error_known
    assert hellinger(p, q).grid_error == pytest.approx(math.sqrt(0.01) + math.sqrt(0.02))
    assert wasserstein(p, q).grid_error == pytest.approx(0.03 * 18)
    assert kullback_leibler(p, q).grid_error > 0.04


def test_circle_goes_the_short_way() -> None:
    p, q = law_of([1, 0, 0, 0, 0, 0, 0, 0], True), law_of([0, 0, 0, 0, 0, 0, 0, 1], True)
    assert float(wasserstein(p, q)) == pytest.approx(1)
    assert float(wasserstein(law_of([1, 0, 0, 0, 0, 0, 0, 0]), law_of([0] * 7 + [1]))) == pytest.approx(7)


@pytest.mark.parametrize("periodic", [False, True])
def test_space_agrees_with_the_line(periodic: bool) -> None:
    """A law that is one layer thick is transported as in one dimension."""
    rng = np.random.default_rng(4)
    line, sheet = Grid(0, 3, 30, periodic), Grid((0, 0), (3, 1), (30, 1), (periodic, False))
    a, b = rng.random(30) ** 4, rng.random(30) ** 4
    flat = wasserstein(Density.normalised(line, a), Histogram(line, (100 * b).astype(int)))
    thick = wasserstein(Density.normalised(sheet, a[:, None]), Histogram(sheet, (100 * b[:, None]).astype(int)))
    assert thick.value == pytest.approx(flat.value, rel=1e-12)
    assert thick.grid_error == 0
    assert thick.standard_error == pytest.approx(flat.standard_error, rel=1e-9)
    assert thick.noise_floor > flat.noise_floor  # an upper bound, and positive


def test_joining_cells_keeps_the_distance_within_the_grid_error() -> None:
    grid = Grid((-6, -6), (6, 6), (101, 97))
    w = grid.centers
    p, q = (
        Density.from_log(grid, -((w - centre) ** 2).sum(axis=-1), 0.0)
        for centre in (np.array([0, 0]), np.array([0.6, 0.8]))
    )
    result = wasserstein(p, q)
    assert 0 < result.grid_error < 0.25
    assert abs(result.value - 1) < result.grid_error / 2
    assert result.low <= 1 <= result.high


def test_three_dimensions() -> None:
    grid = Grid((0, 0, 0), (8, 8, 8), (8, 8, 8), (True, False, False))
    p, q = np.zeros(grid.shape), np.zeros(grid.shape)
    p[0, 0, 0], q[7, 2, 2] = 1, 1
    assert float(wasserstein(Density.normalised(grid, p), Density.normalised(grid, q))) == pytest.approx(3)


weights = st.lists(st.floats(0, 1), min_size=6, max_size=6).filter(lambda w: sum(w) > 0.01)
laws = st.builds(law_of, weights, st.just(False))
circular = st.builds(law_of, weights, st.just(True))


@settings(max_examples=40)
@example((law_of([1e-44, 1, 0, 0, 0, 0]), law_of([6e-29, 1, 0, 0, 0, 0]), law_of([0, 0, 0, 0, 0, 1])))
@given(st.one_of(st.tuples(laws, laws, laws), st.tuples(circular, circular, circular)))
def test_metrics(triple: tuple[Density, Density, Density]) -> None:
    p, q, r = triple
    for distance in METRICS:
        there, back = float(distance(p, q)), float(distance(q, p))
        assert there == pytest.approx(back, abs=1e-12)
        assert there <= float(distance(p, r)) + float(distance(r, q)) + 1e-12
        assert float(distance(p, p)) == 0
    tv, h, kl = (float(f(p, q)) for f in (total_variation, hellinger, kullback_leibler))
    assert h**2 - 1e-12 <= tv <= math.sqrt(2) * h + 1e-12
    assert tv <= math.sqrt(kl / 2) + 1e-7  # Pinsker
    assert tv <= float(wasserstein(p, q)) + 1e-12  # cells are 1 wide


counts = st.lists(st.integers(0, 40), min_size=6, max_size=6).filter(any)


@settings(max_examples=60)
@given(counts, st.one_of(counts, weights), st.integers(0, 5), st.booleans())
def test_every_interval_holds_its_value(a: list[int], b: list[float], lost: int, periodic: bool) -> None:
    """Also with empty cells, all mass in one cell, and single walkers."""
    grid = Grid(0, 6, 6, periodic)
    p = Histogram(grid, np.array(a), outside=lost)
    q = Histogram(grid, np.array(b)) if isinstance(b[0], int) else law_of(b, periodic)
    for distance in ALL:
        for result in (distance(p, q), distance(q, p)):
            assert 0 <= result.low <= result.value <= result.high
            assert result.noise_floor >= 0


@settings(max_examples=30)
@given(weights, weights, st.permutations(range(6)))
def test_relabelling_changes_only_the_transport(a: list[float], b: list[float], order: list[int]) -> None:
    p, q = law_of(a), law_of(b)
    mixed_p, mixed_q = law_of([a[i] for i in order]), law_of([b[i] for i in order])
    for distance in (total_variation, kullback_leibler, hellinger):
        assert float(distance(mixed_p, mixed_q)) == pytest.approx(float(distance(p, q)), abs=1e-12)


@pytest.mark.parametrize("dim", [1, 2])
def test_shift_and_scale(dim: int) -> None:
    rng = np.random.default_rng(9)
    cells, unit, moved = (
        (8,) * dim,
        Grid((0,) * dim, (1,) * dim, (8,) * dim),
        Grid((5,) * dim, (8,) * dim, (8,) * dim),
    )
    a, counts = rng.random(cells), rng.integers(0, 20, cells)
    for distance in ALL:
        here = distance(Histogram(unit, counts), Density.normalised(unit, a, 0.0))
        there = distance(Histogram(moved, counts), Density.normalised(moved, a, 0.0))
        scale = 3 if distance is wasserstein else 1
        for name in ("value", "noise_floor", "low", "high", "standard_error"):
            assert getattr(there, name) == pytest.approx(scale * getattr(here, name), rel=1e-9)


def test_lost_walkers_are_a_cell_of_their_own() -> None:
    grid = Grid(0, 4, 4)
    q = law_of([1.0] * 4)
    whole = Histogram(grid, np.full(4, 225))
    lossy = Histogram(grid, np.full(4, 225), outside=60, diverged=40)
    assert float(total_variation(lossy, q)) == pytest.approx(0.1)
    assert float(hellinger(lossy, q)) == pytest.approx(math.sqrt(1 - math.sqrt(0.9)))
    assert math.isinf(kullback_leibler(lossy, q))
    assert float(wasserstein(lossy, q)) == 0  # of those on the grid
    assert float(total_variation(whole, q)) == 0  # control
    assert float(total_variation(lossy, lossy)) == 0
    nobody = Histogram(grid, np.zeros(4, dtype=int), diverged=3)
    assert float(total_variation(nobody, q)) == 1
    with pytest.raises(InputError, match="none of the 3 walkers is on the grid"):
        wasserstein(nobody, q)


def test_infinite_divergence_is_reported_with_pinskers_interval() -> None:
    p, q = Histogram(Grid(0, 2, 2), np.array([500, 500])), law_of([1, 0])
    result = kullback_leibler(p, q)
    assert math.isinf(result.value)
    assert math.isinf(result.high)
    assert result.low == pytest.approx(2 * total_variation(p, q).low ** 2)
    assert result.low > 0.3
    assert math.isfinite(kullback_leibler(q, p).value)  # control: the other direction


def test_one_walker_where_a_sample_has_none_is_no_evidence() -> None:
    grid = Grid(0, 3, 3)
    result = kullback_leibler(Histogram(grid, np.array([500, 500, 1])), Histogram(grid, np.array([500, 500, 0])))
    assert math.isinf(result.value)
    assert math.isinf(result.noise_floor)
    assert result.low == 0


def test_limit_laws_are_read_as_their_density() -> None:
    grid = Grid(0, 4, 4)
    half = DensityClass(law_of([1.0] * 4), "(0, 4)")
    law = LimitLaw(grid, (PointMass((0.5,), "q' = 0"), half), (0.5, 0.5))
    assert float(total_variation(law, half.law)) == pytest.approx(0.375)


@pytest.mark.parametrize("distance", ALL)
def test_refusals(distance: Function) -> None:
    p = law_of([1, 2])
    with pytest.raises(InputError, match=r"one grid, got Grid\(.*, 2\) and Grid\(.*, 3\)"):
        distance(p, law_of([1, 2, 3]))
    with pytest.raises(InputError, match="`confidence` must lie between 0 and 1, got 95"):
        distance(p, p, confidence=95)
    walkers = Ensemble(np.zeros(1), np.zeros((1, 5, 1)))
    with pytest.raises(InputError, match=r"got Ensemble.*; count"):
        distance(walkers, p)


@pytest.mark.parametrize("distance", ALL)
def test_higher_confidence_is_wider(distance: Function) -> None:
    p = gaussian(Grid(-5, 5, 40), 0, 1)
    seen = sample(gaussian(p.grid, 1, 1), 3000, np.random.default_rng(1))
    narrow, wide = distance(seen, p, confidence=0.5), distance(seen, p, confidence=0.99)
    assert wide.low < narrow.low
    assert wide.high > narrow.high


def test_the_divergence_of_a_sample_subtracts_its_own_bias_where_that_is_larger() -> None:
    """Of a broad sample from a narrow law the bias is .155, the floor of equal laws .110."""
    grid = Grid(-9, 9, 600)
    broad = sample(gaussian(grid, 0, 2), 1000, np.random.default_rng(1))
    found = kullback_leibler(broad, gaussian(grid, 0, 1))
    bias = found.value - (found.high - found.value) - found.low
    assert bias > 1.3 * found.noise_floor
    assert found.low < math.log(0.5) + 1.5 < found.high
