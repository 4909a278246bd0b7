"""The splitting lemma: at a critical point a quadratic form plus a function of the flat directions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy
from sympy import QQ

from theory.base.errors import InputError, require
from theory.landscapes import Landscape, SymbolicLandscape
from theory.learning.expansion import Point, exact_point
from theory.points.critical.algebraic import rational_point
from theory.points.critical.elimination import split_at

HIGHEST_ORDER = 16
NUMERICAL = "take volume_coefficient or energy_coefficient, which are numerical"


@dataclass(frozen=True)
class Splitting:
    """L(w) = L(at) + a quadratic form of `rank` variables with `index` negative squares + residual(v).

    Parameters
    ----------
    rank, index
        Of the Hessian at the point, and the number of its negative eigenvalues.
    residual
        A power series in `variables` v1, ..., vc, up to and with total degree `order`; it starts at degree 3.
    variables
        One for each flat direction, c = d - rank of them.
    directions
        The kernel of the Hessian: w = at + sum v_k directions[k] to first order in v.
    order
        Degree to which the residual is right; meaningless where it is exact.
    exact
        Whether the residual is the whole series, because the elimination ended in polynomials.
    """

    rank: int
    index: int
    residual: sympy.Expr
    variables: tuple[sympy.Symbol, ...]
    directions: tuple[tuple[Fraction, ...], ...]
    order: int
    exact: bool


def splitting(landscape: Landscape, at: Point, order: int = 6) -> Splitting:
    """The splitting of the landscape at the critical point `at`, exactly, to total degree `order`.

    With the kernel of the Hessian as coordinates v and as many others u, grad_u L(u, v) = 0 is solved for u(v) as
    a power series (implicit function theorem); the residual is L(u(v), v). By the lemma of Gromoll and Meyer
    (Morse's lemma with parameters) L is the sum in suitable coordinates. All arithmetic is rational.

    Parameters
    ----------
    landscape
        A `SymbolicLandscape` or `ProductModel` with rational Taylor coefficients at the point.
    at
        The point: d numbers; a decimal means the fraction that it spells.
    order
        From 3 to 16.

    Raises
    ------
    InputError
        If the landscape is no formula or not analytic at the point, a coefficient is irrational, the gradient
        does not vanish there, or the order is out of range.

    References
    ----------
    Gromoll & Meyer (1969), Topology 8, 361; Arnold, Gusein-Zade & Varchenko (1985), Singularities of
    Differentiable Maps I, section 11.1.
    """
    if not isinstance(landscape, SymbolicLandscape):
        raise InputError(
            f"a splitting needs a SymbolicLandscape or a ProductModel, got {type(landscape).__name__}; {NUMERICAL}"
        )
    require(
        order % 1 == 0 and 3 <= order <= HIGHEST_ORDER,
        f"`order` must be a whole number from 3 to {HIGHEST_ORDER}, got {order}",
    )
    place = exact_point(at, landscape.dim)
    polynomial, whole = taylor(landscape.expression, landscape.variables, place, int(order))
    slopes = [polynomial.coeff_monomial(v) for v in landscape.variables]
    require(
        not any(slopes),
        f"`at` must be a critical point, the gradient there is ({', '.join(map(str, slopes))}); "
        "take one from critical_points",
    )
    split = split_at(polynomial, rational_point([sympy.Integer(0)] * landscape.dim), int(order), whole=whole)
    names = tuple(sympy.Symbol(f"v{k + 1}", real=True) for k in range(len(split.directions)))
    residual = sympy.Integer(0)
    for monomial, coefficient in split.residual.terms():
        residual += QQ.to_sympy(coefficient) * sympy.prod(v**n for v, n in zip(names, monomial, strict=True))
    return Splitting(
        split.rank,
        split.index,
        residual,
        names,
        tuple(tuple(Fraction(int(x.numerator), int(x.denominator)) for x in row) for row in split.directions),
        int(order),
        split.exact,
    )


def taylor(
    expression: sympy.Expr, variables: tuple[sympy.Symbol, ...], at: tuple[sympy.Rational, ...], order: int
) -> tuple[sympy.Poly, bool]:
    """The Taylor polynomial in the shift from `at`, and whether it is the function itself.

    Raises
    ------
    InputError
        If the formula is not analytic at the point or a coefficient is irrational.
    """
    shifted = expression.xreplace({v: v + x for v, x in zip(variables, at, strict=True)})
    whole = bool(shifted.is_polynomial(*variables))
    if whole:
        polynomial = sympy.Poly(shifted, *variables)
    else:
        require(
            not shifted.has(sympy.Abs, sympy.Max, sympy.Min, sympy.Piecewise),
            f"the landscape must be analytic at the point, got {expression}; write the side that holds there",
        )
        polynomial = sympy.Poly(_series(shifted, variables, order), *variables)
    irrational = [c for c in polynomial.coeffs() if not c.is_Rational]
    require(
        not irrational,
        f"Taylor coefficients must be rational, got {irrational[:1]}; round them, or rescale the variables",
    )
    return sympy.Poly(polynomial, *variables, domain=QQ), whole


def _series(shifted: sympy.Expr, variables: tuple[sympy.Symbol, ...], order: int) -> sympy.Expr:
    scale = sympy.Dummy("scale", real=True)
    along, total = shifted.xreplace({v: scale * v for v in variables}), sympy.Integer(0)
    for n in range(order + 1):
        term = sympy.simplify(along.subs(scale, 0))
        require(
            bool(term.is_polynomial(*variables)) and not term.has(sympy.nan, sympy.zoo, sympy.oo),
            f"the landscape must be analytic at the point, its derivative of order {n} there is {term}",
        )
        total += term / sympy.factorial(n)
        along = sympy.diff(along, scale)
    return total
