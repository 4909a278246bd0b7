"""Passages on a line by quadrature, and errors of passages where drift rules, against closed forms."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from theory import Absorbing, Constant, FokkerPlanck, Grid, InputError, Isotropic, Langevin
from theory import SymbolicLandscape as Formula
from theory.fokker_planck.meshes.refinement import Answer
from theory.fokker_planck.passages.intervals import WALL, intervals
from theory.laws.region import Region

FREE, PLANE = Formula("0*w"), Formula("0*x*y")


def pushed(velocity, noise):
    return Langevin(FREE, Isotropic(noise, 1), extra_drift=lambda w: velocity + 0 * np.asarray(w))


def below(x):
    return lambda w: w[..., 0] < x


def above(x):
    return lambda w: w[..., 0] > x


@pytest.mark.parametrize("peclet", [0.01, 1.0, 30.0, 1000.0])
def test_brownian_motion_with_drift_leaves_an_interval_at_every_peclet_number(peclet):
    grid = Grid(0.0, 1.0, 40)
    equation = FokkerPlanck(pushed(peclet, 1.0), grid, Absorbing())
    time = equation.mean_first_passage_time()
    mpmath.mp.dps = 40
    v = mpmath.mpf(peclet)
    x = [mpmath.mpf(float(one)) for one in grid.axes[0]]
    arrives = [mpmath.expm1(-v * one) / mpmath.expm1(-v) for one in x]
    exact = np.array([float((p - one) / v) for p, one in zip(arrives, x, strict=True)])
    assert (np.abs(time.mean.values - exact) <= time.mean.error).all()
    np.testing.assert_allclose(time.mean.values, exact, rtol=1e-10)
    rate = equation.escape_rate()
    truth = peclet**2 / 4 + np.pi**2
    assert abs(rate - truth) < rate.error < 0.02 * truth
    if peclet > 20:  # control: the chain on the grid is upwinding
        one_way = 1 / (np.abs(exact[20]))
        assert abs(one_way - truth) > 5 * rate.error


def test_drift_to_a_target_takes_distance_over_speed_and_a_spread_that_diffusion_makes():
    v, noise = 20.0, 0.1
    grid = Grid(0.0, 2.0, 50)
    time = FokkerPlanck(pushed(-v, noise), grid).mean_first_passage_time(below(0.33))
    far = grid.axes[0] > 0.33
    distance = grid.axes[0] - 0.33
    inner = far & (grid.axes[0] < 1.8)  # beyond, the wall at 2 is seen
    np.testing.assert_allclose(time.mean.values[inner], distance[inner] / v, rtol=1e-9)
    np.testing.assert_allclose(time.variance[inner], 2 * noise * distance[inner] / v**3, rtol=1e-9)
    assert (time.mean.values[~far] == 0).all()
    upwinded = 2 * (noise + v * grid.spacing[0] / 18) * distance / v**3  # control: on cells cut in nine
    assert (upwinded > 1.2 * time.variance)[inner].all()


def test_the_well_between_two_ends_and_a_ring_agree_with_quadrature():
    heat = 0.1
    equation = FokkerPlanck(Langevin(Formula("w**2/2 + w/4"), Isotropic(heat, 1)), Grid(-2.0, 2.0, 80))
    a, b = -1.3, 0.9
    time = equation.mean_first_passage_time(lambda w: (w[..., 0] < a) | (w[..., 0] > b)).mean
    mpmath.mp.dps = 15

    def rise(y):
        return mpmath.exp((y * y / 2 + y / 4) / heat)

    x = float(equation.grid.axes[0][35])
    whole = mpmath.quad(rise, [a, 0, b])

    def green(z):
        near = mpmath.quad(rise, [a, min(x, z)]) * mpmath.quad(rise, [max(x, z), b])
        return near / whole / rise(z) / heat

    exact = float(mpmath.quad(green, [a, -0.25, x, b], maxdegree=4))
    assert time.values[35] == pytest.approx(exact, rel=1e-8)
    ring = Grid(0.0, 1.0, 30, True)
    turning = Langevin(FREE, Isotropic(0.5, 1), extra_drift=lambda w: 3.0 + 0 * np.asarray(w))
    found = FokkerPlanck(turning, ring).mean_first_passage_time(lambda w: np.abs(w[..., 0] - 0.5) < 0.1).mean
    at = np.mod(ring.axes[0] - 0.6, 1.0)  # distance gone since the target, 0.8 long
    expected = (0.8 * np.expm1(-6 * at) / np.expm1(-4.8) - at) / 3
    outside = np.abs(ring.axes[0] - 0.5) > 0.1
    np.testing.assert_allclose(found.values[outside], expected[outside], rtol=1e-11)


def test_committors_against_the_drift_keep_their_digits():
    grid = Grid(0.0, 1.0, 50)
    chance = FokkerPlanck(pushed(-400.0, 1.0), grid).committor(below(0.11), above(0.9))
    x = grid.axes[0]
    inside = (x > 0.11) & (x < 0.9)
    exact = np.exp(400 * (x - 0.9)) * np.expm1(-400 * (x - 0.11)) / np.expm1(-400 * 0.79)
    np.testing.assert_allclose(chance.values[inside], exact[inside], rtol=1e-10)
    assert (np.abs(chance.values - exact) <= chance.error)[inside].all()
    assert (chance.values[x > 0.9] == 1).all()
    with pytest.raises(InputError, match="largest floating point number"):
        FokkerPlanck(pushed(-2000.0, 1.0), grid).mean_first_passage_time(above(0.9))


def test_intervals_lie_between_regions_sides_and_walls():
    def found(grid, where, sides=(False, False)):
        return intervals(grid, np.array([sides]), (Region(grid, where, "target"),))

    line, ring = Grid(0.0, 1.0, 10), Grid(0.0, 1.0, 10, True)
    left, right = found(line, lambda w: np.abs(w[..., 0] - 0.4) < 0.05, (True, False))
    assert (left.left, left.right, right.left, right.right) == (2, 1, 1, WALL)
    assert (left.lower, right.upper) == (0.0, 1.0)
    np.testing.assert_allclose((left.upper, right.lower), (0.35, 0.45), rtol=1e-12)
    (one,) = found(ring, lambda w: np.abs(w[..., 0] - 0.4) < 0.05)
    np.testing.assert_allclose((one.lower, one.upper), (0.45, 1.35), rtol=1e-12)
    (seam,) = found(ring, below(0.3))
    np.testing.assert_allclose((seam.lower, seam.upper), (0.3, 1.0), rtol=1e-12)
    mask = np.zeros(10, bool)
    mask[3] = True
    assert [(round(i.lower, 12), round(i.upper, 12)) for i in found(line, mask)] == [(0.0, 0.3), (0.4, 1.0)]


def test_meshes_of_first_order_have_an_error_that_covers():
    """A value 1 + h + h^2 / 5 on meshes h, 2h, 4h: what is left of Richardson's step is two thirds of h."""
    h = 0.01
    value, half, quarter = (1 + k * h + (k * h) ** 2 / 5 for k in (1, 2, 4))
    answer = Answer(np.array(value), (np.array(value - half), np.array(half - quarter)), ((2.0,) * 3,) * 2)
    best, error = answer.extrapolated("value")
    assert abs(best - 1) < error < 3 * h
    third = abs(value - half - (half - quarter) / 4) / 3  # control: of second order alone
    assert abs(best - 1) > 2 * third


@pytest.mark.parametrize("peclet", [0.1, 10.0, 300.0])
def test_a_strip_is_left_within_the_error_where_drift_rules(peclet):
    tensor = Constant([[1.0, 0.4], [0.4, 0.7]])
    sde = Langevin(PLANE, tensor, extra_drift=lambda w: np.array([peclet, -peclet / 2]) + 0 * np.asarray(w))
    grid = Grid([0.0, 0.0], [1.0, 1.0], [36, 16], [False, True])
    time = FokkerPlanck(sde, grid).mean_first_passage_time(lambda w: (w[..., 0] < 0.15) | (w[..., 0] > 0.87))
    x = grid.axes[0] - 0.15
    exact = (0.72 * np.expm1(-peclet * x) / np.expm1(-peclet * 0.72) - x) / peclet
    inside = (x > 0) & (x < 0.72)
    miss = np.abs(time.mean.values[:, 3] - exact)[inside]
    assert (miss <= time.mean.error[inside, 3]).all()
