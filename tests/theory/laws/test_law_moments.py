"""Moments of laws: values, averages over cells, narrow laws, walls; and what sampling adds to distances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sgd_models import seeded

from compare.distances import total_variation
from theory import Density, FokkerPlanck, Grid, Histogram, Isotropic, Langevin, SymbolicLandscape, gaussian
from theory.laws.limit_law import DensityClass, LimitLaw, PointMass

LINE = Grid(-3, 3, 60)


def masses(law, grid):
    return np.diff(law.cdf(grid.edges[0]))


def gap(probabilities, exact):
    return np.abs(probabilities - exact / exact.sum()).sum() / 2


def at_centres(grid, log_density):
    return Density.from_log(grid, log_density(grid.axes[0]), error=0.0)


def test_averages_have_the_variance_of_the_law():
    solved = FokkerPlanck(Langevin(SymbolicLandscape("w**2/2"), Isotropic(0.1, 1)), LINE.refined(3)).stationary()
    joined = solved.coarsen(3)
    np.testing.assert_allclose(joined.covariance, 0.1, rtol=1e-6)
    np.testing.assert_allclose(joined.expect(lambda w: w[..., 0] ** 2), 0.1, rtol=1e-6)
    spread = (joined.probabilities * LINE.axes[0] ** 2).sum()
    assert spread == pytest.approx(0.1 + 0.1**2 / 12, rel=1e-6)  # the control: cells spread their mass
    points = seeded(2).normal(0, 0.3, (100_000, 1))
    counted = Density.from_samples(points, Grid(-3, 3, 20))
    np.testing.assert_allclose(counted.covariance, points.var(), atol=5 * 0.3 * np.sqrt(2e-5) * 0.3)
    one = Density.from_samples(np.full((9, 1), 0.31), LINE)
    assert one.covariance == 0  # narrower than its cell: no negative variance


@pytest.mark.parametrize("cells", [0.15, 0.2, 0.3, 0.45, 0.7])
@pytest.mark.parametrize("place", [0.0, 0.02, 0.05])
def test_averages_of_a_narrow_normal_law_have_its_moments(cells, place):
    grid, exact = Grid(-2, 2, 40), stats.norm(place, 0.1 * cells)
    edges = grid.edges[0]
    inside = np.where(grid.axes[0] < place, np.diff(exact.cdf(edges)), -np.diff(exact.sf(edges)))
    law = Density.normalised(grid, inside, error=0.0, cell_averages=True)
    found = law.moments
    np.testing.assert_allclose(found.mean, place, atol=1e-6 * exact.std())
    np.testing.assert_allclose(found.covariance, exact.var(), rtol=1e-6)
    assert (np.abs(found.covariance - exact.var()) <= found.covariance_error + 1e-12).all()
    spread = (law.probabilities * (grid.axes[0] - place) ** 2).sum() - 0.1**2 / 12
    assert abs(spread / exact.var() - 1) > 0.03 or cells > 0.45 or place != 0.05  # the control: Sheppard


def test_moments_of_narrow_laws_that_are_not_normal_are_within_their_error():
    grid = Grid(-2, 2, 40)
    for exact in (stats.logistic(0.013, 0.02), stats.laplace(0.03, 0.015), stats.gamma(3, -0.01, 0.02)):
        law = Density.normalised(grid, masses(exact, grid), error=0.0, cell_averages=True)
        assert abs(law.mean[0] - exact.mean()) <= law.mean_error[0] < 0.1
        miss = abs(law.covariance[0, 0] - exact.var())
        assert 1e-6 < miss <= law.covariance_error[0, 0] < 0.1**2


def test_the_error_of_a_law_is_in_that_of_its_moments():
    law = Density.normalised(LINE, np.exp(-(LINE.axes[0] ** 2) / 0.2), error=1e-3, cell_averages=True)
    assert 1e-3 * law.covariance[0, 0] < law.covariance_error[0, 0] < 0.02 * law.covariance[0, 0]


def test_moments_at_walls():
    """An exponential law cut at both ends: Sheppard's correction alone is not enough."""
    law, grid = stats.truncexpon(4.0), Grid(0, 4, 24)
    fine, coarse = at_centres(grid.refined(3), lambda w: -w), at_centres(grid.refined(3), lambda w: -w).coarsen(3)
    np.testing.assert_allclose(fine.mean, law.mean(), rtol=1e-10)
    np.testing.assert_allclose(fine.covariance, law.var(), rtol=1e-10)
    np.testing.assert_allclose(coarse.mean, law.mean(), rtol=2e-5)
    np.testing.assert_allclose(coarse.covariance, law.var(), rtol=2e-4)
    np.testing.assert_allclose(
        coarse.expect(lambda w: np.exp(w[..., 0] / 4)), law.expect(lambda w: np.exp(w / 4)), rtol=1e-5
    )
    plain = (coarse.probabilities * grid.axes[0]).sum()
    assert abs(plain / law.mean() - 1) > 1e-3  # control


