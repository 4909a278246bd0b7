"""How much of a law lies in a part of the grid, with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from compare.distances import Law
from compare.distances.distance import quantile
from compare.distances.masses import Masses
from theory.base.arrays import Booleans

CONFIDENCE = 0.95  # of all intervals together


@dataclass(frozen=True)
class Mass:
    """The share of a law in a part of the grid, between `low` and `high`."""

    value: float
    low: float
    high: float


def mass_in(law: Law, where: Booleans, looks: int) -> Mass:
    """The share of `law`, lost walkers among the rest, in the cells `where` (grid.shape), as one of `looks`."""
    masses = Masses.of(law)
    value = float(masses.probabilities[:-1][where.ravel()].sum())
    spread = masses.error
    if masses.walkers is not None:
        z = quantile(1 - (1 - CONFIDENCE) / looks)
        spread += z * math.sqrt(max(value * (1 - value), 1 / masses.walkers) / masses.walkers)
    return Mass(value, max(0.0, value - spread), min(1.0, value + spread))
