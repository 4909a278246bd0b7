"""Stretches of a line without noise: crossed by the drift, never crossed, or where walkers stick."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
from scipy.stats import beta

from theory import (
    AbsoluteEigenvalues,
    AntiIto,
    FokkerPlanck,
    Grid,
    HessianProportional,
    InputError,
    Ito,
    Langevin,
    NoStationaryDensity,
    PositivePart,
    Reflecting,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    find_degenerate_points,
    gaussian,
)

READINGS = [Ito(), Stratonovich(), AntiIto()]
BUMP, WELLS = "-exp(-x**2/2)", "(x**2 - 1)**2/4"


def equation(formula, scale=0.05, kind=PositivePart(), reading=Ito()):  # noqa: B008 - frozen
    landscape = SymbolicLandscape(formula)
    return Langevin(landscape, HessianProportional(landscape, scale, kind), reading)


def bump_masses(grid, scale, reading):
    """With z = x^2: p ~ (1 - z)^(share - 1 + 1/(2 scale)) exp((1 - share) z / 2) by Gauss and Jacobi's weight."""
    power = reading.share - 1 + 1 / (2 * scale)
    fine = np.concatenate([np.linspace(a, b, 2001)[:-1] for a, b in zip(grid.edges[0], grid.edges[0][1:])])  # noqa: B905
    faces = np.append(fine, grid.upper[0])
    mass = np.diff(beta.cdf((faces + 1) / 2, power + 1, power + 1))
    middles = (faces[:-1] + faces[1:]) / 2
    masses = (mass * np.exp((1 - reading.share) * middles**2 / 2)).reshape(-1, 2000).sum(axis=1)
    return masses / masses.sum()


