"""Elimination without subtraction of a Markov chain on a lattice: right in every entry."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Integers
from theory.base.errors import InputError, require
from theory.base.showing import told
from theory.laws import NoStationaryDensity
from theory.markov.elimination.dissection import dissect
from theory.markov.elimination.fronts import Fronts, compressed, factorise

FLOOR = 1e-290  # stands in for what may have underflowed
LARGEST_UNSEEN = 1e-200  # a probability that rounding to zero may change: no sum of a law sees it
CEILING = 1e100  # above which values are scaled down, lest they overflow
FLOOR_SHOWS = 1e-9  # relative change by which a floor shows


class RangeExceeded(InputError):
    """Barriers so high that floating point numbers cannot hold the rates or times over them."""


@dataclass(frozen=True, eq=False)
class Elimination:
    """The factors of A = diag(S) - Q for a chain with rates Q_ij and absorption k_i, S_i = sum_j Q_ij + k_i.

    Made by `eliminate`. Both solves take sources of shape (states,) or (states, columns). Nothing is subtracted,
    so for sources >= 0 every entry of the answer has a small relative error, whatever the range of the rates; a
    source of both signs has the errors of the answer for its absolute value.
    """

    order: Integers = field(repr=False)  # the states as they are eliminated
    fronts: Fronts = field(repr=False)

    def __repr__(self) -> str:
        return told("Elimination", states=len(self.order))

    def solve(self, source: Array) -> Array:
        """Backward: u with sum_j Q_ij (u_i - u_j) + k_i u_i = source_i, the mean of what a path collects.

        `source` has shape (states,) or (states, columns).

        Raises
        ------
        RangeExceeded
            If the answer is beyond floating point numbers.
        """
        return self._sweep(source, self.fronts.entering, self.fronts.leaving)

    def solve_transposed(self, source: Array) -> Array:
        """Forward: p with S_j p_j - sum_i p_i Q_ij = source_j, the time spent in j by walkers started from it.

        `source` has shape (states,) or (states, columns).

        Raises
        ------
        RangeExceeded
            If the answer is beyond floating point numbers.
        """
        return self._sweep(source, self.fronts.leaving, self.fronts.entering)

    def _sweep(self, source: Array, first: Array, second: Array) -> Array:
        values = np.array(source[self.order].reshape(len(self.order), -1).T, dtype=np.float64, order="C")
        self.fronts.collect(values, first)
        self.fronts.spread(values, second)
        if not np.isfinite(values).all():
            raise RangeExceeded(
                "mean times are above the largest floating point number: barriers must stay under about 600 "
                "temperatures, 300 for variances; raise the temperature"
            )
        result = np.empty(values.shape[::-1])
        result[self.order] = values.T
        return result.reshape(source.shape)


def eliminate(generator: sparse.csc_array, positions: Integers, absorption: Array) -> Elimination:
    """The factors of a chain from every state of which walkers end up absorbed.

    Grassmann-Taksar-Heyman elimination: the pivot of a state is the sum of its rates to the remaining states and
    out of the chain, carried in a column of its own, so that nothing is ever subtracted. The order is a nested
    dissection of the lattice, the work is done in dense fronts: with n^2 cells of a plane n^3 operations and
    n^2 log n memory.

    Parameters
    ----------
    generator
        Entry (i, j) is the rate from j to i; diagonals are not read.
    positions
        Lattice index of each state, shape (states, d); guides the dissection only.
    absorption
        Rate >= 0 from each state out of the chain, shape (states,).

    Raises
    ------
    InputError
        If shapes differ or a rate is negative or not finite.
    RangeExceeded
        If a state cannot be left: the way out is missing or below the range of floating point numbers.

    References
    ----------
    Grassmann, Taksar & Heyman (1985), "Regenerative analysis and steady state distributions for Markov chains".
    """
    targets, sources, values = _moves(generator, positions)
    states = len(positions)
    absorption = np.asarray(absorption, dtype=np.float64)
    require(
        absorption.shape == (states,) and bool((absorption >= 0).all() and (absorption < np.inf).all()),
        f"`absorption` must be a finite rate >= 0 for each of {states} states, got shape {absorption.shape} and "
        f"least value {absorption.min(initial=np.inf):.3g}",
    )
    order, fronts = _factors(targets, sources, values, positions, absorption)
    return Elimination(order, fronts)


def stationary_vector(generator: sparse.csc_array, positions: Integers) -> Array:
    """Stationary probabilities of an irreducible chain, each with a small relative error, summing to 1.

    The times spent in each state between two visits to one of them, by the elimination of `eliminate`.

    Parameters
    ----------
    generator
        Rate matrix with columns that sum to 0: entry (i, j) is the rate from j to i. Must be irreducible.
    positions
        Lattice index of each state, shape (states, d); guides the dissection only.

    Raises
    ------
    InputError
        If shapes differ or a rate is negative or not finite.
    NoStationaryDensity
        If a rate between wells falls below the range of floating point numbers (about 600 temperatures).
    """
    targets, sources, values = _moves(generator, positions)
    states = len(positions)
    if states == 1:
        return np.ones(1)
    root = _low_state(targets, sources, values, states)
    try:
        order, fronts = _factors(targets, sources, values, positions, np.zeros(states), root)
    except RangeExceeded as error:
        raise NoStationaryDensity(str(error)) from error
    law = np.empty(states)
    law[order] = _visits(fronts, states)
    return law


def _factors(
    targets: Integers,
    sources: Integers,
    values: Array,
    positions: Integers,
    absorption: Array,
    root: int | None = None,
) -> tuple[Integers, Fronts]:
    """The states in the order of elimination, and their fronts; a `root` is kept, with forward weights alone."""
    states = len(positions)
    owner = dissect(np.asarray(positions, dtype=np.int64), sources, targets)
    if root is not None:
        owner[root] = -1
    order = np.argsort(-owner, kind="stable")  # children before parents
    rank = np.empty(states, dtype=np.int64)
    rank[order] = np.arange(states)
    fronts = factorise(
        compressed(rank[sources], rank[targets], values, states),
        compressed(rank[targets], rank[sources], values, states),
        absorption[order],
        owner[order] if root is None else owner[order[:-1]],
        keep_leaving=root is None,
    )
    if fronts is None:
        raise RangeExceeded(
            "a rate between wells is below the smallest floating point number: barriers must stay under about 600 "
            "temperatures; raise the temperature or shrink the grid"
        )
    return order, fronts


def _visits(fronts: Fronts, states: int) -> Array:
    """Probabilities in the order of elimination: the times spent in each state between two visits to the last.

    Done again with a floor under every value where one may have underflowed: if that shows, an underflow decided
    the answer.
    """

    def visits(floor: float) -> Array:
        values = np.zeros((1, states))
        values[0, -1] = 1
        fronts.spread(values, fronts.entering, floor, CEILING)
        return np.asarray(values[0])

    raw = visits(0.0)
    plain = raw / raw.sum()
    hidden = np.empty(0)
    if not raw.min() > FLOOR:
        floored = visits(FLOOR)
        floored /= floored.sum()
        hidden = floored[np.abs(floored - plain) > FLOOR_SHOWS * floored]
    if not (np.isfinite(plain).all() and (hidden < LARGEST_UNSEEN).all()):
        raise NoStationaryDensity(
            "probabilities below the smallest floating point number decide the weights of the wells: barriers "
            "must stay under about 600 temperatures; raise the temperature or shrink the grid"
        )
    return np.asarray(plain)


def _moves(generator: sparse.csc_array, positions: Integers) -> tuple[Integers, Integers, Array]:
    """Targets, sources and rates of the moves, after the checks of shapes and signs."""
    states = generator.shape[0]
    require(
        generator.shape == (states, states) and positions.ndim == 2 and len(positions) == states > 0,
        f"a chain needs a square matrix and a position for each state, got shapes {generator.shape} "
        f"and {positions.shape}",
    )
    rates = generator.tocoo()
    off = (rates.row != rates.col) & (rates.data != 0)
    values = rates.data[off]
    require(
        bool((values >= 0).all() and (values < np.inf).all()),
        f"rates must be finite and not negative, got one of {values.min() if values.size else 0:.3g}",
    )
    return rates.row[off].astype(np.int64), rates.col[off].astype(np.int64), values


def _low_state(targets: Integers, sources: Integers, values: Array, states: int) -> int:
    """The state where most end up that always take their fastest way out: the bottom of a well, near enough.

    Eliminated last and given the value 1, it keeps the others within the range of floating point numbers.
    """
    ends, columns, rates = compressed(sources, targets, values, states)
    best = np.arange(states)
    if len(rates):  # then every state has a way out
        fastest = np.repeat(np.maximum.reduceat(rates, ends[:-1]), np.diff(ends)) == rates
        best[np.repeat(best, np.diff(ends))[fastest]] = columns[fastest]
    for _ in range(states.bit_length()):
        best = best[best]
    return int(np.bincount(best).argmax())
