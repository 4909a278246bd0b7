"""K = q^(2n) where the zeros of q are nondegenerate on its Newton polyhedron."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy

from theory.learning.coefficient import LearningCoefficient
from theory.learning.polyhedron import Face, NewtonPolyhedron
from theory.learning.torus import free_of_zeros, has_zero


def of_hypersurface(q: sympy.Poly, power: int) -> LearningCoefficient | None:
    """The coefficient of q^`power` from the Newton polyhedron of q, which may have zeros off the axes; else None.

    q has no double factors. If on no compact face the part of q and its slopes vanish together off the axes, the
    toric resolution of the polyhedron makes q = 0 a smooth hypersurface across the exceptional ones. It counts
    where it is real: 1/power with the distance t gives min(1/t, 1)/power.

    References
    ----------
    Varchenko (1976), Functional Analysis and its Applications 10, 175; Watanabe (2009), Algebraic Geometry and
    Statistical Learning Theory, section 2.7 and 4.5; Saito (2007), arXiv:0707.2308.
    """
    polyhedron = NewtonPolyhedron.of(q.monoms())
    parts = {face: part for face in polyhedron.compact_faces if len((part := part_on(q, face)).terms()) > 1}
    for part in parts.values():
        slopes = [sympy.Poly(v * part.diff(v).as_expr(), *q.gens) for v in q.gens]
        if not free_of_zeros([part, *(s for s in slopes if not s.is_zero)]):
            return None
    with_zeros = {face for face, part in parts.items() if not free_of_zeros([part])}
    by_distance = 1 / polyhedron.distance
    if not with_zeros or by_distance < 1:
        return LearningCoefficient(by_distance / power, polyhedron.codimension)
    seen = [face for face in with_zeros if has_zero(parts[face])]
    if by_distance > 1:
        return LearningCoefficient(Fraction(1, power)) if seen else None
    met = _met(polyhedron)
    near = [face for face in with_zeros if all(_lies_on(parts[face], f) for f in met)]
    if not near:
        return LearningCoefficient(Fraction(1, power), polyhedron.codimension)
    if any(face in seen for face in near):
        return LearningCoefficient(Fraction(1, power), polyhedron.codimension + 1)
    return None


def part_on(polynomial: sympy.Poly, face: Face, scale: int = 1) -> sympy.Poly:
    """The terms on the face after the exponents are multiplied by `scale`."""
    kept = {m: c for m, c in polynomial.terms() if face.holds([scale * n for n in m])}
    return sympy.Poly(kept or {(0,) * len(polynomial.gens): 0}, *polynomial.gens)


def _met(polyhedron: NewtonPolyhedron) -> Sequence[Face]:
    """The facets through the point where the diagonal enters."""
    point = (polyhedron.distance,) * polyhedron.dim
    return [facet for facet in polyhedron.facets if facet.holds(point)]


def _lies_on(part: sympy.Poly, facet: Face) -> bool:
    return all(facet.holds(m) for m in part.monoms())
