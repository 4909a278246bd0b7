"""What a two-sample test found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

POWER: Final = 0.9  # with which the smallest detectable shift is found
TELLING: Final = 1.35  # standard deviations: normal laws so far apart have a total variation of 1/2


@dataclass(frozen=True)
class TwoSampleTest:
    """A distance between two samples beside what it would be if both were of one law.

    Parameters
    ----------
    method
        The distance in words.
    value, noise_floor, threshold
        The distance seen, the mean of those with permuted labels, and the one beyond which laws differ.
    p_value
        Chance of a distance as large, or larger, if both are of one law.
    alpha
        Chance of a false alarm.
    sizes
        Independent points of the two samples.
    dim
        Dimension.
    detectable
        Smallest shift in standard deviations, in a random direction, that is found with probability .9; infinite
        where none is.
    permutations
        How many.
    """

    method: str
    value: float
    noise_floor: float
    threshold: float
    p_value: float
    alpha: float
    sizes: tuple[int, int]
    dim: int
    detectable: float
    permutations: int

    @property
    def debiased(self) -> float:
        """The distance without what sampling adds on average."""
        return self.value - self.noise_floor

    @property
    def verdict(self) -> str:
        """'differs', 'agrees', or 'cannot tell'.

        'differs': the p-value is `alpha` at most. 'agrees': it is not, and a shift of 1.35 standard deviations, a
        total variation of 1/2 between normal laws, would have shown with probability .9. 'cannot tell': even that
        might not have; take more points.
        """
        if self.p_value <= self.alpha:
            return "differs"
        return "agrees" if self.detectable <= TELLING else "cannot tell"

    def __str__(self) -> str:
        relation = "<=" if self.p_value <= self.alpha else ">"
        shift = (
            f"no shift is found with probability {POWER:g}"
            if math.isinf(self.detectable)
            else f"a shift of {self.detectable:.2g} standard deviations is found with probability {POWER:g}"
        )
        found = f"{self.method} {self.value:.4g}, floor {self.noise_floor:.4g}, p = {self.p_value:.2g}"
        sizes = f"{self.sizes[0]} and {self.sizes[1]} points in {self.dim} dimensions"
        return f"{self.verdict}: {found} {relation} {self.alpha:g}; {sizes}, {shift}"
