"""The compiled loops of the step rules that ship."""

from __future__ import annotations

import numpy as np

from simulate.rules.rule import ADAM, CLIP_NORM, CLIP_VALUE, DECAY, HEAT, LION, RMSPROP, SCALED_HEAT, SIGN
from theory.base.arrays import Array
from theory.base.kernels import kernel


@kernel
def follow(
    stream: np.random.Generator,
    down: Array,
    w: Array,
    v: Array,
    ahead: float,
    rows: Array,
    memory: Array,
    rate: float,
    step: int,
) -> None:
    """What the rules of `rows` (k, 4) make of `down` (d, n), minus the gradient of a batch at w + ahead v.

    But for weight decay rules are odd, so that minus signs stay outside. `memory` (m, d, n) holds what they
    average, rule after rule; steps count from 0.
    """
    first = 0
    for kind, one, two, three in rows:
        if kind == CLIP_VALUE:
            clip_by_value(down, one)
        elif kind == CLIP_NORM:
            clip_by_norm(down, one)
        elif kind == DECAY:
            for axis in range(down.shape[0]):
                for i in range(down.shape[1]):
                    down[axis, i] -= one * (w[axis, i] + ahead * v[axis, i])
        elif kind == SIGN:
            for axis in range(down.shape[0]):
                for i in range(down.shape[1]):
                    down[axis, i] = sign(down[axis, i])
        elif kind == RMSPROP:
            rmsprop(down, memory[first], one, two)
            first += 1
        elif kind == ADAM:
            adam(down, memory[first], memory[first + 1], one, two, three, step + 1)
            first += 2
        elif kind == LION:
            lion(down, memory[first], one, two)
            first += 1
        elif kind == HEAT and one > 0.0:
            spread = np.sqrt(2.0 * one / rate) if rate > 0.0 else 0.0
            for axis in range(down.shape[0]):
                for i in range(down.shape[1]):
                    down[axis, i] += spread * stream.standard_normal()
        elif kind == SCALED_HEAT:
            spread = np.sqrt(2.0 * one / rate) if rate > 0.0 else 0.0
            scaled_heat(stream, down, memory[first], spread, two, three)
            first += 1


@kernel(inline="always")
def sign(number: float) -> float:
    """-1, 0 or 1; what is not a number stays none, so that nobody who diverges comes back."""
    if number > 0.0:
        return 1.0
    if number < 0.0:
        return -1.0
    return number


@kernel
def clip_by_value(down: Array, limit: float) -> None:
    """Every component within [-limit, limit]; what is not a number stays none."""
    for axis in range(down.shape[0]):
        for i in range(down.shape[1]):
            if down[axis, i] > limit:
                down[axis, i] = limit
            elif down[axis, i] < -limit:
                down[axis, i] = -limit


@kernel
def clip_by_norm(down: Array, limit: float) -> None:
    """Every walker's vector no longer than `limit`; over its largest component, whose square may overflow."""
    dim, walkers = down.shape
    for i in range(walkers):
        largest = 0.0
        for axis in range(dim):
            largest = max(largest, abs(down[axis, i]))
        total = 0.0
        for axis in range(dim):
            part = down[axis, i] / largest
            total += part * part
        norm = largest * np.sqrt(total)
        if norm > limit:
            for axis in range(dim):
                down[axis, i] *= limit / norm


@kernel
def rmsprop(down: Array, square: Array, beta: float, epsilon: float) -> None:
    """Over the root of the mean square, component by component."""
    for axis in range(down.shape[0]):
        for i in range(down.shape[1]):
            gradient = down[axis, i]
            square[axis, i] = beta * square[axis, i] + (1.0 - beta) * (gradient * gradient)
            down[axis, i] = gradient / (np.sqrt(square[axis, i]) + epsilon)


@kernel
def adam(down: Array, mean: Array, square: Array, beta1: float, beta2: float, epsilon: float, number: int) -> None:
    """The corrected mean over the root of the corrected mean square, at the step with this `number`, from 1."""
    power = float(number)  # one of whole numbers is a product, with another rounding
    first, second = 1.0 - beta1**power, 1.0 - beta2**power
    for axis in range(down.shape[0]):
        for i in range(down.shape[1]):
            gradient = down[axis, i]
            mean[axis, i] = beta1 * mean[axis, i] + (1.0 - beta1) * gradient
            square[axis, i] = beta2 * square[axis, i] + (1.0 - beta2) * (gradient * gradient)
            down[axis, i] = (mean[axis, i] / first) / (np.sqrt(square[axis, i] / second) + epsilon)


@kernel
def lion(down: Array, mean: Array, beta1: float, beta2: float) -> None:
    """The sign of the mean with this gradient, which is averaged after."""
    for axis in range(down.shape[0]):
        for i in range(down.shape[1]):
            gradient = down[axis, i]
            down[axis, i] = sign(beta1 * mean[axis, i] + (1.0 - beta1) * gradient)
            mean[axis, i] = beta2 * mean[axis, i] + (1.0 - beta2) * gradient


@kernel
def scaled_heat(
    stream: np.random.Generator, down: Array, square: Array, spread: float, beta: float, epsilon: float
) -> None:
    """G g and noise of covariance spread^2 G, where G is one over the root of the mean square."""
    for axis in range(down.shape[0]):
        for i in range(down.shape[1]):
            gradient = down[axis, i]
            square[axis, i] = beta * square[axis, i] + (1.0 - beta) * (gradient * gradient)
            scale = 1.0 / (np.sqrt(square[axis, i]) + epsilon)
            down[axis, i] = scale * gradient + spread * np.sqrt(scale) * stream.standard_normal()
