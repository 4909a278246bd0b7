"""Stochastic gradient descent, as a record of its settings."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from simulate.sampling import Fresh, Sampling
from theory.errors import require


@dataclass(frozen=True)
class SGD:
    """w <- w + v with v <- momentum v - learning_rate g_B, where g_B is the mean gradient of a batch.

    Parameters
    ----------
    learning_rate
        Positive.
    batch_size
        Examples a step, at least 1.
    momentum
        Heavy-ball momentum in [0, 1).
    sampling
        `Fresh()`, `WithReplacement()` or `WithoutReplacement()`; the last two need data.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    learning_rate: float
    batch_size: int
    momentum: float = 0.0
    sampling: Sampling = field(default=Fresh(), kw_only=True)

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.learning_rate) and self.learning_rate > 0,
            f"`learning_rate` must be positive and finite, got {self.learning_rate}",
        )
        require(
            self.batch_size >= 1 and self.batch_size % 1 == 0,
            f"`batch_size` must be a whole number, at least 1, got {self.batch_size}",
        )
        require(0 <= self.momentum < 1, f"`momentum` must lie in [0, 1), got {self.momentum}")
        require(
            isinstance(self.sampling, Sampling),
            f"`sampling` must be Fresh(), WithReplacement() or WithoutReplacement(), got {self.sampling!r}",
        )
        for name, kind in (("learning_rate", float), ("batch_size", int), ("momentum", float)):
            object.__setattr__(self, name, kind(getattr(self, name)))  # one compiled loop for 1 and 1.0

    @property
    def time_step(self) -> float:
        """Time of one step in the continuous limit: learning_rate / (1 - momentum)."""
        return self.learning_rate / (1 - self.momentum)
