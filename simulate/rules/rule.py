"""What step rules are: those that ship, by the rows that compiled loops read, and those of the user's own."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.showing import as_call

CLIP_VALUE, CLIP_NORM, DECAY, SIGN, RMSPROP, ADAM, LION, HEAT, SCALED_HEAT = range(9)  # kinds of rows
MEMORY = {RMSPROP: 1, ADAM: 2, LION: 1, SCALED_HEAT: 1}  # numbers that a kind keeps of each coordinate

Row = tuple[float, float, float, float]


class ShippedRule:
    """A rule that ships: frozen settings, and rows (kind and three numbers) for the compiled loop.

    `has_momentum`: it averages gradients itself. `rescales`: what comes out is no gradient. `samples`: it adds the
    noise of a temperature.
    """

    has_momentum: ClassVar[bool] = False
    rescales: ClassVar[bool] = False
    samples: ClassVar[bool] = False

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the compiled loop does, one after the other."""
        raise NotImplementedError

    @property
    def decay(self) -> float:
        """Share of w itself that is added to what passes."""
        return sum(row[1] for row in self.rows if row[0] == DECAY)


@runtime_checkable
class StepRule(Protocol):
    """A step rule of the user's own: what a step makes of the gradient, with a state for each walker.

    It may have `start(w)`, the state at the places w (n, d) where walkers begin: an array (n, ...) of finite
    numbers. Without, the state is an empty one, of shape (n, 0).
    """

    def update(
        self, gradient: Array, state: Array, w: Array, rate: float, step: int, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """What is taken `rate` times from w, shape (n, d), and the next state, of the shape of `state`.

        `gradient` (n, d) is that of a batch at w (n, d), or what the rule before made of it; steps count from 0.
        All randomness comes from `rng`, for each walker by itself.
        """
        ...


def require_share(number: float, name: str) -> None:
    """Require a number in [0, 1). Raises `InputError`."""
    require(0 <= number < 1, f"`{name}` must lie in [0, 1), got {number}")


def require_positive(number: float, name: str) -> None:
    """Require a number that is positive and finite. Raises `InputError`."""
    require(math.isfinite(number) and number > 0, f"`{name}` must be positive and finite, got {number}")


def require_not_negative(number: float, name: str) -> None:
    """Require a number that is finite and not negative. Raises `InputError`."""
    require(math.isfinite(number) and number >= 0, f"`{name}` must be finite and not negative, got {number}")


def as_floats(rule: Any, *names: str) -> None:
    """Keep numbers as floats: a rule of 1 is that of 1.0."""
    for name in names:
        object.__setattr__(rule, name, float(getattr(rule, name)))
