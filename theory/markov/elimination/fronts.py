"""Dense fronts of an elimination without subtraction; entry by entry, as slices take numba seconds to compile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel

PANEL = 32  # states eliminated between two matrix products
CHUNK = 128  # rows of a product, so that it stays in the cache

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
    leaving: Array  # q_kj / S_k; empty where it was not kept
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


def factorise(
    leaving: Rows, coming: Rows, absorption: Array, owner: Integers, *, keep_leaving: bool = True
) -> Fronts | None:
    """The fronts of a chain whose states stand in the order of their elimination; None where one cannot leave.

    Parameters
    ----------
    leaving, coming
        Rates out of and into each state.
    absorption
        Rate at which each state leaves the chain, shape (states,).
    owner
        Node of the dissection that owns each state, in descending order; states beyond its end are kept.
    keep_leaving
        Whether the weights of a backward solve are kept.
    """
    nodes = int(owner.max()) + 1
    starts = len(owner) - np.searchsorted(owner[::-1], np.arange(nodes + 1))  # owners descend
    borders, boundary = _boundaries(starts, len(leaving[0]) - 1, *leaving[:2], *coming[:2])
    own, outer = starts[:-1] - starts[1:], borders[:-1] - borders[1:]
    level = np.frexp(np.arange(1.0, nodes + 1))[1] - 1  # of node k: the largest l with 2**l <= k + 1
    room = int(np.bincount(level, outer * (outer + 1)).max())
    weights = int((own * (own + outer)).sum())
    exits, entering = np.empty(len(owner)), np.empty(weights)
    away = np.empty(weights if keep_leaving else 0)
    size = int((own + outer).max())
    if not _factorise(
        starts,
        borders,
        boundary,
        leaving,
        coming,
        absorption,
        np.empty(size * (size + 1)),
        np.empty((2, room)),
        exits,
        away,
        entering,
    ):
        return None
    return Fronts(starts[::-1].copy(), borders[::-1].copy(), boundary, exits, away, entering)


@kernel(error_model="python")
def _boundaries(
    starts: Integers,
    states: int,
    leaving_ends: Integers,
    leaving: Integers,
    coming_ends: Integers,
    coming: Integers,
) -> tuple[Integers, Integers]:
    """The later neighbours of each node and its descendants, ascending; those of node f end at borders[f]."""
    nodes = len(starts) - 1
    borders = np.zeros(nodes + 1, dtype=np.int64)
    boundary = np.empty(4 * states, dtype=np.int64)
    seen = np.full(states, -1, dtype=np.int64)
    found = np.empty(states, dtype=np.int64)
    for node in range(nodes - 1, -1, -1):
        start, stop = starts[node + 1], starts[node]
        count = 0
        for entry in range(leaving_ends[start], leaving_ends[stop]):
            other = leaving[entry]
            if other >= stop and seen[other] != node:
                seen[other] = node
                found[count] = other
                count += 1
        for entry in range(coming_ends[start], coming_ends[stop]):
            other = coming[entry]
            if other >= stop and seen[other] != node:
                seen[other] = node
                found[count] = other
                count += 1
        for child in range(2 * node + 1, min(2 * node + 3, nodes)):
            for entry in range(borders[child + 1], borders[child]):
                other = boundary[entry]
                if other >= stop and seen[other] != node:
                    seen[other] = node
                    found[count] = other
                    count += 1
        first = borders[node + 1]
        if first + count > len(boundary):
            boundary = np.concatenate((boundary, np.empty(len(boundary) + count, dtype=np.int64)))
        for k, other in enumerate(np.sort(found[:count])):
            boundary[first + k] = other
        borders[node] = first + count
    return borders, boundary[: borders[0]].copy()


@kernel(error_model="python")
def _factorise(
    starts: Integers,
    borders: Integers,
    boundary: Integers,
    leaving: Rows,
    coming: Rows,
    absorption: Array,
    work: Array,
    updates: Array,
    exits: Array,
    away: Array,
    toward: Array,
) -> bool:
    """Fill `exits`, `away` and `toward`; the updates of a level of nodes wait in one row of `updates`."""
    (leaving_ends, targets, leaving_rates), (coming_ends, sources, coming_rates) = leaving, coming
    nodes = len(starts) - 1
    place = np.empty(len(leaving_ends) - 1, dtype=np.int64)
    waiting = np.zeros(nodes, dtype=np.int64)
    row, level, offset = 0, 0, 0
    for node in range(nodes - 1, -1, -1):
        start, stop = starts[node + 1], starts[node]
        later = boundary[borders[node + 1] : borders[node]]
        own, size = stop - start, stop - start + len(later)
        for k in range(size):
            place[start + k if k < own else later[k - own]] = k
        front = work[: size * (size + 1)].reshape(size, size + 1)  # the last column leads out of the chain
        front[:] = 0
        for k in range(start, stop):
            front[k - start, size] = absorption[k]
            for entry in range(leaving_ends[k], leaving_ends[k + 1]):
                if targets[entry] >= start:
                    front[k - start, place[targets[entry]]] += leaving_rates[entry]
            for entry in range(coming_ends[k], coming_ends[k + 1]):
                if sources[entry] >= stop:
                    front[place[sources[entry]], k - start] += coming_rates[entry]
        for child in range(2 * node + 1, min(2 * node + 3, nodes)):
            cells = place[boundary[borders[child + 1] : borders[child]]]
            _extend(front, cells, updates[1 - level, waiting[child] :])
        if not _eliminate(front, exits[start:stop]):
            return False
        for k in range(own):
            if len(away):
                for i in range(size):
                    away[row + k * size + i] = front[k, i] / exits[start + k]
        for low in range(0, size, CHUNK):  # in blocks, as columns are far apart
            for k in range(own):
                for i in range(low, min(low + CHUNK, size)):
                    toward[row + k * size + i] = front[i, k]
        row += own * size
        waiting[node] = offset
        for i in range(own, size):
            for j in range(own, size + 1):
                updates[level, offset + j - own] = front[i, j]
            offset += size + 1 - own
        if node & (node + 1) == 0:  # the first of its level
            level, offset = 1 - level, 0
    return True


@kernel(error_model="python")
def _extend(front: Array, place: Integers, update: Array) -> None:
    """Add the `update` of a child to the entries of `front` at `place`, and to the way out."""
    size, entry = len(place), 0
    for i in range(size):
        target = front[place[i]]
        for j in range(size):
            target[place[j]] += update[entry + j]
        target[-1] += update[entry + size]
        entry += size + 1


@kernel(error_model="python")
def _eliminate(front: Array, exits: Array) -> bool:
    """Eliminate the first states in place, as many as `exits` holds; False where one cannot leave.

    A panel of rows at a time; what the rows below pass on to later states is then a product of matrices, whose
    entries are sums of what is not negative.
    """
    size, own = len(front), len(exits)
    product = np.empty((min(CHUNK, size), size + 1))
    for first in range(0, own, PANEL):
        last = min(first + PANEL, own)
        passed = np.eye(last - first)  # to the states of the panel from a unit on one of them
        for k in range(first, last):
            pivot = front[k, k + 1 :].sum()
            if not (0.0 < pivot < np.inf):
                return False
            exits[k] = pivot
            for i in range(k + 1, last):
                front[i, k] /= pivot
                share = front[i, k]
                for j in range(k + 1, size + 1):
                    front[i, j] += share * front[k, j]
            for i in range(k - first + 1):
                passed[i, k - first] /= pivot
                share = passed[i, k - first]
                for j in range(k + 1, last):
                    passed[i, j - first] += share * front[k, j]
        if last == size:
            break
        rows = np.ascontiguousarray(front[first:last, last:])
        for low in range(last, size, CHUNK):
            high = min(low + CHUNK, size)
            columns = np.dot(np.ascontiguousarray(front[low:high, first:last]), passed)
            for i in range(low, high):
                for j in range(first, last):
                    front[i, j] = columns[i - low, j - first]
            added = product.ravel()[: (high - low) * (size + 1 - last)].reshape(high - low, size + 1 - last)
            np.dot(columns, rows, added)
            for i in range(low, high):
                for j in range(last, size + 1):
                    front[i, j] += added[i - low, j - last]
    return True


@kernel(error_model="python")
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
            for k in range(size):
                column[start + k if k < own else later[k - own]] = near[k]
        row += own * size


@kernel(error_model="python")
def _spread(
    values: Array, ends: Integers, borders: Integers, boundary: Integers, weights: Array, exits: Array,
    floor: float, ceiling: float,
) -> None:  # fmt: skip
    row = len(weights)
    for front in range(len(ends) - 2, -1, -1):
        start, stop = ends[front], ends[front + 1]
        later = boundary[borders[front] : borders[front + 1]]
        own, size = stop - start, stop - start + len(later)
        if own == 0:
            continue
        row -= own * size
        for column in values:
            near = np.concatenate((column[start:stop], column[later]))
            for k in range(own - 1, -1, -1):
                total = near[k] / exits[start + k]
                for i in range(k + 1, size):
                    total += weights[row + k * size + i] * near[i]
                near[k] = max(total, floor)
            for k in range(own):
                column[start + k] = near[k]
            top = near[:own].max()
            if top > ceiling:
                column *= 1 / top
