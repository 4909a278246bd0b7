"""What all compiled loops share: the arrays of a block, its random numbers, its walls and its arrivals.

A loop takes a formula's kernel `field` and lets only functions of this kind touch arrays. So the same loop, run as
Python (`loop.py_func`), serves equations that are Python functions, with the same random numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from theory.base.arrays import Array
from theory.base.kernels import kernel
from theory.base.rounding import NOT_ZERO
from theory.laws.walkers import DIVERGED

BETWEEN = 20.0  # times the variance of a step: beyond, a passage between its ends has a chance below e^-40
CERTAIN = 1e300  # odds of the passage that are certainty


class PathBlock(NamedTuple):
    """The arrays of a block of n walkers in d dimensions with m channels of noise.

    Parameters
    ----------
    w
        Positions, shape (d, n).
    field
        What the equation gives at the start of a step: drift (d rows), factor (d m rows), and what else a scheme
        asks for, shape (rows, n).
    noise
        Standard normal numbers of a step, summed over the steps that it joins, shape (m, n).
    domain
        Lower end, length and kind of each axis, shape (3, d): 0 is open, 1 periodic, 2 reflecting.
    target
        Where walkers arrive: axis, lower and upper end, and whether to look between steps, shape (4,).
    previous
        Positions one step ago, shape (d, n), or (d, 0) where nobody watches.
    arrival
        Time of arrival of each walker in steps, NaN before, shape (n,).
    clock
        Steps made, shape (1,).
    """

    w: Array
    field: Array
    noise: Array
    domain: Array
    target: Array
    previous: Array
    arrival: Array
    clock: Array


@kernel
def copy(source: Array, target: Array) -> None:
    """Copy `source` (rows, columns) into `target`.

    Number by number: what numba says of shapes that do not fit takes seconds to compile.
    """
    for row in range(source.shape[0]):
        for column in range(source.shape[1]):
            target[row, column] = source[row, column]


@kernel
def draw(stream: np.random.Generator, walk: PathBlock, joined: int) -> None:
    """Fill `noise` with sums of `joined` standard normal numbers, and remember where the walkers are."""
    noise = walk.noise
    channels, walkers = noise.shape
    for part in range(joined):
        for channel in range(channels):
            for i in range(walkers):
                if part == 0:
                    noise[channel, i] = stream.standard_normal()
                else:
                    noise[channel, i] += stream.standard_normal()
    if walk.previous.shape[1] > 0:
        copy(walk.w, walk.previous)


@kernel
def finish(stream: np.random.Generator, walk: PathBlock, dt: float) -> None:
    """After a step: bring walkers back into the domain and note who has arrived."""
    w, domain = walk.w, walk.domain
    for axis in range(w.shape[0]):
        lower, length, kind = domain[0, axis], domain[1, axis], domain[2, axis]
        if kind == 1:
            for i in range(w.shape[1]):
                w[axis, i] -= length * np.floor((w[axis, i] - lower) / length)
        elif kind == 2:
            for i in range(w.shape[1]):
                if w[axis, i] < lower or w[axis, i] > lower + length:
                    depth = w[axis, i] - lower
                    depth -= 2 * length * np.floor(depth / (2 * length))
                    w[axis, i] = lower + min(depth, 2 * length - depth)
    if walk.previous.shape[1] > 0:
        _note_arrivals(stream, walk, dt)
        walk.clock[0] += 1


@kernel
def _note_arrivals(stream: np.random.Generator, walk: PathBlock, dt: float) -> None:
    """Time of arrival in [lower, upper]'s complement, also of walkers that were outside between two steps.

    Between the ends of a step of variance v a Brownian path passes a level at distances a and b of them with
    probability exp(-2 a b / v), first at the fraction z / (1 + z) of the step, where z is inverse Gaussian with
    mean a / |b| and shape a^2 / v.
    """
    dim = walk.w.shape[0]
    channels = walk.noise.shape[0]
    axis = int(walk.target[0])
    between = walk.target[3] > 0
    for i in range(walk.w.shape[1]):
        if not np.isnan(walk.arrival[i]):
            continue
        before, after = walk.previous[axis, i], walk.w[axis, i]
        if not abs(after) < DIVERGED:
            continue
        if not between:
            if after <= walk.target[1] or after >= walk.target[2]:
                walk.arrival[i] = walk.clock[0] + 1
            continue
        variance = 0.0
        for channel in range(channels):
            variance += walk.field[dim + axis * channels + channel, i] ** 2
        variance *= dt
        best = passage_share(stream, before, after, walk.target[1], walk.target[2], variance)
        if best <= 1:
            walk.arrival[i] = walk.clock[0] + best


@kernel
def passage_share(
    stream: np.random.Generator, before: float, after: float, lower: float, upper: float, variance: float
) -> float:
    """Share of a step between two places after which a Brownian path has left (lower, upper), 2 if it has not."""
    best = 2.0
    for side in range(2):
        level = upper if side == 1 else lower
        a = abs(level - before)
        b = level - after if side == 1 else after - level
        if np.isinf(a):
            continue
        if b > 0 and not (variance > 0 and a * b < BETWEEN * variance):
            continue
        if b > 0 and stream.random() >= np.exp(-2 * a * b / variance):
            continue
        best = min(best, _passage(stream, a, abs(b), variance))
    return best


@kernel
def _passage(stream: np.random.Generator, a: float, b: float, variance: float) -> float:
    """Fraction of the step at the first passage of a bridge that passes, by Michael, Schucany & Haas (1976)."""
    if variance <= 0:
        return a / (a + b) if a + b > 0 else 0.0
    mean, shape = max(a, NOT_ZERO) / max(b, NOT_ZERO), max(a, NOT_ZERO) ** 2 / variance
    ratio = mean * stream.standard_normal() ** 2 / (2 * shape)
    small = mean / (1 + ratio + np.sqrt(ratio * (2 + ratio)))
    z = small if stream.random() * (mean + small) <= mean else mean * mean / small
    return z / (1 + z) if z < CERTAIN else 1.0
