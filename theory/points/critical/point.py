"""Critical points and sets of critical points, as records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

import sympy

from theory.base.showing import as_call, told


class Kind(Enum):
    """What a critical point is, whether it is degenerate or not."""

    MINIMUM = "minimum"  # not above any neighbour; a neighbour may be as low
    MAXIMUM = "maximum"
    SADDLE = "saddle"  # above some neighbours and below others; on a line a point of inflection
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class CriticalPoint:
    """A point where the gradient vanishes.

    Parameters
    ----------
    position
        The double next to each coordinate, length d.
    exact
        The coordinates as fractions, or None where one is irrational.
    kind
        Minimum, maximum, saddle or undecided; the first three are proved.
    index, nullity
        Numbers of negative and of zero eigenvalues of the Hessian, exact.
    value
        The loss there.
    sharpness
        Largest eigenvalue of the Hessian.
    isolated
        Whether no other critical point lies nearby.
    reason
        Why the kind is undecided, else empty.
    """

    position: tuple[float, ...]
    exact: tuple[Fraction, ...] | None
    kind: Kind
    index: int
    nullity: int
    value: float
    sharpness: float
    isolated: bool
    reason: str = ""

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def degenerate(self) -> bool:
        """Whether the Hessian is singular."""
        return self.nullity > 0

    def __str__(self) -> str:
        place = ", ".join(f"{x:.6g}" for x in self.position)
        flat = f", {self.nullity} flat direction(s)" if self.degenerate else ""
        index = f" of index {self.index}" if self.kind is Kind.SADDLE else ""
        return f"{self.kind.value}{index}{flat} at ({place}), loss {self.value:.6g}"


@dataclass(frozen=True)
class CriticalSet:
    """Infinitely many critical points: the real zeros of some equations, of dimension 1 or more.

    Parameters
    ----------
    equations
        Polynomials that vanish on the set and nowhere else.
    dimension
        Of the real set.
    samples
        Points on it: of a curve at least one on each arc between special points; of a set of higher dimension
        some.
    special
        The finitely many points of a curve where it is singular, meets another set, or its Hessian has lower rank
        or the loss another sign of its lowest term than around; the equations of a curve may also hold at real
        points off its arcs, which are listed here too. Of higher dimension these places are curves, listed as
        sets with `within`, and points.
    complete
        Whether the samples and special points show every kind that occurs on the set. It is so on curves along
        which the Hessian has rank d - 1 at all but special points, and on curves in the plane.
    within
        Whether the set is a special part of one of higher dimension.
    """

    equations: tuple[sympy.Expr, ...]
    dimension: int
    samples: tuple[CriticalPoint, ...]
    special: tuple[CriticalPoint, ...]
    complete: bool
    within: bool = False

    def __repr__(self) -> str:
        return told(
            "CriticalSet",
            equations=", ".join(f"{one} = 0" for one in self.equations),
            dimension=self.dimension,
            kinds=", ".join(sorted(kind.value for kind in self.kinds)),
            special=len(self.special),
            complete=self.complete,
            within=self.within,
        )

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of its samples."""
        return frozenset(point.kind for point in self.samples)


@dataclass(frozen=True)
class CriticalLocus:
    """All critical points of a landscape: isolated ones in the order of their loss, and sets of them."""

    points: tuple[CriticalPoint, ...]
    sets: tuple[CriticalSet, ...]

    def __repr__(self) -> str:
        return told("CriticalLocus", points=[str(point) for point in self.points], sets=len(self.sets))

    def of_kind(self, kind: Kind) -> tuple[CriticalPoint, ...]:
        """The isolated points of one kind."""
        return tuple(point for point in self.points if point.kind is kind)

    @property
    def minima(self) -> tuple[CriticalPoint, ...]:
        """The isolated minima."""
        return self.of_kind(Kind.MINIMUM)

    @property
    def maxima(self) -> tuple[CriticalPoint, ...]:
        """The isolated maxima."""
        return self.of_kind(Kind.MAXIMUM)

    @property
    def saddles(self) -> tuple[CriticalPoint, ...]:
        """The isolated saddles."""
        return self.of_kind(Kind.SADDLE)
