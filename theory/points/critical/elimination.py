"""The splitting lemma over the field of a point: nondegenerate directions are eliminated as power series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy
from sympy import QQ
from sympy.polys.matrices import DomainMatrix
from sympy.polys.rings import PolyElement, ring

from theory.points.critical.algebraic import Number, RealPoint

LARGEST_DEGREE = 64  # of a composition that is tried without truncation


@dataclass(frozen=True, eq=False)
class FieldSplitting:
    """`Splitting` over the field of the point's coordinates; the residual is an element of a ring over it."""

    rank: int
    index: int
    residual: PolyElement
    directions: tuple[tuple[Number, ...], ...]
    exact: bool


def split_at(polynomial: sympy.Poly, point: RealPoint, order: int, *, whole: bool = True) -> FieldSplitting:
    """The splitting of a polynomial with rational coefficients at a critical point, over the point's field.

    `whole` says that the polynomial is the function itself and not a Taylor polynomial of it.
    """
    field, dim = point.field, len(point.coordinates)
    hessian = hessian_at(polynomial, point)
    _, pivots = hessian.rref()
    kernel = _rows(hessian.nullspace()) if len(pivots) < dim else []
    rank, corank = len(pivots), len(kernel)
    names = [f"u{i}" for i in range(rank)] + [f"v{k}" for k in range(corank)]
    if not corank:
        base, *_ = ring(["v0"], field)
        return FieldSplitting(rank, inertia(hessian, point)[0], base.zero, (), True)
    coordinates, *gens = ring(names, field)
    along = []
    for i in range(dim):
        line = coordinates.ground_new(point.coordinates[i])
        for r, pivot in enumerate(pivots):
            if pivot == i:
                line += gens[r]
        for k, row in enumerate(kernel):
            line += gens[rank + k] * row[i]
        along.append(line)
    full = _composed(polynomial.terms(), along, coordinates, None)
    full -= coordinates.ground_new(full.coeff(1))
    flat, *_ = ring(names[rank:], field)
    inverse = _rows(_block(hessian, pivots, field).inv()) if rank else []
    solution = _eliminated(full, flat, inverse, rank, order)
    exact = whole and _solves_exactly(full, flat, solution, rank)
    residual = _inserted(full, solution, flat, rank, None if exact else order)
    return FieldSplitting(rank, inertia(hessian, point)[0], residual, tuple(map(tuple, kernel)), exact)


def hessian_at(polynomial: sympy.Poly, point: RealPoint) -> DomainMatrix:
    """The Hessian at the point, over its field."""
    gens = polynomial.gens
    rows = [[point.at(polynomial.diff(a).diff(b)) for b in gens] for a in gens]
    return DomainMatrix(rows, (len(gens), len(gens)), point.field)


def inertia(hessian: DomainMatrix, point: RealPoint) -> tuple[int, int]:
    """Numbers of negative and of zero eigenvalues, by Descartes' rule, which is exact where all roots are real."""
    coefficients = [point.sign(c) for c in hessian.charpoly()]
    nullity = 0
    while nullity < len(coefficients) - 1 and coefficients[-1 - nullity] == 0:
        nullity += 1
    signs = [s for s in coefficients if s]
    positive = sum(a != b for a, b in pairwise(signs))
    return hessian.shape[0] - nullity - positive, nullity


def _rows(matrix: DomainMatrix) -> list[list[Number]]:
    return [[matrix[i, j].element for j in range(matrix.shape[1])] for i in range(matrix.shape[0])]


def _block(matrix: DomainMatrix, kept: Iterable[int], field: Any) -> DomainMatrix:
    kept = list(kept)
    rows = [[matrix[i, j].element for j in kept] for i in kept]
    return DomainMatrix(rows, (len(kept), len(kept)), field)


def _composed(terms: Any, values: list[PolyElement], target: Any, order: int | None) -> PolyElement:
    """The sum of terms (exponents, coefficient) at ring elements, without what is above the order."""
    powers = [[target.one] for _ in values]
    total = target.zero
    for monomial, coefficient in terms:
        if isinstance(coefficient, sympy.Expr):
            coefficient = target.domain.convert_from(QQ(int(coefficient.p), int(coefficient.q)), QQ)
        term = target.ground_new(coefficient)
        for known, value, n in zip(powers, values, monomial, strict=True):
            while len(known) <= n:
                known.append(_cut(known[-1] * value, order))
            if n:
                term = _cut(term * known[n], order)
        total += term
    return total


def _cut(element: PolyElement, order: int | None) -> PolyElement:
    if order is None:
        return element
    return element.ring.from_dict({m: c for m, c in element.items() if sum(m) <= order})


def _inserted(
    element: PolyElement, solution: list[PolyElement], flat: Any, rank: int, order: int | None
) -> PolyElement:
    """The element at u = solution(v), in the ring of v; u counts twice in the order, for it starts at degree 2."""
    kept = [(m, c) for m, c in element.terms() if order is None or 2 * sum(m[:rank]) + sum(m[rank:]) <= order]
    return _composed(kept, [*solution, *flat.gens], flat, order)


def _eliminated(
    full: PolyElement, flat: Any, inverse: list[list[Number]], rank: int, order: int
) -> list[PolyElement]:
    """u(v) with grad_u = 0: u <- u - A^-1 grad_u, which gains an order each time."""
    slopes = [full.diff(i) for i in range(rank)]
    solution = [flat.zero] * rank
    for _ in range(order):
        misses = [_inserted(s, solution, flat, rank, order) for s in slopes]
        if not any(misses):
            break
        solution = [
            u - sum((m * a for m, a in zip(misses, row, strict=True)), start=flat.zero)
            for u, row in zip(solution, inverse, strict=True)
        ]
    return solution


def _solves_exactly(full: PolyElement, flat: Any, solution: list[PolyElement], rank: int) -> bool:
    """Whether the truncated u(v) solves grad_u = 0 without truncation."""
    highest = max((max(map(sum, u), default=0) for u in solution), default=1)
    if max(map(sum, full), default=0) * max(highest, 1) > LARGEST_DEGREE:
        return False
    return not any(_inserted(full.diff(i), solution, flat, rank, None) for i in range(rank))
