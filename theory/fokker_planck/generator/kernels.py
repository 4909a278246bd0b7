"""Compiled loops over edges: their halves from the weights of stencils, and the matrix of their rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from theory.base.arrays import Array, Booleans, Integers
from theory.base.kernels import kernel


@kernel(error_model="python")
def halves(
    weights: Array,
    offsets: Integers,
    shape: Integers,
    wraps: Booleans,
    leaves: Booleans,
    sources: Integers,
    targets: Integers,
    steps: Integers,
    rates: Array,
) -> int:
    """Fill half edges of a diffusion and return how many there are; `leaves` says which halves go out for good."""
    size, count, dim = offsets.shape
    here, end, fits = np.zeros(dim, np.int64), np.zeros(dim, np.int64), np.zeros(2, np.bool_)
    found = 0
    for cell in range(size):
        rest, skew = cell, False
        for axis in range(dim - 1, -1, -1):
            here[axis] = rest % shape[axis]
            rest //= shape[axis]
        for k in range(count):
            moving = 0
            for axis in range(dim):
                moving += offsets[cell, k, axis] != 0
            skew |= moving > 1 and weights[cell, k] != 0
        for k in range(count):
            if weights[cell, k] == 0:
                continue
            for side in range(2):
                fits[side] = True
                for axis in range(dim):
                    place = here[axis] + (1 - 2 * side) * offsets[cell, k, axis]
                    fits[side] &= wraps[axis] or 0 <= place < shape[axis]
            leave = leaves[0, cell, k] or leaves[1, cell, k]
            stranded = not (fits[0] or fits[1] or leave)
            for side in range(2):
                if not (fits[side] or stranded):
                    continue
                target = 0
                for axis in range(dim):
                    end[axis] = here[axis] + (1 - 2 * side) * offsets[cell, k, axis]
                    if not wraps[axis]:
                        end[axis] = min(max(end[axis], 0), shape[axis] - 1)
                    target = target * shape[axis] + end[axis] % shape[axis]
                if target == cell:
                    continue
                opposite = fits[1 - side] or leaves[1 - side, cell, k]
                whole = skew and fits[side] and not opposite
                sources[found], targets[found] = cell, target
                for axis in range(dim):
                    steps[found, axis] = end[axis] - here[axis]
                rates[found] = weights[cell, k] if whole else weights[cell, k] / 2
                found += 1
    return found


@kernel(error_model="python")
def assembled(
    size: int, sources: Integers, targets: Integers, forward: Array, back: Array
) -> tuple[NDArray[np.int32], NDArray[np.int32], Array]:
    """Ends of the columns, sorted rows and entries of the matrix of the rates, each pair of cells once."""
    starts = np.zeros(size + 1, np.int64)
    for k in range(len(sources)):
        starts[sources[k] + 1] += 1
        starts[targets[k] + 1] += 1
    for cell in range(size):
        starts[cell + 1] += starts[cell] + 1  # one for the diagonal
    rows, rates = np.empty(starts[size], np.int32), np.empty(starts[size])
    filled = starts[:size].copy()
    for cell in range(size):
        rows[filled[cell]], rates[filled[cell]] = cell, 0.0
        filled[cell] += 1
    for k in range(len(sources)):
        for source, target, rate in ((sources[k], targets[k], forward[k]), (targets[k], sources[k], back[k])):
            rows[filled[source]], rates[filled[source]] = target, rate
            rates[starts[source]] -= rate
            filled[source] += 1
    ends, kept = np.zeros(size + 1, np.int32), 0
    for cell in range(size):
        for entry in range(starts[cell], starts[cell + 1]):  # sorted by insertion, as there are few
            row, rate, place = rows[entry], rates[entry], kept
            while place > ends[cell] and rows[place - 1] > row:
                place -= 1
            if place > ends[cell] and rows[place - 1] == row:
                rates[place - 1] += rate
                continue
            for later in range(kept, place, -1):
                rows[later], rates[later] = rows[later - 1], rates[later - 1]
            rows[place], rates[place] = row, rate
            kept += 1
        ends[cell + 1] = kept
    return ends, rows[:kept].copy(), rates[:kept].copy()
