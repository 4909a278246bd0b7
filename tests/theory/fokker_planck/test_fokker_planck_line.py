"""One-dimensional laws against formulas, independent solvers, and controls that must miss."""

from __future__ import annotations

import numpy as np
import pytest
from doubles import LineEquation, sgd_line
from hypothesis import given, settings
from hypothesis import strategies as st
from line_laws import distance, gibbs_equation, law
from numpy.polynomial import Polynomial
from scipy.integrate import quad
from scipy.special import logsumexp

from theory.fokker_planck.line.stationary import stationary_line
from theory.laws.grid import Grid

# -- zero flux ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("learning_rate", "batch_size"), [(0.01, 20), (0.1, 4), (0.5, 1)])
def test_linear_regression_is_student(learning_rate, batch_size):
    grid = Grid(-6, 7, 3000)
    found = stationary_line(sgd_line(Polynomial([-0.5, 1]), learning_rate, batch_size), grid)

    def student(power):
        return law(grid, lambda w: -power * np.log(1 + 2 * (w - 0.5) ** 2))

    expected = student(1 + batch_size / (4 * learning_rate))
    assert np.abs(found.values - expected.values).max() <= 1e-12 * expected.values.max()
    assert distance(found, student(batch_size / (4 * learning_rate))) > 1e-4
    assert found.error < 1e-9


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_reading_of_the_noise_is_an_exponent(share):
    """D = (1 + w^2)/2, h = -w: p ~ D^(share - 1) (1 + w^2)^-1; each reading misses the other two."""
    grid = Grid(-300, 300, 6001)
    equation = LineEquation(lambda w: -w + share * w, lambda w: (1 + w**2) / 2, lambda w: w)
    found = stationary_line(equation, grid)
    for other in (0.0, 0.5, 1.0):
        gap = distance(found, law(grid, lambda w: (other - 2) * np.log(1 + w**2)))  # noqa: B023
        assert gap < 1e-13 if other == share else gap > 0.05


@pytest.mark.parametrize("known", [True, False])
def test_deep_wells_keep_their_masses(known):
    """Wells 300 temperatures deep, one of mass near 1e-100, to nine digits."""
    landscape, temperature = Polynomial([0, 0.0965, -0.5, 0, 0.25]) * 1200, 1.0
    grid = Grid(-2, 2, 2000)
    found = stationary_line(gibbs_equation(landscape, temperature, known), grid)
    logs = -landscape(grid.axes[0])
    right = grid.axes[0] > 0.2
    expected = logsumexp(logs[right]) - logsumexp(logs)
    assert -260 < expected < -200
    assert np.log(found.mass(right)) == pytest.approx(expected, abs=1e-9)
    barrier = landscape(np.linspace(-1, 1, 2001)).max() - landscape(np.linspace(-2, 0, 2001)).min()
    assert barrier > 300
    assert found.error < 1e-9


def test_masses_beside_values_at_the_centres():
    """A kinked law: its masses and moments are known to rounding, sums over the centres are of second order."""
    equation = LineEquation(lambda w: -3 * np.sign(w - 0.01), lambda w: 1 + 0 * w, lambda w: 0 * w)
    errors = []
    for cells in (100, 200, 400):
        grid = Grid(-7.99, 8.01, cells)
        found = stationary_line(equation, grid)
        z = grid.edges[0] - 0.01
        masses = np.diff(np.where(z < 0, np.exp(-3 * np.abs(z)), 2 - np.exp(-3 * np.abs(z)))) / 2
        assert np.abs(found.probabilities - masses).sum() / 2 <= found.error + 2e-11 < 1e-10  # cut at exp(-24)
        assert found.covariance[0, 0] == pytest.approx(2 / 9, abs=1e-7)
        exact = np.exp(-3 * np.abs(grid.axes[0] - 0.01)) * 1.5
        errors.append(0.5 * np.abs(found.values - exact).sum() * grid.cell_volume)
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx([2, 2], abs=0.1)


@settings(max_examples=30)
@given(
    tilt=st.floats(-1, 1),
    temperature=st.floats(0.15, 2),
    wave=st.floats(-0.9, 0.9),
    shift=st.floats(-5, 5),
    scale=st.floats(0.1, 10),
)
def test_laws_move_with_the_coordinate(tilt, temperature, wave, shift, scale):
    """Mass 1, positive; mirrored, shifted and stretched equations have mirrored, shifted, stretched laws."""
    landscape = Polynomial([0, tilt, -0.5, 0, 0.25])
    slope = landscape.deriv()

    def equation(sign, shift, scale):
        def x(w):
            return sign * (w - shift) / scale

        return LineEquation(
            lambda w: -sign * scale * slope(x(w)),
            lambda w: scale**2 * temperature * (1 + wave * np.sin(x(w))),
            lambda w: sign * scale * temperature * wave * np.cos(x(w)),
        )

    plain = stationary_line(equation(1, 0, 1), Grid(-4, 3, 301))
    assert plain.values.sum() * plain.grid.cell_volume == pytest.approx(1, abs=1e-12)
    assert (plain.values > 0).all()
    mirrored = stationary_line(equation(-1, 0, 1), Grid(-3, 4, 301))
    assert np.allclose(mirrored.values[::-1], plain.values, rtol=1e-8, atol=0)
    moved = stationary_line(equation(1, shift, scale), Grid(shift - 4 * scale, shift + 3 * scale, 301))
    assert np.allclose(moved.values * scale, plain.values, rtol=1e-8, atol=0)


