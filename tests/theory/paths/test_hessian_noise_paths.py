"""Sampled paths of noise by |H| beside its laws on grids; other readings and noises lie outside."""

from __future__ import annotations

import numpy as np
import pytest

from compare.distances import total_variation
from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    FokkerPlanck,
    Grid,
    HessianProportional,
    Ito,
    Langevin,
    SmoothAbsolute,
    SymbolicLandscape,
    sample_paths,
)

SEPARABLE = "-exp(-x**2/2) + y**2", 0.2  # det H = 0 at |x| = 1, where the drift leads in
COUPLED = "(x**2 - 1)**2/4 + 2*y**2*(1 + x**2/2)", 0.05
WALKERS, FLOORS = 8000, 1.5


def equation(case, kind=AbsoluteEigenvalues(), reading=Ito()):  # noqa: B008 - frozen
    landscape = SymbolicLandscape(case[0])
    return Langevin(landscape, HessianProportional(landscape, case[1], kind), reading)


@pytest.mark.parametrize(
    ("case", "grid", "start", "coarse"),
    [
        (SEPARABLE, Grid((-2.1, -1.5), (2.1, 1.5), (28, 20)), ((-1.4, -1.4), (1.4, 1.4)), 2),
        (COUPLED, Grid((-2.2, -1.6), (2.2, 1.6), (88, 64)), ((-1.5, -0.5), (1.5, 0.5)), 4),
    ],
    ids=["separable", "coupled"],
)
def test_paths_have_the_law_of_the_grid(case, grid, start, coarse):
    rng = np.random.default_rng(5)
    begin = rng.uniform(*start, (WALKERS, 2))
    ensemble = sample_paths(equation(case), begin, dt=0.005, steps=2000, rng=rng)
    walkers = ensemble.histogram(grid).coarsen(coarse)
    law = FokkerPlanck(equation(case), grid).stationary()
    own = total_variation(walkers, law.coarsen(coarse))
    assert own.value < FLOORS * own.noise_floor
    for control in ((AbsoluteEigenvalues(), AntiIto()), (SmoothAbsolute(1.0), Ito())):
        other = FokkerPlanck(equation(case, *control), grid).stationary()
        distance = total_variation(walkers, other.coarsen(coarse))
        assert distance.value > 2 * FLOORS * distance.noise_floor
