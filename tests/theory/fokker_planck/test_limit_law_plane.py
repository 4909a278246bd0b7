"""Limit laws in the plane: barriers that only a grid crosses, closed classes, and the questions without answer."""

from __future__ import annotations

import numpy as np
import pytest
from barrier_laws import beside_noise, flat, ring, square, two_gammas
from doubles import LineEquation, sgd_line
from doubles_plane import PlaneEquation, constant, isotropic
from line_laws import law, uniform
from numpy.polynomial import Polynomial

from theory.base.errors import InputError
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.lattice.leakage import leaks, refuse_leaks
from theory.fokker_planck.lattice.limit import limit_law_lattice
from theory.fokker_planck.lattice.stationary import stationary_lattice
from theory.fokker_planck.line.stationary import limit_law_line, stationary_line
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.limit_law import DensityClass, NoStationaryDensity, PointMass
from theory.markov.classes import recurrent_classes
from theory.markov.elimination.solve import eliminate, stationary_vector

CUBIC = Polynomial.fromroots([-1.8, 1.8, 1.8])
WELLS = Polynomial.fromroots([-1, 1])


def cells_of(grid):
    return np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)


def exit_rate(equation, grid, inside):
    """Of a walk that starts anywhere inside, on the grid with all its leaks."""
    generator = build_generator(equation, grid)
    states = np.flatnonzero(inside.ravel())
    within = generator[:, states].tocsr()[states].tocsc()
    out = np.asarray(generator.tocsr()[~inside.ravel()].sum(axis=0)).ravel()[states]
    walk = eliminate(within, cells_of(grid)[states], out)
    return 1 / walk.solve_transposed(np.full(len(states), 1 / len(states))).sum()


def by_side(found, distance):
    """Class laws and weights by the sign of `distance` where the law is largest."""
    sides = {}
    for one, weight in zip(found.classes, found.weights, strict=True):
        mode = one.law.grid.centers[np.unravel_index(one.law.values.argmax(), one.law.grid.shape)]
        sides[int(np.sign(distance(mode)))] = (one.law, weight)
    return sides


def check_laws(sides, log_law, distance, factor=1.0):
    for side, (found, _) in sides.items():
        w = found.grid.centers
        exact = Density.from_log(found.grid, np.where(distance(w) * side > 0, log_law(w), -np.inf))
        assert np.abs(found.probabilities - exact.probabilities).sum() / 2 < factor * found.error < 0.03


# -- barriers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [80, 81])
@pytest.mark.parametrize(("angle", "place"), [(0.0, 0.0), (0.0, 0.137), (0.2, 0.21), (np.pi / 4, 0.0)])
def test_each_side_keeps_its_mass_and_finds_its_own_law(angle, place, cells):
    equation, log_law, distance = two_gammas(angle, place)
    grid = square(8, cells)
    found = limit_law_lattice(equation, grid, flat(grid))
    left = 0.5 + place / np.cos(angle) / 16 if angle < 0.5 else 0.5
    assert leaks(equation, grid).count == 1
    sides = by_side(found, distance)
    assert sides[-1][1] == pytest.approx(left, abs=1e-5)
    assert sum(found.weights) == pytest.approx(1, abs=1e-12)
    # a column of centres on the barrier has a side of its own to fill, half a cell too much
    check_laws(sides, log_law, distance)
    with pytest.raises(NoStationaryDensity, match=r"not unique: .* only the grid does; 2 regions.* limit law"):
        refuse_leaks(equation, grid)


def test_where_masses_are_does_not_matter_but_on_which_side():
    equation, _, distance = two_gammas(0.0, 0.0)
    grid = square(8, 40)
    w = grid.centers
    uneven = np.where(distance(w) < 0, 0.3, 0.9) * np.exp(-0.1 * (w**2).sum(axis=-1)) * (w[..., 1] > -2)
    start = Density.normalised(grid, uneven)
    found = limit_law_lattice(equation, grid, start)
    assert by_side(found, distance)[-1][1] == pytest.approx(start.mass(distance(w) < 0), abs=1e-12)
    one_side = Density.normalised(grid, uneven * (distance(w) > 0.5))
    assert limit_law_lattice(equation, grid, one_side).weights == (1.0,)
    # the grid as it is has one class, whose weights its leak decides
    assert len(recurrent_classes(build_generator(equation, grid))) == 1
    leaked = stationary_vector(build_generator(equation, grid), cells_of(grid)).reshape(grid.shape)
    assert abs(leaked[distance(w) < 0].sum() - start.mass(distance(w) < 0)) > 0.05


