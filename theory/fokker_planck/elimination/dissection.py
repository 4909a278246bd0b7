"""Nested dissection: the order in which the states of a chain on a lattice are eliminated."""

from __future__ import annotations

import numpy as np

from theory.arrays import Integers

LEAF = 40  # cells that are not worth dissecting


def dissect(positions: Integers, sources: Integers, targets: Integers) -> Integers:
    """The front that owns each state: nodes of a binary tree, the children of p being 2p + 1 and 2p + 2.

    Each level cuts every part in the middle of its longest axis; the states on one side that have an edge to
    the other are the separator and stay with the parent. Reach and periodic axes need no special care.

    Parameters
    ----------
    positions
        Lattice index of each state, shape (states, d).
    sources, targets
        The ends of each edge.

    References
    ----------
    George (1973), "Nested dissection of a regular finite element mesh".
    """
    states, dim = positions.shape
    owner = np.full(states, -1, dtype=np.int64)
    part = np.zeros(states, dtype=np.int64)
    low = positions.min(axis=0)[None]
    high = positions.max(axis=0)[None] + 1
    gap = np.abs(positions[sources] - positions[targets])
    gap = np.minimum(gap, (high - low) - gap)  # of edges that wrap
    reach = np.maximum(gap.mean(axis=0), 1e-3) if len(gap) else np.ones(dim)
    sources, targets = np.concatenate([sources, targets]), np.concatenate([targets, sources])
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
