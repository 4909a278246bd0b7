"""One-dimensional recurrent classes, limit laws, and the questions without an answer."""

from __future__ import annotations

import numpy as np
import pytest
from doubles import LineEquation, sgd_line
from hypothesis import given, settings
from hypothesis import strategies as st
from line_laws import distance, gibbs_equation, law, uniform
from numpy.polynomial import Polynomial
from scipy.integrate import quad
from scipy.special import betainc

from theory.base.errors import InputError
from theory.fokker_planck.line.recurrent import recurrent_classes_line
from theory.fokker_planck.line.stationary import limit_law_line, stationary_line
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.limit_law import DensityClass, NoStationaryDensity, PointMass

# -- classes and limit laws --------------------------------------------------------------------------------

CUBIC = Polynomial.fromroots([-1.8, 1.8, 1.8])


def test_cubic_has_no_unique_law():
    with pytest.raises(NoStationaryDensity) as caught:
        stationary_line(sgd_line(CUBIC, 0.01, 20), Grid(-4, 4, 801))
    left, point = caught.value.classes
    assert isinstance(left, DensityClass)
    assert left.region == "(-4, -0.6)"
    assert isinstance(point, PointMass)
    assert point.position == pytest.approx((1.8,))
    assert "2 (a density on (-4, -0.6), a point mass at 1.8); never crossed: -0.6, 1.8" in caught.value.reason


@pytest.mark.parametrize("cells", [799, 800, 801, 1003])
def test_cubic_limit_law_is_the_mass_left_of_the_barrier(cells):
    grid = Grid(-4, 4, cells)
    equation = sgd_line(CUBIC, 0.01, 20)
    found = limit_law_line(equation, grid, uniform(grid))
    assert found.weights == pytest.approx((0.425, 0.575), abs=1e-12)
    assert sum(found.weights) == pytest.approx(1, abs=1e-12)
    assert found.point_masses[0][0].position[0] == pytest.approx(1.8)
    assert found.density.mass(grid.axes[0] > 0) == pytest.approx(0.575)
    # the law of the left basin is the stationary law of a grid that ends at the barrier
    alone = stationary_line(equation, Grid(-4, -0.6, 2001))
    assert found.classes[0].law.mean == pytest.approx(alone.mean, abs=1e-6)
    assert found.classes[0].law.covariance == pytest.approx(alone.covariance, rel=1e-4)


def test_reading_decides_whether_a_flat_minimum_collapses():
    """With q = w^2 Ito collapses to a point, anti-Ito has a law on either side, Stratonovich has neither."""
    grid, q = Grid(-2, 2, 400), Polynomial([0, 0, 1.0])
    (point,) = recurrent_classes_line(sgd_line(q, 0.1, 4), grid)
    assert point.position == (0.0,)
    assert [type(c) for c in recurrent_classes_line(sgd_line(q, 0.1, 4, 1.0), grid)] == [DensityClass] * 2
    for call in (stationary_line, lambda *where: limit_law_line(*where, uniform(grid))):
        with pytest.raises(NoStationaryDensity, match="infinite mass"):
            call(sgd_line(q, 0.1, 4, 0.5), grid)


def martingale(b=0.0):
    """D = w^2 (1 - w)^2 and a drift b of the same strength: the scale density is e^(-b w)."""
    return LineEquation(
        lambda w: b * w**2 * (1 - w) ** 2, lambda w: w**2 * (1 - w) ** 2, lambda w: 2 * w * (1 - w) * (1 - 2 * w)
    )


