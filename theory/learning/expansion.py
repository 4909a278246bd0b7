"""The loss above its value at a point, as a polynomial with the same Newton polyhedron and face polynomials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from numbers import Real

import numpy as np
import sympy

from theory.base.arrays import ArrayLike
from theory.base.errors import InputError, require
from theory.landscapes import SymbolicLandscape
from theory.learning.outputs import squares_of
from theory.models import ProductModel
from theory.models.product import exact

HIGHEST_ORDER = 16
Point = Sequence[float | Fraction] | ArrayLike


def exact_point(at: Point, dim: int) -> tuple[sympy.Rational, ...]:
    """The coordinates as fractions; a decimal is the fraction that it spells.

    Raises
    ------
    InputError
        If there are not `dim` coordinates, or one is not finite.
    """
    listed = np.atleast_1d(np.asarray(at, dtype=object)).ravel()
    require(len(listed) == dim, f"`at` must have {dim} coordinates, got {len(listed)}")
    for x in listed:
        finite = isinstance(x, Real | sympy.Rational) and abs(x) < float("inf")
        require(finite, f"`at` must be finite numbers, got {x}")
    return tuple(
        sympy.Rational(x.numerator, x.denominator)
        if isinstance(x, int | Fraction | sympy.Rational)
        else exact(float(x))
        for x in listed
    )


@dataclass(frozen=True)
class LocalPolynomials:
    """K near a point in the shift from it, up to positive factors, and the q_i where K = sum q_i^2.

    `factors_are_exact` says whether the factors of `polynomial` that vanish at the point are those of K, up to
    units and changes of coordinates. A Taylor polynomial in two variables without linear part has factors that K
    has not: 1 - cos(x - y) + y^6 begins like (x - y)^2, and is no square.
    """

    polynomial: sympy.Poly
    roots: list[sympy.Poly]
    factors_are_exact: bool


def local_polynomials(landscape: SymbolicLandscape, at: tuple[sympy.Rational, ...]) -> LocalPolynomials:
    """K near `at` with the Newton polyhedron and the face polynomials of the landscape.

    K is |Q|^2 of a model whose Q vanishes at the point, else the value minus that at the point. Factors that do
    not vanish there count by their sign. A factor that is no polynomial is replaced by its Taylor polynomial of
    degree N <= 16 once that holds a pure power of each of its variables: every monomial of higher degree then
    lies inside the polyhedron, away from the compact faces, so the remainder changes neither.

    Raises
    ------
    InputError
        If the landscape is not finite or not analytic at the point, constant around it, has irrational
        coefficients, or no such N exists.
    """
    shift = {v: v + x for v, x in zip(landscape.variables, at, strict=True)}
    origin = dict.fromkeys(landscape.variables, 0)
    if isinstance(landscape, ProductModel):
        outputs = [_analytic(q.xreplace(shift), origin) for q in landscape.scaled_q]
        if all(_at(q, origin) == 0 for q in outputs):
            found = [_expanded(q, landscape.variables, keep_scale=len(outputs) > 1) for q in outputs]
            roots = [root for root, _ in found if not root.is_zero]
            squares = sum((root**2 for root in roots), start=sympy.Poly(0, *landscape.variables))
            require(not squares.is_zero, "the landscape is constant around the point; nothing is learned there")
            # a sum of squares of Taylor polynomials has no factors of its own
            polynomials = all(q.is_polynomial(*landscape.variables) for q in outputs)
            whole = polynomials or (len(roots) == 1 and all(whole for _, whole in found))
            return LocalPolynomials(squares, roots, whole)
    expression = _analytic(landscape.expression.xreplace(shift), origin)
    expression -= _at(expression, origin)
    written = squares_of(expression, landscape.variables) or []
    if written and all(q.is_polynomial(*landscape.variables) and _at(q, origin) == 0 for q in written):
        roots = [sympy.Poly(q, *landscape.variables) for q in written]
        if all(c.is_Rational for root in roots for c in root.coeffs()):
            squares = sum((root**2 for root in roots), start=sympy.Poly(0, *landscape.variables))
            return LocalPolynomials(squares, roots, True)
    polynomial, whole = _expanded(expression, landscape.variables, keep_scale=False)
    require(not polynomial.is_zero, "the landscape is constant around the point; nothing is learned there")
    return LocalPolynomials(polynomial, [], whole)


def _at(expression: sympy.Expr, origin: dict[sympy.Symbol, int]) -> sympy.Expr:
    value = sympy.simplify(expression.xreplace({v: sympy.Integer(x) for v, x in origin.items()}))
    require(
        bool(value.is_number and value.is_finite and value.is_real),
        f"the landscape must be finite at the point, got {value}; for a removable gap rewrite the formula",
    )
    return value


def _analytic(expression: sympy.Expr, origin: dict[sympy.Symbol, int]) -> sympy.Expr:
    """The formula without Abs, Max and Min, which take one side at the point."""
    if not expression.args:
        return expression
    args = [_analytic(arg, origin) for arg in expression.args]
    if isinstance(expression, sympy.Abs):
        value = _at(args[0], origin)
        require(value != 0, _KINK.format(expression))
        return args[0] if value > 0 else -args[0]
    if isinstance(expression, sympy.Max | sympy.Min):
        values = [_at(arg, origin) for arg in args]
        best = max(values) if isinstance(expression, sympy.Max) else min(values)
        require(values.count(best) == 1, _KINK.format(expression))
        return args[values.index(best)]
    if isinstance(expression, sympy.Pow) and not expression.exp.is_integer and expression.exp.is_number:
        require(_at(args[0], origin) != 0, _KINK.format(expression))
    if isinstance(expression, sympy.Piecewise | sympy.functions.elementary.piecewise.ExprCondPair):
        raise InputError(_KINK.format(expression))
    return expression.func(*args)


_KINK = (
    "the landscape is not analytic at the point, because of {} (in the shift from it); "
    "take volume_coefficient, which is numerical"
)


def _expanded(
    expression: sympy.Expr, variables: tuple[sympy.Symbol, ...], *, keep_scale: bool
) -> tuple[sympy.Poly, bool]:
    """The product of the factors, each expanded; constants and factors that do not vanish count by their sign.

    With it whether every factor is a polynomial, of one variable, or of non-zero slope at the point and unlike all
    others: Taylor polynomials of different factors may be one.
    """
    origin = dict.fromkeys(variables, 0)
    result, whole = sympy.Poly(1, *variables), True
    parts: list[tuple[sympy.Poly, bool]] = []
    for factor in sympy.Mul.make_args(expression):
        base, power = factor.as_base_exp()
        if not (power.is_Integer and power > 0):
            base, power = factor, sympy.Integer(1)
        value = _at(base, origin)
        if value == 0 and not base.is_polynomial(*variables):
            base = _without_unit(base, variables)
        if value != 0:  # a unit: on compact faces only its value counts
            part = sympy.Poly(value if keep_scale else sympy.sign(value), *variables)
        elif base.is_polynomial(*variables):
            part = sympy.Poly(base, *variables)
            parts.append((part, False))
        else:
            part = _taylor(base, variables)
            alone = sum(base.has(v) for v in variables) == 1
            whole &= alone or any(sum(monomial) == 1 for monomial in part.monoms())
            parts.append((part, not alone))
        coefficients = [c for c in part.coeffs() if not c.is_Rational]
        require(
            not coefficients,
            f"coefficients must be rational, got {coefficients[:1]}; round them, or rescale the variables",
        )
        result *= part ** int(power)
    for (one, cut), (other, also_cut) in combinations(parts, 2):
        if cut or also_cut:
            whole &= sympy.gcd(one, other).eval(origin) != 0
    return result, whole


def _without_unit(base: sympy.Expr, variables: tuple[sympy.Symbol, ...]) -> sympy.Expr:
    """The polynomial c f^k that `base` = h(f) is up to a factor that is 1 at the point; else `base` itself.

    f is a polynomial that vanishes at the point, in which everything of `base` can be written: exp(f) - 1 is f
    times a function without zeros nearby.
    """
    argument = sympy.Dummy("f", real=True)
    inner = {arg for function in base.atoms(sympy.Function) for arg in function.args} | {
        power.exp for power in base.atoms(sympy.Pow, sympy.exp) if not power.exp.is_number
    }
    for f in sorted((f for f in inner if f.is_polynomial(*variables)), key=sympy.count_ops, reverse=True):
        outer = base.xreplace({f: argument, -f: -argument})
        if outer.free_symbols != {argument} or f.subs(dict.fromkeys(variables, 0)) != 0:
            continue
        for order in range(1, HIGHEST_ORDER + 1):
            outer = sympy.diff(outer, argument)
            value = sympy.simplify(outer.subs(argument, 0))
            if value.is_Rational and value != 0:
                return value / sympy.factorial(order) * f**order
            if value != 0:
                break
    return base


def _taylor(base: sympy.Expr, variables: tuple[sympy.Symbol, ...]) -> sympy.Poly:
    """The Taylor polynomial with a pure power of each variable that `base` has."""
    scale = sympy.Dummy("scale", real=True)
    used = [v for v in variables if base.has(v)]
    along = base.xreplace({v: scale * v for v in used})
    result = sympy.Poly(0, *variables)
    for order in range(HIGHEST_ORDER + 1):
        term = along.xreplace({scale: sympy.Integer(0)})
        require(term.is_polynomial(*variables), _KINK.format(base))
        result += sympy.Poly(sympy.simplify(term) / sympy.factorial(order), *variables)
        pure = {m.index(max(m)) for m in result.monoms() if sum(m) == max(m)} if not result.is_zero else set()
        if order > 0 and all(variables.index(v) in pure for v in used):
            return result
        along = sympy.diff(along, scale)
    raise InputError(
        f"the Taylor polynomial of {base} to order {HIGHEST_ORDER} has no pure power of each variable, so higher "
        "orders might matter; write it as a polynomial or a product, or take volume_coefficient (numerical)"
    )
