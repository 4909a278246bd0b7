"""All critical points of a landscape given by a polynomial."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
import sympy
from sympy import QQ

from theory.base.errors import InputError, require
from theory.landscapes import Landscape, SymbolicLandscape
from theory.learning.undecided import algebra_within
from theory.points.critical.algebraic import RealPoint
from theory.points.critical.curves import distinct, sample_curve, singular_equations, slice_points
from theory.points.critical.elimination import hessian_at, inertia
from theory.points.critical.ideal import Basis, Symbols, branches, dimension, groebner, holds_on, solve_finite
from theory.points.critical.kind import jacobian_rank, kind_at
from theory.points.critical.point import CriticalLocus, CriticalPoint, CriticalSet

NUMERICAL = "take find_minima, which is numerical and finds minima on a grid"


def critical_points(
    landscape: Landscape, box: Sequence[tuple[float, float]] | None = None, *, seconds: float | None = 300.0
) -> CriticalLocus:
    """All critical points of a polynomial landscape with their kinds: isolated ones, and curves and surfaces.

    Complete and exact: the equations grad L = 0 are split into factors (Groebner bases over the rationals);
    branches with finitely many solutions are solved through the quotient ring, so that every real solution is a
    real root of one polynomial, isolated by Sturm's theorem; curves are sampled on every arc. Signs and ranks are
    decided in exact arithmetic, the kinds of degenerate points as `kind_at` says. Powers and products of short
    factors take seconds at any degree; without such structure the time grows steeply, from seconds at degree 6 in
    two variables, or 4 in three, by about the square of the number of solutions.

    Parameters
    ----------
    landscape
        A `SymbolicLandscape` or `ProductModel`, a polynomial with rational coefficients.
    box
        Bounds (lower, upper) for each coordinate: isolated points outside are left out. Sets are given whole.
    seconds
        How long the algebra may take; None for no limit. An answer does not depend on it.

    Raises
    ------
    InputError
        If the landscape is no polynomial with rational coefficients, is constant, or holds a set of critical
        points that cannot be described; if the box does not fit; or if the time is up.

    References
    ----------
    Cox, Little & O'Shea (2005), Using Algebraic Geometry, chapters 2 and 4; Rouillier (1999), Applicable Algebra
    in Engineering, Communication and Computing 9, 433.
    """
    polynomial = _polynomial(landscape)
    bounds = _bounds(box, len(polynomial.gens))
    with algebra_within(seconds, lambda reason: InputError(f"{reason}, or {NUMERICAL}")):
        return _Search(polynomial).locus(bounds)


def _polynomial(landscape: Landscape) -> sympy.Poly:
    if not isinstance(landscape, SymbolicLandscape):
        raise InputError(
            f"all critical points need a SymbolicLandscape or a ProductModel, got {type(landscape).__name__}; "
            f"{NUMERICAL}"
        )
    expression, variables = landscape.expression, landscape.variables
    require(
        bool(expression.is_polynomial(*variables)),
        f"all critical points need a polynomial, got {str(expression)[:60]}, for which no method is complete; "
        f"{NUMERICAL}",
    )
    polynomial = sympy.Poly(expression, *variables)
    irrational = [c for c in polynomial.coeffs() if not c.is_Rational]
    require(not irrational, f"coefficients must be rational, got {irrational[:1]}; round them")
    require(polynomial.total_degree() > 0, "the landscape is constant; every point is critical")
    return sympy.Poly(polynomial, *variables, domain=QQ)


def _bounds(box: Sequence[tuple[float, float]] | None, dim: int) -> np.ndarray | None:
    if box is None:
        return None
    try:
        bounds = np.asarray(box, dtype=np.float64)
    except (TypeError, ValueError):
        bounds = np.empty(0)
    require(
        bounds.shape == (dim, 2) and bool((bounds[:, 0] < bounds[:, 1]).all()),
        f"`box` must be (lower, upper) with lower < upper for each of the {dim} coordinates, got {box}",
    )
    return bounds


class _Search:
    """One landscape's critical points on the way to their description."""

    def __init__(self, polynomial: sympy.Poly) -> None:
        self.polynomial = polynomial
        self.variables: Symbols = polynomial.gens
        self.dim = len(self.variables)
        self.hessian = sympy.Matrix(self.dim, self.dim, lambda i, j: _slope(_slope(polynomial, i), j).as_expr())

    def locus(self, bounds: np.ndarray | None) -> CriticalLocus:
        """The description, with isolated points inside the bounds."""
        gradient = [_slope(self.polynomial, i) for i in range(self.dim)]
        pending = [(basis, False) for basis in branches(gradient, self.variables)]
        families = [basis for basis, _ in pending if dimension(basis, self.variables) > 0]
        finite: list[RealPoint] = []
        sets: list[tuple[Basis, CriticalSet]] = []
        seen: set[frozenset[sympy.Poly]] = set()
        while pending:
            basis, within = pending.pop(0)
            size = dimension(basis, self.variables)
            if size == 0:
                finite += solve_finite(basis, self.variables)
            elif frozenset(basis) not in seen:
                seen.add(frozenset(basis))
                described, loose, parts = self._family(basis, size, families, within)
                finite += loose
                pending += [(part, True) for part in parts]
                if described is not None:
                    sets.append((basis, described))
        on_sets = [basis for basis, described in sets]
        isolated = [p for p in distinct(finite) if not any(all(p.vanishes(f) for f in basis) for basis in on_sets)]
        points = [self.describe(p, isolated=True) for p in isolated]
        if bounds is not None:
            points = [p for p in points if _inside(p, bounds)]
        points.sort(key=lambda p: (p.value, p.position))
        return CriticalLocus(tuple(points), tuple(described for _, described in sets))

    def describe(self, point: RealPoint, *, isolated: bool, smooth_set: int = 0) -> CriticalPoint:
        """The record of a point, with its kind."""
        matrix = hessian_at(self.polynomial, point)
        index, nullity = inertia(matrix, point)
        kind, reason = kind_at(self.polynomial, point, smooth_set=smooth_set)
        exact = point.rational
        numbers = [[point.value(matrix[i, j].element) for j in range(self.dim)] for i in range(self.dim)]
        return CriticalPoint(
            position=point.position,
            exact=None if exact is None else tuple(Fraction(int(x.p), int(x.q)) for x in exact),
            kind=kind,
            index=index,
            nullity=nullity,
            value=point.value(point.at(self.polynomial)),
            sharpness=float(np.linalg.eigvalsh(np.array(numbers))[-1]),
            isolated=isolated,
            reason=reason,
        )

    def _family(
        self, basis: Basis, size: int, families: list[Basis], within: bool
    ) -> tuple[CriticalSet | None, list[RealPoint], list[Basis]]:
        """A set of critical points, real points off it, and what is special on it of dimension 1 and more."""
        special, parts, complete = self._special(basis, size, families)
        shown = ", ".join(str(p.as_expr()) for p in basis)
        if size == 1:
            arcs = sample_curve(basis, self.variables, special)
            if arcs is None:
                raise InputError(f"the curve of critical points {shown} = 0 could not be sampled; {NUMERICAL}")
            samples = list(arcs.samples)
            if not samples:
                return None, list(arcs.ends), parts
        else:
            samples = slice_points(basis, self.variables, size)
            require(
                any(jacobian_rank(basis, p) == self.dim - size for p in samples),
                f"the critical points {shown} = 0 could not be shown to have real ones of dimension {size}; "
                f"{NUMERICAL}",
            )
            complete = False
        described = [self._on(basis, size, p) for p in samples]
        complete &= not any(p.reason for p in described)
        return (
            CriticalSet(
                equations=tuple(p.as_expr() for p in basis),
                dimension=size,
                samples=tuple(described),
                special=tuple(self._on(basis, size, p) for p in special),
                complete=complete,
                within=within,
            ),
            [],
            parts,
        )

    def _on(self, basis: Basis, size: int, point: RealPoint) -> CriticalPoint:
        smooth = size if jacobian_rank(basis, point) == self.dim - size else 0
        return self.describe(point, isolated=False, smooth_set=smooth)

    def _special(
        self, basis: Basis, size: int, families: list[Basis]
    ) -> tuple[list[RealPoint], list[Basis], bool]:
        """Singular points, crossings, drops of the Hessian's rank, changes of sign; and whether these are all."""
        systems = [singular_equations(basis, self.variables, self.dim - size)]
        systems += [[*basis, *other] for other in families if frozenset(other) != frozenset(basis)]
        rank = self.dim - size
        while rank > 0 and holds_on(drop := self._principal_minors(rank), basis, self.variables):
            rank -= 1
        if rank > 0:
            systems.append([*basis, drop])
        complete = rank == self.dim - size
        if not complete and len(basis) == 1:
            others = self._other_factors(basis[0])
            complete = others is not None
            systems += [[*basis, other] for other in others or []]
        points: list[RealPoint] = []
        parts: list[Basis] = []
        for system in systems:
            for branch in branches(system, self.variables):
                dim = dimension(branch, self.variables)
                if dim == 0:
                    points += solve_finite(branch, self.variables)
                elif dim < size:
                    parts.append(branch)
        return distinct(points), parts, complete

    def _principal_minors(self, size: int) -> sympy.Poly:
        """Their sum: where the Hessian has rank <= size, the product of its non-zero eigenvalues, if size many."""
        total = sympy.Integer(0)
        for rows in combinations(range(self.dim), size):
            total += self.hessian.extract(list(rows), list(rows)).det(method="berkowitz")
        return sympy.Poly(total, *self.variables, domain=QQ)

    def _other_factors(self, hypersurface: sympy.Poly) -> list[sympy.Poly] | None:
        """The factors beside it of the loss above its value there; None where that is irrational."""
        _, rest = sympy.div(self.polynomial, hypersurface)
        level = rest.as_expr()
        if not level.is_Rational:
            basis = groebner([hypersurface], self.variables)
            samples = slice_points(basis, self.variables, self.dim - 1)
            values = [p.at(self.polynomial) for p in samples if not p.field.is_Algebraic]
            if not values:
                return None
            level = QQ.to_sympy(values[0])
        _, factors = (self.polynomial - level).factor_list()
        if not any(f.monic() == hypersurface.monic() for f, _ in factors):
            return None
        return [f for f, _ in factors if f.monic() != hypersurface.monic()]


def _slope(polynomial: sympy.Poly, axis: int) -> sympy.Poly:
    return polynomial.diff(polynomial.gens[axis])


def _inside(point: CriticalPoint, bounds: np.ndarray) -> bool:
    position = np.array(point.position)
    return bool(((bounds[:, 0] <= position) & (position <= bounds[:, 1])).all())
