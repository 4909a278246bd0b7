"""A normal prior."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.showing import as_call


@dataclass(frozen=True)
class NormalPrior:
    """The logarithm of a normal density with independent components, up to a constant: a `log_prior` of laws.

    Decay of weights at the rate r, r |w|^2 / 2 beside a loss of temperature T, is the prior of std sqrt(T / r).

    Parameters
    ----------
    std
        Standard deviation of each component.
    mean
        Of each component.

    Raises
    ------
    InputError
        If `std` is not positive.
    """

    std: float
    mean: float = 0.0

    def __post_init__(self) -> None:
        require(math.isfinite(self.std) and self.std > 0, f"`std` must be positive and finite, got {self.std}")
        require(math.isfinite(self.mean), f"`mean` must be finite, got {self.mean}")

    def __repr__(self) -> str:
        return as_call(self)

    def __call__(self, w: ArrayLike) -> Array:
        """-|w - mean|^2 / (2 std^2), shape (...)."""
        return np.asarray(self.of_point(np.asarray(w, dtype=np.float64)))

    def of_point(self, w: Any) -> Any:
        """The same of an array of any library."""
        return -((w - self.mean) ** 2).sum(axis=-1) / (2 * self.std**2)

    def gradient(self, w: ArrayLike) -> Array:
        """Its gradient, shape (..., d)."""
        return np.asarray((self.mean - np.asarray(w, dtype=np.float64)) / self.std**2)
