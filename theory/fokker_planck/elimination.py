"""The stationary vector of an irreducible Markov chain on a lattice, right in every entry."""

from __future__ import annotations

import numba
import numpy as np
from scipy import sparse

from theory.arrays import Array, Integers
from theory.errors import require
from theory.fokker_planck.laws import NoStationaryDensity

LEAF = 40  # cells that are not worth dissecting
PANEL = 32  # states eliminated between two matrix products
FLOOR = 1e-290  # stands in for what may have underflowed
LARGEST_UNSEEN = 1e-200

Rows = tuple[Integers, Integers, Array]  # of a sparse matrix: ends of the rows, columns, values


def stationary_vector(generator: sparse.csc_array, positions: Integers) -> Array:
    """Stationary probabilities of an irreducible chain, each with a small relative error, summing to 1.

    Grassmann-Taksar-Heyman elimination: the pivot of a state is the sum of its rates to the remaining states,
    so that nothing is ever subtracted and no cancellation can occur, whatever the range of the answer. Diagonals
    are not read. The order is a nested dissection of the lattice, the work is done in dense fronts: with n^2
    cells of a plane n^3 operations and n^2 log n memory.

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

    References
    ----------
    Grassmann, Taksar & Heyman (1985), "Regenerative analysis and steady state distributions for Markov chains".
    George (1973), "Nested dissection of a regular finite element mesh".
    """
    states = generator.shape[0]
    require(
        generator.shape == (states, states) and positions.ndim == 2 and len(positions) == states,
        f"a chain needs a square matrix and a position for each state, got shapes {generator.shape} "
        f"and {positions.shape}",
    )
    rates = generator.tocoo()
    off = (rates.row != rates.col) & (rates.data != 0)
    targets, sources, values = rates.row[off], rates.col[off], rates.data[off]
    require(
        bool((values >= 0).all() and (values < np.inf).all()),
        f"rates must be finite and not negative, got one of {values.min() if values.size else 0:.3g}",
    )
    root = _low_state(_rows(sources, targets, values, states))
    owner = _dissect(np.asarray(positions, dtype=np.int64), sources, targets, root)
    order = np.lexsort((np.arange(states) == root, -owner))  # children before parents, the root last
    rank = np.empty(states, dtype=np.int64)
    rank[order] = np.arange(states)
    leaving = _rows(rank[sources], rank[targets], values, states)
    coming = _rows(rank[targets], rank[sources], values, states)
    fronts = _eliminate_all(leaving, coming, owner[order])
    result = np.empty(states)
    result[order] = _substitute(fronts, states)
    return result


def _low_state(leaving: Rows) -> int:
    """The state where most end up that always take their fastest way out: the bottom of a well, near enough.

    Eliminated last and given the value 1, it keeps the others within the range of floating point numbers.
    """
    ends, columns, rates = leaving
    best = np.arange(len(ends) - 1)
    if len(rates):  # then every state has a way out
        fastest = np.repeat(np.maximum.reduceat(rates, ends[:-1]), np.diff(ends)) == rates
        best[np.repeat(best, np.diff(ends))[fastest]] = columns[fastest]
    for _ in range(len(best).bit_length()):
        best = best[best]
    return int(np.bincount(best).argmax())


def _dissect(positions: Integers, sources: Integers, targets: Integers, root: int) -> Integers:
    """The front that owns each state: nodes of a binary tree, the children of p being 2p + 1 and 2p + 2.

    Each level cuts every part in the middle of its longest axis; the states on one side that have an edge to
    the other are the separator and stay with the parent. Reach and periodic axes need no special care.
    """
    states, dim = positions.shape
    owner = np.full(states, -1, dtype=np.int64)
    owner[root] = 0
    part = np.zeros(states, dtype=np.int64)
    low = positions.min(axis=0)[None]
    high = positions.max(axis=0)[None] + 1
    gap = np.abs(positions[sources] - positions[targets])
    gap = np.minimum(gap, (high - low) - gap)  # of edges that wrap
    reach = np.maximum(gap.mean(axis=0), 1e-3) if len(gap) else np.ones(dim)
    sources, targets = np.concatenate([sources, targets]), np.concatenate([targets, sources])
    inner = (sources != root) & (targets != root)
    sources, targets = sources[inner], targets[inner]
    for level in range(int(np.ceil(np.log2(max(1.0, states / LEAF))))):
        rows = np.arange(len(low))
        axis = np.argmax((high - low - 1) / reach, axis=1)
        middle = (low[rows, axis] + high[rows, axis]) // 2
        local = part - (2**level - 1)
        right = np.take_along_axis(positions, axis[local][:, None], axis=1)[:, 0] >= middle[local]
        cut = ~right[sources] & right[targets]
        owner[sources[cut]] = part[sources[cut]]
        part = 2 * part + 1 + right
        inner = (part[sources] == part[targets]) & (owner[sources] < 0) & (owner[targets] < 0)
        sources, targets = sources[inner], targets[inner]
        low, high = np.repeat(low, 2, axis=0), np.repeat(high, 2, axis=0)
        high[2 * rows, axis] = middle
        low[2 * rows + 1, axis] = middle
    return np.where(owner < 0, part, owner)