def test_the_grid_crosses_at_a_rate_that_vanishes_and_a_real_barrier_at_one_that_stays():
    """D ~ u^2 and u b / D = 4: the grid leaks like h^3. A double well is crossed at its own rate."""
    equation, _, distance = two_gammas(0.0, 0.0)
    grids = [Grid([-6, -4], [6, 4], [cells, 12]) for cells in (64, 128, 256)]
    rates = [exit_rate(equation, grid, distance(grid.centers) < 0) for grid in grids]
    assert rates[0] / rates[1] == pytest.approx(8, rel=0.15)
    assert rates[1] / rates[2] == pytest.approx(8, rel=0.1)

    def drift(w):
        return -np.stack([8 * w[..., 0] * (w[..., 0] ** 2 - 1), w[..., 1]], axis=-1)

    wells = PlaneEquation(drift, constant(np.eye(2)))
    grids = [Grid([-2, -4], [2, 4], [cells, 24]) for cells in (24, 48, 96)]
    rates = [exit_rate(wells, grid, grid.centers[..., 0] < 0) for grid in grids]
    assert rates[1] / rates[2] == pytest.approx(1, rel=0.05)
    assert [leaks(wells, grid).count for grid in grids] == [0, 0, 0]
    found = limit_law_lattice(wells, grids[1], flat(grids[1]))
    assert found.weights == (1.0,)
    assert found.density.mass(grids[1].centers[..., 0] < 0) == pytest.approx(0.5, abs=1e-9)


def test_on_the_line_the_cubic_is_crossed_by_its_grid_ever_less():
    """At the barrier of (w + 1.8) (w - 1.8)^2, u b / D is 19.9: a power of about 19 in the spacing."""
    equation = sgd_line(CUBIC, 0.01, 20)
    barrier = -0.6
    rates = []
    for cells in (200, 400, 800):
        grid = Grid(-4, 4, cells)
        rates.append(exit_rate(equation, grid, grid.axes[0] < barrier))
        weights = limit_law_line(equation, grid, uniform(grid)).weights
        assert weights == pytest.approx((0.425, 0.575), abs=1e-12)
    assert rates[0] > 1e5 * rates[1] > 1e10 * rates[2] > 0


def test_a_model_with_two_wells_keeps_what_started_in_each():
    """SGD's equation for q = w^2 - 1, noise of its own beside it: the laws of the line times a normal law."""
    line = sgd_line(WELLS, 0.1, 4)
    grid = Grid([-2, -5], [2, 5], [120, 40])
    start = Density.normalised(grid, (grid.centers[..., 0] > -1.2) * np.exp(grid.centers[..., 1]))
    found = limit_law_lattice(beside_noise(line), grid, start)
    narrow = Grid(-2, 2, 120)
    beside = np.exp(-(grid.axes[1] ** 2) / 2)
    exact = limit_law_line(line, narrow, law(narrow, lambda w: np.where(w > -1.2, 0.0, -np.inf)))
    assert found.weights == pytest.approx(exact.weights, abs=1e-12)
    for one, known in zip(found.classes, exact.classes, strict=True):
        product = Density.normalised(grid, np.outer(known.law.values, beside))
        assert np.abs(one.law.probabilities - product.probabilities).sum() / 2 < 1.5 * one.law.error < 0.02
    assert [one.region for one in found.classes] == ["(-2, 0) x (-5, 5)", "(0, 2) x (-5, 5)"]
    with pytest.raises(NoStationaryDensity, match=r"first at w = \(0, -4\.875\), where D ~ u\^2 across"):
        refuse_leaks(beside_noise(line), grid)


