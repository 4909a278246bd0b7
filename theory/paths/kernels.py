"""Compiled loops over blocks of paths: they take arrays, a formula's kernel and a Generator, nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from theory.arrays import Array


@njit(nogil=True, cache=True, error_model="numpy")
def euler_maruyama(
    field: Any,
    stream: np.random.Generator,
    w: Array,
    scratch: Array,
    noise: Array,
    torus: Array,
    steps: int,
    dt: float,
) -> None:
    """Advance w (d, n) by `steps`; `field` fills scratch with drift (d, n) and noise factor (d * channels, n)."""
    dim, walkers = w.shape
    channels = noise.shape[0]
    spread = np.sqrt(dt)
    for _ in range(steps):
        for channel in range(channels):
            for i in range(walkers):
                noise[channel, i] = stream.standard_normal()
        field(w, scratch)
        for axis in range(dim):
            for i in range(walkers):
                w[axis, i] += dt * scratch[axis, i]
            for channel in range(channels):
                row = dim + axis * channels + channel
                for i in range(walkers):
                    w[axis, i] += spread * scratch[row, i] * noise[channel, i]
            period = torus[1, axis]
            if period > 0:
                lower = torus[0, axis]
                for i in range(walkers):
                    w[axis, i] -= period * np.floor((w[axis, i] - lower) / period)
