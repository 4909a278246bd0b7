"""Evolution and spectra against the exponential and the Ornstein-Uhlenbeck formulas, however stiff or deep."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from chains import double_well, first_passage, in_potential, line, plane_positions, quasi_stationary
from doubles import LineEquation
from doubles_plane import linear
from scipy import sparse
from scipy.linalg import expm
from scipy.special import rel_entr
from scipy.stats import norm

from theory.base.errors import InputError
from theory.fokker_planck.generator.matrix import build_generator
from theory.laws.grid import Grid
from theory.markov import evolution
from theory.markov.elimination.solve import eliminate, stationary_vector
from theory.markov.evolution import evolve
from theory.markov.slow_modes import spectrum

ORNSTEIN_UHLENBECK = LineEquation(lambda w: -w, np.ones_like, np.zeros_like)


def relaxing(n: int, half: float = 6.0):
    grid, positions = line(n, half)
    return grid, positions, build_generator(ORNSTEIN_UHLENBECK, grid)


def one_cell(states: int, cell: int) -> np.ndarray:
    law = np.zeros(states)
    law[cell] = 1.0
    return law


def distance(p, q) -> float:
    return float(np.abs(p - q).sum())


def turning(n: int):
    """A drift that turns across a rotated tensor, on n by n cells."""
    grid = Grid([-5, -5], [5, 5], [n, n])
    return grid, plane_positions(grid), build_generator(linear([[1, 2], [-2, 1]], [[1, 0.6], [0.6, 1]]), grid)


def test_few_jumps_are_right_in_every_entry():
    _, positions, generator = turning(12)
    start = one_cell(144, 100)
    times = [0.0, 0.001, 0.5, 0.5, 3.0]
    laws = evolve(generator, positions, start, times)
    np.testing.assert_array_equal(laws[0], start)
    np.testing.assert_array_equal(laws[2], laws[3])
    for time, law in zip(times[2:], laws[2:], strict=True):
        np.testing.assert_allclose(law, expm(time * generator.toarray()) @ start, rtol=1e-9)
    assert laws[1].min() > 0


@cache
def exponential(time: float):
    _, positions, generator = relaxing(200, 5.0)  # 900 jumps in each unit of time
    return positions, generator, expm(time * generator.toarray())


@pytest.mark.parametrize("tolerance", [1e-4, 1e-7, 1e-10])
@pytest.mark.parametrize("time", [0.2, 1.0, 5.0, 30.0])
def test_many_jumps_are_within_the_tolerance(tolerance, time, monkeypatch):
    monkeypatch.setattr(evolution, "FEW_JUMPS", 100.0)
    positions, generator, exact = exponential(time)
    start = one_cell(200, 160)
    (law,) = evolve(generator, positions, start, [time], tolerance=tolerance)
    assert distance(law, exact @ start) < tolerance
    assert distance(law, start) > 1


def test_a_plane_whose_modes_turn_is_within_the_tolerance(monkeypatch):
    _, positions, generator = turning(30)
    start = one_cell(900, 200)
    times = [1.0, 11.0]
    exact = evolve(generator, positions, start, times)  # few jumps
    monkeypatch.setattr(evolution, "FEW_JUMPS", 20.0)
    laws = evolve(generator, positions, start, times, tolerance=1e-6)
    assert distance(laws[0], exact[0]) < 1e-6
    assert distance(laws[1], exact[1]) < 2e-6
    assert distance(laws[0], laws[1]) > 0.1
    (law,) = evolve(generator, positions, start, [200.0], tolerance=1e-9)
    assert distance(law, stationary_vector(generator, positions)) < 1e-9


def test_stiff_chains_stay_positive_with_mass_one_where_linear_extrapolation_does_not():
    _, positions, generator = relaxing(150)
    stiff = generator * 1e6 / -generator.diagonal().min()
    start = one_cell(150, 30)
    for law in evolve(stiff, positions, start, [1e-2, 1.0, 1e6], tolerance=1e-6):
        assert law.min() > 0
        assert law.sum() == pytest.approx(1, abs=1e-13)
    time = 1e-2
    whole, half = (eliminate(stiff, positions, np.full(150, n / time)) for n in (1, 2))
    once = whole.solve_transposed(start / time)
    twice = half.solve_transposed(half.solve_transposed(start * 2 / time) * 2 / time)
    assert (2 * twice - once).min() < -1e-4


def test_the_gaussian_propagator_is_reached_at_second_order_in_the_spacing():
    cells, errors = [50, 100, 200], []
    for n in cells:
        grid, positions, generator = relaxing(n)
        w = grid.axes[0]

        def gaussian(mean, variance, edges=grid.edges[0]):
            mass = np.diff(norm.cdf(edges, mean, np.sqrt(variance)))
            return mass / mass.sum()

        laws = evolve(generator, positions, gaussian(2.0, 0.2), [0.5, 2.0])
        exact = [gaussian(2 * np.exp(-t), 1 - 0.8 * np.exp(-2 * t)) for t in (0.5, 2.0)]
        errors.append(max(distance(law, e) for law, e in zip(laws, exact, strict=True)))
        assert laws[1] @ w == pytest.approx(2 * np.exp(-2.0), rel=0.02)
    assert -np.polyfit(np.log(cells), np.log(errors), 1)[0] == pytest.approx(2, abs=0.15)
    assert errors[-1] < 2e-3
    assert distance(laws[0], exact[1]) > 0.1


@pytest.mark.parametrize("span", [0.3, 20.0])
def test_two_spans_are_one(span):
    _, positions, generator = relaxing(250, 5.0)
    start = one_cell(250, 30)
    (once,) = evolve(generator, positions, start, [3 * span], tolerance=1e-9)
    first, then = evolve(generator, positions, start, [span, 3 * span], tolerance=1e-9)
    (again,) = evolve(generator, positions, first, [2 * span], tolerance=1e-9)
    assert distance(once, then) < 4e-9
    assert distance(again, then) < 4e-9


def test_relaxation_is_monotone_in_relative_entropy_and_ends_at_the_stationary_law():
    grid, positions = line(200, 2.0)
    generator = in_potential(grid, double_well, 0.05)
    law = stationary_vector(generator, positions)
    times = [0.1, 0.4, 2.0, 10.0, 50.0, 300.0, 2000.0, 2e4]
    laws = evolve(generator, positions, one_cell(200, 20), times, tolerance=1e-8)
    entropies = [float(rel_entr(p, law).sum()) for p in laws]
    assert (np.diff(entropies) < 0).all()
    assert abs(entropies[-1]) < 1e-7
    assert distance(laws[3], law) > 0.9


def test_the_leak_over_a_deep_barrier_keeps_its_digits():
    grid, positions = line(201, 2.01)
    for barrier in (50, 300):
        generator = in_potential(grid, double_well, 0.25 / barrier)
        right = grid.axes[0] > -1e-9
        law, rate = quasi_stationary(generator, positions, ~right)
        laws = evolve(generator, positions, law, [1e4, 3e4], tolerance=1e-9)
        leaked = laws[:, grid.axes[0] > 0.5].sum(axis=1)
        assert leaked[1] - leaked[0] == pytest.approx(rate / 2 * 2e4, rel=1e-7)  # half of those at the top return
    rates, modes = np.linalg.eig(generator.toarray())
    noise = (modes * np.exp(1e4 * rates)) @ np.linalg.solve(modes, law)
    assert np.abs(noise[right]).sum() > 1e50 * leaked[1]


REFUSALS = [
    ({"times": [1.0, 0.5]}, "`times` must increase from 0"),
    ({"times": [-1.0]}, "`times` must increase from 0"),
    ({"times": [np.inf]}, "the limit is the stationary law"),
    ({"probabilities": np.array([0.6, 0.6])}, "sum 1.2"),
    ({"probabilities": np.array([-0.5, 1.5])}, "least -0.5"),
    ({"probabilities": np.ones(3) / 3}, r"2 states, got shape \(3,\)"),
    ({"generator": sparse.csc_array([[-1.0, 2.0], [0.9, -2.0]])}, r"columns .* sum to 0, got one of 0\.1"),
    ({"tolerance": 1e-15}, "`tolerance` must be at least 1e-11"),
]


@pytest.mark.parametrize(("wrong", "message"), REFUSALS)
def test_refuses_what_is_no_law_or_no_time(wrong, message):
    given = {
        "generator": sparse.csc_array([[-1.0, 2.0], [1.0, -2.0]]),
        "positions": np.arange(2)[:, None],
        "probabilities": np.array([1.0, 0.0]),
        "times": [1.0],
        "tolerance": 1e-8,
    }
    with pytest.raises(InputError, match=message):
        evolve(**given | wrong)


def test_a_chain_that_never_moves_stays():
    generator = sparse.csc_array((3, 3))
    start = np.array([0.2, 0.3, 0.5])
    np.testing.assert_allclose(evolve(generator, np.arange(3)[:, None], start, [5.0])[0], start, rtol=1e-14)


def test_the_spectrum_of_the_line_is_that_of_hermite():
    cells, errors = [100, 200, 400], []
    for n in cells:
        _, positions, generator = relaxing(n)
        found = spectrum(generator, positions, 6)
        errors.append(np.abs(found.eigenvalues + np.arange(6))[1:4].max())
        assert found.eigenvalues[0] == 0
        residual = generator @ found.modes - found.modes * found.eigenvalues
        assert np.abs(residual).sum(axis=0).max() < 1e-9
    assert -np.polyfit(np.log(cells), np.log(errors), 1)[0] == pytest.approx(2, abs=0.15)
    assert errors[-1] < 2e-3
    np.testing.assert_allclose(found.eigenvalues, -np.arange(6), atol=0.01)
    assert found.gap == pytest.approx(1, rel=1e-3)
    np.testing.assert_allclose(found.modes[:, 0], stationary_vector(generator, positions), rtol=1e-12)


@pytest.mark.parametrize(
    ("pull", "exact", "tolerance"),
    [
        (np.eye(2), [0, 1, 1, 2, 2, 2], 0.01),
        (np.diag([1, 3]), [0, 1, 2, 3, 3, 4], 0.02),
        ([[1, 2], [-2, 1]], [0, 2, 1 + 2j, 1 - 2j, 3 + 2j, 3 - 2j], 0.04),
    ],
)
def test_the_spectrum_of_the_plane_has_the_sums_of_the_drift_with_multiplicity(pull, exact, tolerance):
    grid = Grid([-6, -5], [6, 5], [90, 90])
    tensor = np.eye(2) if np.array_equal(pull, np.eye(2)) else [[1, 0.6], [0.6, 1]]
    found = spectrum(build_generator(linear(pull, tensor), grid), plane_positions(grid), 6)
    for value in exact:
        nearest = np.abs(found.eigenvalues + value)
        assert np.count_nonzero(nearest < tolerance * max(abs(value), 1)) == exact.count(value)


@pytest.mark.parametrize("barrier", [2.5, 40, 300])
def test_the_gap_of_two_wells_is_the_rate_between_them_at_any_depth(barrier):
    grid, positions = line(202, 2.0)
    generator = in_potential(grid, double_well, 0.25 / barrier)
    found = spectrum(generator, positions, 4)
    _, rate = quasi_stationary(generator, positions, grid.axes[0] < 0)
    slow = found.modes[:, 1].real
    assert slow.sum() == pytest.approx(0, abs=1e-9)
    fast = np.linalg.eigvals(generator.toarray())
    if barrier > 10:  # by symmetry the slow mode is zero half way between the two middle cells
        assert found.gap == pytest.approx(rate, rel=0.05)
        assert np.abs(np.sort(np.abs(fast))[1] / found.gap - 1) > 0.1
    mean, _ = first_passage(generator, positions, grid.axes[0] > 1)
    assert 1 / mean[50] == pytest.approx(found.gap / 2, rel=0.15)
    np.testing.assert_allclose(np.sort(np.abs(fast))[2:4], np.abs(found.eigenvalues[2:]), rtol=1e-6)


def test_wells_of_several_depths_are_all_told_apart():
    grid, positions = line(300, 3.0)

    def three(w):
        return np.cos(2 * np.pi * w / 2) * (1 + 0.2 * w) + (np.abs(w) > 2) * (np.abs(w) - 2) ** 2 * 20

    generator = in_potential(grid, three, 0.02)
    found = spectrum(generator, positions, 7)
    rates = -found.eigenvalues.real
    assert found.eigenvalues[0] == 0
    assert (np.diff(rates) > 0).all()
    assert (np.abs(found.eigenvalues.imag) <= 1e-9 * np.abs(rates)).all()
    np.testing.assert_allclose(spectrum(generator * 1e3, positions, 7).eigenvalues.real, -1e3 * rates, rtol=1e-6)


def test_separate_classes_have_a_zero_each():
    _, _, generator = relaxing(100)
    twice = sparse.csc_array(sparse.block_diag([generator, 2 * generator]))
    found = spectrum(twice, np.arange(200)[:, None], 5)
    assert np.count_nonzero(found.eigenvalues == 0) == 2
    np.testing.assert_allclose(found.eigenvalues.real, [0, 0, -1, -2, -2], atol=0.02)
    with pytest.raises(InputError, match="raise `k`"):
        _ = spectrum(twice, np.arange(200)[:, None], 2).gap


def test_refuses_more_modes_than_states():
    _, positions, generator = relaxing(20)
    with pytest.raises(InputError, match="between 1 and 17 on 20 states, got 18"):
        spectrum(generator, positions, 18)
