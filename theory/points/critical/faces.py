"""Signs of a power series near its zero at the origin, read from the faces of its Newton polyhedron."""

from __future__ import annotations

import sympy

from theory.learning import LearningCoefficient
from theory.learning.polyhedron import Face, NewtonPolyhedron
from theory.learning.torus import free_of_zeros, sample_values


def lowest_form(polynomial: sympy.Poly) -> sympy.Poly:
    """The terms of lowest total degree."""
    lowest = min(map(sum, polynomial.monoms()))
    return sympy.Poly({m: c for m, c in polynomial.terms() if sum(m) == lowest}, *polynomial.gens)


def has_pure_powers(monomials: list[tuple[int, ...]]) -> bool:
    """Whether every variable occurs alone in one of the monomials."""
    pure = {m.index(max(m)) for m in monomials if sum(m) == max(m) > 0}
    return len(pure) == len(monomials[0])


def takes_negative_values(polynomial: sympy.Poly) -> bool:
    """Whether values below zero are seen arbitrarily near the origin; False proves nothing.

    On curves w_i = x_i s^(n_i), n the normal of a compact face, the part on this face rules as s -> 0. All faces
    of the polynomial must be faces of the series.
    """
    for part in _parts(polynomial):
        if len(part.terms()) == 1:
            (monomial, coefficient), *_ = part.terms()
            if coefficient < 0 or any(n % 2 for n in monomial):
                return True
        elif sample_values(part)[0] is not None:
            return True
    return False


def coefficient_by_faces(polynomial: sympy.Poly) -> LearningCoefficient | None:
    """Of a series that is positive and free of zeros off the axes on all compact faces, else None.

    Then the series lies between two positive multiples of the sum of its vertex monomials near the origin, so it
    is not negative there. No other route may be taken with a truncated series: (x + y)^4 + ... has its vertices,
    but what is cut off decides along x + y = 0.
    """
    for part in _parts(polynomial):
        if len(part.terms()) == 1:
            (monomial, coefficient), *_ = part.terms()
            if coefficient < 0 or any(n % 2 for n in monomial):
                return None
        elif not free_of_zeros([part]):
            return None
    polyhedron = NewtonPolyhedron.of(used_variables(polynomial).monoms())
    return LearningCoefficient(1 / polyhedron.distance, polyhedron.codimension)


def _parts(polynomial: sympy.Poly) -> list[sympy.Poly]:
    """The parts on the compact faces, vertices first, each in the variables that it has."""
    reduced = used_variables(polynomial)
    faces = NewtonPolyhedron.of(reduced.monoms()).compact_faces
    return [_part(reduced, face) for face in faces]


def used_variables(polynomial: sympy.Poly) -> sympy.Poly:
    """The polynomial in those variables alone that it has."""
    return sympy.Poly(polynomial.as_expr(), *[v for v in polynomial.gens if polynomial.degree(v) > 0])


def _part(polynomial: sympy.Poly, face: Face) -> sympy.Poly:
    return sympy.Poly({m: c for m, c in polynomial.terms() if face.holds(m)}, *polynomial.gens)
