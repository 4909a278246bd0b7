"""A drift that is followed within a step, for walkers where it changes much on the way."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from theory.base.arrays import Array
from theory.base.kernels import kernel
from theory.paths.block import PathBlock, finish
from theory.paths.euler import diffuse
from theory.paths.jumps import Leaps, draw_jumps, jump, watch

CHANGE = 0.5  # of the drift, over a step of it
LENGTHENED = 0.25  # below which the next one is longer
TRIES = 5_000  # steps, made or refused, until a walker counts as diverged


class Follower(NamedTuple):
    """Room for one step of a block, (d, n) and (rows, n), and for a walker on its own, (d, 1) and (rows, 1).

    With the moments of jumps, (2, n), and how long the drift of each walker is followed, (n,).
    """

    moments: Array
    spans: Array
    trial: Array
    ahead: Array
    point: Array
    here: Array
    next_point: Array
    there: Array
    steep: Array

    @staticmethod
    def of(field: Array, w: Array) -> Follower:
        """For a block with positions w (d, n) and coefficients (rows, n)."""
        dim, walkers = w.shape
        one, rows = np.empty((dim, 1)), np.empty((field.shape[0], 1))
        moments, spans = np.empty((2, walkers)), np.empty(walkers)
        return Follower(
            moments, spans, w.copy(), field.copy(), one, rows, one.copy(), rows.copy(), np.empty(walkers)
        )


@kernel
def shift(source: Array, slopes: Array, h: float, target: Array) -> None:
    """Target = source + h slopes."""
    for axis in range(source.shape[0]):
        for i in range(source.shape[1]):
            target[axis, i] = source[axis, i] + h * slopes[axis, i]


@kernel
def change_of(before: Array, after: Array, dim: int, i: int) -> float:
    """|b' - b| / |b| of walker i, infinite where there is no number, 0 where there is no drift."""
    moved, size = 0.0, 0.0
    for axis in range(dim):
        moved = max(moved, abs(after[axis, i] - before[axis, i]))
        size = max(size, abs(before[axis, i]))
        if np.isnan(after[axis, i]) or np.isnan(before[axis, i]):
            return np.inf
    return moved / size if size > 0 else 0.0


@kernel
def ahead_of(walk: PathBlock, follower: Follower) -> None:
    """The trial: Euler's step over each walker's span."""
    for axis in range(walk.w.shape[0]):
        for i in range(walk.w.shape[1]):
            follower.trial[axis, i] = walk.w[axis, i] + follower.spans[i] * walk.field[axis, i]


@kernel
def heun_or_steep(walk: PathBlock, follower: Follower) -> int:
    """The trial by Heun's step, and marks of walkers whose drift changes by too much over it; how many."""
    count = 0
    for i in range(walk.w.shape[1]):
        change = change_of(walk.field, follower.ahead, walk.w.shape[0], i)
        if not change <= CHANGE:
            follower.steep[count] = i
            count += 1
        for axis in range(walk.w.shape[0]):
            mean = (walk.field[axis, i] + follower.ahead[axis, i]) / 2
            follower.trial[axis, i] = walk.w[axis, i] + follower.spans[i] * mean
    return count


@kernel
def take(walk: PathBlock, follower: Follower, k: int) -> float:
    """The k-th of those marked, on its own; its span."""
    i = int(follower.steep[k])
    for axis in range(walk.w.shape[0]):
        follower.point[axis, 0] = walk.w[axis, i]
    return float(follower.spans[i])


@kernel
def half_step(follower: Follower, h: float) -> float:
    """Heun's step where the drift changes by little; the change."""
    dim = follower.point.shape[0]
    change = change_of(follower.here, follower.there, dim, 0)
    if change <= CHANGE:
        for axis in range(dim):
            follower.point[axis, 0] += h / 2 * (follower.here[axis, 0] + follower.there[axis, 0])
    return float(change)


@kernel
def give(follower: Follower, k: int, arrived: bool) -> None:
    """Where the walker came goes into the trial, no number where it did not come through."""
    i = int(follower.steep[k])
    for axis in range(follower.trial.shape[0]):
        follower.trial[axis, i] = follower.point[axis, 0] if arrived else np.nan


@kernel
def arrive(walk: PathBlock, follower: Follower, leaps: Leaps) -> None:
    """Move the walkers to the trial; where somebody watches, as a drift that leads there in the step."""
    for axis in range(walk.w.shape[0]):
        for i in range(walk.w.shape[1]):
            if leaps.watched:
                walk.field[axis, i] = (follower.trial[axis, i] - walk.w[axis, i]) / leaps.dt
            walk.w[axis, i] = follower.trial[axis, i]


@kernel
def set_spans(follower: Follower, leaps: Leaps, part: int) -> None:
    """How long the drift is followed before the jumps (part 0) and after them; all before where one watches."""
    for i in range(len(follower.spans)):
        share = 1.0 if leaps.watched else follower.moments[0, i]
        follower.spans[i] = leaps.dt * (share if part == 0 else 1 - share)


@kernel
def followed_loop(
    field: Any,
    stream: np.random.Generator,
    walk: PathBlock,
    jumps: Array,
    follower: Follower,
    steps: int,
    leaps: Leaps,
) -> None:
    """Steps along the drift with all jumps at one moment of them, uniform: of second order, exact for one jump."""
    for _ in range(steps):
        draw_jumps(stream, walk, jumps, follower.moments, leaps)
        for part in range(1 if leaps.watched else 2):
            set_spans(follower, leaps, part)
            field(walk.w, walk.field)
            ahead_of(walk, follower)
            field(follower.trial, follower.ahead)
            for k in range(heun_or_steep(walk, follower)):
                left, tries = take(walk, follower, k), 0
                h = left / 2
                field(follower.point, follower.here)
                while left > 0 and tries < TRIES:
                    h, tries = min(h, left), tries + 1
                    shift(follower.point, follower.here, h, follower.next_point)
                    field(follower.next_point, follower.there)
                    change = half_step(follower, h)
                    if change <= CHANGE:
                        left -= h
                        field(follower.point, follower.here)
                        h *= 2 if change < LENGTHENED else 1
                    else:
                        h /= 2
                give(follower, k, left <= 0)
            arrive(walk, follower, leaps)
            if part == 0:
                if not leaps.watched:
                    field(walk.w, walk.field)
                diffuse(walk, leaps.spread)
                jump(walk, jumps, leaps.size)
        if leaps.watched:
            watch(stream, walk, jumps, leaps)
        finish(stream, walk, leaps.dt)
