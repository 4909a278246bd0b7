"""What a distance between samples must give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np

from theory.base.arrays import Array, Booleans

Shifting = Callable[[float], Array]  # from the length of a step to distances


SPLITS = (20, 40)  # labellings that are shifted where each costs as much as the test: at least and at most
FEW_POINTS = 10_000  # of all those splits together, as far as `SPLITS` allow


def splits_of(number: int) -> int:
    """How many labellings of so many points are shifted one by one."""
    return int(np.clip(FEW_POINTS // number, *SPLITS))


class PooledSample(Protocol):
    """A pooled sample made ready by a distance: how far its parts are from each other."""

    @property
    def fixed(self) -> Booleans:
        """Which points keep their labels in the permutations of a test, shape (n,)."""
        ...

    def values(self, labels: Booleans) -> Array:
        """The distances of the points with label True from the others, for labels (k, n), shape (k,)."""
        ...

    def shifting(self, labels: Booleans, values: Array, ways: Array) -> Shifting:
        """Distances after the points with label False have moved, as a function of how far, or how far back.

        Those of the first of the labels (k, n), as many as it takes, in directions `ways` (k, d). `values` (k,)
        are those without a step, where no point is fixed.
        """
        ...


@runtime_checkable
class SampleDistance(Protocol):
    """A distance between two samples in any dimension, large where they differ."""

    @property
    def words(self) -> str:
        """What it is, for a line of text."""
        ...

    def prepare(self, points: Array, labels: Booleans, rng: np.random.Generator) -> PooledSample:
        """Points (n, d) of both samples made ready, `labels` (n,) saying which are of the first.

        What is random is drawn from `rng` and kept. Beside `fixed` nothing may depend on the labels.
        """
        ...
