"""Local learning coefficients of small landscapes, and how far a number lies from the exact one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from theory import Estimate, Grid, Landscape, SymbolicLandscape, local_learning_coefficient
from theory.base.arrays import Array
from theory.learning import LocalLearningCoefficient

PARABOLA, QUARTIC = SymbolicLandscape("w**2"), SymbolicLandscape("w**4")
WARM = 1000 / math.log(1000)  # n beta at n = 1000
LINE = Grid(-3, 3, 60)


def seeded(seed: Any) -> np.random.Generator:
    return np.random.default_rng(seed)


def estimate(
    landscape: Landscape, seed: Any = 0, examples: float = 1000, **options: Any
) -> LocalLearningCoefficient:
    return local_learning_coefficient(landscape, np.zeros(landscape.dim), examples, rng=seeded(seed), **options)


def off(found: Estimate, exact: float) -> float:
    """Distance from `exact` in standard errors."""
    return abs(found - exact) / found.error


def tether(strength: float) -> Callable[[Array], Array]:
    """The logarithm of a localization of this strength at 0."""
    return lambda w: np.asarray(-strength * (w**2).sum(axis=-1) / 2)
