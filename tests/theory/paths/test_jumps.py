"""Drifts that jump between the cells: the law is right wherever they do, and its error says so."""

from __future__ import annotations

import numpy as np
import pytest
from doubles import LineEquation
from doubles_plane import PlaneEquation, constant
from plane_laws import distance, turning_valley

from theory import Constant, FokkerPlanck, Grid, Langevin, SymbolicLandscape
from theory.fokker_planck.generator.fluxes import ExponentiallyFitted
from theory.fokker_planck.generator.jumps import has_jumps, jumping
from theory.fokker_planck.lattice.stationary import solve_stationary
from theory.laws.neighbours import along_axis

TENSOR = np.array([[1.0, 0.3], [0.3, 0.5]])


def tip(place):
    """Law exp(-2 |x - place| - y^2): its drift jumps at `place`, and so does the rotated noise's answer to it."""

    def slope(w):
        return np.stack([2 * np.sign(w[..., 0] - place), 2 * w[..., 1]], axis=-1)

    equation = PlaneEquation(lambda w: -slope(w) @ TENSOR, constant(TENSOR))
    return equation, lambda w: -2 * np.abs(w[..., 0] - place) - w[..., 1] ** 2


@pytest.mark.parametrize("cells", [40, 61, 100])
@pytest.mark.parametrize("place", [0.013, 0.1, -0.0371])
def test_a_tip_between_the_centres_is_met_and_the_error_covers(cells, place):
    equation, log_law = tip(place)
    found = solve_stationary(equation, Grid([-6, -4], [6, 4], [cells, cells]))
    true = distance(found.density, log_law) / 2
    assert true < found.density.error < 0.1
    assert true < 0.006
    assert found.order == 2
    assert isinstance(found.flux, ExponentiallyFitted)
    assert "jumps" in found.reason


def test_two_temperatures_over_a_tip_through_the_facade():
    sde = Langevin(SymbolicLandscape("2*abs(x - 0.1) + y**2/2"), Constant(np.diag([1.0, 0.5])))
    equation = FokkerPlanck(sde, Grid([-6, -4], [6, 4], [60, 60]))
    law = equation.stationary()
    true = distance(law, lambda w: -2 * np.abs(w[..., 0] - 0.1) - w[..., 1] ** 2) / 2
    assert true < law.error
    assert true < 1e-3


def test_smooth_drifts_never_jump_however_steep():
    for grid in (Grid([-2, -2], [2, 2], [20, 20]), Grid([-3, -3], [3, 3], [60, 60])):
        assert not has_jumps(turning_valley()[0], grid)
        steep = PlaneEquation(lambda w: -(w**5) - np.sin(3 * w[..., ::-1]), constant(TENSOR))
        assert not has_jumps(steep, grid)
        assert has_jumps(tip(0.013)[0], grid)


def test_a_jump_is_found_where_it_is_and_across_a_seam():
    ring = Grid(-1.0, 1.0, 40, periodic=True)
    sources, targets, steps = along_axis(ring, 0)
    equation = LineEquation(lambda w: np.where((w > -0.99) & (w < 0.31), 1.0, -2.0), np.ones_like, np.zeros_like)
    found = jumping(equation, ring, equation.drift(ring.centers), sources, targets, steps)
    assert ring.axes[0][sources[found]] == pytest.approx([0.275, 0.975])  # -0.99 is behind the seam


def test_a_pole_is_no_jump():
    grid = Grid([-1, -1], [1, 1], [21, 21])  # a centre on the pole

    def pull(w):
        square = (w**2).sum(axis=-1, keepdims=True)
        return np.divide(-w, square, out=np.zeros_like(w), where=square > 0)

    assert not has_jumps(PlaneEquation(pull, constant(TENSOR)), grid)


@pytest.mark.parametrize(
    ("formula", "tensor", "cells", "most"),
    [
        ("2*abs(x) + y**2/2", [[1.0, 2.4], [2.4, 6.0]], 80, 1e-3),  # long steps change much without a jump
        ("abs(x - y) + x**2/4", [[1.0, 0.0], [0.0, 1.0]], 80, 1e-12),  # the jump runs through centres
        ("abs(x + y) + abs(x - y)/2", [[1.0, 0.0], [0.0, 1.0]], 80, 5e-3),
    ],
)
def test_tips_on_skew_stencils_and_through_centres(formula, tensor, cells, most):
    landscape, matrix = SymbolicLandscape(formula), np.array(tensor)
    equation = PlaneEquation(lambda w: -landscape.gradient(w) @ matrix, constant(matrix))
    shift = 0.07 if "2*abs(x)" in formula else 0.0
    found = solve_stationary(equation, Grid([shift - 6, shift - 6], [6, 6], [cells, cells]))
    true = distance(found.density, lambda w: -landscape.value(w)) / 2
    assert true < most
    assert true < found.density.error
