"""Whether a number with its standard error is what it should be."""

from __future__ import annotations

import math

from compare.testing.check import POWER, Check
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.rounding import EPSILON
from theory.statistics import Coefficient

ROUNDED = 64 * EPSILON  # relative difference that may be rounding


def of_estimate(name: str, found: Estimate, expected: float, alpha: float, unit: str) -> Check:
    """The check of a measured number beside what is expected of it; an error of `expected` is a bound.

    Raises
    ------
    InputError
        If a number or an error is not finite.
    """
    bound = expected.error if isinstance(expected, Estimate) else 0.0
    numbers = {
        "value": float(found),
        "error": found.error,
        "expected value": float(expected),
        "expected error": bound,
    }
    for what, number in numbers.items():
        require(
            math.isfinite(number),
            f"{name} needs a finite {what}, got {number}; nobody can tell how far off it is",
        )
    one = Coefficient(found, math.inf)
    tolerance = bound + ROUNDED * abs(expected)
    width = one.half_width(alpha)
    words = (
        f"{unit} {float(found):.6g} in [{found - width:.6g}, {found + width:.6g}], expected {float(expected):.6g}"
        f"{f' +- {bound:.2g}' if bound else ''}"
    )
    chance = one.p_value(float(expected), tolerance)
    return Check(name, words, chance, alpha, one.detectable(alpha, tolerance, POWER), unit)
