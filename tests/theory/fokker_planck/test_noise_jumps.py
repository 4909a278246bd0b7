"""Noise that jumps: the reading decides the jump of the density, and walls that were asked for hold a law."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from scipy.optimize import brentq

from theory import (
    AntiIto,
    CallableLandscape,
    Density,
    FokkerPlanck,
    Grid,
    HessianProportional,
    InputError,
    Isotropic,
    Ito,
    Langevin,
    NoStationaryDensity,
    Reflecting,
    Stratonovich,
    SymbolicLandscape,
    SymbolicTensor,
    stationary_law,
)

READINGS = (Ito(), Stratonovich(), AntiIto())
KINKED = SymbolicLandscape("w**2/2 + max(w, 0)**2*3/2")


def kinked_law(grid, share):
    """D^(share - 1) exp(int h / D) for D = .3 H and H = 1, 4: h / D = -w / .3 on both sides."""
    w = grid.axes[0]
    values = np.where(w > 0, 1.2, 0.3) ** (share - 1) * np.exp(-(w**2) / 0.6)
    return values / values.sum() / grid.cell_volume


def distance(grid, a, b):
    return np.abs(a - b).sum() * grid.cell_volume / 2


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("cells", [51, 120])
def test_curvature_that_jumps(reading, cells):
    grid = Grid(-3, 3, cells)
    sde = Langevin(KINKED, HessianProportional(KINKED, 0.3), reading)
    equation = FokkerPlanck(sde, grid)
    law = equation.stationary()
    assert distance(grid, law.values, kinked_law(grid, reading.share)) < 1e-12
    for other in (r.share for r in READINGS if r != reading):  # the control: another reading lies far off
        assert distance(grid, law.values, kinked_law(grid, other)) > 0.1
    assert distance(grid, equation.limit_law(law).density.values, law.values) < 1e-12
    assert distance(grid, stationary_law(sde, grid).values, law.values) < 1e-12


@pytest.mark.parametrize("reading", READINGS)
def test_python_functions_that_jump_several_times_with_the_drift(reading):
    """D and h jump at -.7, .113 and 1.0001, between the centres and on a face."""
    places, levels = np.array([-0.7, 0.113, 1.0001]), np.array([0.4, 1.3, 0.2, 0.9])
    pulls = np.array([1.0, -0.4, 0.3, -1.1])

    def curvature(w):
        return levels[np.searchsorted(places, w[..., 0])][..., None, None]

    noise = CallableLandscape(lambda w: 0 * w[..., 0], lambda w: 0 * w, curvature, dim=1)
    loss = CallableLandscape(lambda w: 0 * w[..., 0], lambda w: -pulls[np.searchsorted(places, w)], dim=1)
    grid = Grid(-3, 3, 60)
    law = FokkerPlanck(Langevin(loss, HessianProportional(noise, 1.0), reading), grid).stationary()
    w, knots = grid.axes[0], np.concatenate([[-3.0], places, [3.0]])
    slopes = pulls / levels
    exponent = np.array([np.sum(slopes * np.diff(np.clip(knots, -3, x))) for x in w])
    exact = levels[np.searchsorted(places, w)] ** (reading.share - 1) * np.exp(exponent)
    exact /= exact.sum() * grid.cell_volume
    assert distance(grid, law.values, exact) < 1e-11


@pytest.mark.parametrize("reading", READINGS)
def test_noise_that_jumps_without_a_force_between_walls(reading):
    """Only the jump of D shapes the law: D^(share - 1)."""
    x = sympy.Symbol("x", real=True)
    root = sympy.Matrix([[sympy.Piecewise((2, x > 0.31), (1, True))]])
    sde = Langevin(SymbolicLandscape("0*x", ["x"]), SymbolicTensor(root, (x,)), reading)
    grid = Grid(0, 1, 40)
    law = FokkerPlanck(sde, grid, Reflecting()).stationary()
    exact = np.where(grid.axes[0] > 0.31, 4.0, 1.0) ** (reading.share - 1)
    assert distance(grid, law.values, exact / exact.sum() / grid.cell_volume) < 1e-12


# -- walls ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("boundary", [Reflecting(), (Reflecting(), Reflecting()), ((Reflecting(), Reflecting()),)])
def test_a_uniform_force_rests_on_the_wall_that_was_asked_for(boundary):
    grid = Grid(0, 3, 60)
    sde = Langevin(SymbolicLandscape("2*w"), Isotropic(1.0, 1))
    law = FokkerPlanck(sde, grid, boundary).stationary()
    exact = np.exp(-2 * grid.axes[0])
    assert distance(grid, law.values, exact / exact.sum() / grid.cell_volume) < 1e-14
    assert distance(grid, FokkerPlanck(sde, grid, boundary).limit_law(law).density.values, law.values) < 1e-14
    with pytest.raises(NoStationaryDensity, match="boundary=Reflecting"):
        FokkerPlanck(sde, grid).stationary()


@pytest.mark.parametrize("dim", [2, 3])
def test_walls_that_were_asked_for_beyond_one_dimension(dim):
    names = ["x", "y", "z"][:dim]
    loss = SymbolicLandscape("2*x + " + " + ".join(f"{n}**2/2" for n in names[1:]), names)
    grid = Grid([0, *[-4] * (dim - 1)], [3, *[4] * (dim - 1)], [12] * dim)
    sde = Langevin(loss, Isotropic(1.0, dim))
    law = FokkerPlanck(sde, grid, Reflecting()).stationary()
    exact = np.exp(-loss.value(grid.centers))
    assert distance(grid, law.values, exact / exact.sum() / grid.cell_volume) < 1e-13
    assert FokkerPlanck(sde, grid, Reflecting()).limit_law(law).density.values == pytest.approx(law.values)
    with pytest.raises(NoStationaryDensity, match="boundary=Reflecting"):
        FokkerPlanck(sde, grid).stationary()


# -- laws in time --------------------------------------------------------------------------------------------


def two_media(reading, place):
    """D = 1 left of `place` and 4 right of it on (0, 1), no force; the slowest mode in closed form.

    p = D^(share - 1) f with f and D^share f' continuous, f = cos(k w) / cos(k a), cos(k (1 - w) / 2) / ... beyond.
    """
    x = sympy.Symbol("x", real=True)
    root = sympy.Matrix([[sympy.Piecewise((2, x > place), (1, True))]])
    sde = Langevin(SymbolicLandscape("0*x", ["x"]), SymbolicTensor(root, (x,)), reading)

    def gap(k):  # times both cosines
        left, right = k * place, k / 2 * (1 - place)
        return np.sin(left) * np.cos(right) + 4**reading.share / 2 * np.sin(right) * np.cos(left)

    k = brentq(gap, 1.5, 6.2)
    left, right = k * place, k / 2 * (1 - place)

    def mode(w):
        inside = np.where(w < place, np.cos(k * w) * np.cos(right), np.cos(k / 2 * (1 - w)) * np.cos(left))
        return np.where(w < place, 1.0, 4.0 ** (reading.share - 1)) * inside

    return sde, k**2, mode


@pytest.mark.parametrize("reading", READINGS)
def test_relaxation_between_two_media(reading):
    place, cells = 0.3137, 40
    sde, rate, mode = two_media(reading, place)
    grid = Grid(0, 1, cells)
    equation = FokkerPlanck(sde, grid, Reflecting())
    assert -equation.spectrum(2).eigenvalues[1].real == pytest.approx(rate, rel=1e-6)
    fine = grid.refined(301)
    averages = mode(fine.axes[0]).reshape(cells, -1).mean(axis=1)
    level = (4.0 ** (reading.share - 1) * (fine.axes[0] > place) + (fine.axes[0] < place)).reshape(cells, -1)
    rest = level.mean(axis=1)
    start = rest + 0.5 * averages / np.abs(averages).max() * rest.min()
    unit = start.sum() * grid.cell_volume
    (law,) = equation.evolve(Density(grid, start / unit, 0.0, cell_averages=True), [0.05])
    exact = (rest + (start - rest) * np.exp(-0.05 * rate)) / unit
    true = np.abs(law.probabilities - exact * grid.cell_volume).sum() / 2
    assert true < 2e-4
    control = FokkerPlanck(Langevin(sde.landscape, Isotropic(1.6, 1)), grid, Reflecting())  # noise of no jump
    assert abs(control.spectrum(2).eigenvalues[1].real + rate) > 0.05 * rate


# -- in the plane --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("cells", [40, 45])
def test_a_scalar_that_jumps_along_a_circle(reading, cells):
    """D = T(w) I, T = .5 within radius 1.234 and 1 beyond, h = -2 T w: p = T^(share - 1) exp(-w^2)."""
    x, y = sympy.symbols("x y", real=True)
    factor = sympy.Piecewise((1, x**2 + y**2 > 1.234**2), (sympy.Rational(1, 2), True))
    loss = CallableLandscape(
        lambda w: (w**2).sum(axis=-1),
        lambda w: 2 * w * np.where((w**2).sum(axis=-1) > 1.234**2, 1.0, 0.5)[..., None],
        dim=2,
    )
    sde = Langevin(loss, SymbolicTensor(sympy.sqrt(factor) * sympy.eye(2), (x, y)), reading)
    grid = Grid([-3.5, -3.5], [3.5, 3.5], [cells] * 2)
    law = FokkerPlanck(sde, grid).stationary()
    square = (grid.centers**2).sum(axis=-1)
    levels = np.where(square > 1.234**2, 1.0, 0.5)
    exact = levels ** (reading.share - 1) * np.exp(-square)
    true = distance(grid, law.values, exact / exact.sum() / grid.cell_volume)
    assert true <= law.error
    assert true < 2e-3
    for other in (r.share for r in READINGS if r != reading):
        wrong = levels ** (other - 1) * np.exp(-square)
        assert distance(grid, law.values, wrong / wrong.sum() / grid.cell_volume) > 0.03


def test_a_matrix_that_jumps_in_its_shape_is_refused_but_for_anti_ito():
    loss = SymbolicLandscape("x**2/2 + max(x, 0)**2*3/2 + y**2/2")
    grid = Grid([-3, -3], [3, 3], [40, 40])
    for reading in READINGS:
        equation = FokkerPlanck(Langevin(loss, HessianProportional(loss, 0.3), reading), grid)
        if reading.share < 1:
            with pytest.raises(InputError, match="a scalar times a constant matrix"):
                equation.stationary()
        else:
            law, square = equation.stationary(), (grid.centers**2).sum(axis=-1)
            exact = np.exp(-square / 0.6)
            assert distance(grid, law.values, exact / exact.sum() / grid.cell_volume) <= law.error < 1e-2
