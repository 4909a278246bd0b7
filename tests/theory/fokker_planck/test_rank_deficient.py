"""Noise that misses a direction: kinetic equations are solved, what a grid would make up is refused."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant, linear
from plane_laws import distance, gaussian, slope
from scipy.linalg import solve_continuous_lyapunov

from theory.equations.limit import langevin_limit
from theory.fokker_planck.generator import fluxes
from theory.fokker_planck.generator.coefficients import unfitted_drift
from theory.fokker_planck.generator.edges import falls, selling_edges
from theory.fokker_planck.generator.fluxes import Centred, ExponentiallyFitted, bernoulli
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.generator.upwind import upwind_edges
from theory.fokker_planck.lattice.added_diffusion import numerical_diffusion, numerical_move
from theory.fokker_planck.lattice.fitted_law import eliminated
from theory.fokker_planck.lattice.stationary import solve_stationary
from theory.fokker_planck.meshes.mesh import coarser_grids, unevenness
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.limit_law import NoStationaryDensity
from theory.models.product import ProductModel

FITTED = ExponentiallyFitted()
DIRECTION = np.array([np.cos(0.3), np.sin(0.3)])
TURNED = np.outer(DIRECTION, DIRECTION)


def kinetic(force, friction=1.0, temperature=1.0):
    """Position and velocity, with noise on the velocity alone."""

    def drift(w):
        x, v = w[..., 0], w[..., 1]
        return np.stack([v, force(x) - friction * v], axis=-1)

    return PlaneEquation(drift, constant(np.diag([0, friction * temperature])))


WELLS = {
    "harmonic": (kinetic(lambda x: -x), lambda n: Grid([-5, -5], [5, 5], [n, n]), lambda x: x**2 / 2),
    "double": (
        kinetic(lambda x: x - x**3),
        lambda n: Grid([-3.2, -5], [3.2, 5], [n, n]),
        lambda x: x**4 / 4 - x**2 / 2,
    ),
}


def boltzmann(potential):
    return lambda w: -potential(w[..., 0]) - w[..., 1] ** 2 / 2


@pytest.mark.parametrize("name", WELLS)
def test_kinetic_langevin_is_solved_to_first_order_by_upwinding(name, monkeypatch):
    equation, grid, potential = WELLS[name]
    cells = (32, 64, 128)
    laws = [eliminated(equation, grid(n)) for n in cells]
    errors = [distance(law, boltzmann(potential)) / 2 for law in laws]
    assert slope(cells, errors) == pytest.approx(1, abs=0.06)
    assert errors[-1] < 0.02
    for law, error in zip(laws, errors, strict=True):
        assert 0.6 * error < numerical_move(equation, law) < 1.6 * error
    calm = linear(np.eye(2), np.eye(2))
    monkeypatch.setattr(fluxes, "upwind_edges", lambda _, grid: upwind_edges(calm, grid))
    with pytest.raises(NoStationaryDensity, match="not unique: 32 recurrent classes"):
        eliminated(equation, grid(32))


@pytest.mark.parametrize("name", WELLS)
@pytest.mark.parametrize("cells", [32, 64, 100])
def test_the_error_of_a_kinetic_law_covers_the_truth(name, cells):
    equation, grid, potential = WELLS[name]
    best = solve_stationary(equation, grid(cells))
    assert distance(best.density, boltzmann(potential)) / 2 < best.density.error
    centred = solve_stationary(equation, grid(cells), Centred())
    assert distance(centred.density, boltzmann(potential)) / 2 < centred.density.error < 0.05
    if cells == 100:
        assert isinstance(best.flux, Centred)
        assert best.density.error < 1e-3


def test_two_steps_from_the_noise_in_space():
    def drift(w):  # noise on z, which pushes v, which moves x
        x, v, z = np.moveaxis(w, -1, 0)
        return np.stack([v, z - x, -v - z], axis=-1)

    equation = PlaneEquation(drift, constant(np.diag([0.0, 0, 1])), dim=3)
    cells = (10, 14, 20)
    errors = [
        distance(eliminated(equation, Grid([-4] * 3, [4] * 3, [n] * 3)), gaussian(np.eye(3))) / 2 for n in cells
    ]
    assert slope(cells, errors) > 0.6
    assert errors[-1] < 0.3


PULL = np.array([[1, 0.6], [-1.4, 1.2]])


def test_turned_noise_along_one_direction_with_a_drift_that_spreads_it():
    equation = linear(PULL, TURNED)
    law = gaussian(solve_continuous_lyapunov(PULL, 2 * TURNED))
    cells = (48, 72, 108)
    errors = [distance(eliminated(equation, Grid([-5, -5], [5, 5], [n, n])), law) / 2 for n in cells]
    assert slope(cells, errors) > 0.7
    assert errors[-1] < 0.06
    centred = solve_stationary(equation, Grid([-5, -5], [5, 5], [108, 108]))
    assert isinstance(centred.flux, Centred)
    assert distance(centred.density, law) / 2 < centred.density.error < errors[-1]


@pytest.mark.parametrize("q", ["(w1**2+w2**2)**2*w1", "w1*(w1**2+w2**2)"])
@pytest.mark.parametrize("cells", [24, 25, 64, 81])
def test_refuses_the_spike_of_a_model_that_collapses(q, cells):
    class Settings:
        batch_size, time_step = 20, 0.01

    equation = langevin_limit(ProductModel(q), Settings)
    grid = Grid([-1.5, -1.5], [1.5, 1.5], [cells, cells])
    with pytest.raises(
        NoStationaryDensity, match=r"wider than the cells, got one on.*at most 0\.25.*sample"
    ) as caught:
        solve_stationary(equation, grid)
    assert caught.value.density.probabilities.max() > 0.1
    assert "\n" not in caught.value.reason


@pytest.mark.parametrize(("tensor", "cells"), [(np.ones((2, 2)), 40), (TURNED, 25), (TURNED, 60)])
def test_refuses_a_law_on_a_line(tensor, cells):
    with pytest.raises(NoStationaryDensity, match="wider than the cells"):
        solve_stationary(linear(np.eye(2), tensor), Grid([-4, -4], [4, 4], [cells, cells]))


def test_refuses_a_width_that_is_numerical_diffusion_alone():
    """Walkers go round a circle; the noise along x would spread them by a fifth of what the upwinding does."""

    def drift(w):
        return w[..., ::-1] * [-1, 1] + 0.2 * w * (1 - (w**2).sum(axis=-1, keepdims=True))

    grid = Grid([-2, -2], [2, 2], [100, 100])
    with pytest.raises(
        NoStationaryDensity,
        match=r"made of numerical diffusion.* that is 6\.4 of the noise, at most 1, .* by 0\.09",
    ):
        solve_stationary(PlaneEquation(drift, constant(np.diag([2e-3, 0]))), grid)
    spread = solve_stationary(PlaneEquation(drift, constant(np.diag([0.1, 0]))), grid)
    assert spread.density.error < 0.1


def test_refuses_what_twice_the_numerical_diffusion_would_move():
    equation = kinetic(lambda x: -x, friction=0.3)
    with pytest.raises(NoStationaryDensity, match=r"is 0\.5\d of the noise.*move the density by 0\.11 in total"):
        solve_stationary(equation, Grid([-5, -5], [5, 5], [32, 32]), FITTED)
    law = solve_stationary(equation, Grid([-5, -5], [5, 5], [60, 60]), FITTED).density
    assert distance(law, gaussian(np.eye(2))) / 2 < 0.1


def test_refuses_a_width_across_a_line_that_cells_resolve():
    """Noise along (1, 2/3) on the line that walkers fall onto; numerical diffusion spreads them over it."""
    along = np.array([3, 2]) / np.sqrt(13)
    tilt = np.array([[0.02, 0], [0, 0.02]])
    equation = linear(tilt, np.outer(along, along) * 0.02)
    with pytest.raises(NoStationaryDensity, match=r"made of numerical diffusion|wider than the cells"):
        solve_stationary(equation, Grid([-4, -4], [4, 4], [90, 90]))


def test_numerical_diffusion_is_half_a_cell_of_wind():
    equation, grid, _ = WELLS["harmonic"]
    box = grid(20)
    added = numerical_diffusion(equation, box)
    np.testing.assert_allclose(added.upwinding[..., 0], np.abs(box.centers[..., 1]) / 4, rtol=1e-12)
    assert not added.upwinding[..., 1].any()
    assert not added.widening.any()
    assert added.tensor.shape == (20, 20, 2, 2)
    assert added.tensor[0, 0].tolist() == [[pytest.approx(4.75 / 4), 0], [0, 0]]
    assert added.relative == pytest.approx(4.75 / 4)
    law = Density.from_log(box, boltzmann(lambda x: x**2 / 2)(box.centers))
    assert added.share(law) == pytest.approx(np.sqrt(2 / np.pi) / 4, rel=0.03)
    turned = numerical_diffusion(linear(PULL, TURNED), box)
    assert 0 < turned.widening.max() < 0.01
    assert turned.relative == pytest.approx((turned.upwinding + turned.widening).max())


def test_equations_of_full_rank_have_none_and_their_rates_are_as_before():
    equation = linear(PULL, TURNED + 1e-4 * np.eye(2))
    grid = Grid([-1, -1], [1, 1], [12, 9], (True, False))
    added = numerical_diffusion(equation, grid)
    assert added.relative == 0
    assert not added.tensor.any()
    assert numerical_move(equation, eliminated(equation, grid)) == 0
    plain = selling_edges(equation, grid)
    z = falls(equation, plain)
    found = FITTED.edges(equation, grid)
    np.testing.assert_array_equal(found.forward, plain.forward * bernoulli(-z))
    np.testing.assert_array_equal(found.back, plain.back * bernoulli(z))


@pytest.mark.parametrize("periodic", [False, True, (True, False)])
def test_only_cells_without_full_rank_are_upwinded_and_walls_hold(periodic):
    def tensor(w):
        return np.stack([0 * w[..., 0], 1.0 * (w[..., 0] > 0), 0 * w[..., 0], w[..., 0] ** 0], -1).reshape(
            *w.shape, 2
        )[..., ::-1, ::-1] * np.eye(2)

    equation = PlaneEquation(lambda w: np.stack([1 + 0 * w[..., 0], -2 - w[..., 1] ** 2], axis=-1), tensor)
    grid = Grid([-1, -1], [1, 1], [8, 6], periodic)
    outside = unfitted_drift(equation, grid)
    full = np.linalg.matrix_rank(equation.tensor(grid.centers)) == 2
    assert not outside[full].any()
    assert (np.linalg.norm(outside[~full], axis=-1) > 0.9).all()
    generator = build_generator(equation, grid).toarray()
    assert np.abs(generator.sum(axis=0)).max() < 1e-11
    np.fill_diagonal(generator, 0)
    assert generator.min() >= 0
    cells = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)
    for axis, wraps in enumerate(grid.periodic):
        first, last = cells[:, axis] == 0, cells[:, axis] == grid.shape[axis] - 1
        across = generator[np.ix_(first, last)].sum() + generator[np.ix_(last, first)].sum()
        assert (across > 0) == wraps


def test_centred_flux_is_refused_where_alternating_modes_are_laws_too():
    pendulum = kinetic(lambda x: -np.sin(x))
    grid = Grid([-np.pi, -5], [np.pi, 5], [48, 48], (True, False))
    with pytest.raises(NoStationaryDensity, match="two starts differ by"):
        solve_stationary(pendulum, grid, Centred())
    law = solve_stationary(pendulum, grid).density
    assert distance(law, boltzmann(lambda x: -np.cos(x))) / 2 < law.error < 0.05


def test_centred_flux_is_never_widened():
    equation, grid = linear(np.zeros((2, 2)), TURNED), Grid([-1, -1], [1, 1], [9, 9])
    edges = Centred().edges(equation, grid)
    moved = edges.steps * grid.spacing
    middle = edges.sources == 40
    spread = np.einsum("e,ei,ej->ij", (edges.forward + edges.back)[middle], moved[middle], moved[middle])
    other = edges.targets == 40
    spread += np.einsum("e,ei,ej->ij", (edges.forward + edges.back)[other], moved[other], moved[other])
    np.testing.assert_allclose(spread / 4, TURNED, atol=1e-12)


@pytest.mark.parametrize("cells", [60, 120, 160])
def test_noise_that_misses_a_direction_gets_no_worse_with_more_cells(cells):
    """At a small Peclet number the fitted flux is of first order here all the same."""
    equation = PlaneEquation(
        lambda w: np.stack([w[..., 1], -w[..., 0] - w[..., 1]], axis=-1), constant(np.diag([0, 0.5]))
    )
    grid = Grid([-4, -4], [4, 4], [cells, cells])
    found = solve_stationary(equation, grid)
    log_law = gaussian(np.eye(2) / 2)
    assert isinstance(found.flux, Centred)
    assert distance(found.density, log_law) / 2 < found.density.error < 1e-5
    if cells == 60:  # control: upwinded
        assert distance(solve_stationary(equation, grid, FITTED).density, log_law) / 2 > 1e-2


@pytest.mark.parametrize("angle", [0.4, 1.9])
def test_turned_noise_of_rank_one_with_friction_and_temperature(angle):
    frame = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    pull = frame @ np.array([[0, -1.0], [2.0, 0.6]]) @ frame.T
    tensor = frame @ np.diag([0, 0.3]) @ frame.T
    covariance = solve_continuous_lyapunov(pull, 2 * tensor)
    side = 6.2 * np.sqrt(np.diag(covariance))
    found = solve_stationary(linear(pull, tensor), Grid(-side, side, [90, 90])).density
    assert distance(found, gaussian(covariance)) / 2 < found.error < 1e-3


def test_axes_that_are_not_halved_alike_count_in_the_error():
    """Halves of 101 and 70 cells have other ratios, of which a common step to the limit knows nothing."""
    even, odd = Grid([-1, -1], [1, 1], [80, 80]), Grid([-1, -1], [1, 1], [101, 70])
    assert unevenness((even, *coarser_grids(even))) == 0
    assert 0.02 < unevenness((odd, *coarser_grids(odd))) < 0.1
    tensor, current = np.array([[1, 0.3], [0.3, 0.7]]), 0.3 * np.array([[0, 1], [-1, 0]])
    shape = np.array([[1.0, 0.2], [0.2, 0.6]])
    equation = linear((tensor + current) @ shape, tensor)
    covariance = np.linalg.inv(shape)
    side = 6 * np.sqrt(np.diag(covariance))
    found = solve_stationary(equation, Grid(-side, side, [101, 70]), FITTED)
    assert distance(found.density, gaussian(covariance)) / 2 < found.density.error < 1e-3
