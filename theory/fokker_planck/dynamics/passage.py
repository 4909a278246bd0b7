"""First passages of a rate matrix: how long, which way, and what is seen until then."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components

from theory.arrays import Array, Booleans, Integers
from theory.errors import require
from theory.fokker_planck.elimination.solve import Elimination, eliminate

ROUNDING = 1e-14  # relative change of a rate that is settled
MOST_ITERATIONS = 2000


def first_passage(generator: sparse.csc_array, positions: Integers, target_mask: Booleans) -> tuple[Array, Array]:
    """Mean and variance of the time until the target is reached, shape (states,) each, 0 on the target.

    Elimination without subtraction: the mean m has a small relative error in every state, up to 600 temperatures.
    The variance is 2 A^-1 m - m^2 with A the matrix of the walk until the target; its relative error is that of
    the mean times 1 + m^2 / variance, and it needs barriers under about 300 temperatures.

    Parameters
    ----------
    generator
        Rate matrix with columns that sum to 0: entry (i, j) is the rate from j to i.
    positions
        Lattice index of each state, shape (states, d).
    target_mask
        The states that end the walk, shape (states,).

    Raises
    ------
    InputError
        If the target is empty, is everything or cannot be reached from some states, or times leave the range of
        floating point numbers.
    """
    _check_part(target_mask, "target_mask", generator)
    _refuse_stuck(generator, positions, target_mask, "the target")
    walk, inside = _until(generator, positions, target_mask)
    mean, variance = np.zeros(len(positions)), np.zeros(len(positions))
    mean[inside] = walk.solve(np.ones(len(inside)))
    variance[inside] = 2 * walk.solve(mean[inside]) - mean[inside] ** 2
    return mean, variance


def committor(generator: sparse.csc_array, positions: Integers, a_mask: Booleans, b_mask: Booleans) -> Array:
    """Probability to reach b before a from each state, shape (states,): 0 on a, 1 on b.

    Elimination without subtraction: a small relative error in every state, however unlikely b is. For as many
    digits of the probability to reach a first, exchange the two.

    Parameters
    ----------
    generator
        Rate matrix with columns that sum to 0: entry (i, j) is the rate from j to i.
    positions
        Lattice index of each state, shape (states, d).
    a_mask, b_mask
        The two sets, shape (states,) each.

    Raises
    ------
    InputError
        If a or b is empty, they overlap, or some states reach neither.
    """
    _check_part(a_mask, "a_mask", generator)
    _check_part(b_mask, "b_mask", generator)
    both = int(np.count_nonzero(a_mask & b_mask))
    require(both == 0, f"`a_mask` and `b_mask` must not overlap, got {both} states in both; shrink one")
    _refuse_stuck(generator, positions, a_mask | b_mask, "either set")
    probability = b_mask.astype(np.float64)
    if not (a_mask | b_mask).all():
        walk, inside = _until(generator, positions, a_mask | b_mask)
        probability[inside] = walk.solve(_rates_into(generator, b_mask)[inside])
    return probability


def quasi_stationary(
    generator: sparse.csc_array, positions: Integers, basin_mask: Booleans
) -> tuple[Array, float]:
    """Law that walkers keep while they stay in the basin, shape (states,) with sum 1, and the rate of leaving.

    The left Perron vector of the walk killed on leaving, by inverse iteration with elimination without
    subtraction: law and rate have small relative errors. The error shrinks by lambda_1 / lambda_2 an iteration,
    the ratio of the rate of leaving to that of settling within.

    Parameters
    ----------
    generator
        Rate matrix with columns that sum to 0: entry (i, j) is the rate from j to i.
    positions
        Lattice index of each state, shape (states, d).
    basin_mask
        The states that count as inside, shape (states,).

    Raises
    ------
    InputError
        If the basin is empty or everything, falls into pieces, cannot be left from some states, or settles within
        no faster than it is left.
    """
    _check_part(basin_mask, "basin_mask", generator)
    _refuse_stuck(generator, positions, ~basin_mask, "the outside")
    walk, inside = _until(generator, positions, ~basin_mask)
    pieces, _ = connected_components(generator[:, inside].tocsr()[inside], directed=False)
    require(
        int(pieces) == 1,
        f"the basin must be one piece, got {pieces} that walkers cannot change between; take one of them",
    )
    law, rate = np.full(len(inside), 1 / len(inside)), 0.0
    change = drift = np.inf
    for _ in range(MOST_ITERATIONS):
        stay = walk.solve_transposed(law)
        time = stay.sum()
        change, drift = abs(rate * time - 1), np.abs(stay / time - law).sum()
        law, rate = stay / time, 1 / time
        if change <= ROUNDING and drift <= 10 * ROUNDING:
            break
    require(
        bool(change <= ROUNDING and drift <= 10 * ROUNDING),
        f"the basin must be left more slowly than walkers settle in it, got a law that still moves by {drift:.2g} "
        f"after {MOST_ITERATIONS} iterations at rate {rate:.3g}; it holds several wells: take one",
    )
    result = np.zeros(len(positions))
    result[inside] = law
    return result, float(rate)


def _until(generator: sparse.csc_array, positions: Integers, end: Booleans) -> tuple[Elimination, Integers]:
    """The walk absorbed in `end`, and the states where it still runs."""
    inside = np.flatnonzero(~end)
    within = generator[:, inside].tocsr()[inside].tocsc()
    return eliminate(within, positions[inside], _rates_into(generator, end)[inside]), inside


def _rates_into(generator: sparse.csc_array, part: Booleans) -> Array:
    """Rate from each state to all of `part`, for states outside it."""
    return np.asarray(generator.tocsr()[part].sum(axis=0), dtype=np.float64).ravel()


def _check_part(mask: Booleans, name: str, generator: sparse.csc_array) -> None:
    states = generator.shape[1]
    require(
        mask.shape == (states,) and mask.dtype == np.bool_,
        f"`{name}` must be True or False for each of {states} states, got {mask.dtype} of shape {mask.shape}; "
        "ravel it",
    )
    count = int(np.count_nonzero(mask))
    require(
        0 < count < states,
        f"`{name}` must hold some states and not all, got {count} of {states}; move its limits or the grid",
    )


def _refuse_stuck(generator: sparse.csc_array, positions: Integers, end: Booleans, name: str) -> None:
    """Raise where walkers can never reach `end`: one search from it, backwards along the moves."""
    states = len(positions)
    moves = generator.tocoo()
    kept = (moves.data > 0) & (moves.row != moves.col)
    targets, sources = np.where(end[moves.row], states, moves.row)[kept], moves.col[kept]
    graph = sparse.csr_array((np.ones(len(sources)), (targets, sources)), shape=(states + 1,) * 2)
    reached = np.append(end, True)
    reached[breadth_first_order(graph, states, return_predecessors=False)] = True
    stuck = np.flatnonzero(~reached)
    where = positions[stuck[0]] if len(stuck) else ()
    require(
        len(stuck) == 0,
        f"{name} must be within reach of every state, got {len(stuck)} of {states} from where walkers never "
        f"reach it (infinite mean), first cell ({', '.join(map(str, where))}); widen it or leave those states out",
    )
