"""Laws in time where noise ends, the stationary density is infinite, or walls stand, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from scipy.special import gammainc, gammaincc
from scipy.stats import beta, gamma, norm, poisson

from theory import Density, FokkerPlanck, Grid, Isotropic, Langevin, Reflecting, SymbolicLandscape, SymbolicTensor
from theory.fokker_planck.evolution.chosen_laws import laws_in_time
from theory.fokker_planck.evolution.start import InitialLaw
from theory.fokker_planck.evolution.weighted import WeightedLine, Weights

X = sympy.Symbol("x", real=True)


def equation(loss, root):
    return Langevin(SymbolicLandscape(loss, ["x"]), SymbolicTensor(sympy.Matrix([[root]]), (X,)))


def square_root_noise(k):
    """DX = (k - X) dt + sqrt(2X) dW."""
    return equation(f"x**2/2 - {k}*x", sympy.sqrt(X))


def from_point(grid, k, place, time):
    """Masses of that process after `time` from a point: Gamma laws, mixed by Poisson's."""
    scale = -1 / np.expm1(-time)
    met = scale * place * np.exp(-time)
    counts = np.arange(int(met + 14 * np.sqrt(met) + 40))
    below, above = (of(k + counts[:, None], scale * grid.edges[0]) for of in (gammainc, gammaincc))
    return poisson.pmf(counts, met) @ np.where(below[:, 1:] < 0.5, np.diff(below), -np.diff(above))


def averages(grid, masses):
    return Density.normalised(grid, masses, cell_averages=True)


def distance(law, masses):
    return np.abs(law.probabilities - masses).sum() / 2


@pytest.mark.parametrize("k", [0.05, 0.3, 1.0, 3.0])
def test_square_root_noise_in_time_is_sharp_and_its_error_covers(k):
    grid, times = Grid(0, 36, 240), [0.05, 1.0, 20.0]
    start = averages(grid, from_point(grid, k, 1.5, 0.4))
    laws = FokkerPlanck(square_root_noise(k), grid).evolve(start, times)
    for time, law in zip(times, laws, strict=True):
        assert law.cell_averages
        assert distance(law, from_point(grid, k, 1.5, 0.4 + time)) <= law.error + 1e-11
        assert law.error < 2e-5  # differences between cells are off by some 1e-3
        assert law.probabilities.sum() == pytest.approx(1, abs=1e-13)
        assert distance(law, from_point(grid, 1.02 * k, 1.5, 0.4 + time)) > 10 * law.error  # control
    assert distance(laws[-1], FokkerPlanck(square_root_noise(k), grid).stationary().probabilities) < 1e-8


@pytest.mark.parametrize(("k", "scale"), [(0.2, 0.7), (0.7, 1.6)])
def test_gamma_laws_stay_gamma_laws(k, scale):
    """Gamma(k) of any scale s goes to that of 1 + (s - 1) e^-t, infinite at 0 all the time."""
    grid = Grid(0, 45, 150)
    start = averages(grid, np.diff(gamma.cdf(grid.edges[0], k, scale=scale)))
    (law,) = FokkerPlanck(square_root_noise(k), grid).evolve(start, [0.3])
    exact = np.diff(gamma.cdf(grid.edges[0], k, scale=1 + (scale - 1) * np.exp(-0.3)))
    assert distance(law, exact) <= law.error + 1e-11 < 1e-5


def test_a_start_that_is_even_in_the_cell_at_the_end_is_read_so():
    """Uniform on (0, 1) for X, k = 1/2: X is the square of an Ornstein-Uhlenbeck process from the root of it."""
    grid, time = Grid(0, 20, 100), 0.1
    masses = (grid.axes[0] < 1) / 5
    (law,) = FokkerPlanck(square_root_noise(0.5), grid).evolve(averages(grid, masses), [time])
    nodes, weights = np.polynomial.legendre.leggauss(200)
    roots, weights = (1 + nodes) / 2, weights / 2 * (1 + nodes)  # density 2r of the root
    decay, spread = np.exp(-time / 2), np.sqrt(-np.expm1(-time) / 2)
    edges = np.sqrt(grid.edges[0])[:, None]
    below = norm.cdf(edges, roots * decay, spread) - norm.cdf(-edges, roots * decay, spread)
    exact = np.diff(below @ weights)
    assert distance(law, exact) <= law.error < 0.1


