"""The learning coefficient at a point, exactly."""

from __future__ import annotations

from fractions import Fraction

import sympy

from theory.errors import InputError, require
from theory.landscapes.protocol import Landscape
from theory.landscapes.symbolic import SymbolicLandscape
from theory.learning.coefficient import LearningCoefficient
from theory.learning.expansion import Point, exact_point, local_polynomials
from theory.learning.polyhedron import Face, NewtonPolyhedron
from theory.learning.torus import free_of_zeros, sample_values

NUMERICAL = (
    "take learning_coefficient_by_splitting, which turns the coordinates, or volume_coefficient or "
    "energy_coefficient, which are numerical"
)


def learning_coefficient(landscape: Landscape, at: Point) -> LearningCoefficient:
    """The learning coefficient lambda of K at the point `at`, with its multiplicity m, as exact numbers.

    K is |Q|^2 / (2 noise_std^2) of a `ProductModel`, else the loss minus its value at the point; constant factors
    do not matter. Two routes. Where K is, up to a factor without zeros, a product of powers of smooth functions
    that vanish at the point with linearly independent gradients, these are coordinates: lambda = min 1/k_i, m
    the number of times it is attained. Else the Newton polyhedron: 1/lambda is the distance t at which the
    diagonal (t, ..., t) enters it, m the codimension of the smallest face that holds this point. That is right
    where the part of K on every compact face, vertices included, has no zero with all coordinates non-zero: K then
    lies between two multiples of the sum of its vertex monomials near the point, which has lambda = 1/t. For K >=
    0 this is the same as Varchenko's non-degeneracy, since every zero of such a part is critical. All compact
    faces are checked, not those at the diagonal alone: a zero on another may lower lambda.

    Parameters
    ----------
    landscape
        A `SymbolicLandscape` or `ProductModel`, analytic with K >= 0 around the point.
    at
        The point: d numbers; a decimal means the fraction that it spells.

    Raises
    ------
    InputError
        If the landscape is no formula; at the point is not finite, not analytic or constant; if K is seen to take
        negative values nearby; or if K is degenerate on a face, or cannot be shown not to be.

    References
    ----------
    Varchenko (1976), Functional Analysis and its Applications 10, 175; Arnold, Gusein-Zade & Varchenko (1988),
    Singularities of Differentiable Maps II, chapters 6 to 8; Watanabe (2009), Algebraic Geometry and
    Statistical Learning Theory, chapters 2 to 4.
    """
    if not isinstance(landscape, SymbolicLandscape):
        raise InputError(
            f"an exact learning coefficient needs a SymbolicLandscape or a ProductModel, got "
            f"{type(landscape).__name__}; take volume_coefficient or energy_coefficient, which are numerical"
        )
    local = local_polynomials(landscape, exact_point(at, landscape.dim))
    polynomial, roots = local.polynomial, local.roots
    kept = [v for v in polynomial.gens if polynomial.degree(v) > 0]
    polynomial = sympy.Poly(polynomial.as_expr(), *kept)
    roots = [sympy.Poly(root.as_expr(), *kept) for root in roots]
    crossings = _of_normal_crossings(polynomial) if local.factors_are_exact else None
    return crossings or _of_polyhedron(polynomial, roots)


def _of_normal_crossings(polynomial: sympy.Poly) -> LearningCoefficient | None:
    """From the factors that vanish at 0, if their gradients there are linearly independent; else None."""
    constant, factors = polynomial.factor_list()
    origin = dict.fromkeys(polynomial.gens, 0)
    vanishing = [(f, k) for f, k in factors if f.eval(origin) == 0]
    slopes = sympy.Matrix([[f.diff(v).eval(origin) for v in f.gens] for f, _ in vanishing])
    if slopes.rank() < len(vanishing):
        return None
    sign = constant * sympy.prod([f.eval(origin) ** k for f, k in factors if f.eval(origin) != 0])
    odd = [f.as_expr() for f, k in vanishing if k % 2]
    require(
        not odd, f"the point must be a minimum, the factor {odd and odd[0]} (in the shift from it) changes sign"
    )
    require(bool(sign > 0), "the point must be a minimum, it is a maximum")
    highest = max(k for _, k in vanishing)
    return LearningCoefficient(Fraction(1, highest), sum(k == highest for _, k in vanishing))


def _of_polyhedron(polynomial: sympy.Poly, roots: list[sympy.Poly]) -> LearningCoefficient:
    polyhedron = NewtonPolyhedron.of(polynomial.monoms())
    for face in polyhedron.compact_faces:
        part = _part(polynomial, face, 1)
        if len(part.terms()) == 1:
            (monomial, coefficient), *_ = part.terms()
            is_even = all(n % 2 == 0 for n in monomial) and coefficient > 0
            require(
                is_even, f"the point must be a minimum, near it K takes negative values as {part.as_expr()} does"
            )
        elif not free_of_zeros([p for root in roots if not (p := _part(root, face, 2)).is_zero] or [part]):
            _refuse(part)
    return LearningCoefficient(1 / polyhedron.distance, polyhedron.codimension)


def _part(polynomial: sympy.Poly, face: Face, scale: int) -> sympy.Poly:
    """The terms on the face after the exponents are multiplied by `scale`."""
    kept = {m: c for m, c in polynomial.terms() if face.holds([scale * n for n in m])}
    return sympy.Poly(kept or {(0,) * len(polynomial.gens): 0}, *polynomial.gens)


def _refuse(part: sympy.Poly) -> None:
    """Say which: negative values nearby, a zero off the axes, or nothing proved."""
    shown = part.as_expr()
    negative, zero = sample_values(part)
    if negative is not None:
        where = ", ".join(f"{v} = {x}" for v, x in negative.items())
        raise InputError(
            f"the point must be a minimum, near it K takes negative values as {shown} does at {where}"
        )
    if zero is not None:
        raise InputError(
            f"K is degenerate: on a face of its Newton polyhedron it is {shown}, zero at {zero}; {NUMERICAL}"
        )
    raise InputError(
        f"K could not be shown to be non-degenerate: on a face of its Newton polyhedron it is {shown}, which may "
        f"vanish with all coordinates non-zero; {NUMERICAL}"
    )
