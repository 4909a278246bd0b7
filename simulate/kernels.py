"""Compiled loops of SGD over blocks of walkers: arrays, a formula's kernel and a Generator, nothing else.

All are called alike: `field` fills `block.scratch` with the rows that each names, from `steps` batches of size
`batch` drawn from `law`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from simulate.block import Block, Examples
from theory.base.arrays import Array
from theory.base.kernels import kernel


@kernel(inline="always")
def _move(w: Array, v: Array, axis: int, i: int, rate: float, momentum: float, gradient: float) -> None:
    """One heavy-ball step of one coordinate."""
    v[axis, i] = momentum * v[axis, i] - rate * gradient
    w[axis, i] += v[axis, i]


@kernel
def fresh_scalar(
    field: Any,
    stream: np.random.Generator,
    block: Block,
    law: Examples,
    steps: int,
    rate: float,
    momentum: float,
    batch: int,
) -> None:
    """Fresh data, one output: two random numbers a step, exact in law. Rows: Q, dQ/dw_1 ... dQ/dw_d.

    With r^2 ~ chi2_B and z ~ N(0, 1): Sxx = r^2 / B and Sxe = r noise_std z / B.
    """
    w, v, scratch, noise = block.w, block.v, block.scratch, block.noise
    scale, noise_std = law.loss_scale, np.hypot(law.noise_std, law.label_std)
    dim, walkers = w.shape
    half = 0.5 * batch
    for _ in range(steps):
        for i in range(walkers):
            noise[0, i] = stream.standard_gamma(half)
        for i in range(walkers):
            noise[1, i] = stream.standard_normal()
        field(w, scratch)
        for i in range(walkers):
            r = np.sqrt(2.0 * noise[0, i])
            noise[0, i] = (2.0 * scale / batch) * r * (r * scratch[0, i] - noise_std * noise[1, i])
        for axis in range(dim):
            for i in range(walkers):
                _move(w, v, axis, i, rate, momentum, noise[0, i] * scratch[1 + axis, i])


@kernel
def fresh_vector(
    field: Any,
    stream: np.random.Generator,
    block: Block,
    law: Examples,
    steps: int,
    rate: float,
    momentum: float,
    batch: int,
) -> None:
    """Fresh data, m outputs, exact in law by Bartlett's factor of the batch covariance. Rows: Q (m), dQ/dw (m d).

    The m x B matrix of inputs is A O' with O orthonormal and A lower trapezoidal, m x min(m, B): chi on the
    diagonal, normals below. Then Sxx Q - Sxe = A (A'Q - noise_std z) / B.
    """
    w, v, scratch, outputs = block.w, block.v, block.scratch, law.outputs
    scale, noise_std = law.loss_scale, np.hypot(law.noise_std, law.label_std)
    dim, walkers = w.shape
    rank = min(outputs, batch)
    factor = np.zeros((outputs, rank))
    inner = np.zeros(rank)
    pull = np.zeros(outputs)
    for _ in range(steps):
        field(w, scratch)
        for i in range(walkers):
            for a in range(rank):
                factor[a, a] = np.sqrt(2.0 * stream.standard_gamma(0.5 * (batch - a)))
                for k in range(a + 1, outputs):
                    factor[k, a] = stream.standard_normal()
                inner[a] = -noise_std * stream.standard_normal()
                for k in range(a, outputs):
                    inner[a] += factor[k, a] * scratch[k, i]
            for k in range(outputs):
                pull[k] = 0.0
                for a in range(min(k + 1, rank)):
                    pull[k] += factor[k, a] * inner[a]
            for axis in range(dim):
                gradient = 0.0
                for k in range(outputs):
                    gradient += pull[k] * scratch[outputs + k * dim + axis, i]
                _move(w, v, axis, i, rate, momentum, (2.0 * scale / batch) * gradient)


@kernel
def fresh_examples(
    field: Any,
    stream: np.random.Generator,
    block: Block,
    law: Examples,
    steps: int,
    rate: float,
    momentum: float,
    batch: int,
) -> None:
    """Fresh data drawn example by example from Student's t, scaled to unit variance. Rows: Q (m), dQ/dw (m d)."""
    w, v, scratch, outputs = block.w, block.v, block.scratch, law.outputs
    scale, noise_std, label_std = law.loss_scale, law.noise_std, law.label_std
    input_degrees, label_degrees = law.input_degrees, law.label_degrees
    dim, walkers = w.shape
    pull, inputs = np.zeros(outputs), np.zeros(outputs)
    for _ in range(steps):
        field(w, scratch)
        for i in range(walkers):
            pull[:] = 0.0
            for _example in range(batch):
                residual = -noise_std * _unit_student(stream, label_degrees) - label_std * stream.standard_normal()
                for a in range(outputs):
                    inputs[a] = _unit_student(stream, input_degrees)
                    residual += inputs[a] * scratch[a, i]
                for a in range(outputs):
                    pull[a] += residual * inputs[a]
            for axis in range(dim):
                gradient = 0.0
                for a in range(outputs):
                    gradient += pull[a] * scratch[outputs + a * dim + axis, i]
                _move(w, v, axis, i, rate, momentum, (2.0 * scale / batch) * gradient)


@kernel
def _unit_student(stream: np.random.Generator, degrees: float) -> float:
    """Student's t of variance 1; infinite degrees are normal."""
    number = stream.standard_normal()
    if np.isinf(degrees):
        return float(number)
    return float(number * np.sqrt((0.5 * degrees - 1.0) / stream.standard_gamma(0.5 * degrees)))


@kernel
def data_set(
    field: Any,
    stream: np.random.Generator,
    block: Block,
    law: Examples,
    steps: int,
    rate: float,
    momentum: float,
    batch: int,
) -> None:
    """Batches of the data set of the block, from its place in the epoch on. Rows: q (m), dq/dw (m d)."""
    w, v, scratch, order, x, y = block.w, block.v, block.scratch, block.order, block.x, block.y
    scale, label_std, position = law.loss_scale, law.label_std, block.place[0]
    dim, walkers = w.shape
    examples, outputs = x.shape
    replaced = order.shape[1] == 0
    pull = np.zeros(outputs)
    for _ in range(steps):
        if position >= examples:
            position = 0
        size = batch if replaced else min(batch, examples - position)
        field(w, scratch)
        for i in range(walkers):
            pull[:] = 0.0
            for k in range(size):
                if replaced:  # a uniform times N: biased by 2^-53 N, ten times faster than bounded integers
                    example = int(stream.random() * examples)
                else:
                    begin = position + k
                    other = begin + int(stream.random() * (examples - begin))
                    example = order[i, other]
                    order[i, other] = order[i, begin]
                    order[i, begin] = example
                residual = -y[example]
                if label_std > 0.0:
                    residual -= label_std * stream.standard_normal()
                for a in range(outputs):
                    residual += x[example, a] * scratch[a, i]
                for a in range(outputs):
                    pull[a] += residual * x[example, a]
            for axis in range(dim):
                gradient = 0.0
                for a in range(outputs):
                    gradient += pull[a] * scratch[outputs + a * dim + axis, i]
                _move(w, v, axis, i, rate, momentum, (2.0 * scale / size) * gradient)
        if not replaced:
            position += size
    block.place[0] = position


@kernel(inline="always")
def gaussian(
    field: Any,
    stream: np.random.Generator,
    block: Block,
    law: Examples,
    steps: int,
    rate: float,
    momentum: float,
    batch: int,
) -> None:
    """Gaussian gradients. Rows: mean gradient (d), factor of one example's covariance (d channels)."""
    w, v, scratch, noise, torus = block.w, block.v, block.scratch, block.noise, block.torus
    dim, walkers = w.shape
    channels = noise.shape[0]
    spread = 1.0 / np.sqrt(batch)
    for _ in range(steps):
        for channel in range(channels):
            for i in range(walkers):
                noise[channel, i] = spread * stream.standard_normal()
        field(w, scratch)
        for axis in range(dim):
            for channel in range(channels):
                row = dim + axis * channels + channel
                for i in range(walkers):
                    scratch[axis, i] += scratch[row, i] * noise[channel, i]
            for i in range(walkers):
                _move(w, v, axis, i, rate, momentum, scratch[axis, i])
            period = torus[1, axis]
            if period > 0:
                lower = torus[0, axis]
                for i in range(walkers):
                    w[axis, i] -= period * np.floor((w[axis, i] - lower) / period)