@pytest.mark.parametrize("b", [-40.0, -1.0, 0.0, 3.0, 200.0])
def test_two_attracting_ends_share_by_the_scale(b):
    grid = Grid(0, 1, 37)
    start = law(grid, lambda w: -3 * w + np.sin(9 * w))
    found = limit_law_line(martingale(b), grid, start)

    def reaches_right(w):
        return w if b == 0 else np.expm1(-b * w) / np.expm1(-b)

    expected = sum(
        value * quad(reaches_right, a, c, epsabs=1e-14)[0]
        for value, a, c in zip(start.values, grid.edges[0][:-1], grid.edges[0][1:], strict=True)
    )
    assert [c.position for c in found.classes] == [(0.0,), (1.0,)]
    assert found.weights[1] == pytest.approx(expected, rel=1e-8)
    assert sum(found.weights) == pytest.approx(1, abs=1e-12)
    assert limit_law_line(martingale(b + 1), grid, start).weights[1] != pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kappa", [0.5, 0.9, -3.0])
def test_scale_with_singular_ends(kappa):
    """D = w^2 (1-w)^2, u b / D = kappa at both ends: the scale is an incomplete beta function."""

    def drift(w):
        return kappa * w * (1 - w) * (1 - 2 * w)

    grid = Grid(0, 1, 40)
    equation = LineEquation(drift, martingale().noise, martingale().noise_slope)
    start = law(grid, lambda w: 5 * w)
    found = limit_law_line(equation, grid, start)
    shape = 1 - kappa
    expected = sum(
        value * quad(lambda w: betainc(shape, shape, w), a, c, epsabs=1e-13)[0]
        for value, a, c in zip(start.values, grid.edges[0][:-1], grid.edges[0][1:], strict=True)
    )
    assert found.weights[1] == pytest.approx(expected, rel=1e-6)
    assert sum(found.weights) == pytest.approx(1, abs=1e-12)


@settings(max_examples=20)
@given(b=st.floats(-20, 20), cells=st.integers(5, 60), seed=st.integers(0, 1000))
def test_shares_mirror(b, cells, seed):
    values = np.random.default_rng(seed).random(cells)
    grid = Grid(-0.5, 1.5, cells)
    there = limit_law_line(martingale(b), grid, Density.normalised(grid, values))
    mirror = LineEquation(
        lambda w: -martingale(b).b(1 - w), martingale().noise, lambda w: -martingale().noise_slope(1 - w)
    )
    back = limit_law_line(mirror, grid, Density.normalised(grid, values[::-1]))
    assert there.weights == pytest.approx(back.weights[::-1], abs=1e-12)
    assert sum(there.weights) == pytest.approx(1, abs=1e-12)


def test_a_gate_lets_mass_through_one_way():
    """D = w^2, b = 1 - w: everything ends right of 0, in p ~ w^-3 exp(-1/w), an inverse gamma law."""
    equation = LineEquation(lambda w: 1 - w, lambda w: w**2, lambda w: 2 * w)
    grid = Grid(-2, 200, 20200)
    found = stationary_line(equation, grid)
    w = grid.axes[0]
    expected = Density.from_log(grid, np.where(w > 0, -3 * np.log(np.abs(w)) - 1 / np.abs(w), -np.inf))
    assert distance(found, expected) < 1e-12
    limit = limit_law_line(equation, grid, uniform(grid))
    assert limit.weights == pytest.approx((1.0,), abs=1e-12)
    assert distance(limit.density, found) < 1e-12
    reverse = LineEquation(lambda w: -1 - w, lambda w: w**2, lambda w: 2 * w)
    assert stationary_line(reverse, Grid(-200, 2, 20200)).mass(grid.axes[0][::-1] < 198) > 0.99


def test_piece_across_the_seam_of_a_circle():
    """Absorbing points at 1 and 2 on a circle of length 4: starts beyond the seam share like 1 - x."""

    def root(w):
        return np.sin(np.pi * (w - 1) / 4) * np.sin(np.pi * (w - 2) / 4)

    def slope(w):
        return np.pi / 4 * np.sin(np.pi * (2 * w - 3) / 4)

    equation = LineEquation(lambda w: 0 * w, lambda w: root(w) ** 2, lambda w: 2 * root(w) * slope(w))
    grid = Grid(0, 4, 101, periodic=True)
    found = limit_law_line(equation, grid, uniform(grid))
    assert [c.position[0] for c in found.classes] == pytest.approx([2, 1])
    assert found.weights == pytest.approx((0.5, 0.5), abs=1e-8)
    start = Density.normalised(grid, (grid.axes[0] > 3.5) * 1.0)
    mean = 3 - (start.mean[0] - 2)  # distance to 5, which is the point 1
    assert limit_law_line(equation, grid, start).weights[0] == pytest.approx(mean / 3, abs=1e-8)


