"""Learning coefficients in the coordinates of the splitting lemma."""

from __future__ import annotations

from fractions import Fraction

import sympy
from sympy import QQ

from theory.base.errors import InputError, require
from theory.landscapes import Landscape, SymbolicLandscape
from theory.learning import LearningCoefficient, UndecidedCoefficient, learning_coefficient, sum_of
from theory.learning.expansion import Point, exact_point
from theory.learning.manifold import is_nondegenerate_manifold
from theory.learning.plane import resolve_plane
from theory.learning.undecided import algebra_within
from theory.points.critical.faces import coefficient_by_faces, has_pure_powers, lowest_form, takes_negative_values
from theory.points.critical.splitting_lemma import HIGHEST_ORDER, NUMERICAL, Splitting, splitting, taylor


def learning_coefficient_by_splitting(
    landscape: Landscape, at: Point, *, seconds: float | None = 60.0
) -> LearningCoefficient:
    """The learning coefficient at `at` as rank/2 plus that of the residual of the splitting lemma.

    Coordinates u and v are independent, so the coefficients add. This answers where `learning_coefficient`
    refuses because K is degenerate on its Newton polyhedron in the given coordinates but not in those of the
    lemma, or in those where the linear factors of the residual's lowest form are coordinates. A truncated
    residual counts only if it holds a pure power v_k^(a_k) of every variable and is non-degenerate on its
    polyhedron: every monomial of higher degree than the truncation then lies strictly above the simplex through
    these powers, and changes neither the polyhedron nor its compact faces.

    Parameters
    ----------
    landscape, at
        As in `splitting`.
    seconds
        How long the algebra may take; None for no limit. An answer does not depend on it.

    Raises
    ------
    UndecidedCoefficient
        If the residual to order 16 does not decide, or the time is up; with proved bounds as far as it was known.
    InputError
        As `splitting`; or if the point is no minimum.
    """
    known: list[Splitting] = []
    try:
        with algebra_within(seconds):
            return _by_splitting(landscape, at, known)
    except UndecidedCoefficient as undecided:
        if not known:
            raise
        raise UndecidedCoefficient(undecided.reason, *_bounds(known[-1])) from None


def _by_splitting(landscape: Landscape, at: Point, known: list[Splitting]) -> LearningCoefficient:
    """The coefficient by splittings of growing order, which are added to `known`."""
    refusal = ""
    for order in (4, 8, HIGHEST_ORDER):
        found = splitting(landscape, at, order)
        known.append(found)
        require(
            found.index == 0,
            f"the point must be a minimum, its Hessian has {found.index} negative eigenvalue(s)",
        )
        if not found.variables:
            return LearningCoefficient(Fraction(found.rank, 2))
        if found.residual.is_zero:
            if found.exact:
                require(found.rank > 0, "the landscape is constant around the point; nothing is learned there")
                return LearningCoefficient(Fraction(found.rank, 2))
            continue
        rest, refusal = _of_residual(found)
        if rest is not None:
            return sum_of(LearningCoefficient(Fraction(found.rank, 2)), rest) if found.rank else rest
    if not refusal and isinstance(landscape, SymbolicLandscape):
        polynomial, whole = taylor(
            landscape.expression, landscape.variables, exact_point(at, landscape.dim), order
        )
        if whole and is_nondegenerate_manifold(polynomial - polynomial.eval(dict.fromkeys(polynomial.gens, 0))):
            return LearningCoefficient(Fraction(found.rank, 2))
    raise UndecidedCoefficient(
        refusal
        or f"the residual of the splitting vanishes to order {HIGHEST_ORDER} but not provably for ever, as along "
        f"a curve of minima; {NUMERICAL}"
    )


def _bounds(found: Splitting) -> tuple[Fraction, Fraction]:
    """Proved bounds: of a residual that starts at order n in c variables the coefficient is from 1/n to c/n.

    One that vanishes to the order of the splitting starts above it, or nowhere.
    """
    half, flat = Fraction(found.rank, 2), len(found.variables)
    if found.residual.is_zero:
        return half, half + Fraction(flat, found.order + 1)
    start = lowest_form(sympy.Poly(found.residual, *found.variables)).total_degree()
    return half + Fraction(1, start), half + Fraction(flat, start)


def _of_residual(found: Splitting) -> tuple[LearningCoefficient | None, str]:
    """From the residual in its own coordinates or straightened ones; else None and why."""
    residual = sympy.Poly(found.residual, *found.variables, domain=QQ)
    if found.exact:
        names = [str(v) for v in found.variables]
        try:
            return learning_coefficient(
                SymbolicLandscape(found.residual, names), [0] * len(names), seconds=None
            ), ""
        except InputError as refused:
            refusal = str(refused)
    else:
        refusal = (
            f"the residual to order {found.order} does not decide the learning coefficient: in no coordinates "
            "tried does it have a pure power of each and a non-degenerate Newton polyhedron: "
            f"{found.residual}; {NUMERICAL}"
        )
    if len(found.variables) == 2 and not found.exact:
        resolution = resolve_plane([(f, n) for f, n in residual.factor_list()[1] if not f.coeff_monomial(1)])
        if resolution.is_determined_by(found.order) and not resolution.changes_sign:
            return resolution.coefficient, ""
    for straight in (residual, _straightened(residual)):
        if found.exact or has_pure_powers(straight.monoms()):
            value = coefficient_by_faces(straight)
            if value is not None:
                return value, ""
            negative = takes_negative_values(straight)
            require(
                not negative, f"the point must be a minimum, near it the residual {found.residual} is negative"
            )
    return None, refusal


def _straightened(residual: sympy.Poly) -> sympy.Poly:
    """In coordinates whose first are the independent linear factors over Q of the lowest form."""
    gens = residual.gens
    rows: list[list[sympy.Expr]] = []
    for factor, _ in lowest_form(residual).factor_list()[1]:
        row = [factor.coeff_monomial(v) for v in gens]
        if factor.total_degree() == 1 and sympy.Matrix([*rows, row]).rank() > len(rows):
            rows.append(row)
    for unit in sympy.eye(len(gens)).tolist():
        if sympy.Matrix([*rows, unit]).rank() > len(rows):
            rows.append(unit)
    old = sympy.Matrix(rows).inv() * sympy.Matrix(gens)
    return sympy.Poly(
        residual.as_expr().subs(dict(zip(gens, old, strict=True)), simultaneous=True), *gens, domain=QQ
    )
