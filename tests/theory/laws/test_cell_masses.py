"""Masses and moments of laws on cells: from centres and from averages, at walls, of narrow laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sgd_models import seeded

from compare import compare_laws
from theory import (
    Density,
    FokkerPlanck,
    Grid,
    Histogram,
    InputError,
    Isotropic,
    Langevin,
    SymbolicLandscape,
    gaussian,
    gibbs,
    posterior,
)

LINE = Grid(-3, 3, 60)


WELLS = SymbolicLandscape("(w**2 - 1)**2/4")


def masses(law, grid):
    return np.diff(law.cdf(grid.edges[0]))


def gap(probabilities, exact):
    return np.abs(probabilities - exact / exact.sum()).sum() / 2


def integrals(log_density, grid):
    """Masses by 40 nodes a cell."""
    places, weights = np.polynomial.legendre.leggauss(40)
    return np.exp(log_density(grid.axes[0][:, None] + places * grid.spacing[0] / 2)) @ weights


def at_centres(grid, log_density):
    return Density.from_log(grid, log_density(grid.axes[0]), error=0.0)


@pytest.mark.parametrize("cells", [0.2, 0.36, 0.6, 1.08, 1.5, 3.0])
@pytest.mark.parametrize("place", [0.0, 0.03, 0.05])
def test_a_normal_law_has_its_masses_however_narrow(cells, place):
    law, exact = (
        at_centres(LINE, lambda w: -((w - place) ** 2) / 2 / (0.1 * cells) ** 2),
        stats.norm(place, 0.1 * cells),
    )
    assert gap(law.probabilities, masses(exact, LINE)) < 1e-13
    assert gap(law.coarsen(3).probabilities, masses(exact, LINE.coarsened(3))) < 1e-13
    assert gap(law.values * 0.1, masses(exact, LINE)) > 1e-3 or place != 0.03  # control: values at the centres
    np.testing.assert_allclose(law.mean, place, atol=1e-9)
    np.testing.assert_allclose(law.covariance, (0.1 * cells) ** 2, rtol=1e-8)


@pytest.mark.parametrize("cells", [60, 90, 120])
def test_narrow_wells_of_fokker_planck_and_gibbs_are_averaged_right(cells):
    """Wells of 1.5 to 3 fine cells: the sum over the centres misses by .002 at 60."""
    grid, temperature = Grid(-2, 2, cells), 0.001
    exact = integrals(lambda w: -((w**2 - 1) ** 2) / 4 / temperature, grid)
    solved = FokkerPlanck(Langevin(WELLS, Isotropic(temperature, 1)), grid.refined(3)).stationary()
    for law in (solved, gibbs(WELLS, temperature, grid.refined(3))):
        found = law.coarsen(3)
        assert gap(found.probabilities, exact) <= found.error + 1e-14
        assert found.error < 1e-7
    plain = solved.values.reshape(-1, 3).sum(axis=1) * solved.grid.cell_volume
    assert cells > 60 or gap(plain, exact) > 5e-4


@pytest.mark.parametrize("sd", [0.36, 0.45, 0.6])
def test_exact_samples_of_a_narrow_law_agree_with_it(sd):
    place, width = 0.013, 0.1 * sd
    bowl = SymbolicLandscape(f"(w - {place})**2/2")
    laws = {
        "fokker_planck": FokkerPlanck(Langevin(bowl, Isotropic(width**2, 1)), LINE.refined(3))
        .stationary()
        .coarsen(3),
        "gibbs": gibbs(bowl, width**2, LINE.refined(3)).coarsen(3),
        "gaussian": gaussian([place], [[width**2]], LINE.refined(3)).coarsen(3),
        "wider": gaussian([place], [[(1.03 * width) ** 2]], LINE.refined(3)).coarsen(3),
    }
    seen = Histogram.from_samples(seeded(4).normal(place, width, (400_000, 1)), LINE)
    found = compare_laws(seen, laws)
    assert [found.verdict(name) for name in laws] == ["agrees"] * 3 + ["differs"]


def test_an_error_says_what_the_centres_cannot():
    kink = at_centres(LINE, lambda w: -np.abs(w - 0.02) / 0.3)
    exact = masses(stats.laplace(0.02, 0.3), LINE)
    assert 0.5 * gap(kink.probabilities, exact) < kink.averaged().error < 100 * gap(kink.probabilities, exact)
    edge = at_centres(LINE, lambda w: np.where(w > 0.02, 0.0, -np.inf))
    assert gap(edge.probabilities, masses(stats.uniform(0.02, 2.98), LINE)) <= edge.averaged().error < 0.05
    spike = at_centres(LINE, lambda w: -((w - 0.013) ** 2) / 2 / 0.004**2)  # .04 of a cell
    assert spike.averaged().error > 0.3
    rough = Density.from_log(LINE, seeded(1).normal(0, 3, 60), error=0.0)
    assert np.isfinite(rough.probabilities).all()
    assert rough.averaged().error > 0.3


@pytest.mark.parametrize(
    ("wide", "narrow", "share"),
    [((11.847, 0.182), (11.522, 0.144), 0.675), ((11.556, 0.193), (12.031, 0.065), 0.134)],
)
def test_a_bulge_between_the_centres_is_in_the_error_of_a_narrow_law(wide, narrow, share):
    """Two normal laws in a cell or two, of which the centres show little: .016 and .58 off."""
    grid = Grid(0, 24, 24)
    parts = [stats.norm(*wide), stats.norm(*narrow)]
    weights = (share, 1 - share)
    values = sum(part * law.pdf(grid.axes[0]) for part, law in zip(weights, parts, strict=True))
    exact = sum(part * masses(law, grid) for part, law in zip(weights, parts, strict=True))
    law = Density.normalised(grid, values, error=0.0, cell_averages=False)
    assert 0.01 < gap(law.probabilities, exact) <= law.averaged().error
    resolved = at_centres(grid, lambda w: -((w - 12.1) ** 2) / 2 / 0.4**2)
    assert resolved.averaged().error < 1e-13  # the control: two fifths of a cell hide nothing


def test_errors_of_smooth_laws_are_no_hundred_times_too_wide():
    """Unlike of walls and kinks, where all that the neighbours do not foresee is error."""
    grid = Grid(0, 60, 60)
    law = stats.logistic(30.2, 1.6)
    found = Density.normalised(grid, law.pdf(grid.axes[0]), error=0.0, cell_averages=False)
    miss = gap(found.probabilities, masses(law, grid))
    assert 1e-12 < miss <= found.averaged().error < 100 * miss


def test_masses_on_a_circle_and_in_the_plane():
    ring = Grid(0, 1, 24, periodic=True)
    law = at_centres(ring, lambda w: 30 * np.cos(2 * np.pi * (w - 0.007)))
    exact = integrals(lambda w: 30 * np.cos(2 * np.pi * (w - 0.007)), ring)
    assert (
        gap(law.probabilities, exact) <= law.averaged().error < 1e-5 < 1e-3 < gap(law.probabilities[::-1], exact)
    )
    plane, covariance = Grid((-3, -3), (3, 3), (40, 40)), np.array([[0.05, 0.03], [0.03, 0.04]])
    fine = plane.refined(21)
    found = gaussian([0.02, 0.05], covariance, plane).probabilities
    exact = gaussian([0.02, 0.05], covariance, fine).values.reshape(40, 21, 40, 21).mean(axis=(1, 3))
    assert np.abs(found - exact * plane.cell_volume).sum() < 2e-4  # of the mean of the fine centres
    assert np.abs(gaussian([0.02, 0.05], covariance, plane).values - exact).sum() * plane.cell_volume > 1e-2


@pytest.mark.parametrize("sd", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("place", [0.0, 0.013, 0.05])
def test_gibbs_refuses_wells_inside_a_cell(sd, place):
    bowl = SymbolicLandscape(f"(w - {place})**2/2")
    with pytest.raises(InputError, match=r"must resolve the law, .* refine the grid to about \d+ cells"):
        gibbs(bowl, (0.1 * sd) ** 2, LINE)
    with pytest.raises(InputError, match="must resolve the law"):
        posterior(bowl, 1 / (0.1 * sd) ** 2, LINE)
    with pytest.raises(InputError, match="must resolve the law"):
        gibbs(bowl, 1.0, LINE, lambda w: -((w[..., 0] - place) ** 2) / 2 / (0.1 * sd) ** 2)
    assert gibbs(bowl, 0.1**2, LINE).error < 1e-12


def test_gibbs_sees_a_well_between_the_centres():
    """A narrow well whose mass is a fifth, of .15 cells, half-way between two centres."""
    broad, narrow = "exp(-w**2/2/0.3**2)/0.3", "exp(-(w - 0.5)**2/2/0.015**2)/4/0.015"
    law = gibbs(SymbolicLandscape(f"-log({broad} + {narrow})"), 1.0, LINE)
    exact = 0.8 * masses(stats.norm(0, 0.3), LINE) + 0.2 * masses(stats.norm(0.5, 0.015), LINE)
    assert gap(law.probabilities, exact) <= law.error
    assert law.error > 0.05


@pytest.mark.parametrize("temperature", [1e-320, 1e-300, 1e-12])
def test_temperatures_beyond_the_grid_are_refused(temperature):
    with pytest.raises(InputError, match="must resolve the law"):
        gibbs(WELLS, temperature, LINE)
    flat = gibbs(SymbolicLandscape("0*w"), temperature, LINE)
    np.testing.assert_allclose(flat.values, 1 / 6, rtol=1e-13)


def test_a_huge_temperature_is_uniform():
    law = gibbs(WELLS, 1e300, LINE)
    np.testing.assert_allclose(law.values, 1 / 6, rtol=1e-13)
    np.testing.assert_allclose(law.covariance, 3.0, rtol=1e-12)  # not 3 - h^2 / 12, the variance of the centres
    assert law.error < 1e-12
