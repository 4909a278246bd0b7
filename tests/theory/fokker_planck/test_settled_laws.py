"""Laws at late times on lines: the stationary law, also far narrower than a cell, and how fast it is reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import ndtr

from theory import Density, FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape
from theory.fokker_planck.evolution.chosen_laws import laws_in_time
from theory.fokker_planck.evolution.settled import Contraction, settled_laws
from theory.fokker_planck.evolution.start import InitialLaw

CLOSED = np.zeros((1, 2), dtype=bool)
MEAN, SPREAD = 1.0, 0.3


def gaussian_masses(faces, mean, variance):
    places = (faces - mean) / np.sqrt(variance)
    return np.where(places[:-1] < 0, np.diff(ndtr(places)), -np.diff(ndtr(-places)))


def later(faces, variance, time):
    """Masses of an Ornstein-Uhlenbeck process of rate 1 between these faces."""
    decay = np.exp(-time)
    return gaussian_masses(faces, MEAN * decay, variance + (SPREAD**2 - variance) * decay**2)


def missed(law, exact):
    return float(np.abs(law.probabilities - exact).sum() / 2)


@pytest.mark.parametrize("variance", [1e-3, 1e-5, 1e-6])
@pytest.mark.parametrize("cells", [40, 61])
def test_a_law_far_narrower_than_a_cell_is_known_when_it_has_settled(variance, cells):
    grid = Grid(-3.0, 3.0, cells)
    start = Density.normalised(grid, later(grid.edges[0], variance, 0.0), cell_averages=True)
    equation = FokkerPlanck(Langevin(SymbolicLandscape("w**2/2"), Isotropic(variance, 1)), grid)
    for time, law in zip((15.0, 60.0), equation.evolve(start, (15.0, 60.0)), strict=True):
        exact = later(grid.edges[0], variance, time)
        assert missed(law, exact) <= law.error + 1e-13
        assert law.error < (1e-3 if time == 15.0 else 2e-12)


@dataclass(frozen=True)
class Stretched:
    """The sinh of an Ornstein-Uhlenbeck process of rate 1: D = variance (1 + w^2)."""

    variance: float
    dim: int = 1

    def drift(self, w):
        return -np.arcsinh(w) * np.sqrt(1 + w**2) + self.variance * w

    def tensor(self, w):
        return self.variance * (1 + w**2)[..., None]

    def divergence(self, w):
        return 2 * self.variance * w

    def potential(self, w):
        return None


def test_noise_that_varies_stretches_the_line():
    variance = 1e-4
    grid = Grid(-4.0, 4.0, 50)
    found = Contraction.of(Stretched(variance), grid)
    assert found.rate == pytest.approx(1, rel=2e-3)
    assert found.widths == pytest.approx(np.diff(np.arcsinh(grid.edges[0])) / np.sqrt(variance), rel=1e-3)
    faces = np.arcsinh(grid.edges[0])
    start = Density.normalised(grid, later(faces, variance, 0.0), cell_averages=True)
    (law,) = laws_in_time(Stretched(variance), grid, CLOSED, start, [14.0])
    assert missed(law, later(faces, variance, 14.0)) <= law.error < 1e-2


def test_the_bound_is_nearly_the_distance_and_half_of_it_would_not_cover():
    variance, times = 1e-4, np.array([6.0, 9.0, 12.0])
    grid = Grid(-3.0, 3.0, 61)
    start = Density.normalised(grid, later(grid.edges[0], variance, 0.0), cell_averages=True)
    sde = Langevin(SymbolicLandscape("w**2/2"), Isotropic(variance, 1))
    bounds = Contraction.of(sde, grid).apart(start.probabilities, later(grid.edges[0], variance, 99.0), times)
    away = np.abs(MEAN * np.exp(-times)) / np.sqrt(2 * np.pi * variance)
    assert (bounds[1:] >= away[1:]).all()
    assert (bounds[1:] < 1.5 * away[1:]).all()
    fine = Grid(-0.2, 0.2, 4000)  # on which the distance is seen in full
    settled = later(fine.edges[0], variance, 99.0)
    apart = [np.abs(later(fine.edges[0], variance, t) - settled).sum() / 2 for t in times]
    assert (bounds >= apart).all()
    assert (bounds[1:] / 2 < apart[1:]).all()  # control


@pytest.mark.parametrize("loss", ["(w**2-1)**2", "-w**2/2", "abs(w)", "0*w"])
def test_where_walkers_need_not_draw_together_nothing_is_said(loss):
    grid = Grid(-2.0, 2.0, 50)
    start = Density.normalised(grid, np.exp(-(grid.axes[0] ** 2)))
    sde = Langevin(SymbolicLandscape(loss), Isotropic(0.1, 1))
    assert settled_laws(sde, grid, InitialLaw(start, sde), [50.0]) is None
