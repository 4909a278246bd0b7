"""Schemes of the user's own, as paths take them: tried at the door, a step of paths made a scheme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from theory.base.arguments.answers import inner_of, is_ours
from theory.base.arguments.words import shown
from theory.base.arrays import Array
from theory.base.contracts import Part
from theory.base.errors import InputError, require
from theory.base.trials import some_of
from theory.laws.walkers import Begin, Stepper
from theory.paths.block import finish
from theory.paths.contract import moved_by, try_block, try_step
from theory.paths.scheme import PathEquation, PathStep, Scheme, Setting, Walking


@dataclass(frozen=True)
class Stepping:
    """A `PathStep` as a `Scheme`: of orders that nobody knows, arrivals seen at the ends of steps."""

    rule: PathStep

    strong_order: ClassVar[float] = 0.0
    weak_order: ClassVar[float] = 0.0
    joins: ClassVar[bool] = False

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`: every equation fits."""
        part = Part.of("scheme", self.rule)

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            walk = setting.walk(w, 0, 0, between=False)

            def advance(steps: int) -> None:
                for _ in range(steps):
                    if walk.previous.shape[1] > 0:
                        walk.previous[:] = w
                    w[:] = moved_by(part, sde, np.ascontiguousarray(w.T), setting.dt, stream).T
                    finish(stream, walk, setting.dt)

            return Walking(advance, (), walk)

        return begin


def whole_scheme(scheme: Scheme | PathStep) -> Scheme:
    """`scheme` itself, or a `PathStep` as a scheme.

    Raises
    ------
    InputError
        If it is neither.
    """
    inner = inner_of(scheme)
    if isinstance(inner, Scheme):
        return inner
    fits = isinstance(inner, PathStep) and not isinstance(inner, type)
    require(
        fits, f"`scheme` must be a scheme such as EulerMaruyama(), or have a method `step`, got {shown(scheme)}"
    )
    return Stepping(inner)


def begun(scheme: Scheme, sde: PathEquation, setting: Setting, positions: Array) -> Begin:
    """What begins a block of paths; a step of a scheme of the user's own is tried at some `positions` (n, d).

    Raises
    ------
    InputError
        As `check_scheme`, or if the scheme does not fit the equation.
    """
    if isinstance(scheme, Stepping):
        try_step(Part.of("scheme", scheme.rule), sde, some_of(positions), setting.dt)
    elif not is_ours(scheme):
        try_block(Part.of("scheme", scheme), sde, some_of(positions), setting)
    return scheme.prepare(sde, setting)


def walking_of(stepper: Stepper) -> Walking:
    """A stepper that knows who has arrived.

    Raises
    ------
    InputError
        If it is none.
    """
    if not isinstance(stepper, Walking):
        raise InputError(
            f"arrivals need a scheme whose blocks are a Walking, got {type(stepper).__name__}; give it a method "
            "`step` instead of `prepare`"
        )
    return stepper
