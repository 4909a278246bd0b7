"""Laws in time against closed forms, and what grids of half the cells say of them."""

from __future__ import annotations

import numpy as np
import pytest

from theory import (
    Absorbing,
    Density,
    FokkerPlanck,
    Grid,
    Isotropic,
    Langevin,
    SymbolicLandscape,
    gaussian,
)
from theory.fokker_planck.dynamics.relaxation import rebinned
from theory.fokker_planck.plane.mesh import halved

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
