"""Elimination without subtraction: every entry right, whatever the lattice, the reach and the range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from theory.errors import InputError
from theory.fokker_planck.elimination import stationary_vector
from theory.fokker_planck.laws import NoStationaryDensity


def lattice(shape, offsets, periodic, rng, *, spread=3.0):
    """A random irreducible chain on a lattice: positions and generator."""
    positions = np.indices(shape).reshape(len(shape), -1).T
    states = np.arange(len(positions))
    rows, columns = [], []
    for offset in offsets:
        ends = positions + offset
        inside = np.all(np.array(periodic) | ((ends >= 0) & (ends < shape)), axis=1)
        near = np.ravel_multi_index(tuple((ends[inside] % shape).T), shape)
        rows += [near, states[inside]]
        columns += [states[inside], near]
    row, column = np.concatenate(rows), np.concatenate(columns)
    rates = np.exp(spread * rng.standard_normal(len(row)))
    moves = sparse.csc_array((rates, (row, column)), shape=(len(states),) * 2)
    moves.setdiag(0)
    return positions, sparse.csc_array(moves - sparse.diags_array(moves.sum(axis=0)))


def dense_elimination(generator):
    """The textbook algorithm on a dense matrix."""
    rates = generator.toarray().T
    n = len(rates)
    for k in range(n - 1):
        rates[k + 1 :, k] /= rates[k, k + 1 :].sum()
        rates[k + 1 :, k + 1 :] += np.outer(rates[k + 1 :, k], rates[k, k + 1 :])
    law = np.ones(n)
    for k in range(n - 2, -1, -1):
        law[k] = law[k + 1 :] @ rates[k + 1 :, k]
    return law / law.sum()


LATTICES = [
    ((1,), [(0,)], (False,)),
    ((9,), [(1,)], (False,)),
    ((300, 1), [(1, 0)], (True, False)),
    ((1, 90), [(0, 1), (0, 3)], (False, False)),
    ((20, 23), [(1, 0), (0, 1), (1, 1)], (False, True)),
    ((25, 17), [(1, 0), (2, 1), (1, 1)], (True, True)),
    ((24, 24), [(1, 0), (7, 3), (0, 1)], (False, False)),
    ((8, 9, 7), [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, -1, 0)], (False, True, False)),
]


@pytest.mark.parametrize(("shape", "offsets", "periodic"), LATTICES)
def test_agrees_with_dense_elimination_in_every_entry(shape, offsets, periodic):
    positions, generator = lattice(shape, offsets, periodic, np.random.default_rng(7))
    law = stationary_vector(generator, positions)
    np.testing.assert_allclose(law, dense_elimination(generator), rtol=1e-12)


@settings(max_examples=25, deadline=None)
@given(
    width=st.integers(1, 15),
    height=st.integers(2, 15),
    wraps=st.booleans(),
    spread=st.floats(0, 8),
    seed=st.integers(0, 2**32 - 1),
)
def test_is_positive_and_stationary(width, height, wraps, spread, seed):
    rng = np.random.default_rng(seed)
    positions, generator = lattice((width, height), [(1, 0), (0, 1), (1, 2)], (wraps, False), rng, spread=spread)
    law = stationary_vector(generator, positions)
    assert (law > 0).all()
    assert law.sum() == pytest.approx(1, rel=1e-12)
    out = -generator.diagonal() * law
    assert (np.abs(generator @ law) <= 1e-11 * out).all()


def test_keeps_every_digit_across_three_hundred_temperatures_where_a_direct_solver_does_not():
    n = 400
    x = np.linspace(-1.4, 1.4, n)
    potential = 300 * (x**2 - 1) ** 2 + x
    z = np.diff(potential)
    up, down = np.exp(-z / 2), np.exp(z / 2)
    moves = sparse.diags_array([up, down], offsets=[-1, 1], format="csc")
    generator = sparse.csc_array(moves - sparse.diags_array(moves.sum(axis=0)))
    law = stationary_vector(generator, np.arange(n)[:, None])
    exact = np.exp(-potential) / np.exp(-potential).sum()
    np.testing.assert_allclose(law, exact, rtol=1e-11)

    pinned = generator.tolil()
    pinned[0] = 1.0
    right = np.zeros(n)
    right[0] = 1.0
    direct = sparse.linalg.spsolve(pinned.tocsc(), right)
    assert np.abs(direct - exact).sum() > 0.1


def test_scaling_all_rates_or_naming_states_anew_changes_nothing():
    rng = np.random.default_rng(3)
    positions, generator = lattice((14, 11), [(1, 0), (0, 1), (1, 1)], (False, False), rng)
    law = stationary_vector(generator, positions)
    np.testing.assert_allclose(stationary_vector(generator * 1e5, positions), law, rtol=1e-12)
    names = rng.permutation(len(law))
    renamed = generator.tocsr()[names].tocsc()[:, names]
    np.testing.assert_allclose(stationary_vector(renamed, positions[names]), law[names], rtol=1e-12)
    np.testing.assert_allclose(stationary_vector(generator, positions[:, ::-1]), law, rtol=1e-12)


def test_refuses_what_floating_point_numbers_cannot_hold():
    x = np.linspace(-1.4, 1.4, 300)
    for depth in (800, 2000):
        z = np.diff(depth * (x**2 - 1) ** 2)
        moves = sparse.diags_array([np.exp(-z / 2), np.exp(z / 2)], offsets=[-1, 1], format="csc")
        with pytest.raises(NoStationaryDensity, match="floating point"):
            stationary_vector(sparse.csc_array(moves), np.arange(300)[:, None])


def test_refuses_negative_rates_and_wrong_shapes():
    with pytest.raises(InputError, match="not negative, got one of -1"):
        stationary_vector(sparse.csc_array([[0.0, -1.0], [1.0, 0.0]]), np.arange(2)[:, None])
    with pytest.raises(InputError, match=r"\(2, 2\) and \(3, 1\)"):
        stationary_vector(sparse.csc_array([[0.0, 1.0], [1.0, 0.0]]), np.arange(3)[:, None])
