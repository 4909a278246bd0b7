"""Elimination without subtraction along a line: right in every state, behind barriers of any height."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from simulate.transition.line import RARE
from theory.base.arrays import Array, Integers
from theory.base.errors import InputError, require
from theory.base.kernels import kernel

MOST_WORK = 2e11  # operations, some minutes
SETTLED = 1e-13  # relative change of a rate and of a law
MOST_ITERATIONS = 2000
DRIFT_SETTLED = 10.0  # times that: change of the law, in sum over its states


class NoWayOut(InputError):
    """Walkers leave the states `closed` by no steps that floating point numbers hold."""

    def __init__(self, message: str = "", closed: Integers | None = None) -> None:
        super().__init__(message)
        self.closed = np.empty(0, dtype=np.int64) if closed is None else closed


@dataclass(frozen=True, eq=False)
class Band:
    """The factors of diag(S) - Q for the moves Q of a chain between neighbours within `reach`, by `eliminate`.

    Row k of `moves` holds the moves from state k to k - reach .. k + reach, as they are when its turn comes;
    `ends` (states,) is what leaves the chain there, `exits` all that leaves k for later states and the outside.
    """

    moves: Array = field(repr=False)
    ends: Array = field(repr=False)
    exits: Array = field(repr=False)

    def stationary(self) -> Array:
        """Logarithms of the law that stays, of any range, shape (states,)."""
        return np.asarray(_log_law(self.moves, self.exits))

    def times(self, source: Array) -> Array:
        """What walkers from each state collect of `source` (states,) before they leave, in the mean."""
        return np.asarray(_solved(self.moves, self.exits, source, False))

    def visits(self, source: Array) -> Array:
        """How long walkers that start with masses `source` (states,) spend in each state."""
        return np.asarray(_solved(self.moves, self.exits, source, True))


def eliminate(columns: sparse.csc_array, ends: Array, *, kept: int = 0) -> Band:
    """The factors of a chain whose states are passed in their order along a line.

    Grassmann, Taksar and Heyman's elimination: a state leaves at the sum of its moves to later states and out of
    the chain. In the order of a line that sum is of the size of a step's chances, however high the barriers behind
    it: no rate between wells is ever formed. `kept` states at the end may have no way on.

    Parameters
    ----------
    columns
        Entry (i, j) >= 0 is the move from j to i; the diagonal is not read.
    ends
        What leaves the chain from each state, shape (states,).

    Raises
    ------
    NoWayOut
        If the states up to some one cannot be left.
    InputError
        If the work is too much.

    References
    ----------
    Grassmann, Taksar & Heyman (1985), "Regenerative analysis and steady state distributions for Markov chains".
    """
    entries = columns.tocoo()
    size = len(ends)
    reach = int(np.abs(entries.row - entries.col).max(initial=1))
    require(
        2.0 * size * reach**2 <= MOST_WORK,
        f"elimination on {size} nodes with moves of up to {reach} is too much work; take fewer cells",
    )
    moves = np.zeros((size, 2 * reach + 1))
    moves[entries.col, entries.row - entries.col + reach] = entries.data
    ends, exits = ends.astype(np.float64), np.zeros(size)
    stuck = _eliminate(moves, ends, exits)
    if 0 <= stuck < size - kept:
        logs = Band(moves[: stuck + 1], ends[: stuck + 1], exits[: stuck + 1]).stationary()
        raise NoWayOut(
            "walkers must be able to leave every place by steps that floating point numbers hold, they cannot; "
            "refine the grid until cells are below the noise of a step",
            np.flatnonzero(logs >= logs.max() + math.log(RARE)),
        )
    return Band(moves, ends, exits)


def folded(size: int) -> Integers:
    """The states of a circle in an order in which neighbours stay near each other: from one point both ways."""
    order = np.empty(size, dtype=np.int64)
    order[0::2], order[1::2] = np.arange((size + 1) // 2), np.arange(size - 1, (size - 1) // 2, -1)
    return order


def stationary_logarithms(columns: sparse.csc_array, periodic: bool) -> tuple[Array, float]:
    """Logarithms of the stationary masses of an irreducible chain along a line or a circle, of any range.

    The mean of both directions: what rounding does to one it undoes in the other where the chain is symmetric. The
    second number is how far they are apart, in total variation.

    Raises
    ------
    NoWayOut
        If some of its states are left by moves only that are too rare for numbers.
    InputError
        If the work is too much.
    """
    size = columns.shape[0]
    logs, both = np.zeros(size), []
    forth = folded(size) if periodic else np.arange(size)
    for order in (forth, (-forth) % size if periodic else forth[::-1]):
        try:
            found = eliminate(columns[:, order].tocsr()[order].tocsc(), np.zeros(size), kept=1).stationary()
        except NoWayOut as refusal:
            raise NoWayOut(str(refusal), order[refusal.closed]) from refusal
        logs[order] += (found - found.max()) / 2
        law = np.empty(size)
        law[order] = np.exp(found - found.max())
        both.append(law / law.sum())
    return np.asarray(logs - logs.max()), float(np.abs(both[0] - both[1]).sum() / 2)


def all_lead_to(columns: sparse.csc_array, closed: Integers, periodic: bool) -> bool:
    """Whether walkers come to the states `closed` from everywhere, in a time that floating point numbers hold.

    They leave them at a rate that is none, so that what is elsewhere has no part in the law.
    """
    order = folded(columns.shape[0]) if periodic else np.arange(columns.shape[0])
    order = order[~np.isin(order, closed)]
    into = np.asarray(columns.tocsr()[closed].sum(axis=0), dtype=np.float64).ravel()
    try:
        band = eliminate(columns[:, order].tocsr()[order].tocsc(), into[order])
    except NoWayOut:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return bool((band.times(np.ones(len(order))) <= 1 / RARE).all())


def settling_steps(columns: sparse.csc_array, law: Array, periodic: bool) -> float:
    """The mean number of steps to the likeliest node from where that takes longest: inf beyond numbers."""
    size, root = columns.shape[0], int(law.argmax())
    if size == 1:
        return 0.0
    order = folded(size) if periodic else np.arange(size)
    order = order[order != root]
    toward = np.asarray(columns[[root]].toarray()).ravel()[order]
    try:
        band = eliminate(columns[:, order].tocsr()[order].tocsc(), toward)
    except InputError:
        return np.inf
    time = float(band.times(np.ones(size - 1)).max())
    return np.inf if np.isnan(time) else time


def slowest_law(columns: sparse.csc_array, leaving: Array, periodic: bool) -> tuple[Array, float]:
    """The law that walkers keep while they stay, and the mass it loses in a step, by inverse iteration.

    Nothing is subtracted: the rate is right in relative terms down to the smallest number.

    Raises
    ------
    InputError
        If some place cannot be left, or walkers settle no faster than they leave.
    """
    size = len(leaving)
    order = folded(size) if periodic else np.arange(size)
    band = eliminate(columns[:, order].tocsr()[order].tocsc(), leaving[order])
    law, rate = np.full(size, 1 / size), 0.0
    for _ in range(MOST_ITERATIONS):
        stay = band.visits(law)
        time = stay.sum()
        require(bool(np.isfinite(time)), "the rate of leaving the basin is below the smallest number; add noise")
        change, drift = abs(rate * time - 1), float(np.abs(stay / time - law).sum())
        law, rate = stay / time, float(1 / time)
        if change <= SETTLED and drift <= SETTLED * DRIFT_SETTLED:
            break
    else:
        raise InputError(
            f"walkers must settle in the basin faster than they leave it, the rate {rate:.3g} or its law still "
            f"moves by {drift:.2g} after {MOST_ITERATIONS} iterations; the basin holds several wells, take one"
        )
    masses = np.empty(size)
    masses[order] = law
    return masses, rate


@kernel
def _eliminate(moves: Array, ends: Array, exits: Array) -> int:
    """Eliminate in place; the first state that cannot be left, or -1."""
    size, reach = len(moves), moves.shape[1] // 2
    for k in range(size):
        last = min(reach, size - 1 - k)
        total = ends[k]
        for j in range(1, last + 1):
            total += moves[k, reach + j]
        exits[k] = total
        if not total > 0.0:
            return k
        for i in range(1, last + 1):
            share = moves[k + i, reach - i] / total
            if share > 0.0:
                ends[k + i] += share * ends[k]
                row = moves[k + i]
                for j in range(1, last + 1):
                    row[reach + j - i] += share * moves[k, reach + j]
    return -1


@kernel
def _log_law(moves: Array, exits: Array) -> Array:
    size, reach = len(moves), moves.shape[1] // 2
    logs = np.full(size, -np.inf)
    logs[size - 1] = 0.0
    for k in range(size - 2, -1, -1):
        last = min(reach, size - 1 - k)
        best, total = -np.inf, 0.0
        for i in range(1, last + 1):
            if moves[k + i, reach - i] > 0.0:
                best = max(best, logs[k + i] + math.log(moves[k + i, reach - i]))
        if best == -np.inf:
            continue
        for i in range(1, last + 1):
            if moves[k + i, reach - i] > 0.0:
                total += moves[k + i, reach - i] * math.exp(logs[k + i] - best)
        logs[k] = best + math.log(total) - math.log(exits[k])
    return logs


@kernel(inline="always")
def _between(moves: Array, k: int, j: int, upward: bool) -> float:
    """The move from state k to k + j, or the other way."""
    reach = moves.shape[1] // 2
    return float(moves[k, reach + j] if upward else moves[k + j, reach - j])


@kernel
def _solved(moves: Array, exits: Array, source: Array, upward: bool) -> Array:
    """What `source` becomes that goes up by the moves which lead `upward`, or against the others, and back."""
    size, reach = len(moves), moves.shape[1] // 2
    values = source.copy()
    for k in range(size):
        share = values[k] / exits[k]
        for j in range(1, min(reach, size - 1 - k) + 1):
            values[k + j] += _between(moves, k, j, upward) * share
    for k in range(size - 1, -1, -1):
        total = values[k]
        for j in range(1, min(reach, size - 1 - k) + 1):
            total += _between(moves, k, j, not upward) * values[k + j]
        values[k] = total / exits[k]
    return values
