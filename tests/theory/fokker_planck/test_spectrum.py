"""Eigenvalues against closed forms: wide boxes, continua, deep wells, turning drifts, Jordan blocks."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant, linear

from theory import Absorbing, Constant, FokkerPlanck, Grid, Isotropic, Langevin, SymbolicLandscape
from theory.fokker_planck.meshes.mesh_limits import limits, shared
from theory.fokker_planck.passages.walk import walk_until
from theory.fokker_planck.spectrum.centred_spectrum import centred_spectrum
from theory.fokker_planck.spectrum.eigenvalues import relaxation_spectrum
from theory.markov.framed import framed, framed_matrix
from theory.markov.similar import balance, law_weights
from theory.markov.slow_modes import spectrum

FLAT = SymbolicLandscape("0*w")


PLANE = np.zeros((2, 2), dtype=bool)


def on_a_line(text, temperature, grid):
    return FokkerPlanck(Langevin(SymbolicLandscape(text), Isotropic(temperature, 1)), grid)


@pytest.mark.parametrize(("reach", "cells"), [(12, 1200), (16, 1600), (20, 2000)])
def test_bound_states_below_a_continuum_on_wide_boxes(reach, cells):
    equation = on_a_line("6*log(cosh(w))", 1.0, Grid(-reach, reach, cells))
    found = equation.spectrum(3)
    assert not found.eigenvalues.imag.any()
    miss = np.abs(found.eigenvalues.real - np.array([0, -5, -8]))
    assert (miss <= found.error).all()
    assert found.error.max() < 1e-8


def test_without_its_frame_the_matrix_says_nothing():
    """Control: the same rates, their eigenvalues sought as they stand."""
    grid = Grid(-16.0, 16.0, 240)
    equation = on_a_line("6*log(cosh(w))", 1.0, grid)
    plain = np.linalg.eigvals(equation.generator.toarray())
    own = equation.spectrum(3)
    assert np.abs(plain.imag).max() > 0.1
    assert np.abs(plain[:, None] - np.array([-5, -8])).min(axis=0).max() > 1e4 * own.error.max()


@pytest.mark.parametrize("depth", [1.7, 2.5])
def test_morse_with_its_walls_far_away(depth):
    reach = 17 / (depth - int(depth))
    grid = Grid(-3.0, reach, int(12 * (reach + 3)))
    rates = depth**2 - (depth - np.arange(int(depth) + 1)) ** 2
    found = on_a_line(f"2*({depth}*w + exp(-w))", 1.0, grid).spectrum(len(rates))
    assert (np.abs(found.eigenvalues + rates) <= found.error + 1e-10).all()
    assert found.error.max() < 1e-4


def test_rates_between_wells_keep_their_digits():
    grid = Grid(-2.0, 2.0, 400)
    found = on_a_line("(w**2 - 1)**2/4", 1 / 400, grid).spectrum(3)
    heat = 1 / 400
    kramers = np.sqrt(2) / np.pi * np.exp(-0.25 / heat)
    assert 0 < found.gap < 1e-43
    assert found.gap == pytest.approx(kramers, rel=0.01)
    assert found.gap.error < 1e-6 * found.gap
    assert found.modes[:, 1].sum() == pytest.approx(0, abs=1e-9)


def test_modes_of_wells_that_differ_by_hundreds_of_temperatures_live_where_they_should():
    grid = Grid(-2.0, 2.2, 300)
    equation = on_a_line("(w**2 - 1)**2/4 - w/6", 1 / 500, grid)
    walk = walk_until(equation.sde, grid, np.zeros((1, 2), dtype=bool))
    found = spectrum(walk.generator, walk.positions, 6)
    assert found.eigenvalues[1].real == pytest.approx(-2.8e-24, rel=0.02)
    for value, mode in zip(found.eigenvalues[2:], found.modes.T[2:], strict=True):
        assert np.abs(walk.generator @ mode - value * mode).sum() < 1e-10 * abs(value)
    places = grid.axes[0][np.abs(found.modes).argmax(axis=0)]
    assert (places[2:4] < 0).all()
    assert places[5] > 0


def test_drift_on_a_ring_and_between_ends():
    drifting = Langevin(FLAT, Isotropic(0.7, 1), extra_drift=lambda w: np.full_like(w, 1.5))
    ring = FokkerPlanck(drifting, Grid(0.0, 2 * np.pi, 60, True)).spectrum(5)
    exact = [0, -0.7 + 1.5j, -0.7 - 1.5j, -2.8 + 3j, -2.8 - 3j]
    assert np.abs(ring.eigenvalues[:, None] - exact).min(axis=0) == pytest.approx(0, abs=ring.error.max())
    assert not ring.reversible
    ends = FokkerPlanck(drifting, Grid(0.0, 1.0, 60), Absorbing()).spectrum(3)
    rates = 1.5**2 / 2.8 + 0.7 * (np.pi * np.arange(1, 4)) ** 2
    assert (np.abs(ends.eigenvalues + rates) <= ends.error).all()
    assert ends.reversible


def test_a_turning_drift_on_a_wide_box_is_normal_in_the_frame_of_its_law():
    grid = Grid([-20, -20], [20, 20], [60, 60])
    equation = linear([[1, 2], [-2, 1]], np.eye(2))
    walk = walk_until(equation, grid, PLANE)
    assert balance(walk.generator) is None
    matrix = framed_matrix(walk.generator, law_weights(walk.generator, walk.positions), symmetric=False)
    found = framed(matrix, 6, 1.0, symmetric=False)
    assert found.condition[:4].max() < 1.1
    bare = framed(walk.generator, 6, 1.0, symmetric=False)
    assert bare.condition.max() > 1e3  # control: as it stands rounding rules
    answer = relaxation_spectrum(equation, Grid([-9, -9], [9, 9], [60, 60]), PLANE, 4)
    exact = np.array([0, -1 + 2j, -1 - 2j, -2])
    nearest = np.abs(answer.eigenvalues[:, None] - exact)
    assert (nearest.min(axis=1) <= answer.error + 1e-12).all()
    assert answer.error.max() < 1e-5


def test_a_block_that_shares_a_vector_is_carried_to_its_limit_together():
    """A drift with a Jordan block: meshes split its eigenvalues by the root of what they change."""
    grid = Grid([-9, -7], [9, 7], [56, 56])
    answer = relaxation_spectrum(linear([[1, 0.7], [0, 1]], np.eye(2)), grid, PLANE, 3)
    miss = np.abs(answer.eigenvalues - np.array([0, -1, -1]))
    assert (miss <= answer.error + 1e-12).all()
    assert answer.error.max() < 0.05
    h = np.array([1.0, 2.0, 4.0]) / 32
    split = np.stack([-1 - h**2 - h, -1 - h**2 + h], axis=1).astype(complex)
    ratios = ((2.0, 2.0, 2.0), (2.0, 2.0, 2.0))
    values, errors = limits(split, ratios, apart=False)
    assert (np.abs(values + 1) <= errors + 1e-12).all()
    alone, doubts = limits(split, ratios, apart=True)  # control: each by itself is far off
    assert np.abs(alone + 1).max() > 5 * np.abs(values + 1).max()
    assert (np.abs(alone + 1) <= doubts).all()


def test_a_cluster_is_not_cut():
    """Of the five at 4 some right vectors and other left ones would be taken, and a slower mode is lost."""
    pull, tensor = [[0.7, -0.27], [0.455**2 / 0.27, 1.61]], [[3.433, 0.389], [0.389, 0.837]]  # a Jordan block
    answer = relaxation_spectrum(linear(pull, tensor), Grid([-19.4, -9.2], [19.4, 9.2], [82, 82]), PLANE, 6)
    miss = np.abs(answer.eigenvalues + 1.155 * np.array([0, 1, 1, 2, 2, 2]))
    assert (miss <= answer.error + 1e-12).all()
    assert miss.max() < 0.1  # a lost one lets the next, at three times the first, into its place


def test_meshes_of_an_upwinding_flux_tell_no_error_of_eigenvalues():
    """Nearly all noise lies in one direction: meshes seem to converge, far from the eigenvalues."""
    equation = linear([[0.7626, -0.9058], [0.9058, 0.7626]], [[0.0130, 0.0765], [0.0765, 0.4610]])
    answer = relaxation_spectrum(equation, Grid([-3.94, -4.99], [3.94, 4.99], [86, 86]), PLANE, 3)
    exact = np.array([0, -0.7626 + 0.9058j, -0.7626 - 0.9058j])
    miss = np.abs(answer.eigenvalues[:, None] - exact).min(axis=1)
    assert (miss <= answer.error).all()
    assert miss.max() > 0.1  # control: far off indeed


def test_an_eigenvalue_within_the_range_of_another_has_its_error():
    values, errors = np.array([0, -0.72, -0.948, -5.0]) + 0j, np.array([0, 1.01, 4e-4, 1e-3])
    assert shared(values, errors) == pytest.approx([0, 1.01, 0.72, 1e-3])
    assert shared(values, np.array([0, np.inf, 4e-4, 1e-3])) == pytest.approx([0, np.inf, 0.72, 1e-3])


def test_products_of_wells_have_sums_with_multiplicity_on_wide_boxes():
    text = "4*log(cosh(x)) + 4*log(cosh(y))"  # 0 and 3 each, continua from 4 on
    equation = FokkerPlanck(
        Langevin(SymbolicLandscape(text), Constant(np.eye(2))), Grid([-12, -12], [12, 12], [72, 72])
    )
    found = equation.spectrum(3)
    assert found.reversible
    assert not found.eigenvalues.imag.any()
    assert (np.abs(found.eigenvalues - np.array([0, -3, -3])) <= found.error + 1e-12).all()


def kinetic(force, friction, temperature):
    """Position and velocity, with noise on the velocity alone."""
    return PlaneEquation(
        lambda w: np.stack([w[..., 1], force(w[..., 0]) - friction * w[..., 1]], axis=-1),
        constant(np.diag([0, friction * temperature])),
    )


def test_kinetic_oscillators_have_the_eigenvalues_of_their_drift():
    grid = Grid([-8, -8], [8, 8], [60, 60])
    equation = kinetic(lambda x: -x, 1.0, 1.0)
    answer = relaxation_spectrum(equation, grid, PLANE, 4)
    slow = (1 + 1j * np.sqrt(3)) / 2
    exact = np.array([0, -slow, -slow.conjugate(), -1])
    nearest = np.abs(answer.eigenvalues[:, None] - exact)
    assert (nearest.min(axis=1) <= answer.error + 1e-12).all()
    assert nearest.argmin(axis=1).tolist() in (
        [0, 1, 2, 3],
        [0, 2, 1, 3],
        [0, 3, 1, 2],
        [0, 3, 2, 1],
        [0, 1, 3, 2],
    )
    assert answer.error.max() < 1e-4
    walk = walk_until(equation, grid, PLANE)
    upwinded = spectrum(walk.generator, walk.positions, 4).eigenvalues
    assert np.abs(upwinded - exact[3]).min() > 100 * answer.error.max()  # control


def test_the_gap_of_a_kinetic_double_well_is_that_of_hermite_functions():
    equation = kinetic(lambda x: x - x**3, 1.0, 0.05)
    answer = relaxation_spectrum(equation, Grid([-2, -1.4], [2, 1.4], [80, 80]), PLANE, 2)
    exact = 2 * 8.926750988e-4  # Hermite functions of x and v
    assert abs(answer.gap - exact) <= answer.gap.error < 0.2 * exact
    second = relaxation_spectrum(equation, Grid([-2, -1.4], [2, 1.4], [61, 61]), PLANE, 4)
    assert abs(second.eigenvalues[2] + 0.5889) <= second.error[2] < 0.02  # of 121 cells, .58894 +- .00025
    rough = 1.66e-3 * 2  # control: upwinded
    assert abs(rough - exact) > 3 * answer.gap.error


def test_modes_that_alternate_between_cells_are_damped():
    """Without damping, central differences have those of the equation with time in x reversed."""
    equation, grid = (
        kinetic(lambda x: -np.sin(x), 1.0, 1.0),
        Grid([-np.pi, -6], [np.pi, 6], [32, 48], (True, False)),
    )
    damped = centred_spectrum(equation, grid, 4, 1.0, damped=True)
    bare = centred_spectrum(equation, grid, 4, 1.0, damped=False)
    assert np.abs(damped.eigenvalues[1:]).min() > 0.2
    assert np.abs(bare.eigenvalues[1:]).min() < 0.02  # control: an alternating law
