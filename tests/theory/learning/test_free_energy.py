"""Free energies, volumes, mean energies and measured learning coefficients against closed forms."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from theory import (
    Grid,
    InputError,
    LearningCoefficient,
    ProductModel,
    SymbolicLandscape,
    asymptotic_free_energy,
    energy_coefficient,
    free_energy,
    gibbs,
    learning_coefficient,
    mean_energy,
    posterior_mass,
    volume,
    volume_coefficient,
    wbic,
)

LINE = Grid(-1, 1, 10)
SQUARE = Grid((-1, -1), (1, 1), (8, 8))
RIDGE = SymbolicLandscape("(w1**2 + w2**2)**4*w1**2")


def covers(estimate, truth, within=math.inf):
    return abs(estimate - truth) <= estimate.error + 1e-12 * abs(truth) and estimate.error <= within


@pytest.mark.parametrize("examples", [1.0, 1e2, 1e6])
def test_the_free_energy_of_a_parabola(examples):
    root = math.sqrt(examples)
    exact = -math.log(math.sqrt(math.pi) * math.erf(root) / (2 * root))
    assert covers(free_energy(SymbolicLandscape("w**2"), examples, LINE), exact, 1e-5)


def test_a_constant_in_k_and_one_in_the_prior():
    plain = free_energy(SymbolicLandscape("w**2"), 100, LINE)
    shifted = free_energy(SymbolicLandscape("w**2 + 5"), 100, LINE, lambda w: np.full(w.shape[:-1], 7.0))
    assert shifted - plain == pytest.approx(500, abs=1e-9)


def test_a_prior_with_a_wall_and_a_normal_prior():
    """Half the line doubles the prior and halves the integral; a normal prior convolves to a normal evidence."""
    landscape = SymbolicLandscape("w**2")
    walled = free_energy(landscape, 100, LINE, lambda w: np.where(w[..., 0] > 0.3, 0.0, -np.inf))
    exact = math.log(0.7) - math.log(math.sqrt(math.pi) / 20 * (math.erf(10) - math.erf(3)))
    assert covers(walled, exact, 1e-3)
    wide = free_energy(landscape, 50, Grid(-9, 9, 20), lambda w: -(w[..., 0] ** 2) / 2)
    assert covers(wide, math.log(101) / 2, 1e-4)


def test_the_free_energy_follows_its_asymptotics():
    landscape = SymbolicLandscape("x**2*y**2")
    coefficient = learning_coefficient(landscape, (0, 0))
    gaps = [free_energy(landscape, n, SQUARE) - asymptotic_free_energy(coefficient, n) for n in (1e4, 1e8, 1e16)]
    assert abs(gaps[2] - gaps[1]) < abs(gaps[1] - gaps[0]) < 0.2
    wrong = LearningCoefficient(coefficient.value, 1)
    assert free_energy(landscape, 1e16, SQUARE) - asymptotic_free_energy(wrong, 1e16) < gaps[2] - 3


def test_the_energy_at_finite_n_against_an_iterated_quadrature():
    """The numbers come from Gauss-Legendre with 12 points on 400 intervals in geometric progression, each axis."""
    grid = Grid((-2, -2), (2, 2), (20, 20))
    for examples, expected in ((10, 0.1945951140), (1e3, 0.1986600415), (1e5, 0.1996645386), (1e8, 0.1999578092)):
        assert covers(mean_energy(RIDGE, examples, grid), expected, 1e-5)


@pytest.mark.parametrize(("examples", "mass"), [(10, 0.2021), (1e6, 0.0887)])
def test_basin_masses_move_slowly(examples, mass):
    landscape = SymbolicLandscape("((w + 2)**2*(w - 2)**3)**2")
    found = posterior_mass(landscape, examples, Grid(-4, 4, 50), lambda w: w[..., 0] < -0.4)
    assert covers(found, mass, 1e-5) or abs(found - mass) < 5e-5
    assert found.error < 1e-5


def test_a_mass_across_a_border():
    disc = posterior_mass(SymbolicLandscape("x**2 + y**2"), 10, SQUARE, lambda w: (w**2).sum(axis=-1) < 0.25)
    assert covers(disc, (1 - math.exp(-2.5)) / math.erf(math.sqrt(10)) ** 2, 0.01)


@pytest.mark.parametrize("temperature", [1e-2, 1e-4])
def test_the_heat_capacity_is_the_learning_coefficient(temperature):
    """For the Gibbs law dE[L]/dT = lambda; L = w^4/4 has E[L]/T = 1/4 exactly."""
    landscape = SymbolicLandscape("w**4/4")
    found = mean_energy(landscape, 1 / temperature, Grid(-2, 2, 10))
    assert covers(found, float(learning_coefficient(landscape, 0).value), 1e-5)
    density = gibbs(landscape, temperature, Grid(-2, 2, 2001))
    assert density.expect(landscape.value) / temperature == pytest.approx(found, abs=1e-8)


def test_a_model_counts_by_its_divergence():
    model, bare = ProductModel("w", noise_std=0.5, loss_scale=1.0), SymbolicLandscape("2*w**2")
    assert free_energy(model, 30, LINE) == pytest.approx(free_energy(bare, 30, LINE), abs=1e-9)


def test_volumes_of_discs_crosses_and_intervals():
    disc, small = volume(SymbolicLandscape("x**2 + y**2"), SQUARE, [0.25, 1e-4])
    assert covers(disc, math.pi / 4, 4e-3)
    assert covers(small, math.pi * 1e-4, 1e-6)
    cross = volume(SymbolicLandscape("x**2*y**2"), SQUARE, [1e-2, 1e-6])
    for estimate, edge in zip(cross, (0.1, 1e-3), strict=True):
        assert covers(estimate, 4 * edge * (1 - math.log(edge)), 0.02 * estimate)
    (whole,) = volume(SymbolicLandscape("w**2"), LINE, 2.0)
    assert (float(whole), whole.error) == (pytest.approx(2.0), 0.0)


@pytest.mark.parametrize(
    "formula",
    [
        "x**2 + y**4",
        "x**2*y**2",
        "(x**2 + y**2)**4*x**2",
        "(x**2 + y**2)**2*x**4",
        "x**4 + x**2*y**2 + y**6",
        "x**6 + x**2*y**4",
    ],
)
def test_measured_coefficients_cover_the_exact_ones(formula):
    landscape = SymbolicLandscape(formula)
    exact = float(learning_coefficient(landscape, (0, 0)).value)
    assert covers(volume_coefficient(landscape, SQUARE, 1e-4), exact, 0.2)
    energy = energy_coefficient(landscape, 1e6, SQUARE)
    assert covers(energy, exact, 0.15)
    assert not covers(energy, exact + 0.16)


def test_a_rotated_valley_that_has_no_exact_coefficient():
    """K = (x + y)^2 + y^4 is u^2 + y^4 in u = x + y: 3/4."""
    landscape = SymbolicLandscape("(x + y)**2 + y**4")
    assert covers(energy_coefficient(landscape, 1e6, SQUARE), 0.75, 1e-2)
    assert covers(volume_coefficient(landscape, SQUARE, 1e-4), 0.75, 0.2)


def test_three_dimensions():
    landscape = SymbolicLandscape("x**2 + y**4 + z**2*y**2")
    grid = Grid((-1,) * 3, (1,) * 3, (4,) * 3)
    exact = float(learning_coefficient(landscape, (0, 0, 0)).value)
    assert covers(energy_coefficient(landscape, 1e3, grid), exact, 0.5)


def test_wbic_is_the_energy_at_the_temperature_log_n():
    landscape, examples = SymbolicLandscape("w**4"), 1e6
    assert covers(wbic(landscape, examples, LINE), math.log(examples) / 4, 1e-4)
    ridge = wbic(RIDGE, examples, SQUARE) / math.log(examples)
    assert abs(ridge - 1 / 5) < 0.004


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda f: free_energy(f, 0, LINE), "`examples` must be positive and finite, got 0"),
        (lambda f: free_energy(f, 10, SQUARE), "one dimension, got 1 and 2"),
        (lambda f: free_energy(SymbolicLandscape("log(w)"), 10, LINE), "must be finite on the grid"),
        (lambda f: free_energy(f, 10, LINE, lambda w: np.full(w.shape[:-1], -np.inf)), "vanish on the whole grid"),
        (lambda f: mean_energy(f, math.inf, LINE), "got inf"),
        (lambda f: posterior_mass(f, -1, LINE, lambda w: w[..., 0] > 0), "got -1"),
        (lambda f: volume(f, LINE, [1, 0]), "`levels` must be positive"),
        (lambda f: volume(f, SQUARE, [1]), "one dimension, got 1 and 2"),
        (lambda f: volume(SymbolicLandscape("w"), LINE, [1]), "K must not be negative on the grid"),
        (lambda f: volume(SymbolicLandscape("log(w)"), LINE, [1]), "must be finite on the grid"),
        (lambda f: volume_coefficient(f, LINE, 1.0), "`level` must be between 0 and 1"),
        (lambda f: volume_coefficient(SymbolicLandscape("w**2 + 1"), LINE, 0.1), "must be resolved"),
        (lambda f: energy_coefficient(f, 1, LINE), "must be above 1"),
        (lambda f: wbic(f, 0.5, LINE), "must be above 1"),
        (lambda f: asymptotic_free_energy(LearningCoefficient(Fraction(1, 2)), 1), "must be above 1"),
        (
            lambda f: free_energy(SymbolicLandscape("a+b+c+d"), 1, Grid((0,) * 4, (1,) * 4, (2,) * 4)),
            "at most 3 dimensions, got 4",
        ),
    ],
)
def test_refuses(make, reason):
    with pytest.raises(InputError, match=reason):
        make(SymbolicLandscape("w**2"))
