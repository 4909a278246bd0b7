"""Sums of squares K = sum q_i^2 as ideals: smooth outputs are coordinates, and the others count on their zeros."""

from __future__ import annotations

from collections.abc import Sequence

import sympy


def squares_of(expression: sympy.Expr, variables: Sequence[sympy.Symbol]) -> list[sympy.Expr] | None:
    """Outputs q_i with `expression` = sum c_i q_i^2, c_i > 0, where it is written so; else None."""
    outputs = []
    for term in sympy.Add.make_args(expression):
        constant, rest = term.as_independent(*variables, as_Add=False)
        bases = [factor.as_base_exp() for factor in sympy.Mul.make_args(rest)]
        if not (constant.is_positive and all(n.is_Integer and n > 0 and n % 2 == 0 for _, n in bases)):
            return None
        outputs.append(sympy.prod([base ** (n / 2) for base, n in bases]))
    return outputs


def without_coordinates(outputs: Sequence[sympy.Poly]) -> tuple[int, list[sympy.Poly]]:
    """How many outputs are coordinates at the origin, and the others where those vanish, up to units.

    An output A v + B with A(0) != 0, B free of v, may be taken as a coordinate in the place of v: the ideal of all
    outputs is that of this one and of the others at v = -B/A. So sum q_i^2 lies between two multiples of u^2 plus
    the sum of the squares of the others, in u and the variables that are left. Where A has v in it, the others
    must be free of v or a power of it times something that is.
    """
    rank, rest = 0, [q for q in outputs if not q.is_zero]
    while (reduced := _reduced(rest)) is not None:
        rank, rest = rank + 1, reduced
    return rank, rest


def _reduced(outputs: Sequence[sympy.Poly]) -> list[sympy.Poly] | None:
    """The others without a variable that one of the outputs stands for, shortest outputs first; else None."""
    for output in sorted(outputs, key=lambda q: len(q.terms())):
        for variable in output.gens:
            slope, offset = _line(output, variable)
            if slope.eval(dict.fromkeys(output.gens, 0)) == 0:
                continue
            others = [_where_zero(q, slope, offset, variable) for q in outputs if q is not output]
            if all(q is not None for q in others):
                return [q for q in others if q is not None and not q.is_zero]
    return None


def _line(output: sympy.Poly, variable: sympy.Symbol) -> tuple[sympy.Poly, sympy.Poly]:
    """A and B of `output` = A v + B, B free of v."""
    offset = sympy.Poly(output.as_expr().subs(variable, 0), *output.gens)
    return sympy.Poly(sympy.cancel((output - offset).as_expr() / variable), *output.gens), offset


def _where_zero(q: sympy.Poly, slope: sympy.Poly, offset: sympy.Poly, variable: sympy.Symbol) -> sympy.Poly | None:
    """`q` at v = -`offset`/`slope`, times a unit, in the other variables; None where v stays in it."""
    powers = sympy.Poly(q.as_expr(), variable).all_coeffs()[::-1]
    used = [k for k, c in enumerate(powers) if c != 0]
    if slope.degree(variable) > 0:
        if len(used) > 1:
            return None
        return sympy.Poly(powers[used[0]] * offset.as_expr() ** used[0], *q.gens)
    degree = len(powers) - 1
    cleared = sum(c * (-offset.as_expr()) ** k * slope.as_expr() ** (degree - k) for k, c in enumerate(powers))
    return sympy.Poly(sympy.expand(cleared), *q.gens)
