"""Two fluxes on the same equation: what each keeps, what each costs, and which one is taken."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant, linear
from plane_laws import (
    ROTATED,
    across_the_weak_direction,
    distance,
    rotated_grid,
    slope,
    turning_in_space,
    turning_valley,
)
from space_laws import current_is_there, turning_well

from theory.fokker_planck.generator.fluxes import Centred, ExponentiallyFitted, bernoulli
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.lattice.stationary import solve_stationary
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.limit_law import NoStationaryDensity

FITTED, CENTRED, NEAREST = ExponentiallyFitted(), Centred(), Centred(longest_step=1)
FLUXES = [FITTED, CENTRED, NEAREST]


def errors_of(case, flux, cells):
    """L1 errors as solved and extrapolated."""
    equation, grid, log_law = case
    found = [solve_stationary(equation, grid(n), flux) for n in cells]
    exact = [Density.from_log(s.density.grid, log_law(s.density.grid.centers)).values for s in found]
    plain = [np.abs(s.plain - p).sum() * s.density.grid.cell_volume for s, p in zip(found, exact, strict=True)]
    return plain, [distance(s.density, log_law) for s in found], found


@pytest.mark.parametrize("flux", FLUXES)
@pytest.mark.parametrize("periodic", [False, True, (False, True)])
@pytest.mark.parametrize("dim", [2, 3])
def test_mass_is_conserved_and_walls_carry_nothing(flux, periodic, dim):
    equation = turning_valley()[0] if dim == 2 else turning_in_space(10)[0]
    flags = periodic if isinstance(periodic, bool) or dim == 2 else (*periodic, False)
    grid = Grid([-2] * dim, [3] * dim, [9, 8, 5][:dim], flags)
    generator = build_generator(equation, grid, flux)
    assert np.abs(generator.sum(axis=0)).max() <= 1e-13 * np.abs(generator.data).max()
    if periodic is False:  # nothing jumps from one side to the other
        cells = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)
        rates = generator.tocoo()
        reach = np.abs(cells[rates.row] - cells[rates.col]).max()
        assert reach < min(grid.shape) - 1


def test_only_the_fitted_flux_is_a_rate_matrix_everywhere():
    equation, grid, _ = across_the_weak_direction(100)
    lowest = []
    for flux in FLUXES:
        off = build_generator(equation, grid(20), flux).toarray()
        np.fill_diagonal(off, 0)
        lowest.append(off.min())
    assert lowest[0] >= 0
    assert max(lowest[1:]) < 0


CASES = {
    "1": (across_the_weak_direction(1), FITTED, 1e-5),
    "10": (across_the_weak_direction(10), FITTED, 3e-4),
    "1 centred": (across_the_weak_direction(1), CENTRED, 1e-5),
    "10 centred": (across_the_weak_direction(10), CENTRED, 5e-5),
    "10 nearest": (across_the_weak_direction(10), NEAREST, 2e-5),
    "100 nearest": (across_the_weak_direction(100), NEAREST, 5e-5),
    "1000 nearest": (across_the_weak_direction(1000), NEAREST, 5e-5),
}


@pytest.mark.parametrize("name", CASES)
def test_second_order_as_solved_and_fourth_extrapolated(name):
    case, flux, bound = CASES[name]
    cells = (50, 100, 150) if flux == FITTED or name == "1 centred" else (67, 101, 151)
    plain, errors, found = errors_of(case, flux, cells)
    assert slope(cells[1:], plain[1:]) >= 1.9
    assert slope(cells[1:], errors[1:]) >= 3.6
    assert errors[1] < bound
    for law, error in zip(found, errors, strict=True):
        assert error / 2 < law.density.error
        assert (law.density.values >= 0).all()
        assert law.density.probabilities.sum() == pytest.approx(1, abs=1e-12)
    rotated_by_gibbs = -(found[1].density.grid.centers ** 2).sum(axis=-1) / 2
    assert distance(found[1].density, lambda w: rotated_by_gibbs) > 0.1


def test_anisotropy_1000_needs_nearest_neighbours():
    _, errors, found = errors_of(across_the_weak_direction(1000), None, (128, 192))
    assert [law.flux for law in found] == [NEAREST] * 2
    assert errors[-1] < 1e-6
    assert slope((128, 192), errors) >= 3.6
    fitted, _, (upwind,) = errors_of(across_the_weak_direction(1000), FITTED, (100,))
    assert fitted[0] > 1
    assert upwind.density.error is None
    assert "meshes do not show" in upwind.reason


def test_a_turning_tensor_with_a_current_in_space_is_of_fourth_order_and_more():
    assert current_is_there() > 1
    cells = (20, 24)
    for flux, at_last in ((FITTED, 3e-3), (NEAREST, 1e-3)):
        plain, errors, found = errors_of(turning_well(), flux, cells)
        assert slope(cells, plain) >= 1.9
        assert slope(cells, errors) >= 3.6
        assert errors[-1] < at_last
        assert all(error / 2 < law.density.error for law, error in zip(found, errors, strict=True))


@pytest.mark.parametrize("anisotropy", [1, 10, 100, 1000])
def test_the_default_is_sharp_and_its_error_covers_the_truth(anisotropy):
    cells = (60, 100, 101, 150)
    _, errors, found = errors_of(across_the_weak_direction(anisotropy), None, cells)
    assert [law.order for law in found] == [6] * 4
    assert slope(cells, errors) >= 3.6
    assert errors[-1] < 5e-6
    for law, error in zip(found, errors, strict=True):
        assert error / 2 < law.density.error < 60 * error / 2


def test_in_space_too():
    cells = (12, 16, 24)
    plain, errors, found = errors_of(turning_in_space(1), FITTED, cells)
    assert slope(cells, plain) >= 1.8
    assert slope(cells, errors) >= 3.6
    assert errors[-1] < 2e-4
    assert all((law.density.values > 0).all() for law in found)


def test_a_turning_tensor_with_a_current_is_sharper_with_the_centred_flux():
    equation, log_law = turning_valley()
    case = equation, lambda n: Grid([-6, -3.4], [6, 3.4], [n, n]), log_law
    plain, errors, found = errors_of(case, CENTRED, (67, 101, 133))
    assert slope((67, 101, 133), plain) >= 1.9
    assert slope((67, 101, 133), errors) >= 3.6
    assert errors[-1] < 5e-6
    fitted, _, _ = errors_of(case, FITTED, (133,))
    assert plain[-1] < fitted[0] / 3
    assert all(error / 2 < law.density.error for law, error in zip(found, errors, strict=True))


def test_the_choice_says_what_was_taken_and_why():
    equation, grid, log_law = across_the_weak_direction(100)
    centred = solve_stationary(equation, grid(96))
    assert centred.flux == NEAREST
    assert centred.largest_peclet > 10
    assert "the fitted flux is upwinding" in centred.reason
    assert 0 < centred.negative_mass <= CENTRED.largest_negative_mass
    assert centred.plain.min() < 0 <= centred.density.values.min()
    fitted = solve_stationary(equation, grid(192), FITTED)
    assert distance(centred.density, log_law) < 1e-3 < distance(fitted.density, log_law)
    mild, grid, _ = across_the_weak_direction(10)
    assert "of the fitted flux" in solve_stationary(mild, grid(60)).reason
    assert "is small" in solve_stationary(mild, grid(150)).reason
    calm = solve_stationary(linear(np.eye(2), np.eye(2)), Grid([-5, -5], [5, 5], [120, 120]))
    assert calm.flux == FITTED
    assert "small" in calm.reason


def test_a_bound_on_negative_mass_is_kept():
    equation, grid, _ = across_the_weak_direction(100)
    free = solve_stationary(equation, grid(60), NEAREST)
    assert free.order == 6
    assert free.negative_mass > 1e-7
    with pytest.raises(NoStationaryDensity, match="negative mass of"):
        solve_stationary(equation, grid(60), Centred(1e-7, 1))


def test_a_known_potential_is_never_extrapolated():
    equation = PlaneEquation(
        lambda w: -4 * w**3, constant(np.eye(2)), np.zeros_like, lambda w: (w**4).sum(axis=-1)
    )
    found = solve_stationary(equation, Grid([-2, -2], [2, 2], [40, 30]))
    assert found.order is None
    np.testing.assert_array_equal(found.density.values, found.plain)
    hidden = PlaneEquation(equation.drift, equation.tensor)
    assert solve_stationary(hidden, found.density.grid).order == 6


def test_density_is_the_positive_part_of_a_law_of_mass_one():
    found = solve_stationary(ROTATED, rotated_grid(31), CENTRED)
    assert found.density.probabilities.sum() == pytest.approx(1, abs=1e-12)
    assert found.density.error > found.negative_mass
    assert found.unscaled_mass == pytest.approx(1, abs=1e-4)


def test_bernoulli_function_is_exact_everywhere():
    z = np.array([-1000, -30, -1e-3, -1e-12, 1e-12, 1e-3, 30, 700])
    with mpmath.workdps(40):
        expected = [float(mpmath.mpf(x) / mpmath.expm1(mpmath.mpf(x))) for x in z]
    np.testing.assert_allclose(bernoulli(z), expected, rtol=1e-15)
    assert bernoulli(np.array([0.0, 1000.0])).tolist() == [1, 0]


def test_the_longest_step_is_one_that_is_still_taken():
    """The longest offset of the tensor is two cells."""
    slanted = linear(np.eye(2), [[1, 0.475], [0.475, 0.26]])
    grid = Grid((-3, -3), (3, 3), (12, 12))
    longest = []
    for step in (1, 2, 3):
        rates = build_generator(slanted, grid, Centred(longest_step=step)).tocoo()
        cells = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)
        longest.append(np.abs(cells[rates.row] - cells[rates.col]).max())
    assert longest == [1, 2, 2]
