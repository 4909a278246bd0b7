"""Grids bin exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lines import GRIDS, PLANE, PROPERTY, lines, points_near

from theory import Grid, Histogram, InputError


def test_a_grid_of_the_line_takes_scalars():
    grid = Grid(-1, 3, 8)
    assert (grid.dim, grid.shape, grid.size, grid.cell_volume) == (1, (8,), 8, 0.5)
    np.testing.assert_array_equal(grid.axes[0], np.arange(-0.75, 3, 0.5))
    np.testing.assert_array_equal(grid.edges[0], np.arange(-1, 3.25, 0.5))


def test_centres_have_one_axis_for_each_component():
    assert PLANE.centers.shape == (4, 6, 2)
    np.testing.assert_array_equal(PLANE.centers[2, 5], [0.25, 2.75])
    np.testing.assert_array_equal(PLANE.spacing, [0.5, 0.5])
    with pytest.raises(ValueError, match="read-only"):
        PLANE.centers[0] = 0


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_a_cell_holds_its_centre_and_its_lower_face(grid):
    cells = np.arange(grid.size)
    below = np.nextafter(grid.edges[0][1:], -np.inf)
    for points in (grid.axes[0], grid.edges[0][:-1], below):
        located, inside = grid.locate(points[:, None])
        assert inside.all()
        np.testing.assert_array_equal(located, cells)


def test_the_last_face_belongs_to_the_last_cell_unless_it_is_the_first():
    ends = np.array([[0.0], [1.0]])
    np.testing.assert_array_equal(Grid(0, 1, 5).locate(ends)[0], [0, 4])
    np.testing.assert_array_equal(Grid(0, 1, 5, periodic=True).locate(ends)[0], [0, 0])


def test_points_outside_are_counted_not_clipped():
    counts, outside = Grid(0, 1, 2).count([[0.2], [0.7], [0.9], [-1e-9], [1 + 1e-9], [np.inf], [np.nan]])
    np.testing.assert_array_equal(counts, [1, 2])
    assert outside == 4


def test_a_point_is_outside_if_one_component_is():
    counts, outside = PLANE.count([[0, 1], [0, 4], [2, 1], [2, 4]])
    assert (counts.sum(), outside) == (1, 3)
    assert counts[2, 2] == 1


def test_only_periodic_axes_wrap():
    grid = Grid((0, 0), (1, 1), (4, 4), periodic=(True, False))
    wrapped = grid.wrap([[1.3, 1.3], [-0.2, -0.2], [7.0, 0.5]])
    np.testing.assert_allclose(wrapped, [[0.3, 1.3], [0.8, -0.2], [0, 0.5]])
    assert grid.count([[5.1, 0.1], [0.1, 5.1]])[1] == 1
    assert grid.count([[np.inf, 0.1], [np.nan, 0.1]])[1] == 2


def test_two_dimensional_counts_are_those_of_numpy():
    points = np.random.default_rng(5).normal((0, 1.5), 1, (5000, 2))
    expected, _ = np.histogramdd(points, PLANE.edges)
    counts, outside = PLANE.count(points)
    np.testing.assert_array_equal(counts, expected)
    assert outside == 5000 - expected.sum() > 0


def test_wrapping_moves_no_point_of_the_box_and_rounds_to_its_lower_end():
    grid = Grid(-0.7, 2.6, 7, periodic=True)
    inside = [[-0.7], [1e-20], [1.3], [2.5]]
    np.testing.assert_array_equal(grid.wrap(inside), inside)
    np.testing.assert_array_equal(grid.wrap([[2.6]]), [[-0.7]])
    np.testing.assert_array_equal(Grid(0, 1, 7, periodic=True).wrap([[-1e-20]]), [[0]])


@PROPERTY
@given(grid=lines(), data=st.data())
def test_wrapping_is_idempotent_and_lands_in_the_box(grid, data):
    points = 30 * points_near(grid, data)
    wrapped = grid.wrap(points)
    np.testing.assert_array_equal(grid.wrap(wrapped), wrapped)
    if grid.periodic[0]:
        assert ((wrapped >= grid.lower[0]) & (wrapped < grid.upper[0])).all()
        assert grid.count(points)[1] == 0
    else:
        np.testing.assert_array_equal(wrapped, points)


@PROPERTY
@given(grid=lines(), factor=st.integers(1, 7), data=st.data())
def test_counting_commutes_with_joining_cells(grid, factor, data):
    points = points_near(grid, data)
    assume(len(points))
    joined = Histogram.from_samples(points, grid.refined(factor)).coarsen(factor)
    coarse = Histogram.from_samples(points, grid)
    np.testing.assert_array_equal(joined.counts, coarse.counts)
    assert (joined.outside, joined.diverged) == (coarse.outside, coarse.diverged)


@PROPERTY
@given(cells=st.integers(1, 40), shift=st.integers(-50, 50), power=st.integers(-5, 5), data=st.data())
def test_counting_commutes_with_shift_and_scale(cells, shift, power, data):
    scale = 2.0**power  # powers of two and whole shifts: nothing is rounded
    shares = np.array(data.draw(st.lists(st.integers(-20, 1100), min_size=1)))[:, None] / 1024
    counts, outside = Grid(0, 1, cells).count(shares)
    moved, moved_outside = Grid(shift * scale, (shift + 1) * scale, cells).count((shares + shift) * scale)
    assert outside == moved_outside
    np.testing.assert_array_equal(counts, moved)


@pytest.mark.parametrize("factor", [1, 3, 6])
def test_refining_and_joining_are_inverse_and_share_faces(factor):
    fine = PLANE.refined(factor)
    assert fine.coarsened(factor) == PLANE
    for coarse_faces, faces in zip(PLANE.edges, fine.edges, strict=True):
        np.testing.assert_array_equal(faces[::factor], coarse_faces)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0, 3), r"axis 0 .* needs finite lower < upper, got 0.0 and 0.0"),
        ((0, np.inf, 3), r"finite lower < upper, got 0.0 and inf"),
        ((np.nan, 1, 3), r"finite lower < upper, got nan"),
        (((0, 0), (1, -1), (3, 3)), r"axis 1 .* got 0.0 and -1.0"),
        ((0, 1, 0), r"whole number of cells, at least 1, got 0"),
        ((0, 1, 2.5), r"must be a whole number .* got 2.5"),
        ((0, 1, np.inf), r"must be a whole number .* got inf"),
        (((0, 0), 1, 3), r"got 2, 1, 1 and 2"),
        ((0, 1, 3, (True, False)), r"got 1, 1, 1 and 2"),
    ],
)
def test_a_grid_refuses(arguments, message):
    with pytest.raises(InputError, match=message):
        Grid(*arguments)


def test_a_grid_refuses_points_of_another_dimension_and_factors_that_do_not_divide():
    with pytest.raises(InputError, match=r"last axis of length 2, got shape \(5, 3\)"):
        PLANE.count(np.zeros((5, 3)))
    with pytest.raises(InputError, match=r"divides every axis of \(4, 6\), got 4"):
        PLANE.coarsened(4)
