"""Passage times, committors and quasi-stationary laws against formulas, in wells of any depth."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from chains import (
    committor,
    double_well,
    first_passage,
    in_potential,
    ladder_sums,
    lattice,
    line,
    plane_positions,
    quasi_stationary,
)
from doubles import LineEquation
from doubles_plane import isotropic
from scipy import sparse

from theory.base.errors import InputError
from theory.fokker_planck.generator.matrix import build_generator
from theory.laws.grid import Grid

DEEP = 1 / 1200  # the barrier of the double well is 300 temperatures
GRID, CELLS = line(401, 2.005)  # centres at multiples of 0.01
W = GRID.axes[0]
BARRIER, MINIMA = 200, (100, 300)


def log_passage_time(temperature: float) -> float:
    """Logarithm of the mean time from -1 to 1, int_-1^1 dy int_-inf^y dz exp((L(y) - L(z)) / T) / T."""
    w = np.linspace(-3, 1, 40_001)
    step = w[1] - w[0]
    below = np.logaddexp.accumulate(-double_well(w) / temperature)
    inside = w >= -1
    terms = double_well(w[inside]) / temperature + below[inside]
    terms[[0, -1]] -= np.log(2)
    return float(np.logaddexp.reduce(terms) + np.log(step**2 / temperature))


def direct_passage(generator, target):
    inside = np.flatnonzero(~target)
    matrix = -generator[:, inside].tocsr()[inside].T.tocsc()
    return sparse.linalg.spsolve(matrix, np.ones(len(inside)))


def test_brownian_motion_leaves_an_interval_in_the_time_of_the_formula():
    noise = 0.3
    grid, positions = line(200, 1.0)
    generator = in_potential(grid, np.zeros_like, noise)
    w = grid.axes[0]
    target = np.abs(w) > 1 - grid.spacing[0]
    half = w[-1]  # the walk ends at the centres of the outer cells
    mean, variance = first_passage(generator, positions, target)
    np.testing.assert_allclose(mean, (half**2 - w**2) / (2 * noise), rtol=1e-11, atol=1e-15)
    assert mean[100] != pytest.approx(1 / (2 * noise), rel=5e-3)
    square = (5 * half**4 - 6 * half**2 * w**2 + w**4) / (12 * noise**2)
    np.testing.assert_allclose(variance[~target], (square - mean**2)[~target], rtol=1e-2)
    assert variance[100] == pytest.approx(half**4 / (6 * noise**2), rel=1e-4)
    assert (mean[target] == 0).all()
    assert (variance[target] == 0).all()


@pytest.mark.parametrize(("temperature", "exact"), [(0.1, 66.269), (0.05, 729.67), (0.03, 19485.8)])
def test_the_double_well_is_crossed_in_the_known_time_and_not_in_that_of_kramers(temperature, exact):
    grid, positions = line(1203, 2.005)
    mean, _ = first_passage(in_potential(grid, double_well, temperature), positions, grid.axes[0] > 1 - 1e-9)
    start = np.argmin(np.abs(grid.axes[0] + 1))
    assert mean[start] == pytest.approx(exact, rel=1e-4)
    assert mean[start] == pytest.approx(np.exp(log_passage_time(temperature)), rel=1e-4)
    kramers = 2 * np.pi / np.sqrt(2) * np.exp(0.25 / temperature)
    assert mean[start] != pytest.approx(kramers, rel=0.04)


@pytest.mark.parametrize(("temperature", "tolerance"), [(0.005, 0.01), (DEEP, 0.02)])
def test_deep_wells_keep_every_digit_where_a_direct_solver_loses_all(temperature, tolerance):
    generator = in_potential(GRID, double_well, temperature)
    target = W > 1 - 1e-9
    mean, variance = first_passage(generator, CELLS, target)
    start = MINIMA[0]
    law = np.exp(-double_well(W) / temperature)
    _, times = ladder_sums(generator, law, *MINIMA)
    np.testing.assert_allclose(mean[start : MINIMA[1]], times, rtol=1e-11)
    assert np.log(mean[start]) == pytest.approx(log_passage_time(temperature), abs=tolerance)
    assert variance[start] == pytest.approx(mean[start] ** 2, rel=1e-12)
    direct = direct_passage(generator, target)[start]
    assert direct != pytest.approx(mean[start], rel=0.5)


def test_a_plane_that_factorises_is_crossed_as_the_line_in_every_cell():
    grid = Grid([-2.0, -1.0], [2.0, 1.0], [60, 24])
    equation = isotropic(lambda w: (double_well(w[..., 0]) + w[..., 1] ** 2 / 10) / DEEP)
    generator = build_generator(equation, grid)
    x = grid.centers[..., 0].ravel()
    mean, _ = first_passage(generator, plane_positions(grid), x > 0.9)
    narrow, positions = line(60, 2.0)
    alone, _ = first_passage(in_potential(narrow, double_well, DEEP) / DEEP, positions, narrow.axes[0] > 0.9)
    np.testing.assert_allclose(mean, np.repeat(alone, 24), rtol=1e-10)
    assert mean.max() > 1e120


def test_rates_over_a_hundred_decades_agree_with_exact_arithmetic_in_every_state():
    positions, generator = lattice(
        (6, 5), [(1, 0), (0, 1), (1, 1)], (False, True), np.random.default_rng(0), spread=30.0
    )
    a, b = np.isin(np.arange(30), [20]), np.isin(np.arange(30), [3])
    inside = np.flatnonzero(~a & ~b)
    with mpmath.workdps(300):
        rates = mpmath.matrix(generator.toarray().T.tolist())
        for i in range(30):
            rates[i, i] = 0
            rates[i, i] = -mpmath.fsum(rates[i, :])
        matrix = mpmath.matrix([[-rates[i, j] for j in map(int, inside)] for i in map(int, inside)])
        mean = mpmath.lu_solve(matrix, mpmath.ones(len(inside), 1))
        square = mpmath.lu_solve(matrix, 2 * mean)
        chance = mpmath.lu_solve(matrix, mpmath.matrix([rates[int(i), 3] for i in inside]))
        exact = np.array(
            [[float(m), float(s - m**2), float(c)] for m, s, c in zip(mean, square, chance, strict=True)]
        )
        law, rate = quasi_stationary(generator, positions, ~a & ~b)
        kept = rate * mpmath.lu_solve(matrix.T, mpmath.matrix(law[inside].tolist()))
        np.testing.assert_allclose(law[inside], [float(x) for x in kept], rtol=1e-12)
    times = np.stack([*first_passage(generator, positions, a | b), committor(generator, positions, a, b)], axis=1)
    np.testing.assert_allclose(times[inside], exact, rtol=1e-13)
    assert exact[:, 2].min() < 1e-12
    assert law[inside].min() < 1e-30
    assert not np.allclose(direct_passage(generator, a | b), exact[:, 0], rtol=1e-6)


def test_noise_proportional_to_the_loss_escapes_by_a_power_and_not_by_an_exponential():
    floor, strength = 0.05, 0.2

    def loss(w):
        return floor + double_well(w)

    def slope(w):
        return w**3 - w

    equation = LineEquation(lambda w: -slope(w), lambda w: strength * loss(w), lambda w: strength * slope(w))
    grid, positions = line(1203, 2.005)
    w = grid.axes[0]
    mean, _ = first_passage(build_generator(equation, grid), positions, w > 1 - 1e-9)
    rate = 1 / mean[np.argmin(np.abs(w + 1))]
    assert rate == pytest.approx(1.2341e-5, rel=5e-4)
    power = np.sqrt(2) / (2 * np.pi) * ((floor + 0.25) / floor) ** -(0.5 + 1 / strength)
    assert rate == pytest.approx(power, rel=0.05)
    constant_noise = np.sqrt(2) / (2 * np.pi) * np.exp(-0.25 / (strength * floor))
    assert rate != pytest.approx(constant_noise, rel=0.5)


@pytest.mark.parametrize("temperature", [0.05, DEEP])
def test_the_committor_is_the_scale_function(temperature):
    generator = in_potential(GRID, double_well, temperature)
    a, b = W < -1 + 1e-9, W > 1 - 1e-9
    chance = committor(generator, CELLS, a, b)
    scale, _ = ladder_sums(generator, np.exp(-double_well(W) / temperature), *MINIMA)
    np.testing.assert_allclose(chance[MINIMA[0] + 1 : MINIMA[1] + 1], scale / scale[-1], rtol=1e-11)
    back = committor(generator, CELLS, b, a)
    np.testing.assert_allclose(chance + back, 1, rtol=1e-12)
    assert chance[BARRIER] == pytest.approx(0.5, rel=0.02)
    assert (chance[a] == 0).all()
    assert (chance[b] == 1).all()


def test_free_motion_leaves_an_interval_at_the_rate_of_the_cosine():
    grid, positions = line(202, 1.0)
    step = grid.spacing[0]
    law, rate = quasi_stationary(
        in_potential(grid, np.zeros_like, 0.5), positions, np.abs(grid.axes[0]) < 1 - step
    )
    half = grid.axes[0][-1]
    assert rate == pytest.approx(0.5 * 2 * (1 - np.cos(np.pi * step / (2 * half))) / step**2, rel=1e-11)
    cosine = np.cos(np.pi * grid.axes[0] / (2 * half))
    np.testing.assert_allclose(law[1:-1], (cosine / cosine.sum())[1:-1], rtol=1e-10)
    assert rate != pytest.approx(3 * 0.5 / half**2, rel=0.1)  # of the flat law


@pytest.mark.parametrize("temperature", [0.1, 0.03, DEEP])
def test_the_quasi_stationary_law_is_left_at_the_inverse_of_its_mean_exit_time(temperature):
    generator = in_potential(GRID, double_well, temperature)
    basin = W < -0.005
    law, rate = quasi_stationary(generator, CELLS, basin)
    mean, variance = first_passage(generator, CELLS, ~basin)
    assert law.sum() == pytest.approx(1, rel=1e-14)
    assert rate * (law @ mean) == pytest.approx(1, rel=1e-13)
    assert law @ (variance + mean**2) == pytest.approx(2 * (law @ mean) ** 2, rel=1e-12)  # exponential
    assert rate == pytest.approx(law @ np.asarray(generator[~basin].sum(axis=0)).ravel(), rel=1e-12)
    if temperature > 0.05:  # from any other law the exit is not at the rate
        assert mean[MINIMA[0]] * rate != pytest.approx(1, rel=1e-3)


def masks(*parts):
    return [np.isin(np.arange(6), part) for part in parts]


def line_of_six(cut=False):
    up, down = np.ones(5), np.ones(5)
    if cut:
        up[2] = 0.0  # nobody climbs from 2 to 3
    moves = sparse.diags_array([up, down], offsets=[-1, 1], format="csc")
    return sparse.csc_array(moves - sparse.diags_array(moves.sum(axis=0))), np.arange(6)[:, None]


def isolated():
    """The first of the six never leaves."""
    generator, positions = line_of_six()
    moves = generator.tolil()
    moves[1, 0] = moves[0, 0] = 0.0
    return moves.tocsc(), positions


REFUSALS = [
    (lambda g, x: first_passage(g, x, *masks([])), "not all False, got bool .* with 0 True"),
    (lambda g, x: first_passage(g, x, *masks(range(6))), "ends that hold all 6"),
    (lambda g, x: first_passage(g, x, np.ones(5, bool)), r"flags of 6 states, .* got bool of shape \(5,\)"),
    (lambda g, x: first_passage(g, x, np.ones(6)), "got float64 of shape"),
    (lambda g, x: quasi_stationary(g, x, *masks([])), "ends that hold all"),
    (lambda g, x: quasi_stationary(g, x, *masks([0, 1, 4])), "one piece, got 2"),
    (lambda g, x: committor(g, x, *masks([0], [])), "with 0 True"),
    (lambda g, x: committor(g, x, *masks([0, 1], [1, 5])), "must not overlap, got 1 states in both"),
]


@pytest.mark.parametrize(("ask", "message"), REFUSALS)
def test_refuses_sets_that_make_no_question(ask, message):
    with pytest.raises(InputError, match=message):
        ask(*line_of_six())


def test_says_how_many_states_never_arrive_and_where():
    generator, positions = line_of_six(cut=True)
    message = r"the end of the walk must be within reach.*got 3 of 5 .*infinite mean.*first cell \(0\)"
    with pytest.raises(InputError, match=message):
        first_passage(generator, positions, *masks([5]))
    with pytest.raises(InputError, match=r"within reach.*got 3 of 4"):
        quasi_stationary(generator, positions, *masks([0, 1, 2, 3]))
    with pytest.raises(InputError, match=r"within reach.*got 1 of 3"):
        committor(*isolated(), *masks([1, 2], [5]))
    assert first_passage(generator, positions, *masks([0]))[0][5] > 0


def test_says_when_barriers_leave_the_floating_point_range():
    mean, variance = first_passage(in_potential(GRID, double_well, 0.25 / 400), CELLS, W > 0.9)
    assert mean[MINIMA[0]] > 1e170
    assert np.isinf(variance[MINIMA[0]])  # the square of a standard deviation that is finite
    with pytest.raises(InputError, match="floating point"):
        first_passage(in_potential(GRID, double_well, 0.25 / 800), CELLS, W > 0.9)


def test_a_basin_of_two_wells_is_refused_where_they_hardly_mix():
    grid, positions = line(161, 1.6)
    inside = np.abs(grid.axes[0]) < 1

    def chain(temperature):  # two wells, left over lower barriers than the one between them
        def wells(w):
            return np.cos(2 * np.pi * w) * (1 + np.exp(-20 * w**2) / 2) + 1e-4 * w

        return in_potential(grid, wells, temperature)

    law, rate = quasi_stationary(chain(0.1), positions, inside)
    assert rate * (law @ first_passage(chain(0.1), positions, ~inside)[0]) == pytest.approx(1, rel=1e-12)
    with pytest.raises(InputError, match=r"still moves by .* several wells"):
        quasi_stationary(chain(0.03), positions, inside)
