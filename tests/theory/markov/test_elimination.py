"""Elimination without subtraction: every entry right, whatever the lattice, the reach and the range."""

from __future__ import annotations

import numpy as np
import pytest
from chains import lattice
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from theory.base.errors import InputError
from theory.laws.limit_law import NoStationaryDensity
from theory.markov.elimination.solve import eliminate, stationary_vector


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


@settings(max_examples=25)
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


@pytest.mark.parametrize(("shape", "offsets", "periodic"), LATTICES)
def test_both_solves_agree_with_dense_ones_and_with_each_other(shape, offsets, periodic):
    rng = np.random.default_rng(11)
    positions, generator = lattice(shape, offsets, periodic, rng, spread=1.0)
    states = len(positions)
    absorption = rng.exponential(size=states) * (rng.random(states) < 0.2)
    absorption[0] = 0.5
    elimination = eliminate(generator, positions, absorption)
    matrix = np.diag(absorption) - generator.toarray().T
    sources = rng.exponential(size=(states, 3))
    means = elimination.solve(sources)
    times = elimination.solve_transposed(sources)
    np.testing.assert_allclose(means, np.linalg.solve(matrix, sources), rtol=1e-9)
    np.testing.assert_allclose(times, np.linalg.solve(matrix.T, sources), rtol=1e-9)
    np.testing.assert_allclose(sources.T @ means, times.T @ sources, rtol=1e-12)
    np.testing.assert_allclose(elimination.solve(sources[:, 1]), means[:, 1], rtol=1e-14)
    np.testing.assert_allclose(absorption @ times, sources.sum(axis=0), rtol=1e-12)  # all end up absorbed


@pytest.mark.parametrize("rate", [1e-12, 1e-130])
def test_all_are_absorbed_where_absorption_is_rare_and_a_direct_solver_sees_none_of_it(rate):
    positions, generator = lattice((12, 11), [(1, 0), (0, 1)], (False, False), np.random.default_rng(5))
    absorption = np.zeros(132)
    absorption[7] = rate
    elimination = eliminate(generator, positions, absorption)
    mean = elimination.solve(np.ones(132))
    law = stationary_vector(generator, positions)
    np.testing.assert_allclose(mean, 1 / (rate * law[7]), rtol=1e-9)
    np.testing.assert_allclose(elimination.solve(absorption), 1, rtol=1e-12)
    assert absorption @ elimination.solve_transposed(law) == pytest.approx(1, rel=1e-12)
    if rate < 1e-20:
        direct = np.linalg.pinv(np.diag(absorption) - generator.toarray().T) @ np.ones(132)
        assert not np.allclose(direct, mean, rtol=0.5)


def test_a_signed_source_is_the_difference_of_its_parts():
    rng = np.random.default_rng(2)
    positions, generator = lattice((15, 14), [(1, 0), (0, 1)], (False, False), rng)
    elimination = eliminate(generator, positions, np.full(210, 0.3))
    source = rng.standard_normal(210)
    parts = elimination.solve(np.stack([np.maximum(source, 0), np.maximum(-source, 0)], axis=1))
    np.testing.assert_allclose(elimination.solve(source), parts[:, 0] - parts[:, 1], atol=1e-12 * parts.max())


def test_refuses_absorption_that_is_no_rate_and_states_that_cannot_be_left():
    positions, generator = lattice((6,), [(1,)], (False,), np.random.default_rng(1))
    with pytest.raises(InputError, match="finite rate >= 0 for each of 6 states, got shape"):
        eliminate(generator, positions, np.ones(5))
    with pytest.raises(InputError, match="least value -1"):
        eliminate(generator, positions, np.array([1, 1, -1, 1, 1, 1]))
    with pytest.raises(InputError, match="smallest floating point number"):
        eliminate(generator, positions, np.zeros(6))