Front = tuple[int, int, Integers, Array]  # own states start..stop, boundary, rows of weights


def _rows(rows: Integers, columns: Integers, values: Array, states: int) -> Rows:
    matrix = sparse.csr_array((values, (rows, columns)), shape=(states, states))
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data


def _eliminate_all(leaving: Rows, coming: Rows, owner: Integers) -> list[Front]:
    """Eliminate front by front; the weights of state k on later states i are Q_ik / S_k."""
    fronts: list[Front] = []
    place = np.full(len(owner), -1, dtype=np.int64)
    updates: dict[int, tuple[Integers, Array]] = {}
    last = int(owner.max())
    starts = len(owner) - np.searchsorted(owner[::-1], np.arange(last + 2))  # owners descend
    for node in range(last, -1, -1):
        start, stop = int(starts[node + 1]), int(starts[node])
        children = [updates.pop(child) for child in (2 * node + 1, 2 * node + 2) if child in updates]
        near = [columns[ends[start] : ends[stop]] for ends, columns, _ in (leaving, coming)]
        seen = np.unique(np.concatenate(near + [cells for cells, _ in children]))
        boundary = seen[seen >= stop]
        own = stop - start
        place[start:stop] = np.arange(own)
        place[boundary] = own + np.arange(len(boundary))
        front = np.zeros((own + len(boundary),) * 2)
        _assemble(front, place, start, stop, *leaving, False)
        _assemble(front, place, start, stop, *coming, True)
        for cells, update in children:
            _extend(front, place[cells], update)
        if not _eliminate(front, own):
            raise NoStationaryDensity(
                "a rate between wells is below the smallest floating point number: barriers must stay under "
                "about 600 temperatures; raise the temperature or shrink the grid"
            )
        if own:
            fronts.append((start, stop, boundary, np.ascontiguousarray(front[:, :own].T)))
        if len(boundary):
            updates[node] = boundary, front[own:, own:].copy()
    return fronts


def _substitute(fronts: list[Front], states: int) -> Array:
    """Stationary probabilities pi_k = sum_i pi_i Q_ik / S_k, from the last eliminated state to the first.

    Done again with a floor under every value: where that shows, an underflow decided the answer.
    """
    results: list[Array] = []
    for floor in (0.0, FLOOR):
        values = np.zeros(states)
        for start, stop, boundary, weights in reversed(fronts):
            _back(values[start:stop], values[boundary], weights, floor)
            top = values[start:stop].max()
            if top > 1e100:
                values *= 1 / top
        results.append(values / values.sum())
    plain, floored = results[0], results[1]
    hidden = floored[np.abs(floored - plain) > 1e-9 * floored]
    if not (np.isfinite(plain).all() and (hidden < LARGEST_UNSEEN).all()):
        raise NoStationaryDensity(
            "probabilities below the smallest floating point number decide the weights of the wells: barriers "
            "must stay under about 600 temperatures; raise the temperature or shrink the grid"
        )
    return plain


@numba.njit(cache=True, nogil=True)
def _assemble(
    front: Array,
    place: Integers,
    start: int,
    stop: int,
    ends: Integers,
    columns: Integers,
    rates: Array,
    transpose: bool,
) -> None:
    """Add the rates from own states to later ones, or (`transpose`) from boundary states to own ones."""
    for k in range(start, stop):
        for entry in range(ends[k], ends[k + 1]):
            other = columns[entry]
            if transpose:
                if other >= stop:
                    front[place[other], k - start] += rates[entry]
            elif other >= start:
                front[k - start, place[other]] += rates[entry]


@numba.njit(cache=True, nogil=True)
def _extend(front: Array, place: Integers, update: Array) -> None:
    """Add the `update` of a child to the entries of `front` at `place`."""
    for i in range(len(place)):
        for j in range(len(place)):
            front[place[i], place[j]] += update[i, j]


@numba.njit(cache=True, nogil=True)
def _eliminate(front: Array, own: int) -> bool:
    """Eliminate the first `own` states in place; False where a state cannot leave."""
    size = len(front)
    for first in range(0, own, PANEL):
        last = min(first + PANEL, own)
        for k in range(first, last):
            pivot = 0.0
            for j in range(k + 1, size):
                pivot += front[k, j]
            if k + 1 < size and not (0.0 < pivot < np.inf):
                return False
            for i in range(k + 1, size):
                front[i, k] /= pivot
                stop = size if i < last else last
                for j in range(k + 1, stop):
                    front[i, j] += front[i, k] * front[k, j]
        if last < size:
            columns = np.ascontiguousarray(front[last:, first:last])
            rows = np.ascontiguousarray(front[first:last, last:])
            front[last:, last:] += np.dot(columns, rows)
    return True


@numba.njit(cache=True, nogil=True)
def _back(own: Array, boundary: Array, weights: Array, floor: float) -> None:
    """Fill the values of a front's `own` states, given those of its `boundary`; the root starts from 1."""
    count = len(own)
    for k in range(count - 1, -1, -1):
        total = 0.0
        for i in range(k + 1, count):
            total += own[i] * weights[k, i]
        for i in range(len(boundary)):
            total += boundary[i] * weights[k, count + i]
        if k == count - 1 and len(boundary) == 0:
            total = 1.0
        own[k] = max(total, floor)
