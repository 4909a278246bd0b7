"""Whole numbers from real ones without roots or logarithms, whose last digit is each processor's own."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from theory.base.errors import require


def root_above(number: int, degree: int) -> int:
    """The least whole r with r**degree >= number, exactly.

    Raises
    ------
    InputError
        If the number or the degree is below 1.
    """
    require(number >= 1 and degree >= 1, f"a whole root needs numbers from 1 on, got {number} and {degree}")
    root = max(1, int(number ** (1 / degree)))  # a first guess
    while root**degree < number:
        root += 1
    while (root - 1) ** degree >= number:
        root -= 1
    return root


def decade(number: float) -> int:
    """The whole e with 10**e <= number < 10**(e + 1), exactly.

    Raises
    ------
    InputError
        If the number is not positive and finite.
    """
    require(0 < number < math.inf, f"decades hold positive, finite numbers, got {number}")
    return Decimal(float(number)).adjusted()


def doublings(ratio: float) -> int:
    """The least whole k with 2**k >= ratio, exactly.

    Raises
    ------
    InputError
        If the ratio is not positive and finite.
    """
    require(0 < ratio < math.inf, f"doublings reach a positive, finite ratio, got {ratio}")
    mantissa, exponent = math.frexp(ratio)  # ratio = mantissa 2**exponent with 1/2 <= mantissa < 1
    return exponent - 1 if mantissa == 0.5 else exponent


def powers(base: float, ratio: float) -> int:
    """The least whole k with base**k >= ratio, exactly.

    Raises
    ------
    InputError
        If the base is not above 1 and finite, or the ratio not positive and finite.
    """
    require(1 < base < math.inf, f"the base of powers must be above 1 and finite, got {base}")
    require(0 < ratio < math.inf, f"powers reach a positive, finite ratio, got {ratio}")
    exact, wanted = Fraction(base), Fraction(ratio)
    power = math.ceil(math.log(ratio) / math.log(base))  # a first guess
    while exact**power < wanted:
        power += 1
    while exact ** (power - 1) >= wanted:
        power -= 1
    return power
