"""Laws that reach the end of a grid as a power: what rests on the wall, and which moments follow the box."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from compare.report import LawReport
from compare.report.words import _tails
from theory import (
    Density,
    FokkerPlanck,
    Grid,
    Isotropic,
    Langevin,
    MomentWarning,
    NoStationaryDensity,
    Reflecting,
    SymbolicLandscape,
    SymbolicTensor,
)
from theory.base.absent import Absent
from theory.laws.tails import power_tails

X = sympy.Symbol("x", real=True)
GEOMETRIC = Langevin(SymbolicLandscape("-3*x**2/4", ["x"]), SymbolicTensor(sympy.Matrix([[X]]), (X,)))


@pytest.mark.parametrize("lower", [0, 40])
def test_geometric_brownian_motion_rests_on_the_upper_wall_from_wherever_the_box_begins(lower):
    """B = 3 x / 2 and D = x^2: p ~ x^-1/2, a law only between walls that were asked for."""
    grid = Grid(lower, 260, 200)
    with pytest.raises(NoStationaryDensity, match="boundary=Reflecting"):
        FokkerPlanck(GEOMETRIC, grid).stationary()
    law = FokkerPlanck(GEOMETRIC, grid, Reflecting()).stationary()
    masses = np.diff(np.sqrt(grid.edges[0]))
    assert np.abs(law.probabilities - masses / masses.sum()).sum() / 2 < 1e-4


def student(freedom):
    """D = (1 + x^2)/2, b = (1 - freedom) x / 2: p ~ (1 + x^2)^-(freedom + 1)/2."""
    root = sympy.sqrt((1 + X**2) / 2)
    loss = SymbolicLandscape(f"({freedom} - 1)*x**2/4", ["x"])
    return Langevin(loss, SymbolicTensor(sympy.Matrix([[root]]), (X,)))


@pytest.mark.parametrize(("freedom", "moment"), [(0.5, "mean"), (1.5, "variance"), (2.5, ""), (6, "")])
def test_moments_that_follow_the_box(freedom, moment):
    law = FokkerPlanck(student(freedom), Grid(-300, 300, 800)).stationary()
    tails = power_tails(law)
    assert [tail.power for tail in tails] == pytest.approx([freedom + 1] * 2, abs=0.02)
    assert {tail.moment for tail in tails} == {moment}
    words = _tails(LawReport(Absent("not asked"), law), [X])
    assert len(words) == (2 if moment else 0)
    assert all(f"the {moment} follows the box" in line and " towards x = " in line for line in words)
    if moment:  # the control: a wider box has another one
        wide = FokkerPlanck(student(freedom), Grid(-600, 600, 800)).stationary()
        assert wide.moments.covariance[0, 0] > 1.4 * law.moments.covariance[0, 0]


@pytest.mark.parametrize("freedom", [0.5, 1.5, 2.2, 2.5])
def test_moments_of_heavy_tails_are_said_to_follow_the_box(freedom):
    law = FokkerPlanck(student(freedom), Grid(-300, 300, 800)).stationary()
    with pytest.warns(MomentWarning, match="the variance along w0 follows the box: the density falls like"):
        seen = law.covariance[0, 0]
    if freedom <= 2:
        assert np.isinf(law.covariance_error).all()
    else:  # freedom / (freedom - 2) in units of 1 / freedom
        exact = 1 / (freedom - 2)
        assert abs(seen - exact) <= law.covariance_error[0, 0] < 3 * abs(seen - exact)
    coarse = law.coarsen(4)
    with pytest.warns(MomentWarning):
        assert coarse.covariance[0, 0] == pytest.approx(seen, rel=1e-9)
    if freedom <= 1:
        with pytest.warns(MomentWarning, match="the mean"):
            assert np.isfinite(law.mean).all()


def test_moments_of_light_tails_and_between_walls_are_said_to_be_right():
    light = FokkerPlanck(student(8), Grid(-300, 300, 800)).stationary()
    assert abs(light.covariance[0, 0] - 1 / 6) <= light.covariance_error[0, 0] < 1e-6
    third = FokkerPlanck(student(3), Grid(-300, 300, 800)).stationary()
    assert abs(third.covariance[0, 0] - 1) <= third.covariance_error[0, 0] < 3 * abs(third.covariance[0, 0] - 1)
    walls = FokkerPlanck(GEOMETRIC, Grid(0, 260, 200), Reflecting()).stationary()
    assert walls.covariance_error[0, 0] < 1e-6 * walls.covariance[0, 0]
    assert walls.mean_error[0] < 1e-8 * walls.mean[0]
    again = Density.normalised(walls.grid, walls.values)  # the control: nobody says that walkers meet walls
    with pytest.warns(MomentWarning, match="boundary=Reflecting"):
        assert again.covariance[0, 0] > 0
    assert np.isinf(again.covariance_error[0, 0])


def test_moments_of_a_heavy_tail_along_one_axis_of_the_plane():
    grid = Grid((-200, -4), (200, 4), (160, 24))
    x, y = np.moveaxis(grid.centers, -1, 0)
    law = Density.from_log(grid, -1.6 * np.log1p((x / 10) ** 2) - y**2 / 2, error=0.0)
    with pytest.warns(MomentWarning, match="variance along w0"):
        law.covariance  # noqa: B018
    assert law.covariance_error[0, 0] > 0.1 * law.moments.covariance[0, 0]
    assert law.covariance_error[1, 1] < 0.01


@pytest.mark.parametrize(("loss", "temperature"), [("w**2/2", 4.0), ("w**2/2", 100.0), ("abs(w)", 3.0)])
def test_laws_that_a_small_box_cuts_have_no_power(loss, temperature):
    sde = Langevin(SymbolicLandscape(loss), Isotropic(temperature, 1))
    law = FokkerPlanck(sde, Grid(-1, 1, 200), Reflecting()).stationary()
    assert power_tails(law) == ()


def test_samples_have_no_power():
    grid = Grid(0.01, 10, 100)
    assert power_tails(Density.normalised(grid, 1 / grid.axes[0])) != ()
    rng = np.random.default_rng(1)
    assert power_tails(Density.from_samples(10 ** rng.uniform(-1, 0.9, (1000, 1)), grid)) == ()
