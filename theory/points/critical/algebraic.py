"""Real points with algebraic coordinates, and exact signs of polynomials there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

import sympy
from sympy import QQ

Number: TypeAlias = Any  # an element of Q or of an algebraic field, in SymPy's own arithmetic
PRECISION = 80  # bits to which coordinates are known before they become doubles


@dataclass(frozen=True, eq=False)
class RealPoint:
    """A real point whose coordinates are polynomials in one real root t of an irreducible polynomial.

    Parameters
    ----------
    minimal
        The irreducible monic polynomial over the rationals, in one symbol.
    lower, upper
        Ends of an interval that holds this root and no other.
    coordinates
        Elements of `field`, one for each variable.
    """

    minimal: sympy.Poly
    lower: Fraction
    upper: Fraction
    coordinates: tuple[Number, ...]
    field: Any

    @property
    def rational(self) -> tuple[sympy.Rational, ...] | None:
        """The coordinates as fractions, or None where one is irrational."""
        parts = [_coefficients(x, self.field) for x in self.coordinates]
        if any(len(p) > 1 for p in parts):
            return None
        return tuple(
            sympy.Rational(int(p[0].numerator), int(p[0].denominator)) if p else sympy.S.Zero for p in parts
        )

    def at(self, polynomial: sympy.Poly) -> Number:
        """The value of a polynomial with rational coefficients, in the field."""
        powers: list[list[Number]] = [[self.field.one] for _ in self.coordinates]
        total = self.field.zero
        for monomial, coefficient in polynomial.terms():
            term = self.field.convert_from(QQ(coefficient.p, coefficient.q), QQ)
            for known, x, n in zip(powers, self.coordinates, monomial, strict=True):
                while len(known) <= n:
                    known.append(known[-1] * x)
                term = term * known[n]
            total = total + term
        return total

    def vanishes(self, polynomial: sympy.Poly) -> bool:
        """Whether the polynomial is exactly zero here."""
        return not self.at(polynomial)

    def sign(self, number: Number) -> int:
        """The exact sign of an element of the field."""
        return self._signs.of(number)

    def value(self, number: Number) -> float:
        """The double next to an element of the field."""
        return self._signs.value(number)

    @cached_property
    def _signs(self) -> _Root:
        return _Root(self.minimal, self.lower, self.upper, self.field)

    @cached_property
    def position(self) -> tuple[float, ...]:
        """The coordinates as doubles."""
        return tuple(self.value(x) for x in self.coordinates)


class _Root:
    """The interval of a root, halved as far as signs need it."""

    def __init__(self, minimal: sympy.Poly, lower: Fraction, upper: Fraction, field: Any) -> None:
        self._minimal = [Fraction(int(c.p), int(c.q)) for c in minimal.all_coeffs()]
        self._lower, self._upper, self._field = lower, upper, field
        self._rising = _horner(self._minimal, upper) > 0

    def of(self, number: Number) -> int:
        coefficients = _coefficients(number, self._field)
        if not coefficients:
            return 0
        while True:
            low, high = _range(coefficients, self._lower, self._upper)
            if low > 0 or high < 0:
                return 1 if low > 0 else -1
            self._halve()

    def value(self, number: Number) -> float:
        coefficients = _coefficients(number, self._field)
        while True:
            low, high = _range(coefficients, self._lower, self._upper)
            if (high - low) * 2**PRECISION <= max(abs(low), abs(high)) or low == high:
                return float((low + high) / 2)
            self._halve()

    def _halve(self) -> None:
        for _ in range(8):
            middle = (self._lower + self._upper) / 2
            value = _horner(self._minimal, middle)
            if value == 0:
                self._lower = self._upper = middle
                return
            if (value > 0) == self._rising:
                self._upper = middle
            else:
                self._lower = middle


def _coefficients(number: Number, field: Any) -> list[Fraction]:
    """Of an element as a polynomial in the root, highest power first; none for zero."""
    parts = number.to_list() if field.is_Algebraic else [number]
    fractions = [Fraction(int(c.numerator), int(c.denominator)) for c in parts]
    return fractions if any(fractions) else []


def _horner(coefficients: list[Fraction], t: Fraction) -> Fraction:
    total = Fraction(0)
    for c in coefficients:
        total = total * t + c
    return total


def _range(coefficients: list[Fraction], lower: Fraction, upper: Fraction) -> tuple[Fraction, Fraction]:
    """An interval that holds the values on [lower, upper]: Horner's rule in interval arithmetic."""
    low = high = Fraction(0)
    for c in coefficients:
        ends = (low * lower, low * upper, high * lower, high * upper)
        low, high = min(ends) + c, max(ends) + c
    return low, high


def real_points(minimal: sympy.Poly, shape: list[sympy.Poly]) -> list[RealPoint]:
    """The points t -> shape(t) for the real roots t of an irreducible polynomial."""
    monic = minimal.monic()
    field = number_field(monic)
    coordinates = tuple(_element(h.rem(monic), field) for h in shape)
    found = []
    for lower, upper in (interval for interval, _ in monic.intervals()):
        ends = [Fraction(int(x.p), int(x.q)) for x in (lower, upper)]
        found.append(RealPoint(monic, ends[0], ends[1], coordinates, field))
    return found


def rational_point(coordinates: Sequence[sympy.Rational]) -> RealPoint:
    """A point given by fractions."""
    gen = sympy.Dummy("t")
    (point,) = real_points(sympy.Poly(gen, gen, domain=QQ), [sympy.Poly(x, gen, domain=QQ) for x in coordinates])
    return point


def number_field(monic: sympy.Poly) -> Any:
    """The field of the rationals with a root of an irreducible polynomial."""
    if monic.degree() == 1:
        return QQ
    return QQ.algebraic_field(sympy.AlgebraicNumber((monic, sympy.CRootOf(monic, 0))))


def _element(polynomial: sympy.Poly, field: Any) -> Number:
    coefficients = [QQ(int(c.p), int(c.q)) for c in polynomial.all_coeffs()]
    return field(coefficients) if field.is_Algebraic else coefficients[0]
