"""Densities hold their mass, histograms lose nobody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lines import PLANE, PROPERTY, lines

from theory import Density, Grid, Histogram, InputError


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