def test_a_small_floor_under_the_noise_is_crossed():
    """With D + 1e-3 the barrier is no barrier: one law, which the degenerate equation has not."""
    sde = sgd_line(CUBIC, 0.01, 20)
    floored = LineEquation(sde.b, lambda w: sde.noise(w) + 1e-3, sde.noise_slope)
    found = stationary_line(floored, Grid(-4, 4, 801))
    assert found.mass(found.grid.axes[0] > -0.6) > 0.5


# -- refusals ----------------------------------------------------------------------------------------------


def test_a_law_on_the_wall_is_refused():
    equation = LineEquation(lambda w: 1 + 0 * w, lambda w: 1 + 0 * w, lambda w: 0 * w)
    with pytest.raises(NoStationaryDensity, match=r"largest at the wall 2, with 0\.0") as caught:
        stationary_line(equation, Grid(-2, 2, 80))
    assert caught.value.density is not None
    with pytest.raises(NoStationaryDensity, match="widen the grid"):
        limit_law_line(equation, Grid(-2, 2, 80), uniform(Grid(-2, 2, 80)))
    flat = LineEquation(lambda w: 0 * w, lambda w: 1 + 0 * w, lambda w: 0 * w)
    assert stationary_line(flat, Grid(-2, 2, 80)).values == pytest.approx(0.25)


def test_a_law_narrower_than_a_cell_is_refused():
    parabola = Polynomial([0, 0, 0.5])
    with pytest.raises(NoStationaryDensity, match=r"does not resolve .* more than 40 cells") as caught:
        stationary_line(gibbs_equation(parabola, 1e-4, known=True), Grid(-1, 1, 40))
    assert caught.value.density is not None
    assert stationary_line(gibbs_equation(parabola, 1e-4, known=True), Grid(-1, 1, 400)).error < 1e-3


def test_collapse_everywhere_is_refused():
    with pytest.raises(NoStationaryDensity, match=r"1 \(a point mass at 0\); never crossed: 0"):
        stationary_line(sgd_line(Polynomial([0, 0, 1.0]), 0.1, 4), Grid(-2, 2, 400))


def test_questions_without_an_answer():
    root = LineEquation(
        lambda w: 0 * w, lambda w: np.sqrt(np.abs(w)), lambda w: 0.5 * np.sign(w) * np.abs(w) ** -0.5
    )
    with pytest.raises(InputError, match="does not determine whether walkers stay or leave"):
        stationary_line(root, Grid(-1, 1, 50))
    even, odd = Grid(-2, 2, 400), Grid(-2, 2, 401)
    anti_ito = sgd_line(Polynomial([0, 0, 1.0]), 0.1, 4, 1.0)
    assert len(recurrent_classes_line(anti_ito, even)) == 2
    left, right = (found.law for found in recurrent_classes_line(anti_ito, odd))  # a centre on the zero of D
    assert left.cell_averages
    assert left.values[200] == pytest.approx(right.values[200])
    assert left.mass(odd.centers[..., 0] > 0) == 0
    assert left.error < 1e-11
    with pytest.raises(InputError, match="needs a cell centre"):
        recurrent_classes_line(sgd_line(CUBIC, 0.01, 20), Grid(-0.7, 6, 1))
    with pytest.raises(InputError, match="must live on"):
        limit_law_line(anti_ito, even, uniform(odd))
    with pytest.raises(InputError, match="a line has 1 dimension, got 1 on a 2-d grid"):
        stationary_line(anti_ito, Grid((0, 0), (1, 1), (2, 2)))
