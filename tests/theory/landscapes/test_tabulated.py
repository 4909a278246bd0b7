"""Tabulated landscapes: orders of convergence, their own error, and the laws of the formula behind the table."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from checks import check_landscape, errors_off, observed_order
from hypothesis import given, settings
from hypothesis import strategies as st

from simulate import SGD, run_sgd
from theory import (
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    LossProportional,
    NoisyGradient,
    SymbolicLandscape,
    find_minima,
    gibbs,
    sample_paths,
    wbic,
)
from theory.landscapes import Landscape, TabulatedLandscape

WAVES = SymbolicLandscape("exp(-x**2/2)*cos(2*y) + sin(x + 1/3)", ["x", "y"])
WELL = SymbolicLandscape("(x**2 - 1)**2/4 + sin(3*x)/10")
PARTS = ("value", "gradient", "hessian")


def table(landscape, grid):
    return TabulatedLandscape(grid, landscape.value(grid.centers))


def plane(cells, *, periodic=True):
    return Grid([-2, -np.pi], [2, np.pi], [cells, cells], [False, periodic])


def worst(found, exact, points):
    """Largest errors of value, gradient and Hessian at `points`."""
    return [float(np.abs(getattr(found, part)(points) - getattr(exact, part)(points)).max()) for part in PARTS]


def everywhere(grid, number=3000):
    """Points in the whole box, some on its walls; along periodic axes far beyond."""
    points = np.random.default_rng(5).uniform(grid.lower, grid.upper, (number, grid.dim))
    points[:50, 0], points[50:100, 0] = grid.lower[0], grid.upper[0]
    length = np.array(grid.upper) - np.array(grid.lower)
    return points + np.where(grid.periodic, length * np.arange(-2, 3)[np.arange(number) % 5, None], 0)


@pytest.mark.parametrize("periodic", [True, False])
def test_orders_are_six_five_and_four_up_to_the_walls(periodic):
    sizes = np.array([36, 54, 80, 120])
    points = everywhere(plane(8, periodic=periodic))
    errors = np.array([worst(table(WAVES, plane(n, periodic=periodic)), WAVES, points) for n in sizes])
    slopes = [observed_order(1 / sizes, column) for column in errors.T]
    for slope, order in zip(slopes, (6, 5, 4), strict=True):
        assert order - 0.5 < slope < order + 1.5
    assert slopes[2] < 5.5 < slopes[0] + 0.1  # control: the orders can be told apart


def test_three_dimensions_and_one():
    space = SymbolicLandscape("sin(x + 2*y)*cos(z) + x*y*z", ["x", "y", "z"])
    points = np.random.default_rng(2).uniform(0, 1, (400, 3))
    errors = [worst(table(space, Grid([0] * 3, [1] * 3, [n] * 3)), space, points) for n in (12, 24)]
    assert np.all(np.log2(np.divide(*errors)) > [5.5, 4.5, 3.5])
    line = table(WELL, Grid(-3, 3, 100))
    assert line.value(np.linspace(-3, 3, 7)[:, None]).shape == (7,)
    assert worst(line, WELL, np.linspace(-3, 3, 500)[:, None])[2] < 0.02


def test_derivatives_are_those_of_the_value():
    found = table(WAVES, plane(40))
    assert isinstance(found, Landscape)
    points = np.random.default_rng(3).uniform(-1.9, 1.9, (30, 2))
    check_landscape(found, points, 1e-6)
    with pytest.raises(AssertionError):  # control: the derivatives of another table
        check_landscape(table(SymbolicLandscape("x*y"), plane(40, periodic=False)), points, 0.0)


@settings(max_examples=25)
@given(st.lists(st.floats(-2, 2), min_size=6, max_size=6), st.integers(12, 60), st.floats(0.1, 10))
def test_a_polynomial_of_degree_five_is_met_to_rounding(coefficients, cells, scale):
    grid = Grid(-scale, scale, cells)
    exact = np.polynomial.Polynomial(coefficients)
    found = TabulatedLandscape(grid, exact(grid.axes[0] / scale))
    x = np.linspace(-1, 1, 31)
    assert found.value(x[:, None] * scale) == pytest.approx(exact(x), abs=1e-12)
    slopes = found.gradient(x[:, None] * scale)[:, 0] * scale
    assert slopes == pytest.approx(exact.deriv()(x), abs=1e-9)
    assert found.error.value < 1e-12


def test_periodic_axes_go_round():
    grid = plane(24)
    found = table(WAVES, grid)
    points = everywhere(grid)
    turned = points + np.array([0, 2 * np.pi])
    for part in PARTS:
        np.testing.assert_allclose(getattr(found, part)(turned), getattr(found, part)(points), atol=1e-11)
    ends = found.hessian([[0.3, -np.pi], [0.3, np.pi], [0.3, np.nextafter(np.pi, 0)]])
    np.testing.assert_allclose(ends - ends[0], 0, atol=1e-11)
    closed = table(WAVES, plane(24, periodic=False))  # control: a wall where there is none costs accuracy
    assert worst(closed, WAVES, np.array([[0, np.pi]]))[2] > 2 * worst(found, WAVES, points)[2]


@pytest.mark.parametrize("cells", [12, 20, 24, 40, 60, 100, 200])
@pytest.mark.parametrize("periodic", [True, False])
def test_the_error_bounds_what_is_missed_and_is_not_idle(cells, periodic):
    grid = plane(cells, periodic=periodic)
    found = table(WAVES, grid)
    missed = np.array(worst(found, WAVES, everywhere(grid)))
    stated = np.array([getattr(found.error, part) for part in PARTS])
    assert np.all(missed < 1.5 * stated)
    if cells == 200:
        assert np.all(stated < 300 * missed)  # control: not just any large number
        assert stated[0] < 1e-5 * table(WAVES, plane(20, periodic=periodic)).error.value


@pytest.mark.parametrize(
    ("formula", "order"), [("abs(x)", 1), ("max(x, 0)**3", 3)], ids=["kink", "jump of the third derivative"]
)
@pytest.mark.parametrize("cells", [24, 50, 101, 400])
def test_the_error_of_a_rough_table_is_of_the_right_size(formula, order, cells):
    rough, grid = SymbolicLandscape(formula), Grid(-2, 2, cells)
    found = table(rough, grid)
    points = np.linspace(-2, 2, 3001)[:, None]
    missed = np.abs(found.value(points) - rough.value(points)).max()
    assert missed / 3 < found.error.value < 3000 * missed
    smooth = missed / 63 if order == 1 else missed / 8  # control: what the smooth formula would have said
    assert smooth < found.error.value


def test_noise_in_a_table_is_in_its_error():
    grid = Grid(-2, 2, 100)
    noise = 1e-3 * np.random.default_rng(1).standard_normal(100)
    noisy = TabulatedLandscape(grid, WELL.value(grid.centers) + noise)
    assert noisy.error.value > 1e-3
    assert noisy.error.value > 50 * table(WELL, grid).error.value


def test_gibbs_and_fokker_planck_of_a_table_are_those_of_the_formula_within_its_error():
    found, grid = table(WELL, Grid(-3, 3, 80)), Grid(-3, 3, 240)
    temperature = 0.15
    laws = [gibbs(landscape, temperature, grid) for landscape in (found, WELL)]
    gap = np.abs(laws[0].probabilities - laws[1].probabilities).sum() / 2
    assert 0 < gap < np.expm1(2 * found.error.value / temperature)
    wrong = table(SymbolicLandscape("(x**2 - 1)**2/4 + sin(3*x)/9.9"), Grid(-3, 3, 80))  # control
    assert np.abs(gibbs(wrong, temperature, grid).probabilities - laws[1].probabilities).sum() > 100 * gap
    noise = LossProportional(SymbolicLandscape("1 + x**2"), 0.1)
    solved = [FokkerPlanck(Langevin(landscape, noise), grid).stationary() for landscape in (found, WELL)]
    gap = np.abs(solved[0].probabilities - solved[1].probabilities).sum() / 2
    assert gap < np.expm1(2 * 3 * found.error.gradient / 0.1) + solved[0].error + solved[1].error
    assert gap < 1e-5
    other = FokkerPlanck(Langevin(wrong, noise), grid).stationary()  # control
    assert np.abs(other.probabilities - solved[1].probabilities).sum() > 1e-3


def test_paths_and_sgd_on_a_table_have_the_moments_of_the_formula():
    grid = Grid(-4, 4, 120)
    found = table(WELL, grid)
    start, rng = np.full((6000, 1), 0.5), np.random.default_rng
    paths = [
        sample_paths(Langevin(landscape, Isotropic(0.1, 1)), start, dt=0.02, steps=100, rng=rng(seed))
        for landscape, seed in ((found, 1), (WELL, 2))
    ]
    models = [NoisyGradient(landscape, Isotropic(4.0, 1)) for landscape in (found, WELL)]
    walks = [
        run_sgd(m, SGD(0.05, 2), start, steps=60, rng=rng(seed)) for m, seed in zip(models, (3, 4), strict=True)
    ]
    for one, other in (paths, walks):
        both = np.concatenate([one.final, other.final])
        for power in (1, 2):
            mean = (both**power).mean()
            assert errors_off(one.final**power, mean) < 5
            assert errors_off(one.final**power, 1.1 * mean + 0.05) > 5  # control
        assert one.diverged == 0


def test_minima_and_learning_tools():
    grid = Grid(-2, 2, 100)
    found = table(WELL, grid)
    for box in (grid, Grid(-3, 3, 50)):  # the search may ask beyond the table
        places = [(m.position[0], m.sharpness) for m in find_minima(found, box)]
        exact = [(m.position[0], m.sharpness) for m in find_minima(WELL, grid)]
        np.testing.assert_allclose(places, exact, atol=2 * found.error.hessian)
    inner = Grid(-1.5, 1.5, 300)
    assert wbic(found, 100, inner) == pytest.approx(wbic(WELL, 100, inner), abs=200 * found.error.value)


def test_outside_the_box_there_is_no_value_and_everyone_who_needs_one_says_where():
    found = table(WELL, Grid(-2, 2, 60))
    points = np.array([[-2.0], [2.0], [np.nextafter(2, 3)], [-5.0], [np.nan], [np.inf]])
    for part in PARTS:
        finite = np.isfinite(getattr(found, part)(points).reshape(6, -1)).all(axis=1)
        assert finite.tolist() == [True, True, False, False, False, False]
    with pytest.raises(InputError, match="it is not in 20 cells"):
        gibbs(found, 1.0, Grid(-3, 3, 60))
    with pytest.raises(InputError, match="must be finite"):
        FokkerPlanck(
            Langevin(found, LossProportional(SymbolicLandscape("1 + x**2"), 0.1)), Grid(-3, 3, 60)
        ).stationary()
    start, rng = np.zeros((500, 1)), np.random.default_rng
    paths = sample_paths(Langevin(found, Isotropic(0.5, 1)), start, dt=0.01, steps=200, rng=rng(1))
    assert 0 < paths.diverged < 500
    assert np.isnan(paths.final).any(axis=1).sum() == paths.diverged
    with pytest.raises(InputError, match=r"got \[nan\] for walker \d+ at step \d+, w = \[-?2\.\d+\]"):
        run_sgd(NoisyGradient(found, Isotropic(100.0, 1)), SGD(0.05, 1), start, steps=200, rng=rng(1))


def test_a_labelled_array_is_its_table(tmp_path):
    grid = Grid([-2, 0], [2, 3], [20, 15])
    labelled = xr.DataArray(
        WAVES.value(grid.centers), dims=("x", "y"), coords=dict(zip("xy", grid.axes, strict=True))
    )
    labelled.to_netcdf(tmp_path / "loss.nc", engine="h5netcdf")
    found = TabulatedLandscape.from_xarray(xr.open_dataarray(tmp_path / "loss.nc", engine="h5netcdf"))
    np.testing.assert_allclose([found.grid.lower, found.grid.upper], [grid.lower, grid.upper], atol=1e-12)
    np.testing.assert_allclose(found.value(grid.centers), labelled.values, atol=1e-12)
    assert TabulatedLandscape.from_xarray(labelled, [False, True]).grid.periodic == (False, True)
    x = labelled.coords["x"].values
    for coordinates, words in (
        (x[::-1], "'x' must rise evenly"),
        (x + 1e-3 * x**2, "'x' must rise evenly, got steps from"),
    ):
        with pytest.raises(InputError, match=words):
            TabulatedLandscape.from_xarray(labelled.assign_coords(x=coordinates))
    with pytest.raises(InputError, match="'x' has none"):
        TabulatedLandscape.from_xarray(labelled.drop_vars("x"))
    with pytest.raises(InputError, match="at least 12 points along 'x', got 3"):
        TabulatedLandscape.from_xarray(labelled[:3])


GOOD = Grid(0, 1, 12)


@pytest.mark.parametrize(
    ("grid", "values", "words"),
    [
        (GOOD, np.zeros(11), r"shape \(12,\), got \(11,\)"),
        (GOOD, [0.0] * 11 + [np.nan], r"finite, got 1 that are not, the first in cell \(11,\)"),
        (GOOD, [np.inf] * 12, "got 12 that are not"),
        (GOOD, ["a"] * 12, "must be an array of numbers"),
        (Grid(0, 1, 11), np.zeros(11), r"at least 12 cells along each axis, got \(11,\); refine it"),
        (Grid([0] * 4, [1] * 4, [12] * 4), np.zeros((12,) * 4), "1 to 3 axes, got 4"),
        ((0, 1, 12), np.zeros(12), "`grid` must be a Grid, got"),
    ],
)
def test_bad_tables_are_refused_in_one_line(grid, values, words):
    with pytest.raises(InputError, match=words) as caught:
        TabulatedLandscape(grid, values)
    assert "\n" not in str(caught.value)


def test_points_must_fit_and_the_table_cannot_change():
    values = np.zeros(12)
    found = TabulatedLandscape(GOOD, values)
    values[:] = 1
    assert found.value([0.5]) == 0
    with pytest.raises(InputError, match="last axis of length 1"):
        found.value(np.zeros((3, 2)))


@pytest.mark.parametrize(
    "shape",
    [
        lambda u: 1 / (1 + 400 * u**2),
        lambda u: np.tanh(30 * (u - 0.13)),
        lambda u: u * np.abs(u),
        np.abs,
        lambda u: np.sqrt(u + 1.0001),
    ],
)
def test_the_error_covers_what_the_table_does_not_resolve(shape):
    grid = Grid(-1, 1, 40)
    table = TabulatedLandscape(grid, shape(grid.axes[0]))
    fine = np.linspace(-1, 1, 4001)[1:-1]
    assert np.abs(table.value(fine[:, None]) - shape(fine)).max() < table.error.value
