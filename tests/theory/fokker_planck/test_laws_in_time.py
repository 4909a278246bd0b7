"""Laws in time against closed forms, and what grids of half the cells say of them."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import linear
from scipy.linalg import expm
from scipy.special import log_ndtr
from scipy.stats import norm

from theory import (
    Absorbing,
    Density,
    FokkerPlanck,
    Grid,
    Isotropic,
    Langevin,
    Reflecting,
    SymbolicLandscape,
    gaussian,
)
from theory.fokker_planck.evolution.chosen_laws import laws_in_time
from theory.fokker_planck.evolution.fitted_laws import expected, fitted_laws
from theory.fokker_planck.evolution.start import InitialLaw
from theory.fokker_planck.meshes.cells import rebinned
from theory.fokker_planck.meshes.mesh import halved

CLOSED = np.zeros((1, 2), dtype=bool)


BOWL = Langevin(SymbolicLandscape("(x**2+y**2)/2"), Isotropic(0.1, 2))


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_rebinned_masses_are_never_negative_and_keep_mass_and_mean(dim):
    lost = 0
    for n in range(8, 66 if dim < 3 else 20):
        grid = Grid([-4.0] * dim, [4.0] * dim, [n] * dim)
        masses = gaussian([0.0] * dim, (0.04 * np.eye(dim)).tolist(), grid).probabilities
        half = halved(grid)
        coarse = rebinned(masses, grid, half)
        assert coarse.min() >= 0
        assert coarse.sum() == pytest.approx(1, abs=1e-14)
        assert np.ptp(rebinned(np.full(grid.shape, 1 / grid.size), grid, half)) < 1e-15
        if dim == 1:
            differences = by_differences(masses, grid, half)
            np.testing.assert_allclose(coarse, differences, atol=1e-15)
            lost += bool((differences < 0).any())
    assert dim > 1 or lost > 0  # control: subtraction loses the sign


def by_differences(masses, grid, half):
    """The same on a line, from what lies below each face."""
    below = np.append(0.0, np.cumsum(masses))
    place = np.interp(half.edges[0], grid.edges[0], np.arange(len(below)))
    low = np.minimum(place.astype(int), len(below) - 2)
    part = place - low
    return np.diff(below[low] * (1 - part) + below[low + 1] * part)


@pytest.mark.parametrize("n", [42, 45, 47])
def test_laws_in_a_plane_are_given_at_every_size(n):
    grid = Grid([-4, -4], [4, 4], [n, n])
    start = gaussian([0, 0], [[0.04, 0], [0, 0.04]], grid)
    (law,) = FokkerPlanck(BOWL, grid).evolve(start, [0.01])
    assert law.error is not None
    share, _ = FokkerPlanck(BOWL, grid, Absorbing()).survival(start, [0.01])
    assert share[0] == pytest.approx(1, abs=1e-9)
    ring = Grid([-4, -4], [4, 4], [n, n], True)
    still = Langevin(SymbolicLandscape("0*x*y"), Isotropic(0.1, 2))
    points = np.random.default_rng(1).normal(0, 0.2, (1000, 2))
    (law,) = FokkerPlanck(still, ring).evolve(Density.from_samples(points, ring), [0.01])
    assert law.probabilities.sum() == pytest.approx(1, abs=1e-12)


def bowl(temperature):
    return Langevin(SymbolicLandscape("w**2/2"), Isotropic(temperature, 1))


def relaxed(grid, temperature, time, mean=1.5, variance=0.04):
    """Masses of the Gaussian at `time` in the bowl w^2/2."""
    later = temperature + (variance - temperature) * np.exp(-2 * time)
    return np.diff(norm.cdf(grid.edges[0], mean * np.exp(-time), np.sqrt(later)))


def distance(law, masses):
    return float(np.abs(law.probabilities - masses).sum() / 2)


@pytest.mark.parametrize("temperature", [1e-5, 0.0025, 0.1])
@pytest.mark.parametrize("n", [100, 200])
def test_a_law_where_drift_rules_is_sharp_and_its_error_covers(n, temperature):
    grid = Grid(-3.0, 3.0, n)
    equation = FokkerPlanck(bowl(temperature), grid)
    start = Density.normalised(grid, relaxed(grid, temperature, 0.0), cell_averages=True)
    for time, law in zip((1.0, 3.0), equation.evolve(start, [1.0, 3.0]), strict=True):
        exact = relaxed(grid, temperature, time)
        assert law.cell_averages
        assert distance(law, exact) <= law.error + 1e-11
        if n > 100 and time == 1:
            assert law.error < 1e-4
            wrong = distance(law, relaxed(grid, temperature, 1.02))  # control: a drift 2 % stronger
            assert wrong > 100 * law.error
    (law,) = equation.evolve(gaussian([1.5], [[0.04]], grid), [1.0])
    later = gaussian([1.5 * np.exp(-1.0)], [[temperature + (0.04 - temperature) * np.exp(-2.0)]], grid)
    assert not law.cell_averages
    assert np.abs(law.values - later.values).sum() * grid.cell_volume / 2 <= law.error + 1e-11
    assert distance(law, relaxed(grid, temperature, 1.0)) <= law.error + 1e-11
    bare = Density(grid, gaussian([1.5], [[0.04]], grid).values)  # masses at the centres
    (law,) = equation.evolve(bare, [1.0])
    exact = relaxed(grid, temperature, 1.0)
    assert distance(law, exact) <= law.error < 10 * distance(law, exact)


def test_the_fitted_flux_alone_is_of_first_order_there_and_its_error_says_so():
    grid = Grid(-3.0, 3.0, 1500)  # no finer mesh of it is tried
    start = InitialLaw(Density.normalised(grid, relaxed(grid, 1e-5, 0.0), cell_averages=True))
    found = fitted_laws(bowl(1e-5), grid, CLOSED, start, [1.0], ())
    coarse = fitted_laws(bowl(1e-5), Grid(-3.0, 3.0, 200), CLOSED, start, [1.0], ())
    misses = [
        np.abs(one.averages[0] * mesh.cell_volume - relaxed(mesh, 1e-5, 1.0)).sum() / 2
        for one, mesh in ((found, grid), (coarse, Grid(-3.0, 3.0, 200)))
    ]
    for miss, one in zip(misses, (found, coarse), strict=True):
        assert miss < one.errors[0] < 6 * miss
        assert miss > 0.01


def test_the_kinetic_equation_is_sharp_and_its_error_covers():
    pull, tensor = np.array([[0, -1.0], [1, 1]]), np.diag([0, 0.1])
    grid = Grid([-3, -3], [3, 3], [60, 60])
    start, time = 0.09 * np.eye(2), 2.0
    block = expm(time * np.block([[-pull, 2 * tensor], [np.zeros((2, 2)), pull.T]]))
    flow = block[:2, :2]
    later = gaussian(flow @ [1.0, 0.0], block[:2, 2:] @ flow.T + flow @ start @ flow.T, grid)
    (law,) = laws_in_time(
        linear(pull, tensor), grid, np.zeros((2, 2), dtype=bool), gaussian([1.0, 0.0], start, grid), [time]
    )
    miss = np.abs(law.values - later.values).sum() * grid.cell_volume / 2
    assert miss < 1e-4
    assert miss <= law.error < 100 * miss
    assert distance(law, later.probabilities) <= law.error < 0.01
    still = gaussian(flow @ [1.0, 0.0], flow @ start @ flow.T, grid)  # control: no noise
    assert np.abs(law.values - still.values).sum() * grid.cell_volume / 2 > 0.1


def test_a_mild_law_keeps_to_its_error_and_the_start_carries_its_own():
    for n in (60, 120):
        grid = Grid(-8.0, 8.0, n)
        start = gaussian([2.0], [[0.5]], grid)
        (law,) = FokkerPlanck(bowl(1.0), grid).evolve(start, [0.7])
        exact = relaxed(grid, 1.0, 0.7, 2.0, 0.5)
        assert distance(law, exact) <= law.error + 1e-11
        assert law.error < 1e-5
        assert law.values.min() > 0
    doubtful = Density(grid, start.values, error=0.2, cell_averages=False)
    (worse,) = FokkerPlanck(bowl(1.0), grid).evolve(doubtful, [0.7])
    assert 0.15 < worse.error < 0.21


def test_a_start_within_one_cell_leaves_its_place_open():
    grid = Grid(-3.0, 3.0, 101)
    for place in (0.0, 0.25, 0.45):
        mean = 1.5 + place * grid.spacing[0]
        start = gaussian([mean], [[(0.05 * grid.spacing[0]) ** 2]], grid)
        times = [0.1, 1.0]
        for time, law in zip(times, FokkerPlanck(bowl(0.01), grid).evolve(start, times), strict=True):
            assert distance(law, relaxed(grid, 0.01, time, mean, (0.05 * grid.spacing[0]) ** 2)) < law.error <= 1


def test_long_times_end_in_the_stationary_law_and_short_ones_at_the_start():
    grid = Grid(-3.0, 3.0, 120)
    equation = FokkerPlanck(bowl(0.0025), grid)
    start = gaussian([1.5], [[0.04]], grid)
    still, early, *late = equation.evolve(start, [0.0, 1e-9, 1e6])
    np.testing.assert_allclose(still.values, start.values, atol=1e-9)
    assert np.abs(early.values - start.values).max() < 1e-6
    for law in late:
        assert np.abs(law.values - equation.stationary().values).sum() * grid.cell_volume / 2 < 1e-6


@pytest.mark.parametrize("speed", [0.5, 30.0])
def test_survival_with_drift_to_an_absorbing_side_has_an_error_that_covers(speed):
    # First passage of Brownian motion with drift: P(T > t) by the reflection principle.
    grid, noise, left, time = Grid(-3.0, 1.0, 200), 0.05, 2.0, 2.0 / speed

    start = gaussian([-1.0], [[0.0025]], grid)
    sde = Langevin(SymbolicLandscape(f"-{speed}*w"), Isotropic(noise, 1))
    share, error = FokkerPlanck(sde, grid, (Reflecting(), Absorbing())).survival(start, [time])
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    gaps, spread = left - 0.05 * points, np.sqrt(2 * noise * time)
    mirrored = speed * gaps / noise + log_ndtr((-gaps - speed * time) / spread)
    alive = norm.cdf((gaps - speed * time) / spread) - np.exp(mirrored)
    exact = float((alive * weights).sum() / weights.sum())
    assert abs(share[0] - exact) < error[0] < 0.1


def gaussian_masses(grid, mean, covariance, parts):
    """Masses of the cells of a plane by the midpoints of `parts` parts along each axis."""
    fine = grid.refined(parts)
    values = gaussian(mean, covariance, fine).values * fine.cell_volume
    return values.reshape(grid.cells[0], parts, grid.cells[1], parts).sum(axis=(1, 3))


def test_noise_of_rank_one_makes_the_fitted_flux_upwind_however_small_peclet_numbers_along_axes_are():
    pull, tensor = (
        np.array([[0.6798, 0.0354], [-0.7094, 0.3991]]),
        0.0786 * np.outer([0.871, -0.492], [0.871, -0.492]),
    )
    grid = Grid([-2.98, -1.77], [2.98, 1.77], [67, 63])
    begin, time, mean = np.diag([0.1338**2, 0.0449**2]), 0.0478, np.array([0.5128, 0.2605])
    block = expm(time * np.block([[-pull, 2 * tensor], [np.zeros((2, 2)), pull.T]]))
    flow = block[:2, :2]
    start = Density.normalised(grid, gaussian_masses(grid, mean, begin, 5), cell_averages=True)
    (law,) = laws_in_time(linear(pull, tensor), grid, np.zeros((2, 2), dtype=bool), start, [time])
    exact = gaussian_masses(grid, flow @ mean, block[:2, 2:] @ flow.T + flow @ begin @ flow.T, 5)
    assert distance(law, exact) <= law.error < 5 * distance(law, exact)


def test_a_share_that_passes_the_right_value_between_two_meshes_has_an_error_that_covers():
    """Drift v = .0736 from N(-.105, .0975^2), D = .151, gone at -1 and 1: images, tilted."""
    grid, noise, speed, mean, sd, time = Grid(-1.0, 1.0, 182), 0.15082, 0.073602, -0.104703, 0.0974852, 4.82865
    waves = np.pi / 2 * np.arange(1, 60)
    tilt = speed / (2 * noise)
    places = Grid(-1.0, 1.0, 4000).axes[0]
    begin = norm.pdf(places, mean, sd) / 2000
    modes = np.sin(waves[:, None] * (places + 1))
    fading = np.exp(-(noise * waves**2 + speed * tilt / 2) * time)
    parts = (
        (modes * np.exp(-tilt * places)) @ begin * fading * ((modes * np.exp(tilt * places)).sum(axis=1) / 2000)
    )
    sde = Langevin(
        SymbolicLandscape("0*w"), Isotropic(noise, 1), extra_drift=lambda w: np.full(np.shape(w), speed)
    )
    start = gaussian([mean], [[sd**2]], grid)
    share, error = FokkerPlanck(sde, grid, Absorbing()).survival(start, [0.7526, time])
    assert abs(share[1] - parts.sum()) <= error[1] < 1e-4


def test_numbers_are_not_believed_to_converge_faster_than_their_scheme():
    lucky = np.array([1e-6, 0.3])
    assert expected(lucky, [2.0, 2.0], 2.0)[0] == pytest.approx(0.3 / 4)
    honest = np.array([0.2, 0.3])
    np.testing.assert_array_equal(expected(honest, [2.0, 2.0], 2.0), honest)


def test_values_of_a_start_between_two_centres_leave_its_place_open():
    """Drift 2 D k tanh(k x) parts what starts on the two sides of 0, within one cell."""
    grid, noise, k, sd, mean = Grid(-6.0, 6.0, 96), 0.50377, 25.732, 0.01147, 0.0074
    times = [6.2e-5, 3.52e-3]
    x = grid.axes[0]
    logs = np.logaddexp(k * x, -k * x) + norm.logpdf(x, mean, sd)
    start = Density.normalised(grid, np.exp(logs - logs.max()))
    sde = Langevin(SymbolicLandscape(f"-{2 * noise}*log(cosh({k}*w))"), Isotropic(noise, 1))
    for time, law in zip(times, FokkerPlanck(sde, grid).evolve(start, times), strict=True):
        spread = sd**2 + 2 * noise * time
        right = 1 / (1 + np.exp(-2 * k * mean))
        exact = sum(
            weight * np.diff(norm.cdf(grid.edges[0], mean + sign * k * spread, np.sqrt(spread)))
            for weight, sign in ((right, 1), (1 - right, -1))
        )
        assert 0.2 < distance(law, exact) <= law.error


def test_a_late_time_that_a_scheme_does_not_reach_leaves_the_early_ones():
    grid = Grid(-3.0, 3.0, 68)
    start = Density.normalised(grid, relaxed(grid, 1e-3, 0.0, 1.2, 0.04), cell_averages=True)
    alone = FokkerPlanck(bowl(1e-3), grid).evolve(start, [0.5])[0]
    both = FokkerPlanck(bowl(1e-3), grid).evolve(start, [0.5, 3e3])
    assert alone.error < 1e-4
    assert both[0].error < 1e-4
    still = FokkerPlanck(bowl(1e-3), grid).stationary()
    assert distance(both[1], still.averaged().probabilities) <= both[1].error
