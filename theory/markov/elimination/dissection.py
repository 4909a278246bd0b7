"""Nested dissection: the order in which the states of a chain on a lattice are eliminated."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel

LEAF = 40  # cells that are not worth dissecting
LEAST_REACH = 1e-3  # mean length of the moves along an axis, in cells: along some axis nobody moves


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
    low, high = positions.min(axis=0), positions.max(axis=0) + 1
    gap = np.abs(positions[sources] - positions[targets])
    gap = np.minimum(gap, (high - low) - gap)  # of edges that wrap
    reach = np.maximum(gap.mean(axis=0), LEAST_REACH) if len(gap) else np.ones(dim)
    levels = (-(-states // LEAF) - 1).bit_length()  # the least with LEAF * 2**levels >= states
    owners: Integers = _owners(positions, sources.copy(), targets.copy(), low[None], high[None], reach, levels)
    return owners


@kernel(error_model="python")
def _owners(
    positions: Integers,
    sources: Integers,
    targets: Integers,
    low: Integers,
    high: Integers,
    reach: Array,
    levels: int,
) -> Integers:
    """As `dissect`, for boxes from `low` to `high`; overwrites the edges with those that are not cut yet."""
    states, dim = positions.shape
    owner = np.full(states, -1, dtype=np.int64)
    part = np.zeros(states, dtype=np.int64)
    right = np.zeros(states, dtype=np.bool_)
    edges = len(sources)
    for level in range(levels):
        first = 2**level - 1
        axes = np.empty(len(low), dtype=np.int64)
        middles = np.empty(len(low), dtype=np.int64)
        for box in range(len(low)):
            longest = -1.0
            for axis in range(dim):
                length = (high[box, axis] - low[box, axis] - 1) / reach[axis]
                if length > longest:
                    longest, axes[box] = length, axis
            middles[box] = (low[box, axes[box]] + high[box, axes[box]]) // 2
        for state in range(states):
            box = part[state] - first
            right[state] = positions[state, axes[box]] >= middles[box]
        for edge in range(edges):
            source, target = sources[edge], targets[edge]
            if right[source] != right[target]:
                left = target if right[source] else source
                owner[left] = part[left]
        for state in range(states):
            part[state] = 2 * part[state] + 1 + right[state]
        kept = 0
        for edge in range(edges):
            source, target = sources[edge], targets[edge]
            if part[source] == part[target] and owner[source] < 0 and owner[target] < 0:
                sources[kept], targets[kept] = source, target
                kept += 1
        edges = kept
        lower = np.empty((2 * len(low), dim), dtype=np.int64)
        upper = np.empty((2 * len(low), dim), dtype=np.int64)
        for box in range(len(low)):
            for axis in range(dim):
                for half in range(2):
                    lower[2 * box + half, axis] = low[box, axis]
                    upper[2 * box + half, axis] = high[box, axis]
            upper[2 * box, axes[box]] = lower[2 * box + 1, axes[box]] = middles[box]
        low, high = lower, upper
    for state in range(states):
        if owner[state] < 0:
            owner[state] = part[state]
    return owner
