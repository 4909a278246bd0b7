"""What a learning coefficient is, and the rules for independent coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from theory.base.errors import require
from theory.base.html import table
from theory.base.showing import as_call


@dataclass(frozen=True)
class LearningCoefficient:
    """The learning coefficient of a point with its multiplicity: V(e) ~ c e^value (-log e)^(multiplicity - 1).

    V(e) is the volume of K < e near the point, and -value is the largest pole, of order multiplicity, of the
    integral of K^z (Watanabe 2009, chapter 4).

    Parameters
    ----------
    value
        lambda > 0, a fraction where it is exact; d/2 at a regular minimum.
    multiplicity
        m >= 1.

    Raises
    ------
    InputError
        If the value is not positive or the multiplicity no positive whole number.
    """

    value: Fraction | float
    multiplicity: int = 1

    def __post_init__(self) -> None:
        require(0 < self.value < math.inf, f"`value` must be positive and finite, got {self.value}")
        require(
            self.multiplicity >= 1 and self.multiplicity % 1 == 0,
            f"`multiplicity` must be a whole number, at least 1, got {self.multiplicity}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return table("LearningCoefficient", {"lambda": self.value, "multiplicity": self.multiplicity})


def sum_of(first: LearningCoefficient, second: LearningCoefficient) -> LearningCoefficient:
    """The coefficient of K1(u) + K2(v), u and v being different coordinates: values add, m = m1 + m2 - 1.

    The volumes convolve (Watanabe 2009, remark 7.2).
    """
    return LearningCoefficient(first.value + second.value, first.multiplicity + second.multiplicity - 1)


def product_of(first: LearningCoefficient, second: LearningCoefficient) -> LearningCoefficient:
    """The coefficient of K1(u) K2(v), u and v being different coordinates: the smaller; equal ones add their m.

    The zeta functions, integrals of K^z, multiply, so their poles do (Watanabe 2009, remark 7.2).
    """
    if first.value == second.value:
        return LearningCoefficient(first.value, first.multiplicity + second.multiplicity)
    return min(first, second, key=lambda coefficient: coefficient.value)
