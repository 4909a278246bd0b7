"""The learning coefficient at a point, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy

from theory.base.errors import InputError, require
from theory.landscapes import Landscape, SymbolicLandscape
from theory.learning.coefficient import LearningCoefficient, product_of, sum_of
from theory.learning.expansion import LocalPolynomials, Point, exact_point, local_polynomials
from theory.learning.hypersurface import of_hypersurface, part_on
from theory.learning.manifold import hessian_rank, is_nondegenerate_manifold
from theory.learning.outputs import without_coordinates
from theory.learning.plane import resolve_plane
from theory.learning.polyhedron import NewtonPolyhedron
from theory.learning.torus import free_of_zeros, sample_values
from theory.learning.undecided import UndecidedCoefficient, algebra_within

NUMERICAL = (
    "take learning_coefficient_by_splitting, which turns the coordinates, linear_network_coefficient for products "
    "of matrices, or volume_coefficient or energy_coefficient, which are numerical"
)
Factors = Sequence[tuple[sympy.Poly, int]]


def learning_coefficient(landscape: Landscape, at: Point, *, seconds: float | None = 60.0) -> LearningCoefficient:
    """The learning coefficient lambda of K at the point `at`, with its multiplicity m, as exact numbers.

    K is |Q|^2 / (2 noise_std^2) of a `ProductModel`, else the loss minus its value at the point; constant factors
    do not matter. The routes, in this order:

    - outputs of a sum of squares that are smooth coordinates count 1/2 each and are eliminated from the others; so
      a manifold of minima where they are all has half its codimension;
    - factors, or summands, of different variables: the rules of products and sums;
    - factors that vanish at the point with linearly independent gradients are coordinates: lambda = min 1/k_i, m
      the number of times it is attained;
    - two variables: embedded resolution by blowing up points, which is complete;
    - a power of one irreducible q whose zeros are nondegenerate on its Newton polyhedron: min(1/t, 1)/power, the
      distance t being where the diagonal (t, ..., t) enters it;
    - the Newton polyhedron of K: lambda = 1/t, m the codimension of the smallest face that holds this point. That
      is right where the part of K on every compact face, vertices included, has no zero with all coordinates
      non-zero: K then lies between two multiples of the sum of its vertex monomials. All compact faces are
      checked, not those at the diagonal alone: a zero on another may lower lambda;
    - a nondegenerate manifold of minima of any K, proved by ideals: half the rank of the Hessian.

    Parameters
    ----------
    landscape
        A `SymbolicLandscape` or `ProductModel`, analytic with K >= 0 around the point.
    at
        The point: d numbers; a decimal means the fraction that it spells.
    seconds
        How long the algebra may take; None for no limit. An answer does not depend on it.

    Raises
    ------
    UndecidedCoefficient
        If K is degenerate in all these respects, cannot be shown not to be, or the time is up; with proved bounds.
    InputError
        If the landscape is no formula; at the point is not finite, not analytic or constant; or if K is seen to
        take negative values nearby.

    References
    ----------
    Varchenko (1976), Functional Analysis and its Applications 10, 175; Arnold, Gusein-Zade & Varchenko (1988),
    Singularities of Differentiable Maps II, chapters 6 to 8; Watanabe (2009), Algebraic Geometry and
    Statistical Learning Theory, chapters 2 to 4; Wall (2004), Singular Points of Plane Curves, chapter 3.
    """
    if not isinstance(landscape, SymbolicLandscape):
        raise InputError(
            f"an exact learning coefficient needs a SymbolicLandscape or a ProductModel, got "
            f"{type(landscape).__name__}; take volume_coefficient or energy_coefficient, which are numerical"
        )
    place = exact_point(at, landscape.dim)
    local: LocalPolynomials | None = None
    try:
        with algebra_within(seconds):
            local = local_polynomials(landscape, place)
            return _of_outputs(local.roots, local.factors_are_exact) if local.roots else _of_sum(local)
    except UndecidedCoefficient as undecided:
        if local is None:
            raise
        raise UndecidedCoefficient(undecided.reason, *_bounds(local.polynomial)) from None


def _of_outputs(outputs: list[sympy.Poly], are_exact: bool) -> LearningCoefficient:
    """Of K = sum q_i^2, first without the outputs that are coordinates."""
    rank, rest = without_coordinates(outputs) if are_exact else (0, outputs)
    if not rest:
        return LearningCoefficient(Fraction(rank, 2))
    polynomial = sum((q**2 for q in rest), start=sympy.Poly(0, *rest[0].gens))
    found = _of_sum(LocalPolynomials(polynomial, rest, are_exact))
    return sum_of(LearningCoefficient(Fraction(rank, 2)), found) if rank else found


def _of_sum(local: LocalPolynomials) -> LearningCoefficient:
    """From groups of summands without common variables, each of which has its minimum at the origin."""
    if not local.factors_are_exact:
        return _of_polyhedron(*_in_own_variables(local.polynomial, local.roots))
    groups = _groups([sympy.Poly({m: c}, *local.polynomial.gens) for m, c in local.polynomial.terms()])
    if len(groups) == 1:
        return _of_product(local)
    values = []
    for group in groups:
        part = sum(group[1:], start=group[0])
        mine = [root for root in local.roots if set(_variables(root)) <= set(_variables(part))]
        squares = sum((root**2 for root in mine), start=sympy.Poly(0, *part.gens))
        values.append(_of_product(LocalPolynomials(part, mine if (part - squares).is_zero else [], True)))
    total = values[0]
    for value in values[1:]:
        total = sum_of(total, value)
    return total


def _of_product(local: LocalPolynomials) -> LearningCoefficient:
    """From groups of factors without common variables, of those that vanish at the origin."""
    gens = local.polynomial.gens
    origin = dict.fromkeys(gens, 0)
    constant, factors = local.roots[0].factor_list() if len(local.roots) == 1 else local.polynomial.factor_list()
    if len(local.roots) == 1:
        constant, factors = constant**2, [(f, 2 * n) for f, n in factors]
    vanishing = [(f, n) for f, n in factors if f.eval(origin) == 0]
    sign = constant * sympy.prod([f.eval(origin) ** n for f, n in factors if f.eval(origin) != 0])
    powers = dict(vanishing)
    groups = _groups(list(powers))
    if len(groups) == 1:
        return _of_factors(sign, vanishing, local)
    result = None
    for number, group in enumerate(groups):
        mine = [(f, powers[f]) for f in group]
        part = sympy.prod([f.as_expr() ** n for f, n in mine]) * (sign if number == 0 else 1)
        value = _of_factors(sign if number == 0 else 1, mine, LocalPolynomials(sympy.Poly(part, *gens), [], True))
        result = value if result is None else product_of(result, value)
    assert result is not None
    return result


def _of_factors(sign: sympy.Rational, vanishing: Factors, local: LocalPolynomials) -> LearningCoefficient:
    """Of a product of powers of the factors that vanish at the origin, times `sign`."""
    found = _of_normal_crossings(sign, vanishing)
    if found is not None:
        return found
    used = sorted({v for f, _ in vanishing for v in _variables(f)}, key=vanishing[0][0].gens.index)
    own = [(sympy.Poly(f.as_expr(), *used), n) for f, n in vanishing]
    if len(used) == 2:
        resolution = resolve_plane(own)
        require(
            not resolution.changes_sign, "the point must be a minimum, K changes its sign across a curve there"
        )
        require(_is_positive(local.polynomial), "the point must be a minimum, it is a maximum")
        return resolution.coefficient
    if len(own) == 1 and own[0][1] % 2 == 0 and sign > 0:
        found = of_hypersurface(*own[0])
        if found is not None:
            return found
    polynomial, roots = _in_own_variables(local.polynomial, local.roots)
    try:
        return _of_polyhedron(polynomial, roots)
    except UndecidedCoefficient:
        if not is_nondegenerate_manifold(polynomial):
            raise
        return LearningCoefficient(Fraction(hessian_rank(polynomial), 2))


def _of_normal_crossings(sign: sympy.Rational, vanishing: Factors) -> LearningCoefficient | None:
    """From the factors, if their gradients at the origin are linearly independent; else None."""
    origin = dict.fromkeys(vanishing[0][0].gens, 0)
    slopes = sympy.Matrix([[f.diff(v).eval(origin) for v in f.gens] for f, _ in vanishing])
    if slopes.rank() < len(vanishing):
        return None
    odd = [f.as_expr() for f, k in vanishing if k % 2]
    require(
        not odd, f"the point must be a minimum, the factor {odd and odd[0]} (in the shift from it) changes sign"
    )
    require(bool(sign > 0), "the point must be a minimum, it is a maximum")
    highest = max(k for _, k in vanishing)
    return LearningCoefficient(Fraction(1, highest), sum(k == highest for _, k in vanishing))


def _of_polyhedron(polynomial: sympy.Poly, roots: list[sympy.Poly]) -> LearningCoefficient:
    polyhedron = NewtonPolyhedron.of(polynomial.monoms())
    for face in polyhedron.compact_faces:
        part = part_on(polynomial, face)
        if len(part.terms()) == 1:
            (monomial, coefficient), *_ = part.terms()
            is_even = all(n % 2 == 0 for n in monomial) and coefficient > 0
            require(
                is_even, f"the point must be a minimum, near it K takes negative values as {part.as_expr()} does"
            )
        elif not free_of_zeros([p for root in roots if not (p := part_on(root, face, 2)).is_zero] or [part]):
            _refuse(part)
    return LearningCoefficient(1 / polyhedron.distance, polyhedron.codimension)


def _bounds(polynomial: sympy.Poly) -> tuple[Fraction, Fraction]:
    """Proved bounds of the coefficient of a K >= 0.

    K is at most a multiple of the sum of its vertex monomials and of |w|^2, which gives 1/t and d/2. It is at
    least a quadratic form across the flat directions, half the rank, and no coefficient is below 1 over the order.
    """
    used = len(_variables(polynomial))
    distance = NewtonPolyhedron.of(polynomial.monoms()).distance
    low = max(Fraction(hessian_rank(polynomial), 2), Fraction(1, min(map(sum, polynomial.monoms()))))
    return low, min(1 / distance, Fraction(used, 2))


def _is_positive(polynomial: sympy.Poly) -> bool:
    """Whether a K that keeps its sign is positive off its zeros: by its lowest form in some direction."""
    lowest = min(map(sum, polynomial.monoms()))
    form = sympy.Poly({m: c for m, c in polynomial.terms() if sum(m) == lowest}, *polynomial.gens)
    # on the curve of moments a form of degree n vanishes at no more than n times the variables of these places
    places = range(2, 3 + form.total_degree() * len(form.gens))
    values = (form.eval({v: k**n for n, v in enumerate(form.gens)}) for k in places)
    return bool(next(value for value in values if value != 0) > 0)


def _groups(polynomials: Sequence[sympy.Poly]) -> list[list[sympy.Poly]]:
    """The polynomials in groups that have no variable in common."""
    groups: list[tuple[set[sympy.Symbol], list[sympy.Poly]]] = []
    for polynomial in polynomials:
        variables, members = set(_variables(polynomial)), [polynomial]
        for group in [group for group in groups if group[0] & variables]:
            groups.remove(group)
            variables, members = group[0] | variables, group[1] + members
        groups.append((variables, members))
    return [members for _, members in groups]


def _variables(polynomial: sympy.Poly) -> list[sympy.Symbol]:
    return [v for v in polynomial.gens if polynomial.degree(v) > 0]


def _in_own_variables(polynomial: sympy.Poly, roots: list[sympy.Poly]) -> tuple[sympy.Poly, list[sympy.Poly]]:
    kept = _variables(polynomial)
    return sympy.Poly(polynomial.as_expr(), *kept), [sympy.Poly(root.as_expr(), *kept) for root in roots]


def _refuse(part: sympy.Poly) -> None:
    """Say which: negative values nearby, a zero off the axes, or nothing proved."""
    shown = part.as_expr()
    negative, zero = sample_values(part)
    if negative is not None:
        where = ", ".join(f"{v} = {x}" for v, x in negative.items())
        raise InputError(
            f"the point must be a minimum, near it K takes negative values as {shown} does at {where}"
        )
    if zero is not None:
        raise UndecidedCoefficient(
            f"K is degenerate: on a face of its Newton polyhedron it is {shown}, zero at {zero}; {NUMERICAL}"
        )
    raise UndecidedCoefficient(
        f"K could not be shown to be non-degenerate: on a face of its Newton polyhedron it is {shown}, which may "
        f"vanish with all coordinates non-zero; {NUMERICAL}"
    )
