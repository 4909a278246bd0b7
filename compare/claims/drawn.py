"""Measurements as series of a picture, with the intervals that they have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compare.claims.measurement import Measurement
from compare.pictures import Role, Series
from theory.base.arrays import ArrayLike

SHOWN = 0.95  # confidence of the intervals that pictures show


def series_of(
    label: str, x: ArrayLike, measurements: Sequence[Measurement], role: Role = Role.MEASURED, joined: bool = False
) -> Series:
    """The measurements over `x` (n,), each with its 95 % interval.

    Raises
    ------
    InputError
        If there are not as many as places.
    """
    low, high = np.array([one.interval(SHOWN) for one in measurements]).T
    values = np.array([one.value for one in measurements])
    return Series(label, np.asarray(x, dtype=np.float64), values, role, low, high, joined)
