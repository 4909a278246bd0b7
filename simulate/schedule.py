"""How learning rate and batch size change with the steps, as factors on their values in `SGD`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np

from theory.base.arguments.overriding import open_to_overrides
from theory.base.arrays import Array, Integers
from theory.base.errors import require


@runtime_checkable
class RateSchedule(Protocol):
    """What a schedule of the user's own may be: factors on the learning rate."""

    def rate(self, steps: Integers) -> Array:
        """Positive factors on the learning rate at `steps` (n,), counted from 0, shape (n,)."""
        ...


@runtime_checkable
class BatchSchedule(Protocol):
    """What a schedule of the user's own may be: factors on the batch size."""

    def batch(self, steps: Integers) -> Array:
        """Positive factors on the batch size at `steps` (n,), counted from 0, shape (n,)."""
        ...


@open_to_overrides
class Schedule:
    """Factors on learning rate and batch size at each step; a schedule overrides one of the two."""

    def rate(self, steps: Integers) -> Array:
        """Factor on the learning rate at `steps`, counted from 0. Shape of `steps`."""
        return np.ones(len(steps))

    def batch(self, steps: Integers) -> Array:
        """Factor on the batch size at `steps`; the batch is the nearest whole number, at least 1.

        Shape of `steps`.
        """
        return np.ones(len(steps))


@dataclass(frozen=True)
class Step(Schedule):
    """The learning rate is multiplied by `factor` from each of the steps `at` on.

    One step at 0 is a quench, no schedule the rate that stays.

    Raises
    ------
    InputError
        If the steps do not ascend from 0 on, or the factor is negative or not finite.
    """

    at: int | tuple[int, ...]
    factor: float

    def __post_init__(self) -> None:
        steps = tuple(int(a) for a in np.atleast_1d(self.at))
        object.__setattr__(self, "at", steps)
        _require_factor(self.factor, "factor")
        require(
            len(steps) > 0 and steps[0] >= 0 and all(a < b for a, b in pairwise(steps)),
            f"`at` must be steps that ascend from 0 on, got {steps}",
        )

    def rate(self, steps: Integers) -> Array:
        """The factor to the power of the number of changes so far. Shape of `steps`."""
        changes = (np.asarray(steps)[:, None] >= np.array(self.at)[None, :]).sum(axis=1)
        return np.asarray(self.factor ** changes.astype(np.float64))


@dataclass(frozen=True)
class _Ramp(Schedule):
    """From 1 at step 0 to `final` at step `steps`, and `final` after it."""

    steps: int
    final: float

    def __post_init__(self) -> None:
        _require_steps(self.steps, "steps")
        _require_factor(self.final, "final")

    def rate(self, steps: Integers) -> Array:
        """The factor at `steps`. Shape of `steps`."""
        return self._at(np.minimum(np.asarray(steps) / self.steps, 1.0))

    def _at(self, part: Array) -> Array:
        raise NotImplementedError


@dataclass(frozen=True)
class Linear(_Ramp):
    """The learning rate falls (or grows) on a line to `final` times its value within `steps`."""

    def _at(self, part: Array) -> Array:
        return 1 + (self.final - 1) * part


@dataclass(frozen=True)
class Cosine(_Ramp):
    """The learning rate falls along half a cosine to `final` times its value within `steps`."""

    def _at(self, part: Array) -> Array:
        return self.final + (1 - self.final) * (1 + np.cos(math.pi * part)) / 2


@dataclass(frozen=True)
class Exponential(_Ramp):
    """The learning rate falls by equal factors to `final` times its value within `steps`: annealing.

    Raises
    ------
    InputError
        If `steps` is no positive whole number, or `final` is not positive.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.final > 0, f"`final` must be positive, got {self.final}")

    def _at(self, part: Array) -> Array:
        return np.asarray(self.final**part)


@dataclass(frozen=True)
class BatchGrowth(Schedule):
    """The batch is multiplied by `factor` every so many steps, up to `largest` times its size.

    Raises
    ------
    InputError
        If `every` is no positive whole number, or a factor is not finite or below 1.
    """

    every: int
    factor: float = 2.0
    largest: float = 1e6

    def __post_init__(self) -> None:
        _require_steps(self.every, "every")
        for name in ("factor", "largest"):
            _require_factor(getattr(self, name), name)
            require(getattr(self, name) >= 1, f"`{name}` must be at least 1, got {getattr(self, name)}")

    def batch(self, steps: Integers) -> Array:
        """The factor at `steps`. Shape of `steps`."""
        growths = np.asarray(steps) // self.every
        with np.errstate(over="ignore"):  # products: a batch half-way between whole numbers is so everywhere
            factors = np.cumprod(np.concatenate([[1.0], np.full(growths.max(initial=0), float(self.factor))]))
        return np.asarray(np.minimum(factors[growths], self.largest))


AnySchedule: TypeAlias = Schedule | RateSchedule | BatchSchedule


def _require_steps(number: float, name: str) -> None:
    require(number >= 1 and number % 1 == 0, f"`{name}` must be a whole number of steps, at least 1, got {number}")


def _require_factor(number: float, name: str) -> None:
    require(math.isfinite(number) and number >= 0, f"`{name}` must be finite and not negative, got {number}")
