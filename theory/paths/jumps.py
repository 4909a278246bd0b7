"""Stable numbers, and what happens between the ends of a step with jumps."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.base.arrays import Array
from theory.base.kernels import kernel
from theory.laws.walkers import DIVERGED
from theory.paths.block import PathBlock, copy, passage_share

REACHING = 0.01  # jumps beyond an end, in the mean, within a part of a step
FINEST = 1e-5  # of a step


@kernel
def stable_number(stream: np.random.Generator, alpha: float) -> float:
    """A symmetric stable number, E exp(i k x) = exp(-|k|^alpha), by Chambers, Mallows & Stuck (1976)."""
    angle = np.pi * (stream.random() - 0.5)
    if alpha == 1.0:
        return float(np.tan(angle))
    wait = stream.standard_exponential()
    quotient = math.cos((1 - alpha) * angle) / (wait * math.cos(angle))
    return float(math.sin(alpha * angle) / math.cos(angle) * quotient ** ((1 - alpha) / alpha))


class Leaps(NamedTuple):
    """Stable noise of steps `dt`: the sums of `joined` jumps and normal numbers, in units of `size` and `spread`.

    `watched` says that somebody waits for arrivals within steps.
    """

    dt: float
    joined: int
    spread: float
    alpha: float
    size: float
    watched: bool


@kernel
def draw_jumps(stream: np.random.Generator, walk: PathBlock, jumps: Array, moments: Array, leaps: Leaps) -> None:
    """Normal and stable numbers of a step, summed over those that it joins; remember where the walkers are.

    With them the `moments` (2, n) at which the jumps are made, as shares of the step, in the first row: uniform,
    those of the largest of the jumps that are summed.
    """
    noise, joined = walk.noise, leaps.joined
    channels, walkers = noise.shape
    noise[:] = 0.0
    jumps[:] = 0.0
    moments[1] = -1.0
    for part in range(joined):
        for channel in range(channels):
            for i in range(walkers):
                noise[channel, i] += stream.standard_normal()
        for i in range(walkers):
            moment, largest = stream.random(), 0.0
            for axis in range(jumps.shape[0]):
                number = stable_number(stream, leaps.alpha)
                jumps[axis, i] += number
                largest = max(largest, abs(number))
            if largest > moments[1, i]:
                moments[0, i], moments[1, i] = (part + moment) / joined, largest
    if walk.previous.shape[1] > 0:
        copy(walk.w, walk.previous)


@kernel
def jump(walk: PathBlock, jumps: Array, size: float) -> None:
    """Add the jumps."""
    for axis in range(walk.w.shape[0]):
        for i in range(walk.w.shape[1]):
            walk.w[axis, i] += size * jumps[axis, i]


@kernel
def watch(stream: np.random.Generator, walk: PathBlock, jumps: Array, leaps: Leaps) -> None:
    """Arrivals within a step: near an end the jump along the target's axis is made in parts, the rest bridged.

    Parts are so short that a jump beyond the end is rare in each, and their jumps are drawn anew: their sum has
    the law of the one jump. Drift and Brownian motion have the increments that the step has. Normal jumps (alpha
    = 2) are part of that.
    """
    dt, spread, alpha, size = leaps.dt, leaps.spread, leaps.alpha, leaps.size
    axis = int(walk.target[0])
    lower, upper = walk.target[1], walk.target[2]
    dim, channels = walk.w.shape[0], walk.noise.shape[0]
    for i in range(walk.w.shape[1]):
        if not np.isnan(walk.arrival[i]) or not abs(walk.w[axis, i]) < DIVERGED:
            continue
        variance, smooth = 0.0, 0.0
        for channel in range(channels):
            factor = walk.field[dim + axis * channels + channel, i]
            variance += factor * factor * dt
            smooth += spread * factor * walk.noise[channel, i]
        push = dt * walk.field[axis, i]
        height = size
        if alpha == 2.0:
            variance += 2 * size * size
            smooth += size * jumps[axis, i]
            height = 0.0
        place, left = walk.previous[axis, i], 1.0
        while left > 0:
            distance = min(place - lower, upper - place)
            part = left
            if height > 0:
                part = min(left, max(FINEST, REACHING * (distance / height) ** alpha))
            if left - part < FINEST:
                part = left
            mean, spare = smooth * part / left, variance * part * (left - part) / left
            step = mean + math.sqrt(spare) * stream.standard_normal() if spare > 0 else mean
            before, after = place, place + push * part + step
            share = passage_share(stream, before, after, lower, upper, variance * part)
            if share <= 1:
                walk.arrival[i] = walk.clock[0] + 1 - left + share * part
                break
            if height > 0:
                number = jumps[axis, i] if part == 1.0 else stable_number(stream, alpha)
                after += height * part ** (1 / alpha) * number
                if after <= lower or after >= upper:
                    walk.arrival[i] = walk.clock[0] + 1 - left + part * stream.random()
                    break
            smooth -= step
            place, left = after, left - part
        if np.isnan(walk.arrival[i]):
            walk.w[axis, i] = place
