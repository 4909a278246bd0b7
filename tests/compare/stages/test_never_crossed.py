"""Where noise and drift vanish together walkers never pass, on no grid and at no time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from simulate import SGD
from theory import FokkerPlanck, Grid, InputError, Isotropic, Langevin, ProductModel, gaussian, langevin_limit
from theory.fokker_planck.evolution.chosen_laws import laws_in_time
from theory.fokker_planck.lattice.leakage import leaks
from theory.fokker_planck.passages.quantities import passage_time
from theory.laws.region import Region


def test_a_barrier_where_noise_and_drift_vanish_is_never_crossed():
    sde = langevin_limit(ProductModel("(w + 1.8)*(w - 1.8)**2", loss_scale=1.0), SGD(0.01, 20))
    equation = FokkerPlanck(sde, Grid(-4.0, 2.5, 260))
    with pytest.raises(InputError, match=r"got 1224 of 1440 from where walkers never reach it \(infinite mean\)"):
        equation.mean_first_passage_time(lambda w: w[..., 0] > 0)
    here = equation.mean_first_passage_time(lambda w: (w[..., 0] < -1.9) | (w[..., 0] > -0.7)).mean
    assert 0 < here.at(-1.5) < 1
    start = gaussian([-1.2], [[0.1]], equation.grid)
    left = start.mass(lambda w: w[..., 0] < -0.6)
    (law,) = equation.evolve(start, [1e6])
    assert law.mass(lambda w: w[..., 0] < -0.6) == pytest.approx(left, abs=1e-12)
    assert 0.9 < left < 0.999
    noisy = Langevin(sde.landscape, Isotropic(20.0, 1))  # control: noise at the top
    assert FokkerPlanck(noisy, equation.grid).escape_rate(lambda w: w[..., 0] < -0.6) > 0


def test_a_slanted_barrier_in_a_plane_is_never_crossed():
    # In u = x + y: D = u^2 and b = 5 u / (1 + u^2) - u, so that u = 0 is never reached; noise along it.
    along = np.array([[1, -1], [-1, 1]]) / 2

    @dataclass(frozen=True)
    class Slanted:
        dim: int = 2

        def tensor(self, w):
            u = w.sum(axis=-1)[..., None, None]
            return np.array([[1, 1], [1, 1]]) / 2 * u**2 + along

        def divergence(self, w):
            u = w.sum(axis=-1)[..., None]
            return 2 * u * np.ones(2)

        def drift(self, w):
            u = w.sum(axis=-1)[..., None]
            return (5 * u / (1 + u**2) - u) / 2 * np.ones(2) - (w - w[..., ::-1]) / 2

        def potential(self, w):
            return None

    grid = Grid([-4, -4], [4, 4], [44, 44])
    regions = (Region(grid, lambda w: w.sum(axis=-1) < -5, "target"),)
    closed = np.zeros((2, 2), dtype=bool)
    with pytest.raises(InputError, match="never reach it"):
        passage_time(Slanted(), grid, closed, regions)
    start = gaussian([0.5, 0.3], [[0.1, 0.0], [0.0, 0.1]], grid)
    (law,) = laws_in_time(Slanted(), grid, closed, start, [5.0])

    def above(w):
        return w.sum(axis=-1) > 0

    shares = leaks(Slanted(), grid)
    assert shares.count == 1
    assert law.mass(above) == pytest.approx(start.mass(above), abs=0.02)
    side = shares.regions == shares.regions[-1]
    kept = law.probabilities.ravel()[side].sum() - start.probabilities.ravel()[side].sum()
    assert abs(kept) < 1e-9
