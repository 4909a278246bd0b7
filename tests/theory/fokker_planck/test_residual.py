"""The residual by findiff sees what is right, at its order, and what is wrong."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant
from plane_laws import (
    ROTATED,
    ROTATED_COVARIANCE,
    gaussian,
    rotated_grid,
    slope,
    turning_in_space,
    turning_valley,
)

from theory.base.errors import InputError
from theory.fokker_planck.lattice.stationary import solve_stationary
from theory.fokker_planck.residual import residual
from theory.laws.density import Density
from theory.laws.grid import Grid

pytest.importorskip("findiff")


def law(grid, log_law):
    return Density.from_log(grid, log_law(grid.centers))


@pytest.mark.parametrize("order", [2, 4, 6])
def test_exact_laws_leave_a_residual_of_the_order_of_the_operator(order):
    equation, log_law = turning_valley()
    cells = (60, 90, 120)
    grids = [Grid([-4.5, -3], [4.5, 3], [n, n]) for n in cells]
    found = [residual(equation, law(grid, log_law), order).relative for grid in grids]
    assert slope(cells, found) > order - 0.4
    wrong, _ = turning_valley(reading=0)
    assert residual(wrong, law(grids[-1], log_law), order).relative > 0.05


def test_computed_laws_are_as_good_as_the_exact_one_to_this_operator():
    grid = rotated_grid(100)
    exact = residual(ROTATED, law(grid, gaussian(ROTATED_COVARIANCE))).relative
    found = solve_stationary(ROTATED, grid)
    assert residual(ROTATED, found.density).relative == pytest.approx(exact, rel=0.1)
    plain = residual(ROTATED, Density(grid, found.plain), 6).relative
    assert residual(ROTATED, found.density, 6).relative < plain / 20
    gibbs = law(grid, gaussian(np.diag([1, 1 / 3])))
    assert residual(ROTATED, gibbs).relative > 100 * exact


def test_field_shows_where_and_leaves_out_the_rim():
    grid = Grid([-5, -5], [5, 5], [60, 50])
    equation = PlaneEquation(lambda w: -w, constant(np.eye(2)))
    spoilt = law(grid, lambda w: -(w**2).sum(axis=-1) / 2).values.copy()
    spoilt[40, 20] *= 1.5
    found = residual(equation, Density.normalised(grid, spoilt))
    assert found.values.shape == grid.shape
    cell = np.unravel_index(np.abs(found.values).argmax(), grid.shape)
    assert np.abs(np.subtract(cell, (40, 20))).max() <= found.rim
    assert not found.values[: found.rim].any()
    assert not found.values[:, -found.rim :].any()


def test_circles_have_no_rim_and_space_works():
    grid = Grid([-1, -1], [1, 1], [40, 40], True)
    equation = PlaneEquation(  # Phi = -cos(pi x), and a turn along y
        lambda w: -np.pi * np.sin(np.pi * w) * [1, 0] + [0, 1], constant(np.eye(2))
    )
    found = residual(equation, law(grid, lambda w: np.cos(np.pi * w[..., 0])), 6)
    assert found.relative < 1e-4
    assert np.abs(found.values[0]).max() > 0
    turning, cells, log_law = turning_in_space(1)
    assert residual(turning, law(cells(40), log_law), 6).relative < 2e-3


def test_says_what_is_wrong(monkeypatch):
    density = law(rotated_grid(20), gaussian(ROTATED_COVARIANCE))
    with pytest.raises(InputError, match=r"must be 2, 4, 6, .*got 3"):
        residual(ROTATED, density, 3)
    with pytest.raises(InputError, match="more than 24 cells along each axis"):
        residual(ROTATED, density, 8)
    with pytest.raises(InputError, match="one dimension, got 3 and 2"):
        residual(turning_in_space(1)[0], density)
    monkeypatch.setitem(sys.modules, "findiff", None)
    with pytest.raises(InputError, match=r"pip install '\.\[findiff\]'` in a checkout"):
        residual(ROTATED, density)