def test_moments_of_averages_in_the_plane():
    covariance = np.array([[0.3, 0.1], [0.1, 0.2]])
    law = gaussian([0.1, -0.2], covariance, Grid((-4, -4), (4, 4), (90, 90))).coarsen(3)
    np.testing.assert_allclose(law.mean, [0.1, -0.2], atol=1e-6)
    np.testing.assert_allclose(law.covariance, covariance, rtol=1e-4)
    assert law.expect(lambda w: w[..., 0] * w[..., 1]) == pytest.approx(0.08, rel=1e-4)
    assert law.expect(lambda w: w[..., 0] ** 4) == pytest.approx(3 * 0.09 + 6 * 0.3 * 0.01 + 0.0001, rel=1e-2)


def test_a_point_mass_makes_averages_of_the_whole_limit_law():
    half = Density.from_log(LINE, -((LINE.axes[0] - 1) ** 2) / 2 / 0.05**2, error=0.0)
    parts = (DensityClass(half, "right"), PointMass((-1.0,), "walkers converge"))
    both = LimitLaw(LINE, parts, (0.5, 0.5)).density
    assert both.cell_averages
    assert gap(both.probabilities[LINE.axes[0] > 0], masses(stats.norm(1, 0.05), LINE)[30:]) < 0.5
    np.testing.assert_allclose(both.probabilities[30:], 0.5 * half.probabilities[30:], atol=1e-14)
    assert not LimitLaw(LINE, parts[:1], (1.0,)).density.cell_averages


def test_a_kink_beside_a_narrow_law_does_not_hide_in_the_correction():
    """Joining cells changes the narrow law's moments so much more that what the kink does falls as if smooth."""
    grid = Grid(0, 171, 171)
    wide, narrow, share = stats.laplace(86.076, 2.856 / np.sqrt(2)), stats.norm(96.27, 1.161), 0.3
    values = share * masses(wide, grid) + (1 - share) * masses(narrow, grid)
    law = Density.normalised(grid, values, 0.0, cell_averages=True)
    mean = share * wide.mean() + (1 - share) * narrow.mean()
    variance = share * (wide.var() + (wide.mean() - mean) ** 2)
    variance += (1 - share) * (narrow.var() + (narrow.mean() - mean) ** 2)
    found = law.moments
    missed = abs(found.covariance[0, 0] - variance)
    assert missed > 1e-5 * variance  # control: the correction is not exact here
    assert missed <= found.covariance_error[0, 0] < 100 * missed
    assert abs(found.mean[0] - mean) <= found.mean_error[0]
    smooth = Density.normalised(grid, masses(stats.norm(86.076, 2.856), grid), 0.0, cell_averages=True)
    assert smooth.moments.covariance_error[0, 0] < 1e-8


@pytest.mark.parametrize("shift", [0.0, 0.05])
def test_the_bias_of_the_debiased_total_variation_stays_in_its_bound(shift):
    grid, rng = Grid(-5, 5, 200), seeded(8)
    exact, off = (masses(stats.norm(a, 1), grid) for a in (0.0, shift))
    law = Density.normalised(grid, exact, 0.0, cell_averages=True)
    found = [total_variation(Histogram(grid, rng.multinomial(20000, off / off.sum())), law) for _ in range(300)]
    bound = 0.4 * 200**0.25 * np.mean([one.standard_error for one in found])
    assert abs(np.mean([one.debiased for one in found]) - gap(off / off.sum(), exact)) < bound
    assert np.mean([one.value for one in found]) - gap(off / off.sum(), exact) > 1.5 * bound  # control


def test_the_debiased_total_variation_has_no_floor():
    exact, off = masses(stats.norm(0, 0.5), LINE), masses(stats.norm(0.05, 0.5), LINE)
    law, rng = Density.normalised(LINE, exact, 0.0, cell_averages=True), seeded(5)
    for truth in (exact, off):
        found = [
            total_variation(Histogram(LINE, rng.multinomial(5000, truth / truth.sum())), law) for _ in range(60)
        ]
        true, one = gap(truth / truth.sum(), exact), found[0]
        mean = np.mean([f.debiased for f in found])
        assert abs(mean - true) < 1.5 * one.standard_error
        assert (
            np.mean([f.value for f in found]) - true > 0.2 * one.noise_floor
        )  # control: the plain value is biased
    assert total_variation(law, law).debiased == 0
    far = Density.normalised(LINE, off, 0.0, cell_averages=True)
    assert total_variation(far, law).debiased == total_variation(far, law).value
