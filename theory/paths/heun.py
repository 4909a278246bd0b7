"""Heun's scheme for Stratonovich's equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import sympy

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.kernels import kernel
from theory.equations import Ito, Langevin, Stratonovich
from theory.laws.walkers import Begin, Stepper
from theory.paths.block import PathBlock, copy, draw, finish
from theory.paths.euler import euler_step
from theory.paths.noise import along, columns_of, same
from theory.paths.scheme import (
    Coefficients,
    PathEquation,
    Setting,
    Walking,
    coefficients,
    once,
    require_first_order,
)
from theory.tensors import Constant


@kernel
def average_step(walk: PathBlock, start: Array, trial: Array, dt: float, spread: float) -> None:
    """From `start` with the mean of the coefficients there and at the trial point."""
    w, field, noise = walk.w, walk.field, walk.noise
    dim, walkers = w.shape
    channels = noise.shape[0]
    for axis in range(dim):
        for i in range(walkers):
            w[axis, i] = start[axis, i] + 0.5 * dt * (field[axis, i] + trial[axis, i])
        for channel in range(channels):
            row = dim + axis * channels + channel
            for i in range(walkers):
                w[axis, i] += 0.5 * spread * (field[row, i] + trial[row, i]) * noise[channel, i]


@kernel
def heun_loop(
    field: Any,
    stream: np.random.Generator,
    walk: PathBlock,
    start: Array,
    trial: Array,
    steps: int,
    dt: float,
    spread: float,
    joined: int,
) -> None:
    """Stochastic Heun."""
    for _ in range(steps):
        draw(stream, walk, joined)
        field(walk.w, walk.field)
        copy(walk.w, start)
        euler_step(walk, dt, spread)
        field(walk.w, trial)
        average_step(walk, start, trial, dt, spread)
        finish(stream, walk, dt)


@dataclass(frozen=True)
class Heun:
    """Trial step and mean of both ends, in Stratonovich's sense: weak order 1, strong order 1/2.

    The strong order is 1 where the noise commutes (one channel, diagonal noise). Needs the reading
    `Stratonovich()`, and beyond one dimension noise for which half of div D, which that reading adds, is
    Stratonovich's own correction for the factor in use: formulas are tested for it.

    Raises
    ------
    InputError
        For another reading, or where the factor's correction is not half of div D.

    References
    ----------
    Rümelin (1982), Numerical treatment of stochastic differential equations.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    joins: ClassVar[bool] = True

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme.
        """
        field = once(sde, "_heun", lambda: _plain_drift(require_first_order(sde, self)))
        loop = field.loop(heun_loop)
        dt, spread, joined = setting.dt, setting.spread, setting.joined

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, field.rows, field.channels)
            start, trial = np.empty_like(w), np.empty_like(walk.field)

            def advance(steps: int) -> None:
                loop(field.kernel, stream, walk, start, trial, steps, dt, spread, joined)

            return Walking(advance, (), walk)

        return begin


def _plain_drift(sde: Langevin) -> Coefficients:
    """The drift as written, without the share of div D, and the factor."""
    require(
        isinstance(sde.interpretation, Stratonovich),
        f"Heun() solves the Stratonovich equation, got {type(sde.interpretation).__name__}; take Milstein(), "
        "Platen() or EulerMaruyama()",
    )
    plain = Langevin(sde.landscape, sde.diffusion, Ito(), sde.extra_drift)
    fits, own = sde.dim == 1 or isinstance(sde.diffusion, Constant), ""
    if not fits and plain.compiled is not None:
        assert sde.compiled is not None
        variables, columns = plain.compiled.variables, columns_of(plain)
        terms = [along(g, g, variables) for g in columns]
        correction = [sum(row) / 2 for row in zip(*terms, strict=True)]
        pairs = zip(sde.compiled.expressions[: sde.dim], plain.compiled.expressions[: sde.dim], strict=True)
        fits = same([a - b for a, b in pairs], correction, variables)
        own = ", here (" + ", ".join(str(sympy.simplify(c))[:60] for c in correction) + ")"
    require(
        fits,
        "Heun() needs a factor g of 2 D for which half of div D is Stratonovich's correction (1/2) (g.grad) g, "
        "and here it is another or cannot be seen; for dw = b dt + g o dW write Langevin(..., Ito(), extra_drift) "
        f"with the Ito drift (1/2) (g.grad) g added{own}, and take EulerMaruyama() or Platen(); for the half-way "
        "reading of D itself take EulerMaruyama() with Stratonovich() as it stands",
    )
    return coefficients(plain)
