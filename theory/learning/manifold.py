"""Whether the zeros of K form a manifold along which its Hessian keeps its rank."""

from __future__ import annotations

import sympy


def is_nondegenerate_manifold(polynomial: sympy.Poly) -> bool:
    """Whether K >= 0, zero at the origin, is a nondegenerate quadratic form across a manifold of zeros.

    With r the rank of the Hessian at the origin, r components of the gradient with independent slopes vanish on a
    manifold of codimension r. K is constant on it, and then a quadratic form across (Morse-Bott), exactly if every
    other component g lies in their ideal near the origin: if h g is in it for a polynomial h with h(0) != 0.
    """
    gens = polynomial.gens
    gradient = [polynomial.diff(v) for v in gens]
    chosen = list(_hessian(polynomial).rref()[1])  # columns that are independent, and rows as well
    if not chosen:
        return False
    ideal = [gradient[i].as_expr() for i in chosen]
    others = [gradient[i].as_expr() for i in range(len(gens)) if i not in chosen]
    return all(_holds_near_origin(g, ideal, gens) for g in others if g != 0)


def hessian_rank(polynomial: sympy.Poly) -> int:
    """Rank of the Hessian at the origin."""
    return int(_hessian(polynomial).rank())


def _hessian(polynomial: sympy.Poly) -> sympy.Matrix:
    origin = dict.fromkeys(polynomial.gens, 0)
    return sympy.Matrix(
        [[polynomial.diff(v).diff(u).eval(origin) for v in polynomial.gens] for u in polynomial.gens]
    )


def _holds_near_origin(g: sympy.Expr, ideal: list[sympy.Expr], gens: tuple[sympy.Symbol, ...]) -> bool:
    """Whether some h with h(0) != 0 takes g into the ideal: the quotient, from the meet of both ideals."""
    t = sympy.Dummy("t")
    meet = sympy.groebner([*(t * f for f in ideal), (1 - t) * g], t, *gens, order="lex")
    multiples = [f for f in meet.exprs if not f.has(t)]
    factors = [sympy.Poly(sympy.div(f, g, *gens)[0], *gens) for f in multiples]
    return any(h.eval(dict.fromkeys(gens, 0)) != 0 for h in factors)
