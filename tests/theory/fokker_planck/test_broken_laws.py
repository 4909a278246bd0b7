"""Masses of laws with kinks and jumps between the centres, and errors that count what reading adds once."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from compare.distances.masses import Masses
from theory import (
    AbsoluteEigenvalues,
    Absorbing,
    Density,
    FokkerPlanck,
    Grid,
    HessianProportional,
    Isotropic,
    Langevin,
    SymbolicLandscape,
    gibbs,
)
from theory.fokker_planck.evolution.start import InitialLaw
from theory.laws.broken_fit import BrokenFit

PLANE = Grid((0, 0), (32, 32), (32, 32))
BREAKS = {
    "kink along a line": lambda x, y: -0.8 * np.abs(0.8 * x + 0.6 * y - 22.9),
    "kink along a circle": lambda x, y: -0.7 * np.abs(np.hypot(x - 15.2, y - 15.9) - 4.3),
    "kink like 1/|H|": lambda x, y: -np.log(1 + np.abs(0.3 * x - 0.95 * y + 10.7)),
    "jump across a line": lambda x, y: 4.0 * (0.8 * x + 0.6 * y > 22.9),
    "jump across a circle": lambda x, y: 3.0 * (np.hypot(x - 15.2, y - 15.9) > 5.3),
}


def bowl(*w):
    return -sum((one - 16.1) ** 2 for one in w) / 2 / 3.5**2


def masses(grid, log_density, parts=8):
    """By Gauss's rule of three nodes in each of `parts` parts of a cell along each axis."""
    places, weights = np.polynomial.legendre.leggauss(3)
    inside = ((np.arange(parts)[:, None] + (places + 1) / 2) / parts - 0.5).ravel()
    axes = [(a[:, None] + inside * h).ravel() for a, h in zip(grid.axes, grid.spacing, strict=True)]
    found = np.exp(log_density(*np.meshgrid(*axes, indexing="ij")))
    for axis in range(grid.dim):
        cells = np.moveaxis(found, axis, -1)
        cells = cells.reshape(*cells.shape[:-1], grid.shape[axis], -1) @ np.tile(weights, parts)
        found = np.moveaxis(cells, -1, axis)
    return found / found.sum()


def at_centres(grid, log_density):
    return Density.from_log(grid, log_density(*np.moveaxis(grid.centers, -1, 0)), error=0.0)


def gap(law, exact):
    return np.abs(law.probabilities - exact).sum() / 2


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_across_the_cells_is_in_the_error_and_not_its_surroundings(name):
    def logs(x, y):
        return bowl(x, y) + BREAKS[name](x, y)

    law = at_centres(PLANE, logs)
    miss, error = gap(law, masses(PLANE, logs)), law.averaged().error
    assert 1e-4 < miss <= error < 25 * miss  # 30 to 50 times where all that polynomials across it miss was counted
    assert gap(law, masses(PLANE, bowl)) > error  # control: the law without it


def test_a_sharp_kink_on_a_line_is_found_in_its_interval():
    line = np.arange(20.0)
    for place in (9.1, 9.5, 9.8):
        fit = BrokenFit.of(-0.6 * np.abs(line - place), (False,))
        x = line + ((np.arange(4000) + 0.5) / 4000 - 0.5)[:, None]
        exact = np.exp(-0.6 * np.abs(x - place) + 0.6 * np.abs(line - place)).mean(axis=0)
        inside = slice(3, -3)
        assert (np.abs(fit.means - exact) <= fit.wrong + 1e-6)[inside].all()
        assert (fit.wrong[[5, 6, 7, 12, 13]] < 1e-12).all()  # beside it nothing is open
        assert np.isinf(fit.wrong[[0, -1]]).all()
        there = 9 if place < 9.5 else 10
        assert fit.wrong[there] < 4 * np.abs(fit.means - exact)[there]


def test_a_corner_of_the_box_behind_a_jump_does_not_take_the_law():
    """Polynomials across the jump gave the corner cell all of the mass, of which it has 2e-21."""
    grid = Grid([0] * 3, [12] * 3, [12] * 3)
    shape = np.array([[0.49, 0.02, -0.24], [0.02, 0.52, -0.12], [-0.24, -0.12, 0.87]])

    def logs(*w):
        away = np.stack(w, axis=-1) - 6.1
        beyond = -0.3 * w[0] - 0.4 * w[1] + 0.4 * w[2] > -0.3
        return 3.2 * beyond - ((away @ shape) * away).sum(axis=-1)

    law = at_centres(grid, logs)
    miss = gap(law, masses(grid, logs, 2))
    assert 1e-3 < miss <= law.averaged().error < 40 * miss
    assert miss < 0.1


