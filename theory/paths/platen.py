"""Platen's scheme of weak order 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.kernels import kernel
from theory.laws.walkers import Begin, Stepper
from theory.paths.block import PathBlock, copy, draw, finish
from theory.paths.scheme import (
    PathEquation,
    Setting,
    Walking,
    coefficients,
    factor_alone,
    once,
    require_first_order,
)


@kernel
def draw_signs(stream: np.random.Generator, signs: Array, dt: float) -> None:
    """Fill V_rj: -dt on the diagonal, dt or -dt with equal chance above it, its negative below; (m, m, n)."""
    channels = signs.shape[0]
    for r in range(channels):
        signs[r, r] = -dt
        for j in range(r):
            for i in range(signs.shape[2]):
                signs[r, j, i] = dt if stream.random() < 0.5 else -dt
                signs[j, r, i] = -signs[r, j, i]


@kernel
def platen_support(walk: PathBlock, trial: Array, channel: int, dt: float, shift: float, drift: float) -> None:
    """Trial point w + drift b dt + shift g_channel; channel -1 means all channels times their increments."""
    w, field, noise = walk.w, walk.field, walk.noise
    dim, walkers = w.shape
    channels = noise.shape[0]
    for axis in range(dim):
        for i in range(walkers):
            trial[axis, i] = w[axis, i] + drift * dt * field[axis, i]
        for k in range(channels):
            if channel in (-1, k):
                row = dim + axis * channels + k
                for i in range(walkers):
                    trial[axis, i] += shift * field[row, i] * (noise[k, i] if channel == -1 else 1.0)


@kernel
def platen_start(walk: PathBlock, total: Array, ahead: Array, dt: float, spread: float) -> None:
    """Mean of both drifts, and the part of the noise that the factor at the start makes."""
    w, field, noise = walk.w, walk.field, walk.noise
    dim, walkers = w.shape
    channels = noise.shape[0]
    for axis in range(dim):
        for i in range(walkers):
            total[axis, i] = w[axis, i] + 0.5 * dt * (field[axis, i] + ahead[axis, i])
        for k in range(channels):
            row = dim + axis * channels + k
            for i in range(walkers):
                total[axis, i] += 0.5 * (2 - channels) * spread * noise[k, i] * field[row, i]


@kernel
def platen_own(
    walk: PathBlock, total: Array, factor: Array, channel: int, side: float, dt: float, spread: float
) -> None:
    """What channel j makes of its own factor at w + b dt +- g_j sqrt(dt)."""
    dim, walkers = walk.w.shape
    channels = walk.noise.shape[0]
    root = np.sqrt(dt)
    for axis in range(dim):
        row = axis * channels + channel
        for i in range(walkers):
            step = spread * walk.noise[channel, i]
            total[axis, i] += 0.25 * factor[row, i] * (step + side * (step * step - dt) / root)


@kernel
def platen_other(
    walk: PathBlock, total: Array, factor: Array, signs: Array, moved: int, side: float, dt: float, spread: float
) -> None:
    """What the other channels make of their factors at w +- g_moved sqrt(dt)."""
    dim, walkers = walk.w.shape
    channels = walk.noise.shape[0]
    root = np.sqrt(dt)
    for axis in range(dim):
        for j in range(channels):
            if j != moved:
                row = axis * channels + j
                for i in range(walkers):
                    step = spread * walk.noise[j, i]
                    area = step * spread * walk.noise[moved, i] + signs[moved, j, i]
                    total[axis, i] += 0.25 * factor[row, i] * (step + side * area / root)


@kernel
def platen_loop(
    field: Any,
    factor_field: Any,
    stream: np.random.Generator,
    walk: PathBlock,
    trial: Array,
    total: Array,
    ahead: Array,
    factor: Array,
    signs: Array,
    steps: int,
    dt: float,
    spread: float,
    joined: int,
) -> None:
    """Platen's explicit scheme of weak order 2 for any number of channels."""
    channels = walk.noise.shape[0]
    root = np.sqrt(dt)
    for _ in range(steps):
        draw(stream, walk, joined)
        draw_signs(stream, signs, dt)
        field(walk.w, walk.field)
        platen_support(walk, trial, -1, dt, spread, 1.0)
        field(trial, ahead)
        platen_start(walk, total, ahead, dt, spread)
        for k in range(channels):
            for side in (-1.0, 1.0):
                platen_support(walk, trial, k, dt, side * root, 1.0)
                factor_field(trial, factor)
                platen_own(walk, total, factor, k, side, dt, spread)
                if channels > 1:
                    platen_support(walk, trial, k, dt, side * root, 0.0)
                    factor_field(trial, factor)
                    platen_other(walk, total, factor, signs, k, side, dt, spread)
        copy(total, walk.w)
        finish(stream, walk, dt)


@dataclass(frozen=True)
class Platen:
    """Platen's explicit scheme without derivatives: weak order 2 for Ito noise of any kind, strong order 1/2.

    With one channel its strong order is 1. A step takes the factor of D at 2 (m = 1) or 4 m further points, so it
    pays where means at a given time are wanted to better than a per cent.

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, equation 15.1.3.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 2.0
    joins: ClassVar[bool] = False

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`: every Langevin equation fits.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme.
        """
        langevin = require_first_order(sde, self)
        field = coefficients(langevin)
        factor_field = once(langevin, "_factor", lambda: factor_alone(langevin, field))
        loop = field.loop(platen_loop)
        dt, spread, joined = setting.dt, setting.spread, setting.joined

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels)
            trial, total, ahead = np.empty_like(w), np.empty_like(w), np.empty_like(walk.field)
            factor = np.empty((factor_field.rows, w.shape[1]))
            signs = np.empty((field.channels, field.channels, w.shape[1]))

            def advance(steps: int) -> None:
                loop(
                    field.kernel, factor_field.kernel, stream, walk, trial, total, ahead, factor, signs, steps,
                    dt, spread, joined,
                )  # fmt: skip

            return Walking(advance, (), walk)

        return begin
