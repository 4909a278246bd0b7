"""Systems of polynomial equations: split into factors, their dimension, and all real solutions of finite ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, count, product

import sympy
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from theory.points.critical.algebraic import RealPoint, real_points

Symbols = tuple[sympy.Symbol, ...]
Basis = tuple[sympy.Poly, ...]


def branches(equations: Iterable[sympy.Poly], variables: Symbols) -> list[Basis]:
    """Groebner bases without reducible elements whose real zeros together are those of the equations.

    An equation that factors is replaced by its factors, one branch each, until none does. Branches without
    complex zeros are left out, and so are those whose equations hold on another one.
    """
    pending = [_irreducible(equations)]
    seen, found = set(pending), []
    while pending:
        system = pending.pop()
        split = next((p for p in system if len(_factors(p)) > 1), None)
        if split is not None:
            following = [_irreducible([*(system - {split}), factor]) for factor in _factors(split)]
        else:
            basis = groebner(sorted(system, key=sympy.default_sort_key), variables)
            following = [_irreducible(basis)]
            if following[0] == system or all(len(_factors(p)) == 1 for p in basis):
                if not any(p.is_ground and not p.is_zero for p in basis):
                    found.append(tuple(p for p in following[0]))
                continue
        for system in following:
            if system not in seen and not any(p.is_ground for p in system):
                seen.add(system)
                pending.append(system)
    bases = [groebner(system, variables) for system in found]
    bases = [basis for basis in bases if not any(p.is_ground for p in basis)]  # without complex zeros after all
    return _largest([tuple(sorted(basis, key=sympy.default_sort_key)) for basis in bases], variables)


def groebner(equations: Iterable[sympy.Poly], variables: Symbols) -> Basis:
    """The reduced Groebner basis for the order by degree; (1,) where there are no complex zeros."""
    nonzero = [p.as_expr() for p in equations if not p.is_zero]
    if not nonzero:
        return ()
    basis = sympy.groebner(nonzero, *variables, order="grevlex", domain=QQ)
    return tuple(sympy.Poly(p, *variables, domain=QQ) for p in basis.exprs)


def dimension(basis: Basis, variables: Symbols) -> int:
    """Dimension of the complex zeros: the most variables of which no leading monomial is made; -1 if none."""
    leading = [p.LM(order="grevlex").exponents for p in basis]
    if any(not any(m) for m in leading):
        return -1
    for size in range(len(variables), -1, -1):
        for kept in combinations(range(len(variables)), size):
            if not any(all(n == 0 or i in kept for i, n in enumerate(m)) for m in leading):
                return size
    return 0


def holds_on(polynomial: sympy.Poly, basis: Basis, variables: Symbols) -> bool:
    """Whether the polynomial is in the ideal, and so vanishes on its zeros; the converse needs a radical ideal."""
    return bool(_remainder(polynomial, basis, variables).is_zero)


def solve_finite(equations: Iterable[sympy.Poly], variables: Symbols) -> list[RealPoint]:
    """All real solutions of a system with finitely many complex ones, exactly.

    The quotient ring is a vector space of finite dimension, on which multiplication by a coordinate is a matrix
    whose eigenvalues are the values of the coordinate. Their square-free characteristic polynomials make the
    ideal radical (Seidenberg's lemma); then for a linear form t that differs at all solutions, every coordinate
    is a polynomial in t (shape lemma), and real solutions are the real roots of the polynomial of t.
    """
    basis = groebner(equations, variables)
    if dimension(basis, variables) < 0:
        return []
    space = _Quotient(basis, variables)
    extra = []
    for i, v in enumerate(variables):
        characteristic = space.characteristic(space.matrices[i])
        reduced = characteristic.sqf_part()
        if reduced.degree() < characteristic.degree():
            extra.append(sympy.Poly(reduced.as_expr().subs(reduced.gen, v), *variables, domain=QQ))
    if extra:
        space = _Quotient(groebner([*basis, *extra], variables), variables)
    for weights in _linear_forms(len(variables)):
        form = space.combination(weights)
        characteristic = space.characteristic(form)
        if characteristic.is_sqf:
            shape = space.shape(form, characteristic.gen)
            return [point for factor, _ in characteristic.factor_list()[1] for point in real_points(factor, shape)]
    raise AssertionError("finitely many points always have a linear form that tells them apart")


class _Quotient:
    """Polynomials modulo a zero-dimensional ideal, with the matrices of multiplication by each variable."""

    def __init__(self, basis: Basis, variables: Symbols) -> None:
        leading = [p.LM(order="grevlex").exponents for p in basis]
        bounds = [min(m[i] for m in leading if sum(m) == m[i]) for i in range(len(variables))]
        self.monomials = [
            m
            for m in sorted(product(*map(range, bounds)), key=lambda m: (sum(m), m))
            if not any(all(a >= b for a, b in zip(m, lead, strict=True)) for lead in leading)
        ]
        size = len(self.monomials)
        row = {m: i for i, m in enumerate(self.monomials)}
        self.matrices = []
        for i in range(len(variables)):
            columns = [[QQ(0)] * size for _ in range(size)]
            for j, monomial in enumerate(self.monomials):
                raised = tuple(n + (k == i) for k, n in enumerate(monomial))
                term = sympy.Poly({raised: 1}, *variables, domain=QQ)
                for m, c in (
                    [(raised, sympy.S.One)] if raised in row else _remainder(term, basis, variables).terms()
                ):
                    if c:
                        columns[j][row[m]] = QQ(int(c.p), int(c.q))
            self.matrices.append(DomainMatrix(columns, (size, size), QQ).transpose())

    def combination(self, weights: Sequence[int]) -> DomainMatrix:
        parts = [QQ(w) * m for w, m in zip(weights, self.matrices, strict=True) if w]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def characteristic(self, matrix: DomainMatrix) -> sympy.Poly:
        return sympy.Poly(matrix.charpoly(), sympy.Dummy("t"), domain=QQ)

    def shape(self, form: DomainMatrix, gen: sympy.Symbol) -> list[sympy.Poly]:
        """Each variable as a polynomial in the form: coordinates of x.1 in the basis 1, t.1, t^2.1, ..."""
        size = len(self.monomials)
        one = DomainMatrix([[QQ(int(i == 0))] for i in range(size)], (size, 1), QQ)  # 1 is the first monomial
        powers = [one]
        for _ in range(size - 1):
            powers.append(form * powers[-1])
        krylov = powers[0].hstack(*powers[1:]) if size > 1 else powers[0]
        solved = krylov.lu_solve(_columns(self.matrices, one))
        return [
            sympy.Poly([QQ.to_sympy(solved[k, i].element) for k in reversed(range(size))], gen, domain=QQ)
            for i in range(len(self.matrices))
        ]


def _columns(matrices: list[DomainMatrix], one: DomainMatrix) -> DomainMatrix:
    images = [m * one for m in matrices]
    return images[0].hstack(*images[1:]) if len(images) > 1 else images[0]


def _linear_forms(dim: int) -> Iterator[tuple[int, ...]]:
    """Coordinates first, then (1, k, k^2, ...), of which finitely many fail."""
    yield from (tuple(int(i == j) for j in range(dim)) for i in range(dim))
    yield from (tuple(k**j for j in range(dim)) for k in count(1))


def _remainder(polynomial: sympy.Poly, basis: Basis, variables: Symbols) -> sympy.Poly:
    if not basis:
        return polynomial
    _, rest = sympy.reduced(
        polynomial.as_expr(), [p.as_expr() for p in basis], *variables, order="grevlex", domain=QQ
    )
    return sympy.Poly(rest, *variables, domain=QQ)


def _factors(polynomial: sympy.Poly) -> list[sympy.Poly]:
    return [] if polynomial.is_zero else [f.monic() for f, _ in polynomial.factor_list()[1]]


def _irreducible(equations: Iterable[sympy.Poly]) -> frozenset[sympy.Poly]:
    """The equations without powers and constant factors; a constant other than 0 stays as 1.

    Among real points a sum of even monomials with one sign vanishes where all its monomials do.
    """
    kept: set[sympy.Poly] = set()
    for p in equations:
        if p.is_zero:
            continue
        one = sympy.Poly(1, *p.gens, domain=QQ)
        radical = sympy.prod(_factors(p), one)
        kept |= set(_even_monomials(radical)) or {radical}
    return frozenset(kept)


def _even_monomials(polynomial: sympy.Poly) -> list[sympy.Poly]:
    """The square roots of the monomials of a sum of squares of monomials with one sign; else none."""
    terms = polynomial.terms()
    one_sign = len({c > 0 for _, c in terms}) == 1
    if len(terms) < 2 or not one_sign or any(n % 2 for m, _ in terms for n in m):
        return []
    return [sympy.Poly({tuple(min(n, 1) for n in m): 1}, *polynomial.gens, domain=QQ) for m, _ in terms]


def _largest(bases: list[Basis], variables: Symbols) -> list[Basis]:
    """Without those whose zeros lie in another's: that is so where the other's equations hold on them."""
    kept: list[Basis] = []
    for i, basis in enumerate(bases):
        inside = [
            j for j, other in enumerate(bases) if j != i and all(holds_on(p, basis, variables) for p in other)
        ]
        mutual = [j for j in inside if all(holds_on(p, bases[j], variables) for p in basis)]
        if all(j in mutual and j > i for j in inside):
            kept.append(basis)
    return kept
