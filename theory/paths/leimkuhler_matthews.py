"""The scheme of Leimkuhler and Matthews for a heat bath."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.kernels import kernel
from theory.laws.walkers import Begin, Stepper
from theory.paths.block import PathBlock, copy, draw, finish
from theory.paths.scheme import PathEquation, Setting, Walking, coefficients, require_first_order


@kernel
def is_fresh(old: Array) -> bool:
    """Whether no number has been drawn yet."""
    return bool(np.isnan(old[0, 0]))


@kernel
def averaged_step(walk: PathBlock, old: Array, dt: float, spread: float) -> None:
    """W + b dt + g (dW_old + dW_new) / 2; the new numbers become the old ones."""
    w, field, noise = walk.w, walk.field, walk.noise
    dim, walkers = w.shape
    channels = noise.shape[0]
    for axis in range(dim):
        for i in range(walkers):
            w[axis, i] += dt * field[axis, i]
        for channel in range(channels):
            row = dim + axis * channels + channel
            for i in range(walkers):
                w[axis, i] += 0.5 * spread * field[row, i] * (old[channel, i] + noise[channel, i])
    copy(noise, old)


@kernel
def averaged_loop(
    field: Any, stream: np.random.Generator, walk: PathBlock, old: Array, steps: int, dt: float, spread: float
) -> None:
    """Leimkuhler-Matthews."""
    if is_fresh(old):
        draw(stream, walk, 1)
        copy(walk.noise, old)
    for _ in range(steps):
        draw(stream, walk, 1)
        field(walk.w, walk.field)
        averaged_step(walk, old, dt, spread)
        finish(stream, walk, dt)


@dataclass(frozen=True)
class LeimkuhlerMatthews:
    """w <- w - grad L dt + sqrt(2 T dt) (z_old + z_new) / 2: the stationary law to order 2 in one gradient a step.

    For `Isotropic` noise and no extra drift. The law at a given time is of weak order 1 and gains the second order
    as the start is forgotten; for a quadratic L the stationary law is exact. Paths are of strong order 1/2.

    Raises
    ------
    InputError
        Where D is not a temperature times the identity, or there is an extra drift.

    References
    ----------
    Leimkuhler & Matthews (2013), Rational construction of stochastic numerical methods for molecular sampling;
    Leimkuhler, Matthews & Tretyakov (2014), On the long-time integration of stochastic gradient systems.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    stationary_order: ClassVar[float] = 2.0
    joins: ClassVar[bool] = False

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme.
        """
        langevin = require_first_order(sde, self)
        require(
            langevin.potential(np.zeros((1, sde.dim))) is not None,
            "LeimkuhlerMatthews() needs Isotropic noise and no extra drift; take EulerMaruyama() or, for another "
            "D, Platen()",
        )
        field = coefficients(langevin)
        loop = field.loop(averaged_loop)
        dt, spread = setting.dt, setting.spread

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels, between=False)
            old = np.full_like(walk.noise, np.nan)

            def advance(steps: int) -> None:
                loop(field.kernel, stream, walk, old, steps, dt, spread)

            return Walking(advance, (old,), walk)

        return begin
