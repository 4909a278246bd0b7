"""A drift that is followed within a step, for walkers where it changes much on the way."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from theory.arrays import Array
from theory.kernels import kernel
from theory.paths.euler import euler_step
from theory.paths.jumps import draw_jumps, jump, watch
from theory.paths.walk import Walk, finish

CHANGE = 0.5  # of the drift, over a step of it
LEAST = 0.25  # below which the next one is longer
TRIES = 5_000  # steps, made or refused, until a walker counts as diverged


class Follower(NamedTuple):
    """Room for one step of a block, (d, n) and (rows, n), and for a walker on its own, (d, 1) and (rows, 1)."""

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
        steep = np.empty(walkers)
        return Follower(w.copy(), field.copy(), one, rows, one.copy(), rows.copy(), steep)


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
def find_steep(walk: Walk, follower: Follower) -> int:
    """Mark walkers whose drift changes by too much over the step; how many there are."""
    count = 0
    for i in range(walk.w.shape[1]):
        change = change_of(walk.field, follower.ahead, walk.w.shape[0], i)
        if not change <= CHANGE:
            follower.steep[count] = i
            count += 1
    return count


@kernel
def take(walk: Walk, follower: Follower, k: int) -> None:
    """The k-th of those marked, on its own."""
    i = int(follower.steep[k])
    for axis in range(walk.w.shape[0]):
        follower.point[axis, 0] = walk.w[axis, i]


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
def give(walk: Walk, follower: Follower, k: int, dt: float, arrived: bool) -> None:
    """Write the drift that leads the walker to where it came, no number where it did not."""
    i = int(follower.steep[k])
    for axis in range(walk.w.shape[0]):
        end = follower.point[axis, 0] if arrived else np.nan
        walk.field[axis, i] = (end - walk.w[axis, i]) / dt


@kernel
def followed_loop(
    field: Any,
    stream: np.random.Generator,
    walk: Walk,
    jumps: Array,
    follower: Follower,
    steps: int,
    joined: int,
    dt: float,
    spread: float,
    alpha: float,
    size: float,
    watched: bool,
) -> None:
    """Steps with the mean of the drift along its way where it is steep, and stable jumps."""
    for _ in range(steps):
        draw_jumps(stream, walk, jumps, joined, alpha)
        field(walk.w, walk.field)
        shift(walk.w, walk.field, dt, follower.trial)
        field(follower.trial, follower.ahead)
        for k in range(find_steep(walk, follower)):
            take(walk, follower, k)
            left, h, tries = dt, dt / 2, 0
            field(follower.point, follower.here)
            while left > 0 and tries < TRIES:
                h, tries = min(h, left), tries + 1
                shift(follower.point, follower.here, h, follower.next_point)
                field(follower.next_point, follower.there)
                change = half_step(follower, h)
                if change <= CHANGE:
                    left -= h
                    field(follower.point, follower.here)
                    h *= 2 if change < LEAST else 1
                else:
                    h /= 2
            give(walk, follower, k, dt, left <= 0)
        euler_step(walk, dt, spread)
        jump(walk, jumps, size)
        if watched:
            watch(stream, walk, jumps, dt, spread, alpha, size)
        finish(stream, walk, dt)
