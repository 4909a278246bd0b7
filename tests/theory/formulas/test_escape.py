"""Passage times, escape rates, committors and survival through the facade, each with its error."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from chains import double_well
from escape_laws import log_time
from scipy.special import erf, erfi

from theory import (
    Absorbing,
    Constant,
    Density,
    Estimate,
    FokkerPlanck,
    Grid,
    InputError,
    Isotropic,
    Langevin,
    LossProportional,
    NoStationaryDensity,
    Periodic,
    Reflecting,
    SymbolicLandscape,
)

WELL = SymbolicLandscape("(w**2 - 1)**2/4")
FREE = Langevin(SymbolicLandscape("0*w"), Isotropic(0.3, 1))
FREE_PLANE = Langevin(SymbolicLandscape("0*x*y"), Isotropic(0.5, 2))


def right(w):
    return w[..., 0] > 1


def left_half(w):
    return w[..., 0] < 0


@pytest.mark.parametrize(("temperature", "table"), [(0.1, 66.269), (0.05, 729.67), (0.03, 19485.8), (0.005, None)])
def test_the_double_well_is_crossed_in_the_time_of_the_table(temperature, table):
    equation = FokkerPlanck(Langevin(WELL, Isotropic(temperature, 1)), Grid(-2.5, 2.5, 301))
    time = equation.mean_first_passage_time(right)
    exact = np.exp(log_time(equation.sde, -1, 1))
    assert time.mean.at(-1) == pytest.approx(exact, rel=1e-6)
    if table:
        assert time.mean.at(-1) == pytest.approx(table, rel=1e-5)
    else:
        assert exact > 1e21
    assert abs(time.mean.at(-1) - exact) < 5 * time.mean.error.max() + 1e-7 * exact
    assert time.mean.values[equation.grid.axes[0] > 1].max() == 0
    middle = equation.mean_first_passage_time(left_half_of_the_barrier).mean  # control: another target
    assert middle.at(-1) < 0.6 * exact


def left_half_of_the_barrier(w):
    return w[..., 0] > 0


def test_three_hundred_temperatures_cost_no_digits():
    temperature = 0.25 / 300
    equation = FokkerPlanck(Langevin(WELL, Isotropic(temperature, 1)), Grid(-2.0, 2.0, 400))
    exact = log_time(equation.sde, -1, 1, lower=-2.0)
    time, rate = equation.mean_first_passage_time(right), equation.escape_rate(left_half)
    assert np.log(time.mean.at(-1)) == pytest.approx(exact, abs=1e-5)
    assert np.log(time.standard_deviation.at(-1)) == pytest.approx(exact, abs=1e-5)  # exponential
    assert time.variance[100] == pytest.approx(time.mean.values[100] ** 2, rel=1e-9)
    # A walker at the top goes either way: half the rate at which basins are left reaches the other well.
    assert np.log(rate) == pytest.approx(-exact + np.log(2), abs=1e-4)
    assert 0 < rate.error < 1e-4 * rate


@pytest.mark.parametrize(("floor", "heat", "table"), [(0.05, 0.2, 1.2341e-5), (0.1, 0.15, None)])
def test_noise_proportional_to_the_loss_escapes_by_a_power(floor, heat, table):
    landscape = SymbolicLandscape(f"{floor} + (w**2 - 1)**2/4")
    sde = Langevin(landscape, LossProportional(landscape, heat))
    equation = FokkerPlanck(sde, Grid(-4.0, 4.0, 800))

    def noise(w):
        return heat * (floor + double_well(w))

    assert sde.tensor(np.array([[0.3]]))[0, 0, 0] == pytest.approx(noise(0.3))
    exact = np.exp(-log_time(sde, -1, 1, lower=-4.0))
    rate = 1 / equation.mean_first_passage_time(right).mean.at(-1)
    assert rate == pytest.approx(exact, rel=1e-5)
    assert table is None or rate == pytest.approx(table, rel=1e-4)
    gibbs_like = np.sqrt(2) / (2 * np.pi) * np.exp(-0.25 / (heat * floor))  # control: noise of the minimum
    assert not 0.5 < rate / gibbs_like < 2


def test_brownian_motion_leaves_an_interval_as_the_formulas_say():
    grid = Grid(-1.0, 1.0, 60)
    equation = FokkerPlanck(FREE, grid, Absorbing())
    w = grid.axes[0]
    time = equation.mean_first_passage_time()
    assert np.abs(time.mean.values - (1 - w**2) / 0.6).max() < 1e-13
    assert time.mean.at([0.0, 0.5]) == pytest.approx([1 / 0.6, 0.75 / 0.6], rel=1e-12)
    square = (5 - 6 * w**2 + w**4) / (12 * 0.3**2)
    assert np.abs(time.variance - (square - time.mean.values**2)).max() < 1e-5
    exact = 0.3 * np.pi**2 / 4
    settled = equation.quasi_stationary()
    assert settled.rate == pytest.approx(exact, rel=1e-6)
    assert abs(settled.rate - exact) < 2 * settled.rate.error
    cosine = np.pi / 4 * np.cos(np.pi * w / 2)
    shift = np.abs(settled.density.values - cosine).sum() * grid.cell_volume / 2
    assert shift < settled.density.error < 1e-3
    assert settled.rate != pytest.approx(3 * 0.3, rel=0.1)  # control: the rate out of the flat law
    assert float(equation.escape_rate()) == float(settled.rate)
    found = equation.spectrum(3)
    assert found.eigenvalues.real == pytest.approx([-exact, -4 * exact, -9 * exact], rel=1e-5)
    assert (np.abs(found.eigenvalues + exact * np.array([1, 4, 9])) < 2 * found.error).all()


def test_sides_are_mixed_freely():
    grid = Grid(-1.0, 1.0, 60)
    wall = FokkerPlanck(FREE, grid, (Reflecting(), Absorbing()))
    assert wall.escape_rate() == pytest.approx(0.3 * np.pi**2 / 16, rel=1e-6)
    assert wall.mean_first_passage_time().mean.values == pytest.approx(
        (4 - (grid.axes[0] + 1) ** 2) / 0.6, rel=1e-12
    )
    plane = Grid([0, 0], [1, 1], [40, 40])
    for boundary, exact in (
        (Absorbing(), 1.0),
        (((Absorbing(), Reflecting()), Reflecting()), 0.125),
        (((Absorbing(), Reflecting()), Absorbing()), 0.625),
    ):
        rate = FokkerPlanck(FREE_PLANE, plane, boundary).escape_rate()
        assert abs(rate - exact * np.pi**2) < rate.error < 2e-3 * rate
    settled = FokkerPlanck(FREE_PLANE, plane, Absorbing()).quasi_stationary().density
    bumps = np.prod(np.pi / 2 * np.sin(np.pi * plane.centers), axis=-1)
    inside = bumps > 0.05 * bumps.max()  # next to the sides too, not in the corners
    assert settled.values[inside] == pytest.approx(bumps[inside], rel=0.02)
    assert settled.error is not None
    assert np.abs(settled.values - bumps).mean() / 2 < settled.error < 0.012
    ring = Grid([0, 0], [1, 1], [40, 20], [False, True])
    rate = FokkerPlanck(FREE_PLANE, ring, ((Absorbing(), Absorbing()), Periodic())).escape_rate()
    assert abs(rate - 0.5 * np.pi**2) < rate.error < 2e-3 * rate


def test_survival_is_that_of_the_series_and_ends_at_the_rate_of_escape():
    grid = Grid(-1.0, 1.0, 120)
    equation = FokkerPlanck(FREE, grid, Absorbing())
    start = Density.normalised(grid, np.ones(120))
    times = np.array([0.1, 1.0, 5.0])
    left, error = equation.survival(start, times)
    odd = np.arange(1, 400, 2)[:, None]
    exact = (8 / (np.pi * odd) ** 2 * np.exp(-0.3 * (np.pi * odd / 2) ** 2 * times)).sum(axis=0)
    assert (np.abs(left - exact) < 2 * error).all()
    assert error.max() < 1e-3
    laws = equation.evolve(start, times)
    settled = equation.quasi_stationary().density
    gap = np.abs(laws[-1].values - settled.values).sum() * grid.cell_volume / 2
    assert gap < 2e-4
    assert laws[0].error is not None
    inner, _ = equation.survival(start, times, lambda w: np.abs(w[..., 0]) < 0.1)
    assert (inner < left).all()
    closed = FokkerPlanck(FREE, grid)
    assert closed.survival(start, [1.0], right_end)[0][0] < 1


def right_end(w):
    return w[..., 0] > 0.9


def test_the_committor_is_the_scale_function():
    temperature = 0.1
    saddle = Langevin(SymbolicLandscape("-w**2/2"), Isotropic(temperature, 1))
    equation = FokkerPlanck(saddle, Grid(-2.0, 2.0, 101))
    chance = equation.committor(lambda w: w[..., 0] < -1.1, lambda w: w[..., 0] > 0.93)
    # exp(Phi) = exp(-w^2 / 2T): the error function.
    scale = erf(np.array([-1.1, 0.93, *equation.grid.axes[0]]) / np.sqrt(2 * temperature))
    exact = np.clip((scale[2:] - scale[0]) / (scale[1] - scale[0]), 0, 1)
    assert chance.values == pytest.approx(exact, abs=1e-7)
    inside = (exact > 0) & (exact < 1)
    assert (np.abs(chance.values - exact)[inside] < 5 * chance.error[inside] + 1e-12).all()
    well = FokkerPlanck(Langevin(SymbolicLandscape("w**2/2"), Isotropic(temperature, 1)), equation.grid)
    other = erfi(np.array([-1.1, 0.93, 0.0]) / np.sqrt(2 * temperature))  # control: the drift turned round
    expected = (other[2] - other[0]) / (other[1] - other[0])
    assert well.committor(lambda w: w[..., 0] < -1.1, lambda w: w[..., 0] > 0.93).at(0.0) == pytest.approx(
        expected, rel=1e-6
    )


def test_a_rotated_tensor_in_a_plane_with_current_has_errors_that_cover():
    tensor = [[0.7, 0.45], [0.45, 0.5]]
    turn = Langevin(
        SymbolicLandscape("x**2/2 + 0.6*y**2"),
        Constant(tensor),
        extra_drift=lambda w: np.stack([-0.6 * w[..., 1], 1.4 * w[..., 0]], axis=-1),
    )

    def target(w):
        return (w[..., 0] - 2) ** 2 + w[..., 1] ** 2 < 0.8

    def basin(w):
        return (w**2).sum(axis=-1) < 2

    def solved(n):
        equation = FokkerPlanck(turn, Grid([-4, -4], [4, 4], [n, n]))
        return equation.mean_first_passage_time(target).mean, equation.escape_rate(basin)

    best_time, best_rate = solved(240)
    for n in (80, 100):
        time, rate = solved(n)
        points = [[0.0, 0.0], [-1.0, 1.0], [0.5, -1.5]]
        assert (np.abs(time.at(points) - best_time.at(points)) < 2 * time.error.max()).all()
        assert time.at(points) == pytest.approx(best_time.at(points), rel=0.005)
        assert abs(rate - best_rate) < 2 * rate.error < 8e-3 * rate


@pytest.mark.parametrize("dim", [1, 2])
def test_the_first_six_eigenvalues_of_ornstein_and_uhlenbeck_with_multiplicity(dim):
    text, exact = ("w**2/2", [0, 1, 2, 3, 4, 5]) if dim == 1 else ("(x**2 + y**2)/2", [0, 1, 1, 2, 2, 2])
    grid = Grid(-8.0, 8.0, 200) if dim == 1 else Grid([-6, -6], [6, 6], [60, 60])
    found = FokkerPlanck(Langevin(SymbolicLandscape(text), Isotropic(1.0, dim)), grid).spectrum(6)
    true = np.abs(found.eigenvalues + np.array(exact))
    assert found.eigenvalues.real == pytest.approx(-np.array(exact), rel=2e-3, abs=1e-12)
    assert (true <= found.error).all()
    assert found.gap == pytest.approx(1, rel=1e-3)
    assert isinstance(found.gap, Estimate)
    assert found.modes.shape == (grid.size, 6)


def test_a_number_carries_its_error():
    number = Estimate(2.0, 0.1)
    assert number * 2 == 4
    assert repr(number) == "2 +- 0.1"
    again = pickle.loads(pickle.dumps(number))
    assert (float(again), again.error) == (2.0, 0.1)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda e: e.mean_first_passage_time(), "`target` must be given, or a side be Absorbing"),
        (lambda e: e.escape_rate(), "`basin` must be given"),
        (lambda e: e.mean_first_passage_time(lambda w: w[..., 0] > 9), "`target` must hold some .* got 0 of 60"),
        (lambda e: e.quasi_stationary(lambda w: w[..., 0] < 9), "`basin` must hold some .* got 60 of 60"),
        (lambda e: e.committor(right_end, lambda w: w[..., 0] > 0.5), "must not overlap, got 3 cells"),
        (lambda e: e.mean_first_passage_time(np.ones(3, bool)), "`target` must be a function of points or flags"),
        (lambda e: e.mean_first_passage_time(right_end).mean.at(3.0), "must lie in the box"),
    ],
)
def test_refusals(ask, message):
    with pytest.raises(InputError, match=message):
        ask(FokkerPlanck(FREE, Grid(-1.0, 1.0, 60)))


def test_absorbing_sides_have_no_stationary_law_and_contradictions_are_refused():
    grid = Grid(-1.0, 1.0, 60)
    equation = FokkerPlanck(FREE, grid, Absorbing())
    start = Density.normalised(grid, np.ones(60))
    for ask in (equation.stationary, lambda: equation.limit_law(start)):
        with pytest.raises(NoStationaryDensity, match="absorbing sides; ask for the quasi-stationary law"):
            ask()
    with pytest.raises(InputError, match="needs sides without flux"):
        equation.current(start)
    for boundary, message in (
        ((Periodic(), Absorbing()), "must agree with the grid"),
        ((Absorbing(),) * 3, "one or a pair for each of 1, got 3"),
        ("absorbing", "must be Reflecting"),
    ):
        with pytest.raises(InputError, match=message):
            FokkerPlanck(FREE, grid, boundary)
    assert equation.generator.sum(axis=0).min() < 0
