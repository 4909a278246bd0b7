"""Barriers in the plane that only a grid crosses: where they are seen, and what is none."""

from __future__ import annotations

import numpy as np
import pytest
from barrier_laws import beside_noise, flat, square, vanishing
from doubles import LineEquation
from doubles_plane import PlaneEquation, constant

from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.lattice.leakage import leaks
from theory.laws.grid import Grid
from theory.markov.classes import recurrent_classes


@pytest.mark.parametrize("cells", [40, 41])
@pytest.mark.parametrize(
    ("power", "ratio"), [(1, 1.5), (1, 3.0), (2, 1.5), (2, 5.0), (4, 4.0), (2, 0.0), (1, -1.0)]
)
@pytest.mark.parametrize("temperature", [0.01, 10.0])
def test_barriers_are_seen_wherever_they_lie_on_the_grid(power, ratio, temperature, cells):
    lines = [
        (0, 0),
        (0, 0.137),
        (np.pi / 4, 0),
        (-np.pi / 4, 0),
        (np.pi / 4, 0.3 / np.sqrt(2)),
        (0.7, 0.21),
        (2, 0.1),
    ]
    grid = square(2, cells)
    for angle, place in lines:
        equation, distance = vanishing(power, ratio, angle, place, temperature)
        found = leaks(equation, grid)
        u = distance(grid.centers).ravel() / grid.spacing[0]
        assert found.count == 1, (angle, place)
        near = 0.02 if power > 2 else 1e-9
        assert len(np.unique(np.stack([found.regions, np.sign(u)])[:, np.abs(u) > near], axis=1).T) == 2
        walk = found.closed(build_generator(equation, grid))
        assert len(recurrent_classes(walk)) == 2
        assert np.abs(walk.sum(axis=0)).max() < 1e-9 * np.abs(walk.diagonal()).max()


def test_a_high_power_beside_strong_noise_is_seen_through_rounding():
    equation, _ = vanishing(4, 4.0, 0.7, 0.02, 10.0)
    found = leaks(equation, Grid([-1, -0.1], [1, 0.1], [200, 20]))
    assert found.count == 1
    assert found.barriers.positions @ [np.cos(0.7), np.sin(0.7)] == pytest.approx(0.02, abs=1e-3)


def test_cells_whose_stencil_leaves_their_region_are_not_cut_off():
    for angle, place, temperature in ((2.292, -0.324, 1.0), (2.292, -0.324, 10.0), (2.292, -0.484, 10.0)):
        equation, _ = vanishing(4, 4.0, angle, place, temperature)
        grid = square(2, 30)
        assert len(recurrent_classes(leaks(equation, grid).closed(build_generator(equation, grid)))) == 2


def test_barriers_in_space_on_a_torus_and_across_each_other():
    def slab(w):
        return np.concatenate([(w[..., :1] - 0.07) ** 2, np.ones((*w.shape[:-1], 2))], axis=-1)[
            ..., None
        ] * np.eye(3)

    def slope(w):
        return 2 * (w - [0.07, 0, 0]) * [1, 0, 0]

    space = PlaneEquation(lambda w: 2 * slope(w) - w**3, slab, slope, dim=3)
    found = leaks(space, Grid([-2] * 3, [2] * 3, [16] * 3))
    assert np.bincount(found.regions).tolist() == [8 * 16**2, 8 * 16**2]

    wave = LineEquation(
        lambda w: 4 * np.pi * np.sin(2 * np.pi * w),
        lambda w: np.sin(np.pi * w) ** 2,
        lambda w: np.pi * np.sin(2 * np.pi * w),
    )
    torus = Grid([0.01, -2], [2.01, 2], [40, 20], (True, False))  # one across the seam
    found = leaks(beside_noise(wave), torus)
    assert np.bincount(found.regions).tolist() == [400, 400]
    ring_share = np.bincount(found.regions, found.shared(flat(torus).probabilities.ravel()))
    assert ring_share == pytest.approx([0.5, 0.5], abs=1e-9)

    cross = PlaneEquation(lambda w: 4 * w - w**3, lambda w: w[..., None] ** 2 * np.eye(2), lambda w: 2 * w)
    assert [leaks(cross, square(2, cells)).count for cells in (20, 21)] == [3, 3]


# -- what is no barrier ------------------------------------------------------------------------------------


def test_wells_of_any_depth_are_no_leaks():
    for temperature in (0.25, 0.01, 1 / 1200):  # barriers of 1 to 300 temperatures, resolved or not
        for cells in (16, 40, 100):
            grid = Grid([-2, -1], [2, 1], [cells, cells])

            def slope(w, temperature=temperature):
                return np.stack([w[..., 0] ** 3 - w[..., 0], w[..., 1]], axis=-1) / temperature

            assert leaks(PlaneEquation(lambda w: -slope(w), constant(np.eye(2))), grid).count == 0


@pytest.mark.parametrize("cells", [40, 41])
def test_noise_that_vanishes_and_separates_nothing(cells):
    grid = square(2, cells)

    def counted(tensor, drift=lambda w: 3 * w, divergence=lambda w: 2 * w * [1, 0]):
        return leaks(PlaneEquation(drift, tensor, divergence), grid).count

    def diagonal(first, second):
        return lambda w: (
            np.stack([first(w) + 0 * w[..., 0], second(w) + 0 * w[..., 0]], axis=-1)[..., None] * np.eye(2)
        )

    def x(w):
        return w[..., 0]

    assert counted(diagonal(lambda w: x(w) ** 2, lambda w: 1.0)) == 1
    assert counted(diagonal(lambda w: x(w) ** 2 + 1e-6, lambda w: 1.0)) == 0  # not quite zero
    assert counted(diagonal(lambda w: x(w) ** 2 + np.maximum(w[..., 1], 0) ** 2, lambda w: 1.0)) == 0  # it ends
    assert counted(diagonal(lambda w: 1.0, lambda w: x(w) ** 2), divergence=np.zeros_like) == 0  # along it
    assert counted(diagonal(lambda w: x(w) ** 2, lambda w: 1.0), lambda w: 1 - w) == 0  # the drift leads through
    slanted = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[1.0, -1.0], [-1.0, 1.0]])
    crossing = (
        lambda w: slanted[0] * x(w)[..., None, None] ** 2 + slanted[1],
        lambda w: 0 * w,
        lambda w: 2 * x(w)[..., None] * [1, 1],
    )
    assert counted(*crossing) == 0  # the other direction's noise crosses the line
    point = diagonal(lambda w: (w**2).sum(axis=-1), lambda w: (w**2).sum(axis=-1))
    assert counted(point, divergence=lambda w: 2 * w) == 0
    for ratio, count in ((0.2, 0), (0.8, 0), (1.2, 1), (-0.2, 1)):  # regular where it lies between 0 and 1
        equation, _ = vanishing(1, ratio, 0.3, 0.1)
        assert leaks(equation, grid).count == count


def test_full_rank_costs_one_look_at_the_noise():
    looks = []

    def tensor(w):
        looks.append(w.shape)
        return constant([[1, 0.3], [0.3, 0.5]])(w) * (1 + 0.2 * np.sin(w[..., 0]))[..., None, None]

    def unused(w):
        raise AssertionError("where the noise has full rank the drift does not matter")

    assert leaks(PlaneEquation(unused, tensor, unused), square(2, 50)).count == 0
    assert looks == [(50, 50, 2)]
