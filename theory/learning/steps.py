"""Steps of Langevin chains as compiled loops over the arrays of all chains.

As in `theory.paths.block`, only functions of one kind touch arrays, so that the same loop, run as Python, serves
losses that are Python functions, with the same random numbers.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from theory.base.arrays import Array
from theory.base.kernels import kernel

IDEAL = 0.574  # acceptance of MALA at its best step in many dimensions
ADAPT, BURN, COUNT = 2, 1, 0  # what a step does beside moving
SHARPNESS, STRENGTH, RADIUS, LOG_STEP, LIMIT, CLOCK, ACCEPTED = range(7)


class ChainBlock(NamedTuple):
    """The arrays of n chains in d dimensions.

    Parameters
    ----------
    w, trial
        Positions and proposals in coordinates z, shape (d, n).
    field, trial_field
        L and its gradient in z at both, shape (1 + d, n).
    points, raw
        What the landscape is asked at and answers: w* + axes (z + bends z^2), shape (d, n), and L and its gradient
        in w.
    centre, axes, bends
        w*, shape (d,), and the axes of z and how valleys leave them, shape (d, d). Only stiffer axes bend along
        softer ones, so that the map from z to w keeps volumes.
    squares, holds
        Square of the length of each axis, and curvature of the prior in z over its strength, shape (d,).
    numbers
        t in units of the loss, strength and radius of the prior, log of the step, longest drift in units of
        sqrt(h), steps of adaptation, sum of mean acceptances.
    losses, tethers
        What is kept: L and the prior's U, shape (times, n).
    """

    w: Array
    trial: Array
    field: Array
    trial_field: Array
    points: Array
    raw: Array
    centre: Array
    axes: Array
    bends: Array
    squares: Array
    holds: Array
    numbers: Array
    losses: Array
    tethers: Array


@kernel
def place(walk: ChainBlock, w: Array) -> None:
    """The points at coordinates `w`, to ask the landscape at."""
    dim, chains = w.shape
    for i in range(chains):
        for row in range(dim):
            walk.points[row, i] = walk.centre[row]
        for axis in range(dim):
            along = w[axis, i]
            for soft in range(axis):
                along += walk.bends[axis, soft] * w[soft, i] * w[soft, i]
            for row in range(dim):
                walk.points[row, i] += walk.axes[row, axis] * along


@kernel
def pull_back(walk: ChainBlock, w: Array, field: Array) -> None:
    """The answer at coordinates `w` in them."""
    dim, chains = walk.points.shape
    for i in range(chains):
        field[0, i] = walk.raw[0, i]
        for axis in range(dim):
            total = 0.0
            for row in range(dim):
                total += walk.axes[row, axis] * walk.raw[1 + row, i]
            field[1 + axis, i] = total
        for soft in range(dim):  # what is stiffer is not changed before it is read
            for axis in range(soft + 1, dim):
                field[1 + soft, i] += 2 * walk.bends[axis, soft] * w[soft, i] * field[1 + axis, i]


@kernel
def shorten(walk: ChainBlock, w: Array, field: Array, i: int) -> float:
    """The factor that makes the drift of chain i, at w, no longer than the limit."""
    square = 0.0
    for axis in range(w.shape[0]):
        hold = walk.numbers[STRENGTH] * walk.holds[axis]
        pull = walk.numbers[SHARPNESS] * field[1 + axis, i] + hold * w[axis, i]
        square += pull * pull
    length = math.exp(walk.numbers[LOG_STEP] / 2) / 2 * math.sqrt(square)  # in units of the noise of a component
    return float(walk.numbers[LIMIT] / length) if length > walk.numbers[LIMIT] else 1.0


@kernel
def propose(stream: np.random.Generator, walk: ChainBlock) -> None:
    """Langevin step: w + (h/2) grad log density + sqrt(h) z, the drift shortened to its limit."""
    sharpness = walk.numbers[SHARPNESS]
    step = math.exp(walk.numbers[LOG_STEP])
    spread = math.sqrt(step)
    dim, chains = walk.w.shape
    for i in range(chains):
        reach = step / 2 * shorten(walk, walk.w, walk.field, i)
        for axis in range(dim):
            hold = walk.numbers[STRENGTH] * walk.holds[axis]
            pull = sharpness * walk.field[1 + axis, i] + hold * walk.w[axis, i]
            walk.trial[axis, i] = walk.w[axis, i] - reach * pull + spread * stream.standard_normal()


@kernel
def decide(stream: np.random.Generator, walk: ChainBlock) -> float:
    """Accept proposals by Metropolis and Hastings; the mean probability of it."""
    sharpness, radius = walk.numbers[SHARPNESS], walk.numbers[RADIUS]
    step = math.exp(walk.numbers[LOG_STEP])
    dim, chains = walk.w.shape
    total = 0.0
    for i in range(chains):
        ratio = sharpness * (walk.field[0, i] - walk.trial_field[0, i])
        distance = 0.0
        forth_reach = step / 2 * shorten(walk, walk.w, walk.field, i)
        fro_reach = step / 2 * shorten(walk, walk.trial, walk.trial_field, i)
        for axis in range(dim):
            here, there = walk.w[axis, i], walk.trial[axis, i]
            strength = walk.numbers[STRENGTH] * walk.holds[axis]
            distance += walk.squares[axis] * there * there
            ratio += strength * (here * here - there * there) / 2
            forth = there - here + forth_reach * (sharpness * walk.field[1 + axis, i] + strength * here)
            fro = here - there + fro_reach * (sharpness * walk.trial_field[1 + axis, i] + strength * there)
            ratio += (forth * forth - fro * fro) / (2 * step)
        chance = math.exp(min(ratio, 0.0)) if distance < radius * radius and ratio > -math.inf else 0.0
        total += chance
        if stream.random() < chance:
            for axis in range(dim):
                walk.w[axis, i] = walk.trial[axis, i]
            for row in range(dim + 1):
                walk.field[row, i] = walk.trial_field[row, i]
    return float(total / chains)


@kernel
def keep(walk: ChainBlock, row: int) -> None:
    """Write down L and the prior's U."""
    dim, chains = walk.w.shape
    for i in range(chains):
        tether = 0.0
        for axis in range(dim):
            tether += walk.holds[axis] * walk.w[axis, i] * walk.w[axis, i] / 2
        walk.losses[row, i] = walk.field[0, i]
        walk.tethers[row, i] = walk.numbers[STRENGTH] * tether


