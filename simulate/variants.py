"""The compiled loop of all variants of SGD, around the gradients of the plain loops."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulate.kernels import data_set, fresh_examples, fresh_scalar, fresh_vector, gaussian
from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel
from theory.laws.walkers import DIVERGED

SCALAR, VECTOR, EXAMPLES, DATA, GAUSSIAN = range(5)


@kernel
def descend(
    source: int,
    field: Any,
    stream: np.random.Generator,
    here: Array,
    down: Array,
    scratch: Array,
    noise: Array,
    order: NDArray[np.int32],
    position: int,
    x: Array,
    y: Array,
    batch: int,
    numbers: Array,
) -> int:
    """Fill `down` with minus the gradient of a batch at `here`, which is changed; returns the place in the epoch.

    One step of rate 1 without momentum moves by minus the gradient: the loops of plain SGD serve as they are.
    `numbers` holds loss scale, label noise of the model, added label noise, outputs, degrees of inputs and labels.
    """
    down[:] = 0.0
    scale, noise_std, label_std, outputs = numbers[0], numbers[1], numbers[2], int(numbers[3])
    spread = np.hypot(noise_std, label_std)
    if source == SCALAR:
        fresh_scalar(field, stream, here, down, scratch, noise, 1, 1.0, 0.0, batch, scale, spread)
    elif source == VECTOR:
        fresh_vector(field, stream, here, down, scratch, 1, 1.0, 0.0, batch, scale, spread, outputs)
    elif source == EXAMPLES:
        fresh_examples(
            field, stream, here, down, scratch, 1, 1.0, 0.0, batch, scale, noise_std, outputs, label_std,
            numbers[4], numbers[5],
        )  # fmt: skip
    elif source == DATA:
        position = data_set(
            field, stream, here, down, scratch, order, position, x, y, 1, 1.0, 0.0, batch, scale, label_std
        )
    else:
        plane = np.zeros((2, here.shape[0]))
        gaussian(field, stream, here, down, scratch, noise, plane, 1, 1.0, 0.0, batch)
    return position


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


@kernel
def update(
    w: Array,
    v: Array,
    down: Array,
    matrix: Array,
    buffer: Array,
    torus: Array,
    settled: Integers,
    rate: float,
    momentum: float,
) -> None:
    """V <- momentum v + rate P down and w <- w + v, on the torus, of the walkers that have not settled."""
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
def settle(w: Array, margin: Array, leaving: bool, settled: Integers, lost: Integers, step: int) -> int:
    """Note who is out of (or in) the region at `step`, who diverged; returns how many go on.

    The region is where `margin` is positive. A walker that diverged has NaN or huge coordinates and is not asked.
    """
    going = 0
    for i in range(w.shape[1]):
        if settled[i] >= 0:
            continue
        finite = True
        for axis in range(w.shape[0]):
            finite = finite and abs(w[axis, i]) < DIVERGED
        if not finite:
            lost[i] = step
            settled[i] = step
        elif (margin[0, i] > 0.0) != leaving:
            settled[i] = step
        else:
            going += 1
    return going


@kernel
def variant_steps(
    source: int,
    field: Any,
    stream: np.random.Generator,
    w: Array,
    v: Array,
    scratch: Array,
    noise: Array,
    order: NDArray[np.int32],
    position: int,
    x: Array,
    y: Array,
    numbers: Array,
    rates: Array,
    batches: Integers,
    momentum: float,
    look_ahead: float,
    rows: Array,
    matrix: Array,
    torus: Array,
    watched: bool,
    region: Any,
    leaving: bool,
    settled: Integers,
    lost: Integers,
    first: int,
) -> int:
    """SGD with every option that needs no Python; returns the place in the epoch."""
    here, down, margin = np.empty_like(w), np.empty_like(w), np.empty((1, w.shape[1]))
    buffer = np.empty(w.shape[0])
    for step in range(len(rates)):
        for axis in range(w.shape[0]):
            for i in range(w.shape[1]):
                here[axis, i] = w[axis, i]
                if look_ahead > 0.0:
                    here[axis, i] += look_ahead * v[axis, i]
        position = descend(
            source, field, stream, here, down, scratch, noise, order, position, x, y, batches[step], numbers
        )
        add_noise(stream, down, rows)
        update(w, v, down, matrix, buffer, torus, settled, rates[step], momentum)
        if watched:
            region(w, margin)
            if settle(w, margin, leaving, settled, lost, first + step + 1) == 0:
                break
    return position
