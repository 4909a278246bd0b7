"""Grids bin exactly, densities hold their mass, histograms lose nobody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory import Density, Grid, Histogram, InputError

PROPERTY = settings(max_examples=80)
GRIDS = [Grid(0, 1, 10), Grid(-1.3, 2.7, 97), Grid(-3.6, 3.6, 1001), Grid(1e3, 1e3 + 0.7, 333)]
PLANE = Grid((-1, 0), (1, 3), (4, 6))


@st.composite
def lines(draw):
    lower = draw(st.floats(-100, 100))
    return Grid(lower, lower + draw(st.floats(0.01, 100)), draw(st.integers(1, 60)), draw(st.booleans()))


def points_near(grid, data, most=50):
    width = grid.upper[0] - grid.lower[0]
    faces = st.integers(0, grid.size).map(lambda k: k / grid.size)
    shares = data.draw(st.lists(st.floats(-0.2, 1.2) | faces, max_size=most))
    return (grid.lower[0] + width * np.array(shares, dtype=float))[:, None]


# Grid


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


# Density


def bell(grid):
    return Density.from_log(grid, -(grid.centers**2).sum(axis=-1) / 2)


@PROPERTY
@given(grid=lines(), data=st.data())
def test_mass_is_one_and_no_value_negative(grid, data):
    logs = np.array(data.draw(st.lists(st.floats(-1e9, 1e9), min_size=grid.size, max_size=grid.size)))
    density = Density.from_log(grid, logs)
    assert abs(density.probabilities.sum() - 1) < 1e-12
    assert (density.values >= 0).all()
    assert density.grid.lower[0] <= density.mean[0] <= density.grid.upper[0]
    assert density.covariance[0, 0] >= 0


@pytest.mark.parametrize("offset", [0, 1e10, -1e10, 1e300])
def test_from_log_takes_any_offset(offset):
    logs = np.array([0.0, -1.0, -2.0, -np.inf])
    density = Density.from_log(Grid(0, 4, 4), 1024 * logs + offset)  # 1024: exact beside 1e10, lost beside 1e300
    np.testing.assert_allclose(density.values.sum(), 1, rtol=1e-15)
    assert density.values[3] == 0


def test_from_log_keeps_deep_ratios():
    density = Density.from_log(Grid(0, 3, 3), [0, -700, -5000])
    np.testing.assert_allclose(density.values[1], np.exp(-700), rtol=1e-12)
    assert density.values[2] == 0


@pytest.mark.parametrize("logs", [[0, np.inf, 0], [0, np.nan, 0], [-np.inf] * 3])
def test_from_log_refuses(logs):
    with pytest.raises(InputError, match=r"below \+inf, not NaN, and finite somewhere"):
        Density.from_log(Grid(0, 1, 3), logs)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 1], r"shape \(4,\), got \(2,\)"),
        ([1, 1, np.nan, 1], r"finite, got 1 that are not"),
        ([2, 3, -1, 0], r"not be negative, got -1"),
        ([2, 2, 2, 2], r"integrate to 1, got 2; use Density.normalised"),
    ],
)
def test_a_density_refuses(values, message):
    with pytest.raises(InputError, match=message):
        Density(Grid(0, 1, 4), values)


@pytest.mark.parametrize("values", [[0, 0], [np.inf, 1], [-1, -1]])
def test_no_mass_cannot_be_normalised(values):
    with pytest.raises(InputError, match="positive finite mass"):
        Density.normalised(Grid(0, 1, 2), values)


def test_moments_of_a_known_law():
    density = Density(Grid((0, 0), (2, 2), (2, 2)), [[0.1, 0.2], [0.3, 0.4]])
    np.testing.assert_allclose(density.mean, [1.2, 1.1])
    np.testing.assert_allclose(density.covariance, [[0.21, -0.02], [-0.02, 0.24]])
    assert density.expect(lambda w: w[..., 0] * w[..., 1]) == pytest.approx(0.1 * 0.25 + 0.5 * 0.75 + 0.4 * 2.25)
    assert density.mass(lambda w: w[..., 0] > 1) == pytest.approx(0.7)
    assert density.mass(np.eye(2, dtype=bool)) == pytest.approx(0.5)
    np.testing.assert_allclose(density.marginal(0).values, [0.3, 0.7])
    np.testing.assert_allclose(density.marginal(-1).values, [0.4, 0.6])


def test_moments_of_a_bell_are_those_of_the_normal_law():
    density = bell(Grid((-9, -9), (9, 9), (60, 50)))
    np.testing.assert_allclose(density.mean, 0, atol=1e-14)
    np.testing.assert_allclose(density.covariance, np.eye(2), atol=1e-12)


def test_joining_cells_keeps_masses_exactly():
    density = bell(Grid((-3, -3), (3, 3), (12, 6)))
    joined = density.coarsen(3)
    np.testing.assert_allclose(joined.probabilities[1, 0], density.probabilities[3:6, 0:3].sum(), rtol=1e-14)
    assert joined.probabilities.sum() == pytest.approx(1, abs=1e-14)
    centre = bell(joined.grid)  # the control: values at centres are not cell averages
    assert np.abs(centre.values - joined.values).max() > 1e-3


def test_a_density_cannot_change():
    values = np.ones(4)
    density = Density(Grid(0, 1, 4), values)
    values[0] = 7
    assert density.values[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        density.values[0] = 7


def test_questions_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="`axis` must be below 2, got 2"):
        bell(PLANE).marginal(2)
    with pytest.raises(InputError, match=r"one flag a cell, shape \(4, 6\), got \(4,\)"):
        bell(PLANE).mass(np.ones(4, dtype=bool))


def test_samples_become_a_density_or_an_error():
    density = Density.from_samples([[0.1], [0.2], [0.9]], Grid(0, 1, 2))
    np.testing.assert_allclose(density.values, [4 / 3, 2 / 3])
    with pytest.raises(InputError, match="1 of 3 samples lie outside the grid; widen it"):
        Density.from_samples([[0.1], [0.2], [1.9]], Grid(0, 1, 2))
    with pytest.raises(InputError, match="at least one sample"):
        Density.from_samples(np.empty((0, 1)), Grid(0, 1, 2))


def test_a_density_knows_whether_it_averages_over_cells():
    centres = bell(PLANE)
    points = np.random.default_rng(2).uniform((-1, 0), (1, 3), (50, 2))
    counted, histogram = Density.from_samples(points, PLANE), Histogram.from_samples(points, PLANE)
    for law in (centres, centres.marginal(0), centres.coarsen(1)):
        assert not law.cell_averages
    for law in (
        centres.coarsen(2),
        centres.coarsen(2).marginal(1),
        counted,
        counted.marginal(0),
        histogram.density,
    ):
        assert law.cell_averages
    assert counted.coarsen(1).cell_averages
    assert [law.to_xarray().attrs["cell_averages"] for law in (centres, counted)] == [0, 1]


def test_labelled_values_carry_their_coordinates():
    labelled = Density(PLANE, np.full(PLANE.shape, 1 / 6), error=0.01).to_xarray()
    assert labelled.dims == ("w0", "w1")
    assert labelled.attrs["total_variation_error"] == 0.01
    np.testing.assert_array_equal(labelled["w1"], PLANE.axes[1])


# Histogram


def test_a_histogram_counts_everybody():
    histogram = Histogram.from_samples([[0.1], [0.6], [0.7], [3.0], [np.nan], [-np.inf]], Grid(0, 1, 2))
    np.testing.assert_array_equal(histogram.counts, [1, 2])
    assert (histogram.outside, histogram.diverged, histogram.walkers) == (1, 2, 6)
    assert histogram.lost == pytest.approx(0.5)
    np.testing.assert_allclose(histogram.probabilities, [1 / 6, 1 / 3])
    np.testing.assert_allclose(histogram.survivors.values, [2 / 3, 4 / 3])
    with pytest.raises(InputError, match="1 of 6 walkers lie outside the grid and 2 diverged; widen the grid"):
        _ = histogram.density


def test_a_histogram_of_all_walkers_is_their_density():
    points = np.random.default_rng(8).uniform(0, 1, (100, 1))
    histogram = Histogram.from_samples(points, Grid(0, 1, 5))
    np.testing.assert_array_equal(histogram.density.values, Density.from_samples(points, Grid(0, 1, 5)).values)


def test_a_histogram_refuses():
    with pytest.raises(InputError, match=r"shape \(2,\), got \(3,\)"):
        Histogram(Grid(0, 1, 2), np.zeros(3, dtype=int))
    with pytest.raises(InputError, match="at least one walker"):
        Histogram(Grid(0, 1, 2), np.zeros(2, dtype=int))
