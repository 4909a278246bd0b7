"""Dense fronts of an elimination without subtraction."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from scipy import sparse

from theory.arrays import Array, Integers

PANEL = 32  # states eliminated between two matrix products

Rows = tuple[Integers, Integers, Array]  # of a sparse matrix: ends of the rows, columns, values


@dataclass(frozen=True, eq=False)
class Fronts:
    """The states in groups that are eliminated together, each with its later neighbours: the `boundary`.

    Group f owns the states ends[f]..ends[f + 1] and the entries borders[f]..borders[f + 1] of `boundary`. Its
    weights are a matrix of a row for each own state and a column for each own and boundary one; row k is read
    beyond column k only. The matrices follow each other in one flat array.
    """

    ends: Integers
    borders: Integers
    boundary: Integers
    exits: Array  # the rates S_k at which states leave when their turn comes
    leaving: Array  # q_kj / S_k
    entering: Array  # q_ik / S_k

    def collect(self, values: Array, weights: Array) -> None:
        """Pass the `values`, shape (columns, states), of each state on to later ones, in place."""
        _collect(values, self.ends, self.borders, self.boundary, weights)

    def spread(self, values: Array, weights: Array, floor: float = -np.inf, ceiling: float = np.inf) -> None:
        """Solve for the `values` of each state, given the later ones, in place, from the last to the first.

        None falls below `floor`; whenever one exceeds `ceiling`, its whole row is scaled down.
        """
        _spread(values, self.ends, self.borders, self.boundary, weights, self.exits, floor, ceiling)


def compressed(rows: Integers, columns: Integers, values: Array, states: int) -> Rows:
    """The rows of the square matrix with these entries."""
    matrix = sparse.csr_array((values, (rows, columns)), shape=(states, states))
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data


def factorise(leaving: Rows, coming: Rows, absorption: Array, owner: Integers) -> Fronts | None:
    """The fronts of a chain whose states stand in the order of their elimination; None where one cannot leave.

    Parameters
    ----------
    leaving, coming
        Rates out of and into each state.
    absorption
        Rate at which each state leaves the chain, shape (states,).
    owner
        Node of the dissection that owns each state, in descending order.
    """
    stops, borders, boundaries, rates, away, toward = [0], [0], [], [], [], []
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
        own, size = stop - start, stop - start + len(boundary)
        place[start:stop] = np.arange(own)
        place[boundary] = own + np.arange(len(boundary))
        front = np.zeros((size, size + 1))  # the last column leads out of the chain
        front[:own, size] = absorption[start:stop]
        _assemble(front, place, start, stop, *leaving, False)
        _assemble(front, place, start, stop, *coming, True)
        for cells, update in children:
            _extend(front, place[cells], update)
        exits = np.empty(own)
        if not _eliminate(front, exits):
            return None
        if own:
            stops.append(stop)
            borders.append(borders[-1] + len(boundary))
            boundaries.append(boundary)
            rates.append(exits)
            away.append((front[:own, :size] / exits[:, None]).ravel())
            toward.append(front[:, :own].T.ravel())
        if len(boundary):
            updates[node] = boundary, front[own:, own:].copy()
    joined = [np.concatenate(parts) for parts in (rates, away, toward)]
    return Fronts(np.array(stops), np.array(borders), np.concatenate(boundaries), *joined)


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
    """Add the `update` of a child to the entries of `front` at `place`, and to the way out."""
    size = len(place)
    for i in range(size):
        for j in range(size):
            front[place[i], place[j]] += update[i, j]
        front[place[i], -1] += update[i, size]


@numba.njit(cache=True, nogil=True)
def _eliminate(front: Array, exits: Array) -> bool:
    """Eliminate the first states in place, as many as `exits` holds; False where one cannot leave."""
    size, own = len(front), len(exits)
    for first in range(0, own, PANEL):
        last = min(first + PANEL, own)
        for k in range(first, last):
            pivot = 0.0
            for j in range(k + 1, size + 1):
                pivot += front[k, j]
            if not (0.0 < pivot < np.inf):
                return False
            exits[k] = pivot
            for i in range(k + 1, size):
                front[i, k] /= pivot
                stop = size + 1 if i < last else last
                for j in range(k + 1, stop):
                    front[i, j] += front[i, k] * front[k, j]
        if last < size:
            columns = np.ascontiguousarray(front[last:, first:last])
            rows = np.ascontiguousarray(front[first:last, last:])
            front[last:, last:] += np.dot(columns, rows)
    return True


@numba.njit(cache=True, nogil=True)
def _collect(values: Array, ends: Integers, borders: Integers, boundary: Integers, weights: Array) -> None:
    row = 0
    for front in range(len(ends) - 1):
        start, stop = ends[front], ends[front + 1]
        later = boundary[borders[front] : borders[front + 1]]
        own, size = stop - start, stop - start + len(later)
        for column in values:
            near = np.concatenate((column[start:stop], column[later]))
            for k in range(own):
                for i in range(k + 1, size):
                    near[i] += weights[row + k * size + i] * near[k]
            column[start:stop] = near[:own]
            column[later] = near[own:]
        row += own * size


@numba.njit(cache=True, nogil=True)
def _spread(
    values: Array,
    ends: Integers,
    borders: Integers,
    boundary: Integers,
    weights: Array,
    exits: Array,
    floor: float,
    ceiling: float,
) -> None:
    row = len(weights)
    for front in range(len(ends) - 2, -1, -1):
        start, stop = ends[front], ends[front + 1]
        later = boundary[borders[front] : borders[front + 1]]
        own, size = stop - start, stop - start + len(later)
        row -= own * size
        for column in values:
            near = np.concatenate((column[start:stop], column[later]))
            for k in range(own - 1, -1, -1):
                total = near[k] / exits[start + k]
                for i in range(k + 1, size):
                    total += weights[row + k * size + i] * near[i]
                near[k] = max(total, floor)
            column[start:stop] = near[:own]
            top = near[:own].max()
            if top > ceiling:
                column *= 1 / top
