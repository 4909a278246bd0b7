"""Whether a critical point is a minimum, a maximum or a saddle, degenerate ones included."""

from __future__ import annotations

import sympy
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from theory.points.critical.algebraic import RealPoint
from theory.points.critical.elimination import FieldSplitting, hessian_at, inertia, split_at
from theory.points.critical.faces import coefficient_by_faces, has_pure_powers, lowest_form, takes_negative_values
from theory.points.critical.point import Kind

SERIES_ORDERS = (4, 8, 16)
Seen = tuple[bool | None, bool | None]  # whether values below and above are taken nearby; None: nobody knows


def kind_at(polynomial: sympy.Poly, point: RealPoint, *, smooth_set: int = 0) -> tuple[Kind, str]:
    """The kind of a critical point of the polynomial, with the reason where it is undecided.

    `smooth_set` is the dimension of a smooth set of critical points around it, 0 for none. In this order: the
    Hessian; the signs of the factors of the loss above its value there; the residual of the splitting lemma, in
    one variable by its first term, in more by the faces of its Newton polyhedron.
    """
    index, nullity = inertia(hessian_at(polynomial, point), point)
    positive = len(point.coordinates) - index - nullity
    if index and positive:
        return Kind.SADDLE, ""
    if nullity == smooth_set:  # the residual is constant, for its critical points fill its domain
        return (Kind.MAXIMUM if index else Kind.MINIMUM), ""
    below, above = _by_factors(polynomial, point)
    reason = ""
    if below is None or above is None:
        below, above, reason = _by_splitting(polynomial, point)
        below, above = bool(index) or below, bool(positive) or above
    if below and above:
        return Kind.SADDLE, ""
    if below is False:
        return Kind.MINIMUM, ""
    return (Kind.MAXIMUM, "") if above is False else (Kind.UNDECIDED, reason)


def _by_factors(polynomial: sympy.Poly, point: RealPoint) -> Seen:
    """From the factors of the loss above its value: it keeps its sign iff every factor of odd power does.

    An irreducible factor that takes both signs does so across a hypersurface where no other factor vanishes.
    """
    value = _rational(point, polynomial)
    if value is None:
        return None, None
    constant, factors = (polynomial - value).factor_list()
    if len(factors) == 1 and factors[0][1] == 1:
        return None, None
    sign = 1 if constant > 0 else -1
    for factor, power in factors:
        if power % 2 == 0:
            continue
        kind = _sign_kind(factor, point)
        if kind is None:
            return None, None
        if kind == 0:
            return True, True
        sign *= kind
    return sign < 0, sign > 0


def _sign_kind(factor: sympy.Poly, point: RealPoint) -> int | None:
    """The sign that a factor keeps near the point, 0 if it takes both, None if nobody knows."""
    value = point.at(factor)
    if value:
        return point.sign(value)
    if any(not point.vanishes(factor.diff(v)) for v in factor.gens):
        return 0
    kind, _ = kind_at(factor, point)
    return {Kind.MINIMUM: 1, Kind.MAXIMUM: -1, Kind.SADDLE: 0, Kind.UNDECIDED: None}[kind]


def _rational(point: RealPoint, polynomial: sympy.Poly) -> sympy.Rational | None:
    """The value where it is a fraction."""
    value = point.at(polynomial)
    if not point.field.is_Algebraic:
        return QQ.to_sympy(value)
    parts = value.to_list()
    return QQ.to_sympy(parts[0]) if len(parts) == 1 else None if parts else sympy.Integer(0)


def _by_splitting(polynomial: sympy.Poly, point: RealPoint) -> tuple[bool | None, bool | None, str]:
    """What the residual of the splitting lemma does below and above zero."""
    for order in SERIES_ORDERS:
        found = split_at(polynomial, point, order)
        if found.exact and not found.residual:
            return False, False, ""
        if not found.residual:
            continue
        if len(found.directions) == 1:
            return (*_first_term(found, point), "")
        if point.field.is_Algebraic:
            return None, None, "flat in several directions at irrational coordinates; rescale the variables"
        gens = sympy.symbols(f"v1:{len(found.directions) + 1}", real=True)
        residual = sympy.Poly({m: QQ.to_sympy(c) for m, c in found.residual.terms()}, *gens)
        determined = found.exact or has_pure_powers(residual.monoms())
        below, above = _by_faces(residual if determined else lowest_form(residual), determined)
        if below is not None and above is not None:
            return below, above, ""
    if not found.residual:
        flat, most = len(found.directions), SERIES_ORDERS[-1]
        return None, None, f"the landscape is flat to order {most} in {flat} direction(s)"
    return (
        below,
        above,
        f"the terms {lowest_form(residual).as_expr()} that rule near the point may vanish off the axes",
    )


def _first_term(found: FieldSplitting, point: RealPoint) -> tuple[bool, bool]:
    """In one variable the first term decides."""
    (power,), coefficient = min(found.residual.terms())
    sign = point.sign(coefficient)
    return power % 2 == 1 or sign < 0, power % 2 == 1 or sign > 0


def _by_faces(part: sympy.Poly, determined: bool) -> Seen:
    below, above = takes_negative_values(part), takes_negative_values(-part)
    if below and above:
        return True, True
    if determined or has_pure_powers(part.monoms()):
        if not below and coefficient_by_faces(part) is not None:
            return False, True
        if not above and coefficient_by_faces(-part) is not None:
            return True, False
    return (below or None), (above or None)


def jacobian_rank(equations: tuple[sympy.Poly, ...], point: RealPoint) -> int:
    """Rank of the Jacobian of the equations at a point, exact."""
    rows = [[point.at(p.diff(v)) for v in p.gens] for p in equations]
    return int(DomainMatrix(rows, (len(rows), len(rows[0])), point.field).rank())