@pytest.mark.parametrize("cells", [80, 81])
@pytest.mark.parametrize("radius", [1.2, 1.0])
def test_a_circle_keeps_its_inside(radius, cells):
    equation, log_law, distance = ring(radius)
    grid = square(5, cells)
    separated = leaks(equation, grid)
    assert separated.count == 1
    inside = separated.regions.reshape(grid.shape) == separated.regions.reshape(grid.shape)[cells // 2, cells // 2]
    off = np.abs(distance(grid.centers)) > 0.02 * grid.spacing[0]
    assert (inside == (distance(grid.centers) < 0))[off].all()
    found = limit_law_lattice(equation, grid, flat(grid))
    sides = by_side(found, distance)
    assert sides[-1][1] == pytest.approx(np.pi * radius**2 / 100, abs=2e-4)
    assert sum(found.weights) == pytest.approx(1, abs=1e-12)
    check_laws(sides, log_law, distance, factor=3)


# -- closed classes of the graph ---------------------------------------------------------------------------


def test_mass_between_two_classes_is_split_by_the_scale_function():
    """exp(c x) on [-1, 1], ends beyond which no rate leads back: wells of their own at -1.5 and 1.5."""
    slope, drop = 1.3, 5000.0

    def potential(w):
        x = np.abs(w[..., 0])
        outside = 15 * (x - 1.5) ** 2 - drop
        return np.where(x < 1.01, slope * w[..., 0], outside) + w[..., 1] ** 2 / 2

    grid = Grid([-2.025, -4], [2.025, 4], [81, 16])
    x = grid.axes[0]
    weights = np.outer(np.exp(-((x - 0.2) ** 2)) * (x > -1.7), 1 + (grid.axes[1] > 1))
    start = Density.normalised(grid, weights)
    found = limit_law_lattice(isotropic(potential), grid, start)
    last = np.array([-1, 1])
    fall = slope * last + drop - 15 * 0.45**2
    step = 0.05 * np.exp(slope * last) / fall  # the resistance of the last steps down
    scale = (np.exp(slope * x) - np.exp(-slope)) / slope + step[0]
    right = np.where(x > 1.01, 1.0, np.where(x < -1.01, 0.0, scale / (2 * np.sinh(slope) / slope + step.sum())))
    assert found.weights[1] == pytest.approx(start.marginal(0).probabilities @ right, rel=1e-10)
    assert sum(found.weights) == pytest.approx(1, abs=1e-12)
    linear = np.clip((x + 1) / 2, 0, 1)
    assert found.weights[1] != pytest.approx(start.marginal(0).probabilities @ linear, rel=1e-2)
    assert [one.region for one in found.classes] == ["(-2.025, -1.025) x (-4, 4)", "(1.025, 2.025) x (-4, 4)"]
    for one, side in zip(found.classes, (-1, 1), strict=True):
        assert isinstance(one, DensityClass)
        masses = np.where(side * grid.centers[..., 0] > 1.01, np.exp(-potential(grid.centers) - drop), 0.0)
        np.testing.assert_allclose(one.law.probabilities, masses / masses.sum(), rtol=1e-9)
    assert found.density.mass(np.abs(x)[:, None] + 0 * grid.centers[..., 1] < 1.01) == 0


def test_a_class_of_one_cell_is_a_point_mass():
    grid = square(1, 21)
    holes = np.array([[-0.3809523809523809, 0.0], [0.38095238095238093, 0.0]])

    def potential(w):
        return -3000.0 * sum((np.abs(w - hole).max(axis=-1) < 0.04) for hole in holes)

    w = grid.centers
    even = limit_law_lattice(isotropic(potential), grid, flat(grid))
    assert even.weights == pytest.approx((0.5, 0.5), abs=1e-12)
    assert [one.position for one in even.classes] == [pytest.approx(tuple(hole)) for hole in holes]
    assert all(isinstance(one, PointMass) for one in even.classes)
    assert "nothing leads out of its cell" in even.classes[0].describe()
    inside = Density.normalised(grid, np.abs(w - holes[1]).max(axis=-1) < 0.04)
    assert limit_law_lattice(isotropic(potential), grid, inside).weights == (1.0,)
    beside = limit_law_lattice(isotropic(potential), grid, Density.normalised(grid, w[..., 0] > 0.5))
    assert 0.5 < beside.weights[1] < 1
    single = limit_law_lattice(isotropic(lambda w: -3000.0 * (np.abs(w).max(axis=-1) < 0.04)), grid, flat(grid))
    assert single.point_masses[0][0].position == pytest.approx((0, 0))


# -- refusals ----------------------------------------------------------------------------------------------


def test_refuses_mass_that_collapses_onto_a_line_and_takes_what_does_not():
    equation = beside_noise(sgd_line(CUBIC, 0.01, 20))
    grid = Grid([-4, -5], [4, 5], [600, 10])
    with pytest.raises(NoStationaryDensity, match=r"mass 0\.3.* collapses onto .* w = \(1\.8, .*u b / D = 0\.0"):
        limit_law_lattice(equation, grid, flat(grid))
    with pytest.raises(NoStationaryDensity, match="3 regions"):
        refuse_leaks(equation, grid)
    x = grid.centers[..., 0]
    found = limit_law_lattice(equation, grid, Density.from_log(grid, -100 * (x + 1.8) ** 2))  # 1e-63 elsewhere
    assert found.weights == (1.0,)
    alone = stationary_line(sgd_line(CUBIC, 0.01, 20), Grid(-4, -0.6, 2001))
    assert found.density.mean[0] == pytest.approx(alone.mean[0], abs=1e-3)


def test_refuses_a_class_on_the_walls_and_one_that_moves_with_the_mesh():
    def pushed(push):
        return beside_noise(LineEquation(push, lambda w: w**2, lambda w: 2 * w))

    grid = square(2, 40)
    with pytest.raises(NoStationaryDensity, match="largest on a reflecting wall"):
        limit_law_lattice(pushed(lambda w: 4 * w), grid, flat(grid))
    with pytest.raises(NoStationaryDensity, match="moves with the mesh"):  # two wells within a cell of the barrier
        limit_law_lattice(pushed(lambda w: 20 * w - 2000 * w * np.abs(w)), grid, flat(grid))
    assert limit_law_lattice(pushed(lambda w: 20 * w - 20 * w * np.abs(w)), grid, flat(grid)).weights == (0.5, 0.5)


def test_refuses_what_a_single_class_refuses_and_a_start_elsewhere():
    grid = square(1, 20)
    with pytest.raises(NoStationaryDensity, match="largest on a reflecting wall"):
        limit_law_lattice(isotropic(lambda w: -w[..., 0]), grid, flat(grid))
    with pytest.raises(NoStationaryDensity, match="rank 1 of 2"):
        limit_law_lattice(
            PlaneEquation(lambda w: -w @ np.ones((2, 2)), constant(np.ones((2, 2)))), grid, flat(grid)
        )
    with pytest.raises(InputError, match="`initial` must live on"):
        limit_law_lattice(isotropic(lambda w: (w**2).sum(axis=-1)), grid, flat(square(1, 21)))
    point = PlaneEquation(
        lambda w: -w, lambda w: (w**2).sum(axis=-1)[..., None, None] * np.eye(2), lambda w: 2 * w
    )
    with pytest.raises(NoStationaryDensity, match="moves with the mesh"):
        limit_law_lattice(point, square(1, 40), flat(square(1, 40)))
    refuse_leaks(isotropic(lambda w: (w**2).sum(axis=-1)), grid)
    bowl = isotropic(lambda w: 5 * (w**2).sum(axis=-1))
    found = limit_law_lattice(bowl, grid, flat(grid)).density
    np.testing.assert_allclose(found.values, stationary_lattice(bowl, grid).values, rtol=1e-12)
    assert found.error == stationary_lattice(bowl, grid).error