def test_mirrored_laws_have_mirrored_masses():
    grid = Grid((-4, -3), (4, 3), (20, 18))
    law = at_centres(grid, lambda x, y: -(x**2) / 2 - y**2 / 3 - 5 * (np.abs(x) + np.abs(y) > 2.13))
    for axis in (0, 1):
        np.testing.assert_allclose(np.flip(law.probabilities, axis), law.probabilities, rtol=1e-9)


@cache
def _still(*cells):
    landscape = SymbolicLandscape("(x**2 - 1)**2/4 + 2*y**2*(1 + x**2/2)")
    noise = HessianProportional(landscape, 0.05, AbsoluteEigenvalues())
    return FokkerPlanck(Langevin(landscape, noise), Grid((-2.2, -1.6), (2.2, 1.6), cells))


def _gibbs():
    return gibbs(SymbolicLandscape("abs(x + y/3 - 0.07) + y**2"), 0.2, Grid((-3, -3), (3, 3), (36, 36)))


def _later():
    grid = Grid(-3, 3, 60)
    start = Density.from_log(grid, -np.abs(grid.axes[0] - 0.3) / 0.2, error=0.0)
    return FokkerPlanck(Langevin(SymbolicLandscape("w**2/2"), Isotropic(0.5, 1)), grid).evolve(start, [0.3])[0]


def _mixed():
    sde = Langevin(SymbolicLandscape("(w**2 - 1)**2/4"), HessianProportional(SymbolicLandscape("w**4/12"), 0.1))
    grid = Grid(-3, 3, 120)
    start = Density.from_log(grid, -((grid.axes[0] - 0.3) ** 2) / 0.5)
    return FokkerPlanck(sde, grid).limit_law(start).density


@pytest.mark.parametrize("make", [lambda: _still(44, 32).stationary(), _gibbs, _later, _mixed])
def test_what_reading_adds_is_counted_once(make):
    law = make()
    assert law.reading_counted
    assert law.error > 0
    for other in (law.averaged(), law.coarsen(2), Masses.of(law), InitialLaw(law)):
        assert other.error == law.error
    assert law.reading_error == 0
    bare = Density(law.grid, law.values, law.error, cell_averages=False)  # control: of values as they come
    assert bare.averaged().error > law.error


def test_the_law_in_the_plane_counts_its_mesh_and_what_reading_adds():
    equation = _still(44, 32)
    mesh = equation.solution.density
    assert not mesh.reading_counted
    assert equation.stationary().error == pytest.approx(mesh.error + mesh.reading_error, rel=1e-12)
    assert mesh.marginal(0).error == equation.stationary().error


def test_the_error_of_a_law_beside_curves_without_noise_is_not_absurd():
    """Masses were open to three cells from |H| = 0: errors of .98 and .30 beside misses of .018 and .015."""
    fine = _still(176, 128).stationary()
    for cells, factor in (((44, 32), 4), ((88, 64), 2)):
        law = _still(*cells).stationary()
        miss = gap(law, fine.coarsen(factor).probabilities)
        assert 0.01 < miss <= law.error < 20 * miss
    assert law.error < 0.1


@pytest.mark.parametrize("formula", ["w**2/2", "2*(w - 0.8)**2", "w**4/4 - w**2/2 + w/3"])
def test_masses_of_a_quasi_stationary_law_are_integrals(formula):
    sde = Langevin(SymbolicLandscape(formula), Isotropic(0.3, 1))
    law, fine = (
        FokkerPlanck(sde, Grid(-1.5, 1.5, n), Absorbing()).quasi_stationary().density for n in (30, 30 * 15)
    )
    exact = fine.probabilities.reshape(30, 15).sum(axis=1)
    assert gap(law, exact) <= law.error < 2e-3
    assert np.abs(law.values * law.grid.cell_volume - exact).sum() / 2 > 1.2 * law.error  # control: the centres