@kernel
def adapt(walk: ChainBlock, acceptance: float) -> None:
    """Robbins and Monro's step towards the ideal acceptance."""
    walk.numbers[CLOCK] += 1
    walk.numbers[LOG_STEP] += (acceptance - IDEAL) / math.sqrt(walk.numbers[CLOCK])


@kernel
def mala_loop(
    field: Any, stream: np.random.Generator, walk: ChainBlock, first: int, last: int, every: int, mode: int
) -> None:
    """Steps from `first` to `last`: they adapt the step, burn or count by `mode`."""
    for step in range(first, last):
        propose(stream, walk)
        place(walk, walk.trial)
        field(walk.points, walk.raw)
        pull_back(walk, walk.trial, walk.trial_field)
        acceptance = decide(stream, walk)
        if mode == ADAPT:
            adapt(walk, acceptance)
        elif mode == COUNT:
            walk.numbers[ACCEPTED] += acceptance
            if (step + 1) % every == 0:
                keep(walk, step // every)


@kernel
def sgld_loop(
    field: Any, stream: np.random.Generator, walk: ChainBlock, first: int, last: int, every: int, mode: int
) -> None:
    """Langevin steps without acceptance; positions are kept before the step, where L is known."""
    for step in range(first, last):
        place(walk, walk.w)
        field(walk.points, walk.raw)
        pull_back(walk, walk.w, walk.field)
        if mode == COUNT and (step + 1) % every == 0:
            keep(walk, step // every)
        propose(stream, walk)
        for axis in range(walk.w.shape[0]):  # a slice would take seconds to compile
            for i in range(walk.w.shape[1]):
                walk.w[axis, i] = walk.trial[axis, i]


def batch_loop(
    field: Any, stream: np.random.Generator, walk: ChainBlock, first: int, last: int, every: int, mode: int
) -> None:
    """`sgld_loop` with the loss of all examples where it is kept only."""
    for step in range(first, last):
        kept = mode == COUNT and (step + 1) % every == 0
        place(walk, walk.w)
        field(walk.points, walk.raw, kept)
        pull_back(walk, walk.w, walk.field)
        if kept:
            keep(walk, step // every)
        propose(stream, walk)
        walk.w[:] = walk.trial
