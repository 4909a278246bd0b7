"""What a grid needs of an equation: eigenvalues of its tensor, and coefficients that are evaluated once."""

from __future__ import annotations

import numpy as np
import pytest
from doubles_plane import PlaneEquation, constant
from hypothesis import given
from hypothesis import strategies as st

from theory import Grid
from theory.fokker_planck.generator.coefficients import full_rank, symmetric_eigenvalues, transport
from theory.fokker_planck.generator.remembered import Remembered
from theory.fokker_planck.lattice.stationary import solve_stationary

ENTRY = st.floats(-1e3, 1e3)


@given(ENTRY, ENTRY, ENTRY, st.sampled_from([1e-200, 1e-9, 1.0, 1e150]))
def test_eigenvalues_in_the_plane_are_those_of_lapack(a, b, c, scale):
    matrix = scale * np.array([[a, b], [b, c]])
    found, wanted = symmetric_eigenvalues(matrix), np.linalg.eigvalsh(matrix)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=4e-15 * np.abs(wanted).max() + 1e-320)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_eigenvalues_of_fields_keep_their_shape_and_order(dim):
    roots = np.random.default_rng(0).normal(size=(4, 5, dim, dim))
    tensors = roots @ np.swapaxes(roots, -1, -2)
    found = symmetric_eigenvalues(tensors)
    np.testing.assert_allclose(found, np.linalg.eigvalsh(tensors), rtol=1e-10)


@pytest.mark.parametrize(("ratio", "full"), [(1e-7, True), (1e-9, False), (0.0, False)])
def test_rank_is_told_for_a_turned_tensor(ratio, full):
    along, across = np.array([0.6, 0.8]), np.array([-0.8, 0.6])
    assert full_rank(np.outer(along, along) + ratio * np.outer(across, across)) == full


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.3])
@pytest.mark.parametrize("ratio", [1.0, 1e-3, 1e-6])
def test_transport_is_the_solution_of_a_linear_system(angle, ratio):
    along = np.array([np.cos(angle), np.sin(angle)])
    tensor = ratio * np.eye(2) + (1 - ratio) * np.outer(along, along)
    equation, grid = (
        PlaneEquation(lambda w: np.sin(w[..., ::-1]), constant(tensor)),
        Grid([-1, -1], [1, 1], [5, 4]),
    )
    wanted = np.linalg.solve(tensor, np.sin(grid.centers[..., ::-1])[..., None])[..., 0]
    np.testing.assert_allclose(transport(equation, grid), wanted, rtol=1e-15 / ratio + 1e-14)
    control = PlaneEquation(equation.drift, constant(tensor.T[::-1, ::-1]))  # the axes exchanged
    assert ratio == 1 or not np.allclose(transport(control, grid), wanted)


def counting():
    """An Ornstein-Uhlenbeck process, and the list of places where its tensor was asked for."""
    places: list[np.ndarray] = []
    tensor = constant(np.array([[1, 0.3], [0.3, 0.5]]))
    return PlaneEquation(lambda w: -w, lambda w: places.append(w) or tensor(w)), places


def test_coefficients_are_evaluated_once_for_equal_centres():
    equation, places = counting()
    remembered = Remembered(equation)
    first, again, other = (
        Grid([-1, -1], [1, 1], [6, 5]),
        Grid([-1, -1], [1, 1], [6, 5]),
        Grid([-2, -1], [1, 1], [6, 5]),
    )
    values = [remembered.tensor(grid.centers) for grid in (first, again, first)]
    assert len(places) == 1
    assert all(one is values[0] for one in values)
    with pytest.raises(ValueError, match="read-only"):
        values[0][0, 0, 0, 0] = 7
    remembered.tensor(other.centers)
    assert len(places) == 2  # the same shape is not the same place


def test_places_that_may_change_are_not_remembered():
    equation, places = counting()
    remembered, w = Remembered(equation), np.zeros((3, 2))
    remembered.drift(w)
    w += 1
    np.testing.assert_array_equal(remembered.drift(w), -np.ones((3, 2)))
    remembered.tensor(w), remembered.tensor(w)
    assert len(places) == 2


def test_a_stationary_solve_asks_for_the_tensor_nowhere_twice():
    equation, places = counting()
    found = solve_stationary(equation, Grid([-5, -5], [5, 5], [40, 40]))
    assert found.density.error < 1e-3
    assert len({w.tobytes() for w in places}) == len(places)
