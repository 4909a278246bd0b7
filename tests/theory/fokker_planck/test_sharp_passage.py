"""Passages where drift rules over the cells: sharp differences, and errors next to an end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant
from scipy.special import ive

from theory import (
    Constant,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    SymbolicLandscape,
    Underdamped,
)
from theory.fokker_planck.passages.sharp_fields import better_field
from theory.fokker_planck.passages.sharp_walk import sharp_walk
from theory.fokker_planck.passages.walk import walk_until
from theory.laws.field import Field
from theory.laws.region import Region

CLOSED = np.zeros((2, 2), dtype=bool)
SLANTED = np.array([[1.0, -2.0], [-2.0, 9.0]])
LOW, HIGH = 0.113, 0.871


def below(w):
    return w[..., 0] < LOW


def above(w):
    return w[..., 0] > HIGH


def pushed(drift, tensor):
    landscape = SymbolicLandscape("0*x*y")
    return Langevin(landscape, Constant(tensor), extra_drift=lambda w: np.array(drift) + 0 * np.asarray(w))


def arrival(x, drift):
    return np.expm1(-drift * (x - LOW)) / np.expm1(-drift * (HIGH - LOW))


@pytest.mark.parametrize("drift", [0.3, 30.0, 300.0, 3000.0])
def test_a_strip_is_crossed_as_the_formulas_say_at_any_drift(drift):
    equation = PlaneEquation(lambda w: np.zeros_like(w) + np.array([drift, 0.7 * drift]), constant(SLANTED))
    grid = Grid([0, 0], [1, 1], [40, 16], [False, True])
    regions = [Region(grid, below, "a"), Region(grid, above, "b")]
    walk = sharp_walk(equation, grid, CLOSED, regions)
    x = grid.centers.reshape(-1, 2)[walk.cells, 0]
    chance, error = walk.solve(np.zeros(len(x)), [0, 1, 0])
    assert np.abs(chance - arrival(x, drift)).max() < 1e-12
    time, _ = walk.solve(np.ones(len(x)), [0, 0, 0])
    exact = ((HIGH - LOW) * arrival(x, drift) - (x - LOW)) / drift
    assert time == pytest.approx(exact, rel=1e-10)
    assert (error >= np.abs(chance - arrival(x, drift)) - 1e-14).all()
    if 1 < drift < 1000:  # control: the fitted flux spreads walkers along slanted steps
        fitted = walk_until(equation, grid, CLOSED, regions)
        far = np.abs(fitted.elimination.solve(fitted.exits[1]) - arrival(x, drift)).max()
        assert far > 1e-3


def test_a_layer_thinner_than_a_cell_leaves_an_error_in_the_cell_next_to_the_end():
    """No coarser mesh has a cell there: what central differences would change tells."""
    found = FokkerPlanck(pushed([300.0, 210.0], SLANTED), Grid([0, 0], [1, 1], [40, 16], [False, True]))
    chance = found.committor(below, above)
    x = found.grid.centers[..., 0]
    exact = np.where(below(found.grid.centers), 0, np.where(above(found.grid.centers), 1, arrival(x, 300.0)))
    assert (np.abs(chance.values - exact) <= chance.error + 1e-12).all()
    first = int(np.argmax(found.grid.axes[0] > LOW))
    assert chance.error[first].min() > 1e-3  # not of rounding
    assert chance.error[20].max() < 1e-7  # far from the layer it is sharp


def test_the_spread_of_times_holds_no_numerical_diffusion():
    """A strip against the quadrature of the line."""
    drift, cells = 80.0, 40
    plane = FokkerPlanck(pushed([drift, -30.0], SLANTED), Grid([0, 0], [1, 1], [cells, 16], [False, True]))
    line = Langevin(SymbolicLandscape("0*w"), Isotropic(1.0, 1), extra_drift=lambda w: drift + 0 * np.asarray(w))
    ends = (lambda w: below(w) | above(w),)
    found = plane.mean_first_passage_time(*ends).standard_deviation
    exact = FokkerPlanck(line, Grid(0.0, 1.0, cells)).mean_first_passage_time(*ends).standard_deviation.values
    inside = slice(8, 32)
    miss = np.abs(found.values[inside] - exact[inside, None])
    assert (miss <= found.error[inside]).all()
    assert found.values[inside] == pytest.approx(np.tile(exact[inside, None], 16), rel=0.02)
    fitted = walk_until(plane.sde, plane.grid, CLOSED, [Region(plane.grid, ends[0], "target")])
    mean = fitted.elimination.solve(np.ones(len(fitted.cells)))
    square = 2 * fitted.elimination.solve(mean)
    widest = np.sqrt(square - mean**2).reshape(-1, 16)[12, 3]
    assert widest > 1.05 * exact[np.argmax(found.grid.axes[0] > LOW) + 12]  # control: that of the fitted flux


def test_a_disc_is_left_under_drift_as_its_series_says():
    radius, drift = 0.8, 12.0
    equation = FokkerPlanck(pushed([drift, 0.0], np.eye(2)), Grid([-1, -1], [1, 1], [30, 34]))
    time = equation.mean_first_passage_time(lambda w: (w**2).sum(axis=-1) > radius**2).mean
    points = equation.grid.centers.reshape(-1, 2)
    r = np.linalg.norm(points, axis=1)
    inside = r < radius
    r, cosine = r[inside], points[inside, 0] / r[inside]
    orders = np.arange(40)[:, None]
    edge = drift * radius / 2
    slopes = (ive(np.abs(orders - 1), edge) + ive(orders + 1, edge)) / 2 / ive(orders, edge)
    turns = np.where(orders == 0, 1, 2) * np.cos(orders * np.arccos(cosine))
    series = (turns * slopes * ive(orders, drift * r / 2)).sum(axis=0)
    exact = -r * cosine / drift + radius / drift * np.exp(drift * r / 2 * (1 - cosine)) * series
    found, error = time.values.ravel()[inside], time.error.ravel()[inside]
    assert (np.abs(found - exact) <= error).mean() > 0.99
    assert np.median(error / exact) < 0.02
    assert np.abs(found - exact).mean() < 0.003 * exact.max()
    assert np.abs(found - (radius - r * cosine) / drift).mean() > 0.02 * exact.max()  # control: no noise


def test_of_two_schemes_the_sharper_is_kept_and_its_error_reaches_the_other():
    grid = Grid(0.0, 1.0, 4)
    first = Field(grid, np.ones(4), np.full(4, 1e-3))
    second = Field(grid, np.array([1.0, 1.0, 1.0, 1.05]), np.full(4, 0.01))
    kept = better_field(first, second, 0.0)
    assert (kept.values == 1).all()
    assert kept.error == pytest.approx([1e-3, 1e-3, 1e-3, 0.04])
    assert better_field(first, None, 9.0) is first
    doubtful = replace(second, error=np.full(4, 0.02))
    ruled = better_field(Field(grid, np.ones(4), np.full(4, 1e-12)), doubtful, 100.0)
    assert ruled.error == pytest.approx([1e-12, 1e-12, 1e-12, 0.05])  # upwinding counts the whole distance
    lost = Field(grid, np.ones(4), np.full(4, np.inf))
    assert (better_field(lost, second, 0.0).values == second.values).all()


def test_sharp_differences_stay_away_where_they_do_not_apply():
    grid = Grid([0, 0], [1, 1], [12, 12])
    region = Region(grid, above, "target")
    straight = PlaneEquation(np.zeros_like, constant(np.eye(2)))
    slanted = PlaneEquation(np.zeros_like, constant(SLANTED))
    assert sharp_walk(slanted, grid, CLOSED, [region]) is None  # slanted noise at a wall
    walk = sharp_walk(straight, grid, CLOSED, [region])
    x = grid.centers.reshape(-1, 2)[walk.cells, 0]
    time, _ = walk.solve(np.ones(len(x)), [0, 0])
    assert time == pytest.approx((HIGH**2 - x**2) / 2, rel=2e-3)


def test_times_that_are_all_error_are_refused_and_others_are_not_negative():
    """Inertia on few cells, where differences of both schemes leave more than the times themselves."""

    def crossing(cells):
        equation = Underdamped(SymbolicLandscape("(w**2 - 1)**2/4"), 0.5, 0.2)
        found = FokkerPlanck(equation, Grid((-2.0, -2.0), (2.0, 2.0), (cells, cells)))
        return found.mean_first_passage_time(lambda w: w[..., 0] > 0.8)

    with pytest.raises(InputError, match=r"must not be all error, got 0\.\d+ of it on average; refine the grid"):
        crossing(24)
    finer = crossing(40)
    assert finer.mean.values.min() == finer.standard_deviation.values.min() == 0.0
    assert finer.mean.at([-1.0, 0.0]) == pytest.approx(25.0, rel=0.1)
