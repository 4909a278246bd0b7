"""Curves of solutions: points on every arc, and the places where something changes along them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise

import sympy
from sympy import QQ

from theory.points.critical.algebraic import RealPoint, rational_point
from theory.points.critical.ideal import Basis, Symbols, dimension, groebner, solve_finite

FORMS = 12  # linear forms tried before a curve is given up
SAME_POINT = 1e-12  # relative distance below which two doubles name the same point
APART = 1e-9  # relative: levels of a form closer than this are one
DENOMINATORS = (1, 2, 4, 8, 16, 64, 256, 4096)  # of the short fractions that are tried


@dataclass(frozen=True, eq=False)
class Arcs:
    """Points on a curve: `samples` on every arc between the points of `ends`, where something changes."""

    samples: tuple[RealPoint, ...]
    ends: tuple[RealPoint, ...]


def sample_curve(basis: Basis, variables: Symbols, special: Sequence[RealPoint]) -> Arcs | None:
    """Points on every arc of the real curve, cut at its singular points and at those given.

    A linear form is strictly monotonic on an arc between its critical points on the curve. Cut there too, each arc
    spans an open interval of the form between two such values or to infinity, provided that no arc goes to
    infinity at a finite value. So the curve is cut with the form at one value between each two, and beyond the
    last. None where no linear form tried is proved to be fit: the ideal is not radical.
    """
    for k in range(1, FORMS + 1):
        weights = [Fraction(1 + k, 2 * k + 3) ** i + Fraction(i, k + 2) for i in range(len(variables))]
        arcs = _along(basis, variables, special, weights)
        if arcs is not None:
            return arcs
    return None


def singular_equations(basis: Basis, variables: Symbols, codimension: int) -> list[sympy.Poly]:
    """The equations with those of the points where the Jacobian has a rank below the codimension."""
    return [*basis, *_minors([[p.diff(v) for v in variables] for p in basis], codimension, variables)]


def _along(basis: Basis, variables: Symbols, special: Sequence[RealPoint], weights: list[Fraction]) -> Arcs | None:
    form = sum((sympy.Rational(w) * v for w, v in zip(weights, variables, strict=True)), start=sympy.Integer(0))
    line = sympy.Poly(form, *variables, domain=QQ)
    if dimension(groebner([*map(_top, basis), line], variables), variables) > 0:
        return None  # some arc may go to infinity along the form
    rows = [[p.diff(v) for v in variables] for p in (*basis, line)]
    turning = groebner([*basis, *_minors(rows, len(variables), variables)], variables)
    if dimension(turning, variables) > 0:
        return None
    ends = distinct([*special, *solve_finite(turning, variables)])
    values = sorted(end.value(end.at(line)) for end in ends)
    if any(b - a < APART * (1 + abs(a)) for a, b in pairwise(values)):
        return None
    levels = [Fraction(a) / 2 + Fraction(b) / 2 for a, b in pairwise(values)]
    levels += [Fraction(round(values[0])) - 2, Fraction(round(values[-1])) + 2] if values else [Fraction(1, 2)]
    samples: list[RealPoint] = []
    for level in levels:
        samples += solve_finite([*basis, line - sympy.Rational(_short(level, values))], variables)
    return Arcs(tuple(samples), tuple(ends))


def _short(level: Fraction, values: list[float]) -> Fraction:
    """A fraction of small denominator on the same side of all values."""
    for denominator in DENOMINATORS:
        rounded = Fraction(round(level * denominator), denominator)
        if all((rounded > v) == (level > v) and rounded != v for v in values):
            return rounded
    return level


def slice_points(basis: Basis, variables: Symbols, dim: int) -> list[RealPoint]:
    """Some real points of a set of dimension `dim`, from cuts with affine subspaces; none proves nothing."""
    for shift in (0, 1, -1, 2, -2, 3, -3):
        cuts = []
        for i in range(dim):
            form = sum(((-1) ** j * (j + 1) ** i * v for j, v in enumerate(variables)), start=sympy.Integer(0))
            cuts.append(sympy.Poly(form - shift - sympy.Rational(i, 3), *variables, domain=QQ))
        system = groebner([*basis, *cuts], variables)
        if dimension(system, variables) == 0:
            found = solve_finite(system, variables)
            if found:
                return found
    return []


def distinct(points: Iterable[RealPoint]) -> list[RealPoint]:
    """Without repetitions, rational coordinates first."""
    kept: list[RealPoint] = []
    for point in points:
        if all(_distance(point, other) > SAME_POINT for other in kept):
            exact = point.rational
            kept.append(point if exact is None else rational_point(exact))
    return kept


def _distance(first: RealPoint, second: RealPoint) -> float:
    pairs = zip(first.position, second.position, strict=True)
    return max(abs(a - b) / (1 + abs(a)) for a, b in pairs)


def _minors(rows: list[list[sympy.Poly]], size: int, variables: Symbols) -> list[sympy.Poly]:
    matrix = sympy.Matrix([[p.as_expr() for p in row] for row in rows])
    if matrix.rows < size:
        return []
    found = []
    for chosen in combinations(range(matrix.rows), size):
        for columns in combinations(range(matrix.cols), size):
            minor = matrix.extract(list(chosen), list(columns)).det(method="berkowitz")
            found.append(sympy.Poly(minor, *variables, domain=QQ))
    return [p for p in found if not p.is_zero]


def _top(polynomial: sympy.Poly) -> sympy.Poly:
    degree = polynomial.total_degree()
    return sympy.Poly({m: c for m, c in polynomial.terms() if sum(m) == degree}, *polynomial.gens, domain=QQ)
