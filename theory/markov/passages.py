"""First passages of a walk: how long, which way, and what is seen until then."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.linalg import eigh_tridiagonal
from scipy.sparse.csgraph import breadth_first_order, connected_components

from theory.base.arrays import Array
from theory.base.errors import require
from theory.markov.walk import Walk

SETTLED_RATE = 1e-14  # relative change of a rate that is settled
MOST_ITERATIONS = 2000
MOST_ON_A_LINE = 60  # where a symmetric matrix is at hand
SYMMETRY_SHOWS = 1e-7  # of the largest rate: what a symmetric matrix shows to nine digits
NARROW = 0.1  # variance over squared mean below which it is not found by subtraction
DRIFT_SETTLED = 10.0  # times that: change of a law, in sum over its states


def first_passage(walk: Walk) -> tuple[Array, Array]:
    """Mean and standard deviation of the time until the walk ends, shape (n,) each.

    Elimination without subtraction: the mean m has a small relative error in every cell, up to 600 temperatures.
    The variance is 2 A^-1 m - m^2 with A the matrix of the walk; where that is far below m^2 it is what a path
    collects of the squared changes of m in its moves.

    Raises
    ------
    InputError
        If the end cannot be reached from some cells, or times leave the range of floating point numbers.
    """
    refuse_stuck(walk)
    mean = walk.elimination.solve(np.ones(len(walk.cells)))
    unit = mean.max()  # squares of times may be too large for floating point numbers
    share = mean / unit
    variance = 2 * walk.elimination.solve(share) / unit - share**2
    narrow = variance < NARROW * share**2
    if narrow.any():
        variance[narrow] = walk.elimination.solve(_unevenness(walk, share))[narrow]
    return mean, np.sqrt(variance) * unit


def _unevenness(walk: Walk, values: Array) -> Array:
    """Rate at which the square of `values`, 0 at the end, changes by the moves from each cell."""
    moves = walk.generator.tocoo()
    other = moves.row != moves.col
    sources, targets = moves.col[other], moves.row[other]
    squared = moves.data[other] * (values[targets] - values[sources]) ** 2
    changes: Array = np.bincount(sources, squared, len(values)) + walk.exits.sum(axis=0) * values**2
    return changes


def committor(walk: Walk, number: int) -> Array:
    """Probability that the walk ends in the region of this number, counted from 0, shape (n,).

    Elimination without subtraction: a small relative error in every cell, however unlikely it is. For as many
    digits of the other probability exchange the regions.

    Raises
    ------
    InputError
        If the end cannot be reached from some cells.
    """
    refuse_stuck(walk)
    return walk.elimination.solve(walk.exits[number])


def quasi_stationary(walk: Walk) -> tuple[Array, float]:
    """Law that walkers keep while the walk goes on, masses of shape (n,) with sum 1, and the rate of its end.

    The left Perron vector of the walk, by inverse iteration with elimination without subtraction: law and rate
    have small relative errors. The error shrinks by lambda_1 / lambda_2 an iteration, the ratio of the rate of
    leaving to that of settling within.

    Raises
    ------
    InputError
        If the cells fall into pieces, some cannot be left, or walkers settle no faster than they leave.
    """
    refuse_stuck(walk)
    pieces, _ = connected_components(walk.generator, directed=False)
    require(
        int(pieces) == 1,
        f"the basin must be one piece, got {pieces} that walkers cannot change between; take one of them",
    )
    law, rate = np.full(len(walk.cells), 1 / len(walk.cells)), 0.0
    change = drift = np.inf
    for iteration in range(MOST_ITERATIONS):
        stay = walk.elimination.solve_transposed(law)
        time = stay.sum()
        change, drift = abs(rate * time - 1), np.abs(stay / time - law).sum()
        law, rate = stay / time, 1 / time
        if change <= SETTLED_RATE and drift <= DRIFT_SETTLED * SETTLED_RATE:
            break
        if iteration == MOST_ON_A_LINE and _on_a_line(walk, rate):
            return _symmetrised(walk)
    require(
        bool(change <= SETTLED_RATE and drift <= DRIFT_SETTLED * SETTLED_RATE),
        f"the basin must be left more slowly than walkers settle in it, got a law that still moves by {drift:.2g} "
        f"after {MOST_ITERATIONS} iterations at rate {rate:.3g}; it holds several wells: take one",
    )
    return law, float(rate)


def _on_a_line(walk: Walk, rate: float) -> bool:
    """Whether moves lead both ways to the next cells only, and the rate is seen beside rounding of the moves."""
    moves = walk.generator.tocoo()
    near = bool((np.abs(moves.row - moves.col) <= 1).all()) and rate > SYMMETRY_SHOWS * float(
        np.abs(moves.data).max()
    )
    return near and all(bool((walk.generator.diagonal(k) > 0).all()) for k in (-1, 1))


def _symmetrised(walk: Walk) -> tuple[Array, float]:
    """Law and rate on a line where walkers leave about as fast as they settle, from the symmetric matrix."""
    up, down = walk.generator.diagonal(-1), walk.generator.diagonal(1)
    rates, vectors = eigh_tridiagonal(
        -walk.generator.diagonal(0), -np.sqrt(up * down), select="i", select_range=(0, 0)
    )
    with np.errstate(divide="ignore"):
        logs = np.log(np.abs(vectors[:, 0])) + np.concatenate([[0.0], np.cumsum(np.log(up / down))]) / 2
    law = np.exp(logs - logs.max())
    return law / law.sum(), float(rates[0])


def refuse_stuck(walk: Walk) -> None:
    """Refuse a walk that can never end: one search from the end, backwards along the moves.

    Raises
    ------
    InputError
        If a cell is found from which it never ends.
    """
    states = len(walk.cells)
    moves = walk.generator.tocoo()
    kept = (moves.data > 0) & (moves.row != moves.col)
    ends = np.flatnonzero(walk.exits.sum(axis=0) > 0)
    targets = np.append(moves.row[kept], np.full(len(ends), states))
    sources = np.append(moves.col[kept], ends)
    graph = sparse.csr_array((np.ones(len(sources)), (targets, sources)), shape=(states + 1,) * 2)
    reached = np.zeros(states + 1, dtype=bool)
    reached[breadth_first_order(graph, states, return_predecessors=False)] = True
    stuck = np.flatnonzero(~reached)
    where = ", ".join(map(str, walk.positions[stuck[0]])) if len(stuck) else ""
    require(
        len(stuck) == 0,
        f"the end of the walk must be within reach of every cell, got {len(stuck)} of {states} from where walkers "
        f"never reach it (infinite mean), first cell ({where}); widen the target or leave those cells out",
    )
