"""Fields between their cells: local cubics, exact for cubics."""

from __future__ import annotations

import numpy as np
import pytest

from theory import Field, Grid, InputError
from theory.laws.interpolation import along_axes, axis_matrix, lagrange_weights

GRID = Grid([-1.0, 0.0], [1.0, 3.0], [11, 7])
POINTS = np.random.default_rng(0).uniform([-1, 0], [1, 3], (200, 2))


def cubic(w):
    x, y = np.moveaxis(np.asarray(w), -1, 0)
    return 1 + x - 2 * y + x * y**2 - x**3 * y + y**3


def test_quintics_are_exact_up_to_the_walls_and_sixth_powers_are_not():
    field = Field(GRID, cubic(GRID.centers), np.zeros(GRID.shape))
    assert field.at(POINTS) == pytest.approx(cubic(POINTS), rel=1e-12, abs=1e-12)
    assert field.at(POINTS.reshape(2, 100, 2)).shape == (2, 100)
    sixth = Field(GRID, GRID.centers[..., 0] ** 6, np.zeros(GRID.shape))
    assert np.abs(sixth.at(POINTS) - POINTS[:, 0] ** 6).max() > 1e-6


def test_values_between_are_carried_along_axes_as_at_points():
    onto = Grid([-1.0, 0.0], [1.0, 3.0], [5, 9])
    matrices = [axis_matrix(GRID, axis, nodes) for axis, nodes in enumerate(onto.axes)]
    assert along_axes(matrices, cubic(GRID.centers)) == pytest.approx(cubic(onto.centers), rel=1e-12)


def test_a_centre_has_the_weight_of_its_own_cell_alone():
    rough = np.random.default_rng(1).standard_normal(GRID.shape)
    assert (Field(GRID, rough, rough**2).at(GRID.centers) == rough).all()
    _, weights = lagrange_weights(GRID, 0, GRID.axes[0])
    assert (np.count_nonzero(weights, axis=1) == 1).all()


def test_a_circle_has_no_seam():
    errors = []
    for n in (20, 40):
        ring = Grid(0.0, 2 * np.pi, n, periodic=True)
        field = Field(ring, np.sin(ring.axes[0]), np.zeros(n))
        points = np.linspace(-1, 1, 101)
        errors.append(np.abs(field.at(points) - np.sin(points)).max())
    assert np.log2(errors[0] / errors[1]) == pytest.approx(6, abs=0.3)


def test_short_axes_take_what_there_is():
    short = Grid([0.0, 0.0], [1.0, 1.0], [2, 1])
    field = Field(short, short.centers[..., 0], np.zeros((2, 1)))
    assert field.at([0.4, 0.9]) == pytest.approx(0.4)


def test_refusals():
    with pytest.raises(InputError, match="`error` must have the grid's shape"):
        Field(GRID, np.zeros(GRID.shape), np.zeros(3))
    with pytest.raises(InputError, match=r"must lie in the box .* got 1 points outside"):
        Field(GRID, np.zeros(GRID.shape), np.zeros(GRID.shape)).at([[0.0, 0.0], [2.0, 0.0]])


def test_between_the_centres_the_error_covers_what_interpolation_misses():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(200):
        width, place = rng.uniform(1.5, 8), rng.uniform(-1, 1)
        grid = Grid(-20, 20, int(rng.integers(40, 60)))

        def bell(w, width=width, place=place):
            return np.exp(-((w - place) ** 2) / (2 * width**2))

        field = Field(grid, bell(grid.axes[0]), np.zeros(grid.shape))
        w = rng.uniform(-15, 15, 5)
        misses, errors = np.abs(field.at(w) - bell(w)), field.error_at(w)
        covered.extend(misses <= errors + 1e-15)
    assert np.mean(covered) >= 0.99
    assert np.abs(field.at(w) - bell(w)).max() > 0  # control: something is missed
    assert field.error_at(grid.axes[0][7]) == 0
