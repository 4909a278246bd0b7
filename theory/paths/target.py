"""Where walkers are to arrive."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, ArrayLike, Booleans
from theory.base.errors import require
from theory.base.showing import as_call


@dataclass(frozen=True)
class HalfSpace:
    """Points whose component `axis` has reached `level`, from below or, with `above` False, from above.

    Raises
    ------
    InputError
        If the level is not finite or the axis negative.
    """

    level: float
    axis: int = 0
    above: bool = True

    def __post_init__(self) -> None:
        require(math.isfinite(self.level), f"`level` must be finite, got {self.level}")
        require(self.axis >= 0, f"`axis` must not be negative, got {self.axis}")

    def __repr__(self) -> str:
        return as_call(self)

    def __call__(self, w: ArrayLike) -> Booleans:
        """Whether each of w (..., d) is there."""
        x = np.asarray(w)[..., self.axis]
        return np.asarray(x >= self.level if self.above else x <= self.level)

    @property
    def ends(self) -> tuple[float, float]:
        """Where walkers arrive, below and above."""
        return (-math.inf, self.level) if self.above else (self.level, math.inf)


@dataclass(frozen=True)
class Outside:
    """Points whose component `axis` does not lie between `lower` and `upper`.

    Raises
    ------
    InputError
        If not lower < upper, or the axis is negative.
    """

    lower: float
    upper: float
    axis: int = 0

    def __post_init__(self) -> None:
        require(self.lower < self.upper, f"the target needs lower < upper, got {self.lower} and {self.upper}")
        require(self.axis >= 0, f"`axis` must not be negative, got {self.axis}")

    def __repr__(self) -> str:
        return as_call(self)

    def __call__(self, w: ArrayLike) -> Booleans:
        """Whether each of w (..., d) is there."""
        x = np.asarray(w)[..., self.axis]
        return np.asarray((x <= self.lower) | (x >= self.upper))

    @property
    def ends(self) -> tuple[float, float]:
        """Where walkers arrive, below and above."""
        return self.lower, self.upper


Target = HalfSpace | Outside | Callable[[Array], Booleans]