# -- circles -----------------------------------------------------------------------------------------------

FULL = 2 * np.pi


def tilted(tilt, depth=1.0):
    return LineEquation(
        lambda w: tilt + depth * np.cos(w), lambda w: 0.5 + 0.2 * np.sin(w), lambda w: 0.2 * np.cos(w)
    )


def test_current_round_a_circle_against_fourier():
    """The current b p - (D p)' is constant, solved with 101 Fourier modes; the zero-flux density must miss."""
    grid = Grid(0, FULL, 101, periodic=True)
    w, equation = grid.axes[0], tilted(0.7)
    found = stationary_line(equation, grid)
    k = np.fft.fftfreq(101, 1 / 101)
    derivative = np.fft.ifft(1j * k[:, None] * np.fft.fft(np.eye(101), axis=0), axis=0).real
    current = np.diag(equation.b(w)) - derivative @ np.diag(equation.noise(w))
    system = np.vstack([derivative @ current, np.ones(101) * grid.cell_volume])
    expected = np.linalg.lstsq(system, np.append(np.zeros(101), 1.0), rcond=None)[0]
    assert np.allclose(found.values, expected, rtol=1e-9)
    assert found.error < 1e-10
    walls = stationary_line_with_walls(equation, grid)
    assert 0.5 * np.abs(walls - found.values).sum() * grid.cell_volume > 0.05


def stationary_line_with_walls(equation, grid):
    """The zero-flux density from one end of the circle, which is not periodic."""
    path = [quad(lambda w: equation.b(w) / equation.noise(w), 0, end)[0] for end in grid.axes[0]]
    return law(grid, lambda w: np.array(path) - np.log(equation.noise(w))).values


def test_circle_without_current_is_gibbs():
    grid = Grid(-1, FULL - 1, 64, periodic=True)
    for phi in (None, lambda w: -2 * np.sin(w)):
        equation = LineEquation(lambda w: 2 * np.cos(w), lambda w: 1 + 0 * w, lambda w: 0 * w, phi)
        assert distance(stationary_line(equation, grid), law(grid, lambda w: 2 * np.sin(w))) < 1e-13


def test_deep_wells_with_a_current_stay_positive():
    """A tilt of 1e-3 on wells 400 temperatures deep: ratio of the wells from Kramers' exact double integral."""
    depth = 200.0

    def exponent(w):
        return depth * np.sin(w) + 1e-3 * w

    equation = LineEquation(lambda w: 1e-3 + depth * np.cos(w), lambda w: 1 + 0 * w, lambda w: 0 * w)
    grid = Grid(0, FULL, 400, periodic=True)
    found = stationary_line(equation, grid)
    assert (found.values > 0).all()
    at = [10, 100, 290]
    exact = []
    for w in grid.axes[0][at]:
        # the integral's own peak is at 3 pi / 2 or a turn later; factor it out
        peak = max(-exponent(y) for y in np.linspace(w, w + FULL, 4001))
        exact.append(
            exponent(w)
            + peak
            + np.log(quad(lambda y: np.exp(-exponent(y) - peak), w, w + FULL, points=[1.5 * np.pi], limit=800)[0])  # noqa: B023
        )
    logs = np.log(found.values[at])
    assert np.diff(logs) == pytest.approx(np.diff(exact), abs=1e-9)
    assert logs.min() < logs.max() - 150


@pytest.mark.parametrize("direction", [1, -1])
def test_gates_that_all_point_one_way_make_one_law(direction):
    """D = sin^2 vanishes twice, the drift does not: p solves b p - (D p)' = J on both sides of each gate."""
    cells = 1501
    grid = Grid(0, FULL, cells, periodic=True)
    equation = LineEquation(
        lambda w: direction * (4 + np.cos(w)), lambda w: np.sin(w) ** 2, lambda w: np.sin(2 * w)
    )
    w, found = grid.axes[0], stationary_line(equation, grid)
    k = np.fft.fftfreq(cells, 1 / cells)
    flow = np.fft.ifft(1j * k * np.fft.fft(np.sin(w) ** 2 * found.values)).real
    current = equation.b(w) * found.values - flow
    assert np.ptp(current) < 1e-6 * np.abs(current).mean()
    zero_noise = 1 / np.abs(equation.b(w))
    assert np.ptp(equation.b(w) * found.values) > 0.1 * np.abs(current).mean() * np.ptp(zero_noise)
