"""Whether a polynomial vanishes where no coordinate does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, islice, product

import sympy

from theory.base.rounding import NOT_ZERO

TRIED_VALUES = (1, -1, 2, -2, sympy.Rational(1, 2), -sympy.Rational(1, 2))
MOST_SAMPLES = 3000


def free_of_zeros(polynomials: Sequence[sympy.Poly]) -> bool:
    """Whether the polynomials are proved to have no common real zero with all coordinates non-zero.

    The proofs, in this order: one of them is a product of factors each of which is definite there or, in one
    variable after a change of coordinates by a monomial map, has no real root (Sturm); or the ideal that they
    span, with the inverse of the product of the coordinates, is everything (Groebner basis).
    """
    if any(all(_factor_is_free(f) for f, _ in p.factor_list()[1]) for p in polynomials):
        return True
    inverse = sympy.Dummy("inverse")
    used = [v for v in polynomials[0].gens if any(p.degree(v) > 0 for p in polynomials)]
    equations = [p.as_expr() for p in polynomials] + [1 - inverse * sympy.prod(used)]
    return bool(sympy.groebner(equations, *used, inverse, order="grevlex").exprs == [1])


def sample_values(polynomial: sympy.Poly) -> tuple[dict[sympy.Symbol, sympy.Rational] | None, str | None]:
    """A point where the polynomial is negative, and a description of one where it vanishes, where found.

    All coordinates are non-zero. All but one are sampled at +-1, +-2, +-1/2; the last is solved for.
    """
    used = [v for v in polynomial.gens if polynomial.degree(v) > 0]
    zero = None
    for count, values in enumerate(product(TRIED_VALUES, repeat=max(len(used) - 1, 0))):
        if count > MOST_SAMPLES:
            break
        chosen = dict(zip(used[1:], values, strict=True))
        line = sympy.Poly(polynomial.as_expr().subs(chosen), used[0])
        for x in TRIED_VALUES:
            if line.eval(x) < 0:
                return {used[0]: sympy.Rational(x), **chosen}, zero
        if zero is None and not line.is_ground:
            root = next((r for r in line.real_roots(multiple=True) if r != 0), None) if line.degree() > 0 else None
            if root is not None:
                shown = root if root.is_Rational else f"about {float(root):.6g}"
                zero = ", ".join(f"{v} = {x}" for v, x in {used[0]: shown, **chosen}.items())
    return None, zero


def has_zero(polynomial: sympy.Poly) -> bool:
    """Whether a zero with all coordinates non-zero is found: all but one are sampled, the last is solved for."""
    used = [v for v in polynomial.gens if polynomial.degree(v) > 0]
    for values in islice(product(TRIED_VALUES, repeat=len(used) - 1), MOST_SAMPLES):
        line = sympy.Poly(polynomial.as_expr().subs(dict(zip(used[1:], values, strict=True))), used[0])
        if line.degree() > 0 and line.count_roots() > int(line.eval(0) == 0):
            return True
    return False


def _factor_is_free(factor: sympy.Poly) -> bool:
    terms = {m: c for m, c in factor.terms() if c}
    if len(terms) == 1:
        return True
    line = _along_the_edge(terms, factor.gens)
    if line is not None:
        return all(root == 0 for root in (line.count_roots(None, -NOT_ZERO), line.count_roots(NOT_ZERO, None)))
    return _definite(terms) or _definite({m: -c for m, c in terms.items()})


def _along_the_edge(
    terms: dict[tuple[int, ...], sympy.Rational], gens: tuple[sympy.Symbol, ...]
) -> sympy.Poly | None:
    """The polynomial g of one variable with f = monomial g(x^b), where the exponents lie on a line; else None.

    b is the primitive direction of the line, so that x^b takes every non-zero real value.
    """
    start = min(terms)
    offsets = {m: sympy.Matrix([a - b for a, b in zip(m, start, strict=True)]) for m in terms}
    far = offsets[max(terms)]
    length = int(sympy.igcd(*far))
    primitive = far / length
    axis = next(i for i, n in enumerate(primitive) if n != 0)
    steps = {m: offset[axis] / primitive[axis] for m, offset in offsets.items()}
    if any(offset != steps[m] * primitive for m, offset in offsets.items()):
        return None
    u = gens[0]
    return sympy.Poly({(int(steps[m]),): c for m, c in terms.items()}, u)


def _definite(terms: dict[tuple[int, ...], sympy.Rational]) -> bool:
    """Whether a positive definite quadratic form in monomials is found that the polynomial is.

    The monomials are the square roots of those with even exponents; a cross term is shared evenly between the
    pairs whose product it is.
    """
    halves = [tuple(n // 2 for n in m) for m in terms if all(n % 2 == 0 for n in m)]
    if not halves:
        return False
    gram = sympy.diag(*[terms[tuple(2 * n for n in h)] for h in halves])
    for monomial, coefficient in terms.items():
        if any(n % 2 for n in monomial):
            pairs = [
                (i, j)
                for i, j in combinations(range(len(halves)), 2)
                if all(a + b == n for a, b, n in zip(halves[i], halves[j], monomial, strict=True))
            ]
            if not pairs:
                return False
            for i, j in pairs:
                gram[i, j] = gram[j, i] = coefficient / (2 * len(pairs))
    return bool(gram.is_positive_definite)