def test_beta_laws_of_wright_and_fisher():
    """From Beta(a + 1, b): 1 of 2 counts is left at the rate a + b, and the law is Beta(a, b) after that."""
    a, b, time = 0.3, 0.4, 0.5
    grid = Grid(0, 1, 60)
    parts = [np.diff(beta.cdf(grid.edges[0], a + i, b)) for i in (0, 1)]
    loss = f"-({a})*x + ({a + b})*x**2/2"
    sde = equation(loss, sympy.sqrt(X * (1 - X)))
    (law,) = FokkerPlanck(sde, grid).evolve(averages(grid, parts[1]), [time])
    left = np.exp(-(a + b) * time)
    assert distance(law, left * parts[1] + (1 - left) * parts[0]) <= law.error + 1e-10 < 1e-8
    assert distance(law, parts[1]) > 0.1  # control


def test_walls_that_hold_mass_cost_no_order():
    grid, time = Grid(-1, 1, 60), 0.2
    sde = Langevin(SymbolicLandscape("0*w"), Isotropic(0.3, 1))

    def masses(age):
        images = [(4 * turn + mean) for turn in range(-4, 5) for mean in (0.7, 1.3)]
        return sum(np.diff(norm.cdf(grid.edges[0], at, np.sqrt(0.04 + 0.6 * age))) for at in images)

    (law,) = FokkerPlanck(sde, grid, Reflecting()).evolve(averages(grid, masses(0)), [time])
    assert distance(law, masses(time)) <= law.error + 1e-11 < 1e-6


@pytest.mark.parametrize("order", [6, 8])
def test_the_differences_keep_mass_and_the_zero_flux_law_and_never_grow(order):
    for sde, grid in (
        (square_root_noise(0.2), Grid(0, 20, 60)),
        (equation("-x/2", X), Grid(1, 3, 40)),
    ):
        line = WeightedLine.of(sde, grid)
        generator = line.generator(order)
        largest = abs(generator).max()
        assert np.abs(generator.sum(axis=0)).max() < 1e-12 * largest
        masses = np.exp(line.weights.log_masses - line.weights.log_masses.max())
        assert np.abs(generator @ masses).max() < 1e-12 * largest
        assert np.linalg.eigvals(generator.toarray()).real.max() < 1e-10 * largest


def test_polynomials_over_the_density_are_split_exactly():
    grid = Grid(0, 20, 50)
    lines = [WeightedLine.of(square_root_noise(0.1), mesh) for mesh in (grid, grid.refined(3))]
    cubic = [np.diff(gamma.cdf(mesh.edges[0], 3.1)) for mesh in (grid, grid.refined(3))]  # x^3 times Gamma(.1)
    found = lines[0].weights.split(lines[1].weights, cubic[0], 5)
    np.testing.assert_allclose(found, cubic[1], atol=1e-13)
    even = Weights.even(grid).split(Weights.even(grid.refined(3)), cubic[0], 5)
    assert np.abs(even - cubic[1]).max() > 1e-5  # control
    read = InitialLaw(averages(grid, cubic[0]), square_root_noise(0.1))
    assert read.bare
    assert np.abs(read.masses(grid.refined(3)) - cubic[1] / cubic[1].sum()).max() < 1e-9


def test_no_density_no_steep_one_and_no_line_are_left_to_the_fitted_flux():
    wide = Grid(-3.0, 3.0, 60)
    assert WeightedLine.of(equation("x**2/2", X), wide) is None  # nobody passes 0
    assert WeightedLine.of(Langevin(SymbolicLandscape("x**2/2"), Isotropic(1e-4, 1)), wide) is None
    assert WeightedLine.of(equation("x**2/2", X), Grid(-3.0, 3.0, 60, True)) is None
    start = averages(wide, np.diff(norm.cdf(wide.edges[0], 1.5, 0.2)))
    (law,) = laws_in_time(equation("x**2/2", X), wide, np.zeros((1, 2), dtype=bool), start, [0.1])
    assert law.error is not None
