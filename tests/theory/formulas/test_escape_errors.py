"""Errors of passage times and committors on few cells, where meshes say little, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from theory import Constant, FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape

FREE = SymbolicLandscape("0*x*y")


def time_from_the_middle(radius, pull, dim, r):
    """Mean time for dw = -pull w dt + sqrt(2) dW to leave a ball from the distance r, by quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(300)
    nodes, weights = (nodes + 1) / 2, weights / 2
    x = r + (radius - r) * nodes
    inner = (nodes ** (dim - 1) * np.exp(pull / 2 * np.outer(x**2, 1 - nodes**2))) @ weights
    return float((radius - r) * (weights * inner * x).sum())


@pytest.mark.parametrize(
    ("dim", "cells", "radius", "pull"),
    [
        (2, 20, 0.61, -157.0),
        (2, 22, 0.756, 0.063),
        (3, 12, 0.924, -135.0),
        (3, 8, 0.69, -258.0),
        (3, 15, 0.89, -2.1),
    ],
)
def test_balls_of_few_cells_have_an_error_that_covers(dim, cells, radius, pull):
    square = " + ".join(f"{name}**2" for name in "xyz"[:dim])
    sde = Langevin(SymbolicLandscape(f"{pull}*({square})/2"), Isotropic(1.0, dim))
    grid = Grid([-1.0] * dim, [1.0] * dim, [cells] * dim)
    time = FokkerPlanck(sde, grid).mean_first_passage_time(lambda w: (w**2).sum(axis=-1) > radius**2).mean
    middle = (cells // 2,) * dim
    exact = time_from_the_middle(radius, pull, dim, float(np.linalg.norm(grid.centers[middle])))
    assert np.isfinite(time.error).all()
    assert abs(time.values[middle] - exact) <= time.error[middle]
    assert time.error[middle] < exact
    assert abs(time.values[middle] - 2 * exact) > time.error[middle]  # a factor of 2 lies outside


@pytest.mark.parametrize(("cells", "drift"), [((46, 20), (799.0, 935.0)), ((35, 14), (30.0, -31.0))])
def test_committors_along_slanted_stencils_have_an_error_that_covers(cells, drift):
    """Upwinding along slanted steps spreads walkers far on all meshes, differently on each."""
    tensor = Constant([[1.0, -0.77 * np.sqrt(0.139)], [-0.77 * np.sqrt(0.139), 0.139]])
    sde = Langevin(FREE, tensor, extra_drift=lambda w: np.array(drift) + 0 * np.asarray(w))
    grid = Grid([0.0, 0.0], [1.0, 1.0], cells, [False, True])
    low, high = 0.058, 0.934
    chance = FokkerPlanck(sde, grid).committor(lambda w: w[..., 0] < low, lambda w: w[..., 0] > high)
    x = grid.axes[0][13] - low
    exact = np.expm1(-drift[0] * x) / np.expm1(-drift[0] * (high - low))
    assert abs(chance.values[13, 3] - exact) <= chance.error[13, 3] < 0.5
