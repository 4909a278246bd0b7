"""The energy distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compare.samples.pairs import DISTANCE, PairSums
from theory.base.arrays import Array, Booleans


@dataclass(frozen=True)
class EnergyDistance:
    """2 E|X - Y| - E|X - X'| - E|Y - Y'|: 0 for equal laws with a mean, and for no others.

    It sees any difference, that of means best. Its cost grows with the square of the number of points.

    References
    ----------
    Szekely & Rizzo (2004), Testing for equal distributions in high dimension; (2013), Energy statistics.
    """

    @property
    def words(self) -> str:
        """What it is, for a line of text."""
        return "energy distance"

    def prepare(self, points: Array, labels: Booleans, rng: np.random.Generator) -> PairSums:
        """Points (n, d) of both samples made ready, with labels (n,); see `SampleDistance`."""
        return PairSums.of(points, DISTANCE, 1.0, -1.0, rng)