@pytest.mark.parametrize("kind", [PositivePart(), AbsoluteEigenvalues()], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("reading", READINGS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(("scale", "cells"), [(0.05, 40), (0.05, 41), (0.4, 44), (2.0, 30), (2.0, 45)])
def test_the_law_lives_where_there_is_noise(scale, cells, reading, kind):
    grid = Grid(-2.25, 2.25, cells)  # centres on +-1 with 45 cells
    law = FokkerPlanck(equation(BUMP, scale, kind, reading), grid).stationary()
    assert np.abs(law.probabilities - bump_masses(grid, scale, reading)).sum() / 2 < 1e-6  # of the truth
    assert law.error < 1e-9
    assert law.mass(lambda w: np.abs(w[..., 0]) > 1.1) == 0
    for other in READINGS:  # control
        if other != reading:
            assert np.abs(law.probabilities - bump_masses(grid, scale, other)).sum() / 2 > 1e-3


@pytest.mark.parametrize("reading", READINGS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("scale", [0.05, 4.0])
@pytest.mark.parametrize("cells", [34, 36])
@pytest.mark.parametrize("tilt", ["", " + x/10"])
def test_a_circle_has_the_law_of_its_noisy_part(cells, scale, reading, tilt):
    grid = Grid(-np.pi, np.pi, cells, periodic=True)  # centres, then faces, on the ends of the stretch
    quiet, noisy = (
        FokkerPlanck(equation(f"1 - cos(x){tilt}", scale, kind, reading), grid).stationary()
        for kind in (PositivePart(), AbsoluteEigenvalues())
    )
    assert np.abs(quiet.probabilities - noisy.probabilities).sum() / 2 < 1e-9
    assert quiet.mass(lambda w: np.abs(w[..., 0]) > np.pi / 2 + grid.spacing[0]) == 0


@pytest.mark.parametrize("reading", READINGS, ids=lambda one: type(one).__name__)
def test_from_between_two_wells_the_drift_parts_the_mass_at_the_top(reading):
    grid = Grid(-2.2, 2.2, 88)
    here = FokkerPlanck(equation(f"{WELLS} + x/20", reading=reading), grid)
    reason = r"classes: 2 .*; never crossed: 0\.050\d+; crossed by drift alone, one way: -0\.57735, 0\.57735;"
    with pytest.raises(NoStationaryDensity, match=reason):
        here.stationary()
    start = gaussian([0.1], [[0.1]], grid)
    top = float(np.min(np.abs(np.roots([1, 0, -1, 0.05]))))
    cell = int(grid.locate(np.array([top]))[0])
    part = (top - grid.edges[0][cell]) / grid.spacing[0]
    left = start.probabilities[:cell].sum() + part * start.values.ravel()[cell] * grid.spacing[0]
    found = here.limit_law(start)
    assert found.weights[0] == pytest.approx(left, abs=1e-4)
    absolute = FokkerPlanck(equation(f"{WELLS} + x/20", kind=AbsoluteEigenvalues(), reading=reading), grid)
    other = absolute.limit_law(start)
    assert abs(other.weights[0] - left) > 1e-3  # control: noise between the gates carries some over the top
    for one, same in zip(found.classes, other.classes, strict=True):
        assert np.abs(one.law.probabilities - same.law.probabilities).sum() < 1e-9


def test_points_of_a_stretch():
    left, top, right = find_degenerate_points(equation(WELLS), -2.2, 2.2)
    assert [left.position, top.position, right.position] == pytest.approx([-(3**-0.5), 0, 3**-0.5], abs=1e-15)
    assert (left.direction, top.direction, right.direction) == (-1, 0, 1)
    assert left.right.quiet
    assert not left.left.quiet
    assert left.left.noise_exponent == 1
    assert math.isinf(top.left.noise_exponent)
    assert str(top.left) == "no noise, drift ~ 1 u^1"


def with_noise(formula, noise):
    landscape = SymbolicLandscape(formula)
    (x,) = landscape.variables
    root = sympy.sqrt(sympy.sympify(noise, {"x": x}))
    return Langevin(landscape, SymbolicTensor(sympy.Matrix([[root]]), (x,)))


def test_walkers_stick_where_the_drift_ends_in_a_stretch():
    here, grid = with_noise("x**2/2", "Max(x - 1, 0)"), Grid(-2, 4, 60)
    with pytest.raises(NoStationaryDensity, match=r"classes: 1 \(a point mass at 0\); never crossed: 0; crossed"):
        FokkerPlanck(here, grid).stationary()
    found = FokkerPlanck(here, grid).limit_law(gaussian([2.0], [[0.1]], grid))
    assert [mass.position for mass, _ in found.point_masses] == [(0.0,)]
    assert found.weights == pytest.approx((1.0,))


def test_half_still_points_hold_what_comes_from_one_side():
    here, grid = with_noise("x**3/3", "Max(x - 1, 0) + Max(-x - 1, 0)"), Grid(-3, 3, 60)  # drift -x^2
    found = FokkerPlanck(here, grid, Reflecting()).limit_law(gaussian([0.5], [[0.01]], grid))
    ((point, weight),) = found.point_masses
    assert point.position == (0.0,)
    assert weight == pytest.approx(1, abs=1e-6)


def test_walls_at_which_a_stretch_ends():
    here, grid = equation("x**3/6 - x/4"), Grid(-2.2, 2.2, 48)  # no noise below 0, a top at -.7
    with pytest.raises(NoStationaryDensity, match=r"on \(-2.2, -0.707107\) nothing diffuses, and the drift leads"):
        FokkerPlanck(here, grid).stationary()
    start = gaussian([-1.0], [[0.04]], grid)
    with pytest.raises(NoStationaryDensity, match=r"the wall -2.2, where they stay; widen the grid"):
        FokkerPlanck(here, grid).limit_law(start)
    found = FokkerPlanck(here, grid, Reflecting()).limit_law(start)
    assert found.classes[0].position == (-2.2,)
    assert found.weights[0] == pytest.approx(start.mass(lambda w: w[..., 0] < -(0.5**0.5)), abs=0.02)
    assert FokkerPlanck(here, grid).limit_law(gaussian([1.0], [[0.02]], grid)).weights == pytest.approx((1.0,))


def test_narrow_stretches_are_found():
    here = equation("x**4/12 - x**2*5e-6 + x/5", 0.1)  # no noise where x^2 < 1e-5
    points = find_degenerate_points(here, -3, 4)
    assert [point.position for point in points] == pytest.approx([-(1e-5**0.5), 1e-5**0.5], rel=1e-6)
    assert [point.direction for point in points] == [-1, -1]


@pytest.mark.parametrize(
    ("formula", "noise", "message"),
    [
        ("x**2/2", "0", "D must not vanish everywhere, got 0 from -2 to 4; add noise"),
        (
            "((x + abs(x))/2)**2/2",
            "Max(x - 1, 0)",
            r"both vanish on an interval, got neither from -2 to -?[0-9.e-]+, where",
        ),
    ],
)
def test_stretches_that_are_refused(formula, noise, message):
    with pytest.raises(InputError, match=message):
        FokkerPlanck(with_noise(formula, noise), Grid(-2, 4, 60)).stationary()


def test_in_time_the_drift_alone_moves_walkers():
    grid = Grid(-2.2, 2.2, 120)
    here = FokkerPlanck(equation(WELLS), grid)
    start = gaussian([0.15], [[0.03**2]], grid)
    (law,) = here.evolve(start, [0.7])  # x' = x - x^3
    x = start.grid.refined(40).axes[0]
    fine = np.exp(-((x - 0.15) ** 2) / 2 / 0.03**2)
    moved = x * np.exp(0.7) / np.sqrt(1 + x**2 * (np.exp(1.4) - 1))
    masses = np.bincount(np.clip(grid.locate(moved[:, None])[0], 0, None), fine, grid.size)
    assert np.abs(law.probabilities - masses / masses.sum()).sum() / 2 <= law.error
    times = here.mean_first_passage_time(lambda w: np.abs(w[..., 0]) > 0.55)
    at = times.mean.at(np.array([[0.2]]))[0]
    exact = np.log(0.55 / 0.2) - np.log((1 - 0.55**2) / (1 - 0.2**2)) / 2
    assert at == pytest.approx(exact, rel=0.1)
