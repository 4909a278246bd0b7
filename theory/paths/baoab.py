"""The splitting BAOAB for the equation with inertia."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.base.kernels import kernel
from theory.equations import Underdamped
from theory.laws.walkers import Begin, Stepper
from theory.paths.block import PathBlock, draw, finish
from theory.paths.scheme import Coefficients, PathEquation, Setting, Walking


@kernel
def bath_numbers(stream: np.random.Generator, walk: PathBlock, joined: int, keep: float, kick: float) -> None:
    """Fill `noise` with what the bath gives the momentum in a step, in `joined` parts that keep and kick."""
    draw(stream, walk, 1)
    for axis in range(walk.noise.shape[0]):
        for i in range(walk.noise.shape[1]):
            walk.noise[axis, i] *= kick
    for _ in range(1, joined):
        for axis in range(walk.noise.shape[0]):
            for i in range(walk.noise.shape[1]):
                walk.noise[axis, i] = keep * walk.noise[axis, i] + kick * stream.standard_normal()


@kernel
def push(p: Array, force: Array, time: float) -> None:
    """B: the force acts on the momentum."""
    p += time * force


@kernel
def drift_and_bath(walk: PathBlock, q: Array, p: Array, half: float, keep: float) -> None:
    """A, O, A: half a free flight, the bath, half a free flight."""
    for axis in range(q.shape[0]):
        for i in range(q.shape[1]):
            q[axis, i] += half * p[axis, i]
            p[axis, i] = keep * p[axis, i] + walk.noise[axis, i]
            q[axis, i] += half * p[axis, i]


@kernel
def baoab_loop(
    force: Any,
    stream: np.random.Generator,
    walk: PathBlock,
    q: Array,
    p: Array,
    steps: int,
    dt: float,
    friction: float,
    temperature: float,
    joined: int,
) -> None:
    """BAOAB; the force at the end of a step serves the next."""
    part = math.exp(-friction * dt / joined)
    kick = math.sqrt(temperature * (1 - part * part))
    keep = math.exp(-friction * dt)
    force(q, walk.field)
    for _ in range(steps):
        bath_numbers(stream, walk, joined, part, kick)
        push(p, walk.field, 0.5 * dt)
        drift_and_bath(walk, q, p, 0.5 * dt, keep)
        finish(stream, walk, dt)
        force(q, walk.field)
        push(p, walk.field, 0.5 * dt)


@dataclass(frozen=True)
class BAOAB:
    """Push, drift, bath, drift, push for `Underdamped`: weak order 2, strong order 1, one gradient a step.

    The bath is exact. The law of q is the best of the splittings': exact for a quadratic L, of order 4 at high
    friction. As that grows at fixed step it becomes `LeimkuhlerMatthews` with dt^2 / 2 for its step.

    Raises
    ------
    InputError
        For an equation without inertia.

    References
    ----------
    Leimkuhler & Matthews (2015), Molecular Dynamics, chapter 7.
    """

    strong_order: ClassVar[float] = 1.0
    weak_order: ClassVar[float] = 2.0
    joins: ClassVar[bool] = True

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme.
        """
        if not isinstance(sde, Underdamped):
            raise InputError(
                f"BAOAB() needs an Underdamped equation, got {type(sde).__name__}; take EulerMaruyama() or, for "
                "Isotropic noise, LeimkuhlerMatthews()"
            )
        dim, friction, temperature = sde.landscape.dim, sde.friction, sde.temperature
        field = _force(sde)
        loop = field.loop(baoab_loop)
        dt, joined = setting.dt, setting.joined

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, dim, dim, between=False)
            q, p = w[:dim], w[dim:]

            def advance(steps: int) -> None:
                loop(field.kernel, stream, walk, q, p, steps, dt, friction, temperature, joined)

            return Walking(advance, (), walk)

        return begin


def _force(sde: Underdamped) -> Coefficients:
    """-grad L at q (d, n), d rows."""
    dim = sde.landscape.dim
    if sde.force is not None:
        return Coefficients(sde.force.kernel, dim, dim, True)

    def evaluate(q: Array, out: Array) -> None:
        with np.errstate(all="ignore"):  # diverged walkers are counted, not hidden
            out[:] = -sde.landscape.gradient(q.T).T

    return Coefficients(evaluate, dim, dim, False)
