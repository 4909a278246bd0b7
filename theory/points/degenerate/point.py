"""Points where the noise of a one-dimensional equation vanishes, and what walkers do there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from theory.base.showing import as_call

RATIO_TOLERANCE = 1e-6  # of a fitted drift-to-noise ratio from a quarter: 1 and m - 1 are the critical ones


class Feller(Enum):
    """Feller's types of a boundary: can it be reached from inside, can it be left into the inside."""

    REGULAR = "regular"  # both
    EXIT = "exit"  # reached, never left
    ENTRANCE = "entrance"  # left, never reached
    NATURAL = "natural"  # neither in finite time


@dataclass(frozen=True)
class Side:
    """One side of a degenerate point: D ~ A u^m and drift ~ beta u^n at distance u, and what they imply.

    With kappa = lim u b / D the scale density is ~ u^-kappa and the zero-flux density ~ u^(kappa - m), so

    - the side attracts (the scale is finite) iff kappa < 1;
    - the zero-flux density is integrable iff kappa > m - 1;
    - if min(n, m - 1) >= 1 it takes for ever to get there or away: natural. Otherwise the side is regular if
      it attracts and is integrable, exit if it attracts only, entrance if it does not attract.

    Parameters
    ----------
    noise_exponent, noise_coefficient
        m and A; m = inf and A = 0 on the side of an interval without noise, where the drift alone moves walkers.
    drift_exponent, drift_coefficient
        n and beta; beta > 0 points away from the point. n = inf and beta = 0 for no drift.
    share
        Of D' in that drift, which at a kink of D is an outward part on both sides: `push` is without it.

    References
    ----------
    Feller (1952); Karlin & Taylor, A Second Course in Stochastic Processes (1981), chapter 15.6.
    """

    noise_exponent: float
    noise_coefficient: float
    drift_exponent: float
    drift_coefficient: float
    share: float = 0.0

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def quiet(self) -> bool:
        """Whether there is no noise on this side."""
        return math.isinf(self.noise_exponent)

    @property
    def push(self) -> float:
        """The drift h = b - share D' at the point itself, positive away from it."""
        whole = self.drift_coefficient if self.drift_exponent == 0 else 0.0
        kink = self.share * self.noise_coefficient if self.noise_exponent == 1 else 0.0
        push = whole - kink
        return 0.0 if abs(push) <= RATIO_TOLERANCE * kink else push

    @property
    def ratio(self) -> float:
        """kappa, the limit of u b / D: 0 where noise rules, +-inf where the drift does."""
        balance = self.drift_exponent - (self.noise_exponent - 1)
        if balance > 0:
            return 0.0
        if balance < 0:
            return math.copysign(math.inf, self.drift_coefficient)
        ratio = self.drift_coefficient / self.noise_coefficient
        quarter = round(4 * ratio) / 4
        return quarter if abs(ratio - quarter) <= RATIO_TOLERANCE else ratio

    @property
    def attracting(self) -> bool:
        """Whether walkers on this side converge to the point with positive probability."""
        return self.ratio < 1

    @property
    def integrable(self) -> bool:
        """Whether the zero-flux density has finite mass at the point."""
        return self.ratio > self.noise_exponent - 1

    @property
    def feller(self) -> Feller:
        """Feller's type of the point, seen from this side."""
        if min(self.drift_exponent, self.noise_exponent - 1) >= 1:
            return Feller.NATURAL
        if not self.attracting:
            return Feller.ENTRANCE
        return Feller.REGULAR if self.integrable else Feller.EXIT

    def __str__(self) -> str:
        noise = "no noise" if self.quiet else f"D ~ {self.noise_coefficient:.3g} u^{self.noise_exponent:g}"
        if self.drift_coefficient == 0:
            return f"{noise}, no drift"
        return f"{noise}, drift ~ {self.drift_coefficient:.3g} u^{self.drift_exponent:g}"


@dataclass(frozen=True)
class DegeneratePoint:
    """A point where D = 0; a side that lies outside the interval searched is None. `position` is in units of w."""

    position: float
    left: Side | None
    right: Side | None

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides that exist, left first."""
        return tuple(side for side in (self.left, self.right) if side is not None)

    @property
    def noise_exponent(self) -> float:
        """Power m in D ~ A |u|^m, on the side where D vanishes more slowly."""
        return min(side.noise_exponent for side in self.sides)

    @property
    def direction(self) -> int:
        """Sign of the drift at the point: +1 or -1 for a one-way gate, 0 where walkers at the point stay.

        That of h: at a kink of D the part share D' points away on both sides, whatever its size, while over a
        rounded kink the odds to pass against h fall to 0 with its width, like width^(2 h / A).
        """
        pushes = [
            sign * math.copysign(1, side.push)
            for sign, side in ((-1, self.left), (1, self.right))
            if side is not None and side.push
        ]
        # Drifts that jump and meet, or part, at the point carry nobody through it.
        return int(pushes[0]) if len(pushes) == len(self.sides) and len(set(pushes)) == 1 else 0

    @property
    def drift_vanishes(self) -> bool:
        """Whether a walker exactly at the point stays there."""
        return self.direction == 0
