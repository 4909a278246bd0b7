"""Currents, entropy production and the split of the drift against formulas, with controls that must fail."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant, linear
from plane_laws import ROTATED, ROTATED_COVARIANCE, gaussian, rotated_grid, slope, turning_in_space, turning_valley

from theory.base.errors import InputError
from theory.fokker_planck.currents.balance import (
    current_divergence,
    detailed_balance,
    drift_parts,
    entropy_production,
    probability_current,
)
from theory.fokker_planck.generator.fluxes import Centred, ExponentiallyFitted
from theory.fokker_planck.lattice.stationary import solve_stationary
from theory.laws.density import Density
from theory.laws.grid import Grid

PRODUCTION = 0.5625  # of the rotated example, in closed form
TENSOR = np.array([[1, 0.6], [0.6, 1]])
FLUXES = [ExponentiallyFitted(), Centred()]


def exact(grid):
    """Density, current, reversible part and irreversible part of the rotated example at the centres."""
    w = grid.centers
    density = Density.from_log(grid, gaussian(ROTATED_COVARIANCE)(w))
    reversible = -w @ np.linalg.inv(ROTATED_COVARIANCE) @ TENSOR
    irreversible = ROTATED.drift(w) - reversible
    return density, density.values[..., None] * irreversible, reversible, irreversible


def largest(field):
    return float(np.abs(field).max())


@pytest.mark.parametrize("flux", FLUXES)
def test_current_has_no_divergence_and_is_of_second_order(flux):
    errors = []
    for n in (50, 100):
        grid = rotated_grid(n)
        found = solve_stationary(ROTATED, grid, flux)
        divergence, scale = current_divergence(ROTATED, grid, found.plain, flux)
        assert divergence.shape == grid.shape
        assert largest(divergence) < 1e-10 * scale
        current = probability_current(ROTATED, grid, found.plain, flux)
        assert current.shape == (*grid.shape, 2)
        errors.append(largest(current - exact(grid)[1]) / largest(exact(grid)[1]))
    assert slope((50, 100), errors) >= 1.8
    assert errors[-1] < 0.02
    wrong = Density.from_log(grid, gaussian(np.diag([1, 1 / 3]))(grid.centers)).values
    divergence, scale = current_divergence(ROTATED, grid, wrong, flux)
    assert largest(divergence) > 1e-4 * scale


def test_no_current_crosses_a_wall_and_total_divergence_is_zero():
    equation, _, _ = turning_in_space(10)
    grid = Grid([-1] * 3, [1] * 3, [8, 9, 10])
    divergence, scale = current_divergence(equation, grid, np.ones(grid.shape))
    assert abs(divergence.sum()) < 1e-12 * scale * grid.size
    assert largest(divergence) > 1e-3 * scale
    pushed = PlaneEquation(np.ones_like, constant(np.eye(2)))  # into a corner
    box = Grid([-1, -1], [1, 1], [40, 40])
    assert largest(probability_current(pushed, box, np.exp(box.centers.sum(axis=-1)))) < 1e-12
    circles = Grid([-1, -1], [1, 1], [40, 40], True)
    np.testing.assert_allclose(probability_current(pushed, circles, np.ones((40, 40))), 1, rtol=1e-12)


def test_entropy_production_of_the_rotated_example():
    found = [solve_stationary(ROTATED, rotated_grid(n)) for n in (50, 100, 200)]
    rates = np.array([entropy_production(ROTATED, one.density) for one in found])
    assert abs(rates[-1] / PRODUCTION - 1) < 0.01
    assert slope((50, 100, 200), np.abs(rates - PRODUCTION)) >= 1.8
    faster = PlaneEquation(lambda w: 2 * ROTATED.drift(w), lambda w: 2 * ROTATED.tensor(w))
    assert entropy_production(faster, found[0].density) == pytest.approx(2 * rates[0])


@pytest.mark.parametrize(
    ("equation", "detailed"),
    [(linear(np.diag([2, 1]), np.diag([0.5, 3])), True), (linear([[2, 1], [-1, 1]], np.diag([0.5, 3])), False)],
)
def test_detailed_balance_holds_for_two_temperatures_and_not_for_a_turning_drift(equation, detailed):
    grid = Grid([-4, -12], [4, 12], [60, 50])
    found = solve_stationary(equation, grid, ExponentiallyFitted())
    balance = detailed_balance(equation, grid, found.plain)
    assert balance.detailed == detailed
    assert (balance.largest_net_flow < 1e-10) == (balance.largest_affinity < 1e-10) == detailed
    production = entropy_production(equation, Density(grid, found.plain))
    assert production >= 0
    assert (production < 1e-15) == detailed


def test_drift_splits_into_its_two_parts_at_fourth_order():
    errors = []
    for n in (50, 100, 200):
        grid = rotated_grid(n)
        density, _, reversible, irreversible = exact(grid)
        parts = drift_parts(ROTATED, solve_stationary(ROTATED, grid).density)
        np.testing.assert_allclose(parts.reversible + parts.irreversible, ROTATED.drift(grid.centers), atol=1e-12)
        seen = density.values > 1e-3 * density.values.max()
        errors.append(largest((parts.irreversible - irreversible)[seen]) / largest(irreversible[seen]))
        assert largest(parts.irreversible[seen]) > 0.1 * largest(reversible[seen])
    assert slope((50, 100, 200), errors) >= 3.0
    assert errors[-1] < 1e-4


def test_reversible_part_needs_the_divergence_of_the_tensor():
    equation, log_law = turning_valley()
    grid = Grid([-3, -2], [3, 2], [120, 120])
    density = Density.from_log(grid, log_law(grid.centers))
    forgetful = PlaneEquation(equation.drift, equation.tensor)  # says div D = 0
    sizes = []
    for one in (equation, forgetful):
        current = density.values[..., None] * drift_parts(one, density).irreversible
        sizes.append(np.abs(sum(np.gradient(current[..., k], grid.spacing[k], axis=k) for k in range(2))).mean())
    assert sizes[0] < 0.02 * sizes[1]


def test_says_what_is_wrong():
    grid = rotated_grid(10)
    with pytest.raises(InputError, match=r"grid's shape \(10, 10\), got \(100,\)"):
        probability_current(ROTATED, grid, np.ones(100))
    with pytest.raises(InputError, match="must not be negative, got -1"):
        detailed_balance(ROTATED, grid, -np.ones((10, 10)))
    with pytest.raises(InputError, match="positive density, got 99 empty cells; shrink"):
        drift_parts(ROTATED, Density.from_samples(np.zeros((1, 2)), grid))
