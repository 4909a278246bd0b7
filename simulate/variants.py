"""The compiled loop of all variants of SGD, around the gradients of the plain loops."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulate.block import Block, Changes, Examples
from simulate.kernels import data_set, fresh_examples, fresh_scalar, fresh_vector, gaussian
from simulate.rules.kernels import follow
from simulate.watch import settle
from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel

SCALAR, VECTOR, EXAMPLES, DATA, GAUSSIAN = range(5)


@kernel(inline="always")
def descend(source: int, field: Any, stream: np.random.Generator, trial: Block, law: Examples, batch: int) -> None:
    """Fill `trial.v` with minus the gradient of a batch at `trial.w`, which is changed, as is the place.

    One step of rate 1 without momentum moves by minus the gradient: the loops of plain SGD serve as they are.
    """
    trial.v[:] = 0.0
    if source == SCALAR:
        fresh_scalar(field, stream, trial, law, 1, 1.0, 0.0, batch)
    elif source == VECTOR:
        fresh_vector(field, stream, trial, law, 1, 1.0, 0.0, batch)
    elif source == EXAMPLES:
        fresh_examples(field, stream, trial, law, 1, 1.0, 0.0, batch)
    elif source == DATA:
        data_set(field, stream, trial, law, 1, 1.0, 0.0, batch)
    else:
        gaussian(field, stream, trial, law, 1, 1.0, 0.0, batch)


@kernel
def add_noise(stream: np.random.Generator, down: Array, rows: Array) -> None:
    """Independent numbers added to every component, one law a row: kind, scale, index, skew."""
    for kind, scale, index, skew in rows:
        for axis in range(down.shape[0]):
            for i in range(down.shape[1]):
                if kind == 0.0:
                    number = stream.standard_normal()
                elif kind == 1.0:
                    spread = np.sqrt(0.5 * index / stream.standard_gamma(0.5 * index))
                    number = spread * stream.standard_normal()
                else:
                    number = stable(stream, index, skew)
                down[axis, i] -= scale * number


@kernel
def stable(stream: np.random.Generator, alpha: float, skew: float) -> float:
    """A stable number of unit scale by Chambers, Mallows & Stuck (1976)."""
    angle = np.pi * (stream.random() - 0.5)
    waiting = stream.standard_exponential()
    if alpha == 1.0:
        return float(np.tan(angle))
    slope = skew * np.tan(0.5 * np.pi * alpha)
    turned = alpha * angle + np.arctan(slope)
    height = (1.0 + slope * slope) ** (0.5 / alpha)
    first = height * np.sin(turned) / np.cos(angle) ** (1.0 / alpha)
    return float(first * (np.cos(angle - turned) / waiting) ** ((1.0 - alpha) / alpha))


@kernel(inline="always")
def update(block: Block, down: Array, matrix: Array, buffer: Array, rate: float, momentum: float) -> None:
    """V <- momentum v + rate P down and w <- w + v, on the torus, of the walkers that have not settled."""
    w, v, torus, settled = block.w, block.v, block.torus, block.settled
    dim, walkers = w.shape
    for i in range(walkers):
        if settled[i] >= 0:
            continue
        for axis in range(dim):
            pull = down[axis, i]
            if matrix.size > 0:
                pull = 0.0
                for k in range(dim):
                    pull += matrix[axis, k] * down[k, i]
            buffer[axis] = pull
        for axis in range(dim):
            v[axis, i] = momentum * v[axis, i] + rate * buffer[axis]
            w[axis, i] += v[axis, i]
            period = torus[1, axis]
            if period > 0:
                w[axis, i] -= period * np.floor((w[axis, i] - torus[0, axis]) / period)


@kernel
def variant_steps(
    source: int,
    field: Any,
    stream: np.random.Generator,
    block: Block,
    law: Examples,
    changes: Changes,
    rates: Array,
    batches: Integers,
    watched: bool,
    region: Any,
    leaving: bool,
) -> None:
    """SGD with every option that needs no Python, from the place of the block on; the caller counts the steps."""
    w, v, settled, lost, first = block.w, block.v, block.settled, block.lost, block.place[1]
    rows, matrix, rules, memory = changes.rows, changes.matrix, changes.rules, changes.memory
    here, down, margin = np.empty_like(w), np.empty_like(w), np.empty((1, w.shape[1]))
    open_axes, buffer = np.zeros_like(block.torus), np.empty(w.shape[0])
    trial = Block(
        here, down, block.scratch, block.noise, block.order, block.place, block.x, block.y, open_axes,
        settled, lost,
    )  # fmt: skip
    for step in range(len(rates)):
        for axis in range(w.shape[0]):
            for i in range(w.shape[1]):
                here[axis, i] = w[axis, i]
                if changes.look_ahead > 0.0:
                    here[axis, i] += changes.look_ahead * v[axis, i]
        descend(source, field, stream, trial, law, batches[step])
        add_noise(stream, down, rows)
        if rules.shape[0] > 0:
            follow(stream, down, w, v, changes.look_ahead, rules, memory, rates[step], first + step)
        update(block, down, matrix, buffer, rates[step], changes.momentum)
        if watched:
            region(w, margin)
            if settle(w, margin, leaving, settled, lost, first + step + 1) == 0:
                break
