"""Noise floors against exact sums and simulation, and the coverage of the intervals."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from grid_laws import gaussian, law_of, sample
from scipy.special import ive
from scipy.stats import binom, hypergeom

from compare.distances import Distance, hellinger, kullback_leibler, total_variation, wasserstein
from compare.distances.noise import binomial_deviation, binomial_moments, hypergeometric_deviation, split_mean
from theory.laws.density import Density
from theory.laws.grid import Grid

ALL = (total_variation, kullback_leibler, hellinger, wasserstein)
Function = Callable[..., Distance]


def test_binomial_deviation() -> None:
    for n, p in [(1, 0.3), (10, 0.5), (50, 1e-4), (400, 0.999), (3000, 0.21)]:
        x = np.arange(n + 1)
        assert binomial_deviation(n, p) == pytest.approx(np.abs(x - n * p) @ binom.pmf(x, n, p), rel=1e-8)
    assert np.all(binomial_deviation(10, [0, 1]) == 0)


def test_hypergeometric_deviation() -> None:
    n, m = 30, 12
    for s in range(n + m + 1):
        x = np.arange(n + 1)
        exact = np.abs(x - n * s / (n + m)) @ hypergeom.pmf(x, n + m, s, n)
        assert hypergeometric_deviation(n, m, np.array([s])) == pytest.approx(exact, abs=1e-10)


def test_two_sample_gap_has_the_poisson_limit() -> None:
    """E|X - Y| = 2 v exp(-2v) (I0(2v) + I1(2v)) for two Poisson counts of mean v."""
    n, cells = 40_000, 200  # v = 200
    v = n / cells
    skellam = 2 * v * (ive(0, 2 * v) + ive(1, 2 * v))
    pooled = np.full(cells, 2 * n // cells)
    deviation = 2 * hypergeometric_deviation(n, n, pooled)
    assert deviation[0] == pytest.approx(skellam, rel=0.005)


@pytest.mark.parametrize("mean", [0.02, 1.0, 29.0, 31.0, 900.0])
def test_binomial_moments(mean: float) -> None:
    n = 2000
    x, p = np.arange(n + 1), mean / n
    weights, values = binom.pmf(x, n, p), (np.sqrt(x) - np.sqrt(mean)) ** 2
    exact, square = weights @ values, weights @ values**2
    found = binomial_moments(lambda k, m: (np.sqrt(k) - np.sqrt(m)) ** 2, n, np.array([p]))
    assert found[0][0] == pytest.approx(exact, rel=3e-4)
    assert found[1][0] == pytest.approx(square - exact**2, rel=0.03)


def test_split_mean() -> None:
    n, m, s = 300, 500, 140
    x = np.arange(s + 1)
    exact = np.sqrt(x * (s - x)) @ hypergeom.pmf(x, n + m, s, n)
    assert split_mean(lambda a, b: np.sqrt(a * b), n, m, np.array([s, s]))[1] == pytest.approx(exact)


DENSE, SPARSE = Grid(-5, 5, 40), Grid(-5, 5, 3000)


def simulated_null(
    distance: Function, law: Density, n: int, m: int | None, repeats: int = 300
) -> tuple[float, float, float]:
    """Mean of value - floor and its standard error, and the mean floor, when both laws are the same."""
    rng = np.random.default_rng(11)
    results = [distance(sample(law, n, rng), law if m is None else sample(law, m, rng)) for _ in range(repeats)]
    gaps = np.array([r.value - r.noise_floor for r in results])
    return gaps.mean(), gaps.std(ddof=1) / math.sqrt(repeats), float(np.mean([r.noise_floor for r in results]))


@pytest.mark.parametrize("m", [None, 700, 2000])
@pytest.mark.parametrize("grid", [DENSE, SPARSE], ids=["dense", "sparse"])
@pytest.mark.parametrize("distance", [total_variation, wasserstein])
def test_floor_is_the_mean_under_one_law(distance: Function, grid: Grid, m: int | None) -> None:
    gap, error, floor = simulated_null(distance, gaussian(grid, 0.3, 1), 2000, m)
    assert abs(gap) < 5 * error
    assert error < 0.05 * floor  # control: a floor wrong by a quarter would fail


@pytest.mark.parametrize("grid", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_divergence_floor(grid: Grid) -> None:
    gap, error, floor = simulated_null(kullback_leibler, gaussian(grid, 0.3, 1), 2000, None, repeats=100)
    assert abs(gap) < 5 * error
    assert error < 0.05 * floor


def test_divergence_floor_of_dense_cells_is_half_the_freedom_over_n() -> None:
    law, n, m = law_of([1.0] * 25), 50_000, 20_000
    one = kullback_leibler(sample(law, n, np.random.default_rng(0)), law)
    assert one.noise_floor == pytest.approx(24 / (2 * n), rel=1e-3)
    gap, error, floor = simulated_null(kullback_leibler, law, n, m)
    assert abs(gap) < 5 * error
    assert floor == pytest.approx(24 / 2 * (1 / n + 1 / m), rel=1e-3)


@pytest.mark.parametrize("m", [None, 700])
@pytest.mark.parametrize("grid", [DENSE, SPARSE], ids=["dense", "sparse"])
def test_hellinger_floor_is_the_root_mean_square(grid: Grid, m: int | None) -> None:
    law, rng = gaussian(grid, 0.3, 1), np.random.default_rng(5)
    pairs = [hellinger(sample(law, 2000, rng), law if m is None else sample(law, m, rng)) for _ in range(300)]
    gaps = np.array([r.value**2 - r.noise_floor**2 for r in pairs])
    assert abs(gaps.mean()) < 5 * gaps.std(ddof=1) / math.sqrt(len(gaps))
    assert np.mean([r.value for r in pairs]) == pytest.approx(pairs[0].noise_floor, rel=0.03)


def test_dense_formula_is_wrong_for_sparse_cells() -> None:
    """The control of the floor: half the sum of sqrt(2 p (1 - p) / (pi n)) only holds where np is large."""
    n, rng = 2000, np.random.default_rng(2)
    ratios = []
    for cells in (20, 20_000):
        law = law_of([1.0] * cells)
        p = law.probabilities
        dense = 0.5 * np.sqrt(2 * p * (1 - p) / (math.pi * n)).sum()
        floor = total_variation(sample(law, n, rng), law).noise_floor
        assert floor < 1
        ratios.append(dense / floor)
    assert ratios[0] == pytest.approx(1, abs=0.03)
    assert ratios[1] > 1.3


@pytest.mark.parametrize("m", [None, 700])
def test_circle_floor_is_an_upper_bound_close_to_the_mean(m: int | None) -> None:
    law = Density.normalised(Grid(0, 1, 60, True), np.ones(60))
    gap, error, floor = simulated_null(wasserstein, law, 2000, m)
    assert -0.1 * floor < gap < 5 * error


@pytest.mark.parametrize("m", [None, 300])
@pytest.mark.parametrize("cells", [6, 24])
def test_dyadic_floor_is_an_upper_bound(cells: int, m: int | None) -> None:
    grid = Grid((-3, -3), (3, 3), (cells, cells))
    law = Density.from_log(grid, -(grid.centers**2).sum(axis=-1) / 2, 0.0)
    gap, error, floor = simulated_null(wasserstein, law, 1000, m, repeats=10)
    assert gap < 5 * error
    assert gap > -0.85 * floor  # and it is of the right size


@pytest.mark.parametrize("two_samples", [False, True])
@pytest.mark.parametrize("distance", [total_variation, kullback_leibler, hellinger])
def test_intervals_hold_zero_when_every_cell_has_one_walker(distance: Function, two_samples: bool) -> None:
    """There the influence function is constant and would give no width at all."""
    law, rng = law_of([1.0] * 5000), np.random.default_rng(7)
    results = [distance(sample(law, 500, rng), sample(law, 900, rng) if two_samples else law) for _ in range(100)]
    assert sum(r.low == 0 for r in results) >= 95
    assert all(r.noise_floor > 0.5 for r in results)


@pytest.mark.parametrize("two_samples", [False, True])
@pytest.mark.parametrize("grid", [Grid(-5, 5, 30), Grid(-5, 5, 600)], ids=["dense", "sparse"])
@pytest.mark.parametrize("distance", ALL)
def test_intervals_cover_the_true_distance(distance: Function, grid: Grid, two_samples: bool) -> None:
    p, q = gaussian(grid, 0, 1), gaussian(grid, 0.25, 1.2)
    truth, rng, repeats = float(distance(p, q)), np.random.default_rng(8), 200
    results = [distance(sample(p, 1500, rng), sample(q, 3000, rng) if two_samples else q) for _ in range(repeats)]
    covered = sum(r.low <= truth <= r.high for r in results)
    assert covered >= 0.9 * repeats
    if grid.size == 30 and not two_samples:
        # controls: a number twice as large is not covered, and zero is told apart
        assert sum(r.low <= 2 * truth <= r.high for r in results) < 0.2 * repeats
        assert sum(r.low > 0 for r in results) > 0.9 * repeats


@pytest.mark.parametrize("periodic", [False, True])
def test_standard_error_is_the_spread_over_samples(periodic: bool) -> None:
    grid, rng = Grid(-2, 2, 20, periodic), np.random.default_rng(6)
    p, q = gaussian(grid, 0, 1), gaussian(grid, 1.0, 1.2)
    for distance in ALL:
        results = [distance(sample(p, 5000, rng), sample(q, 8000, rng)) for _ in range(400)]
        spread = np.std([r.value for r in results])
        assert np.mean([r.standard_error for r in results]) == pytest.approx(spread, rel=0.15), distance


def test_a_distance_that_should_show_does() -> None:
    grid, rng = Grid(-5, 5, 50), np.random.default_rng(3)
    p = gaussian(grid, 0, 1)
    needed = total_variation(sample(p, 4000, rng), p).detectable
    shift = 2 * math.sqrt(2) * needed  # TV of a small shift is shift / sqrt(2 pi) = 1.13 of what is needed
    q = gaussian(grid, shift, 1)
    assert float(total_variation(p, q)) > needed
    assert sum(total_variation(sample(q, 4000, rng), p).low > 0 for _ in range(100)) >= 95
