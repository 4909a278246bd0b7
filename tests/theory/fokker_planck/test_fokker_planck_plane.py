"""Stationary laws with a full diffusion tensor, against formulas, with controls that must fail."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant, isotropic, linear
from plane_laws import ROTATED, ROTATED_COVARIANCE, distance, gaussian, rotated_grid, slope, turning_valley

from theory.fokker_planck.generator.fluxes import ExponentiallyFitted
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.lattice.stationary import solve_stationary, stationary_lattice
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.limit_law import NoStationaryDensity
from theory.markov.classes import recurrent_classes

FITTED = ExponentiallyFitted()


def deep(w):
    """Two wells 300 temperatures deep, one lower by two."""
    return 300 * (w[..., 0] ** 2 - 1) ** 2 + w[..., 0] + 300 * w[..., 1] ** 2


def bowl(w):
    return np.cosh(w).sum(axis=-1) + 0.4 * w[..., 0] * w[..., 1] + (w[..., 0] > 0) * w[..., 0] ** 3


def cross(w):
    return 100 * np.minimum(w[..., 0] ** 2, w[..., 1] ** 2)


EVERY_CELL = [
    (bowl, Grid([-3, -4], [3, 3], [33, 52])),
    (deep, Grid([-1.6, -1.2], [1.6, 1.2], [80, 60])),
    (cross, Grid([-1, -1], [1, 1], [60, 60], True)),
    (lambda w: bowl(w[..., :2]) + w[..., 2] ** 2, Grid([-3, -3, -2], [3, 3, 2], [12, 14, 10])),
]


@pytest.mark.parametrize(("potential", "grid"), EVERY_CELL)
def test_isotropic_noise_gives_the_gibbs_law_in_every_cell(potential, grid):
    law = stationary_lattice(isotropic(potential, grid.dim), grid)
    exact = Density.from_log(grid, -potential(grid.centers)).values
    kept = exact > 1e-280 * exact.max()
    np.testing.assert_allclose(law.values[kept], exact[kept], rtol=1e-12)
    assert (law.values[~kept] <= 1e-279 * exact.max()).all()
    hotter = Density.from_log(grid, -potential(grid.centers) / 1.1).values
    assert np.abs(law.values - hotter).sum() * grid.cell_volume > 0.01


def test_the_known_potential_holds_for_a_skew_tensor_too_in_corners_as_well():
    tensor = np.array([[3.0, 4.4], [4.4, 7.0]])
    equation = PlaneEquation(np.zeros_like, constant(tensor), np.zeros_like, lambda w: (w**2).sum(axis=-1))
    grid = Grid([-3, -3], [3, 3], [20, 13])
    law = stationary_lattice(equation, grid)
    np.testing.assert_allclose(
        law.values, Density.from_log(grid, -(grid.centers**2).sum(axis=-1)).values, rtol=1e-12
    )


def test_rotated_noise_gives_the_irreversible_gaussian_and_not_gibbs():
    cells = [40, 80, 160]
    laws = [stationary_lattice(ROTATED, rotated_grid(n)) for n in cells]
    errors = [distance(law, gaussian(ROTATED_COVARIANCE)) for law in laws]
    assert slope(cells, errors) >= 1.9
    assert errors[-1] < 1e-4
    np.testing.assert_allclose(laws[-1].covariance, ROTATED_COVARIANCE, rtol=1e-3)
    assert distance(laws[-1], gaussian(np.diag([1, 1 / 3]))) > 0.1


@pytest.mark.parametrize("cells", [40, 80])
def test_the_mesh_error_bounds_the_error_and_is_not_that_of_second_order(cells):
    found = solve_stationary(ROTATED, rotated_grid(cells))
    truth = distance(found.density, gaussian(ROTATED_COVARIANCE)) / 2
    plain = np.abs(found.density.values - found.plain).sum() * found.density.grid.cell_volume / 2
    assert truth < found.density.error < plain / 3


def test_separable_loss_with_diagonal_noise_has_two_temperatures():
    equation = linear(np.diag([2, 1]), np.diag([0.5, 3]))
    cells = [30, 60, 120]
    laws = [stationary_lattice(equation, Grid([-4, -12], [4, 12], [n, n])) for n in cells]
    for law in laws:  # a linear force: the trapezoidal rule is exact, and so is the law
        assert distance(law, gaussian(np.diag([0.25, 3]))) < 1e-11
    assert distance(laws[-1], gaussian(np.diag([0.5, 1]))) > 0.5


def test_turning_tensor_with_a_current_is_of_second_order_and_needs_the_right_reading():
    equation, log_law = turning_valley()
    solutions = [solve_stationary(equation, Grid([-6, -3.4], [6, 3.4], [n, n]), FITTED) for n in (40, 80, 160)]
    plain = [distance(Density(s.density.grid, s.plain), log_law) for s in solutions]
    errors = [distance(s.density, log_law) for s in solutions]
    assert slope([40, 80, 160], plain) >= 1.9
    assert slope([80, 160], errors[1:]) >= 3.5
    assert errors[-1] < 1e-4
    wrong, _ = turning_valley(reading=0)
    assert distance(stationary_lattice(wrong, solutions[1].density.grid), log_law) > 0.1


def test_a_current_along_skew_walls_keeps_second_order():
    # the current is e^Phi curl(psi) with psi = 0 on the walls; a fifth of the mass lies within 1/10 of them
    tensor = np.array([[0.85, 0.28], [0.28, 0.48]])

    def phi(w):
        return -np.cos(np.pi * w[..., 0] / 2) * np.cos(np.pi * w[..., 1] / 2) / 2

    def drift(w):
        (x, y), (u, v) = np.moveaxis(w, -1, 0), np.moveaxis(np.pi * w / 2, -1, 0)
        rise = np.pi / 4 * np.stack([np.sin(u) * np.cos(v), np.cos(u) * np.sin(v)], axis=-1)
        turn = np.stack([-2 * y * (1 - x**2), 2 * x * (1 - y**2)], axis=-1)
        return -rise @ tensor + 2 * np.exp(phi(w))[..., None] * turn

    cells = [25, 50, 100]
    equation = PlaneEquation(drift, constant(tensor))
    laws = [stationary_lattice(equation, Grid([-1, -1], [1, 1], [n, n])) for n in cells]
    assert slope(cells, [distance(law, lambda w: -phi(w)) for law in laws]) >= 1.9


def law_and_refusal(equation, grid):
    try:
        return stationary_lattice(equation, grid), ""
    except NoStationaryDensity as refusal:
        return refusal.density, refusal.reason


COARSE = [(cells, ratio) for cells in [(1, 1), (5, 5), (8, 3), (12, 40)] for ratio in (1, 30, 1000)]


@pytest.mark.parametrize(("cells", "anisotropy"), [*COARSE, ((1, 9), 1), ((1, 9), 30)])
@pytest.mark.parametrize("periodic", [False, (True, False)])
def test_never_negative_with_mass_one_on_the_coarsest_grids(cells, anisotropy, periodic):
    along = np.array([np.cos(0.4), np.sin(0.4)])
    tensor = (np.outer(along, along) * (anisotropy - 1) + np.eye(2)) / anisotropy
    equation = linear([[2, 1], [-1, 2]], tensor)
    grid = Grid([-2, -2], [2, 2], cells, periodic)
    generator = build_generator(equation, grid)
    off = generator.toarray()
    np.fill_diagonal(off, 0)
    assert (off >= 0).all()
    assert np.abs(generator.sum(axis=0)).max() <= 1e-13 * np.abs(generator.toarray()).max()
    assert len(recurrent_classes(generator)) == 1
    law, reason = law_and_refusal(equation, grid)
    assert not reason or any(why in reason for why in ("moves with the mesh", "wall", "does not resolve"))
    assert (law.values >= 0).all()
    assert law.probabilities.sum() == pytest.approx(1, rel=1e-12)


def test_follows_swapped_axes_shifts_and_units():
    plain = stationary_lattice(ROTATED, Grid([-5, -3], [5, 3], [36, 30]))
    swapped = stationary_lattice(linear(np.diag([3, 1]), [[1, 0.6], [0.6, 1]]), Grid([-3, -5], [3, 5], [30, 36]))
    np.testing.assert_allclose(swapped.values.T, plain.values, rtol=1e-10)
    centre, unit = np.array([2.0, -1.0]), 10.0
    moved = PlaneEquation(
        lambda w: unit * ROTATED.drift((w - centre) / unit), constant(unit**2 * ROTATED.tensor(centre))
    )
    law = stationary_lattice(moved, Grid([-48, -31], [52, 29], [36, 30]))
    np.testing.assert_allclose(law.values * unit**2, plain.values, rtol=1e-9)
    faster = PlaneEquation(lambda w: 7 * ROTATED.drift(w), lambda w: 7 * ROTATED.tensor(w))
    np.testing.assert_allclose(stationary_lattice(faster, plain.grid).values, plain.values, rtol=1e-10)


@pytest.mark.parametrize(("cells", "known"), [(1, False), (3, False), (6, False), (8, True)])
def test_an_axis_too_short_for_a_coarser_mesh_leaves_no_error(cells, known):
    """Noise couples both axes; the law on six cells is off by .2, which halving the other axis does not show."""
    equation = PlaneEquation(
        lambda w: np.stack([-w[..., 0], 0 * w[..., 1]], axis=-1), constant([[0.1, 0.09], [0.09, 0.1]])
    )
    found = solve_stationary(equation, Grid([-2, -2], [2, 2], [90, cells], (False, True)))
    assert (found.density.error is not None) == known
    assert ("no error" in found.reason) != known
