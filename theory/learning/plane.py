"""Curves in the plane resolved by blowing up points, in exact arithmetic."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import QQ
from sympy.polys.rings import ring

from theory.learning.coefficient import LearningCoefficient
from theory.learning.undecided import UndecidedCoefficient

MOST_BLOW_UPS = 500


@dataclass(frozen=True)
class Divisor:
    """A curve of the resolved plane: f ~ u^order and the volume ~ u^(volume - 1) du across it.

    `depth` is the order of |(x, y)| there, 0 for the curve f = 0 itself.
    """

    order: int
    volume: int
    depth: int


NOTHING = Divisor(0, 1, 0)  # where no curve is: f and the volume have no zero
Curve = tuple[Any, int]  # a polynomial without double factors, and its power in f


@dataclass(frozen=True)
class PlaneResolution:
    """A function of two variables after blowing up: at each real point, the curves that cross there normally.

    References
    ----------
    Watanabe (2009), Algebraic Geometry and Statistical Learning Theory, chapter 3; Wall (2004), Singular Points of
    Plane Curves, chapter 3.
    """

    crossings: tuple[tuple[Divisor, ...], ...]

    @property
    def coefficient(self) -> LearningCoefficient:
        """The least volume/order over all curves, and how many curves with it meet at one point."""
        ratios = [[Fraction(c.volume, c.order) for c in point if c.order > 0] for point in self.crossings]
        least = min(ratio for point in ratios for ratio in point)
        return LearningCoefficient(least, max(point.count(least) for point in ratios))

    @property
    def changes_sign(self) -> bool:
        """Whether f changes its sign across one of the curves."""
        return any(c.order % 2 for point in self.crossings for c in point)

    def is_determined_by(self, order: int) -> bool:
        """Whether terms of f beyond total degree `order` change nothing.

        They vanish to depth (order + 1) on each exceptional curve, and where f = 0 passes as a simple curve they
        must vanish further than f does.
        """
        strict = [c for point in self.crossings for c in point if c.depth == 0]
        exceptional = {c for point in self.crossings for c in point if c.depth > 0}
        simple = all(c.order == 1 for c in strict)
        return bool(exceptional) and simple and all((order + 1) * c.depth > c.order for c in exceptional)


def resolve_plane(factors: Iterable[tuple[sympy.Poly, int]]) -> PlaneResolution:
    """The embedded resolution at the origin of the product of powers of polynomials without common factor.

    Points are blown up until all curves cross normally; only real points are followed. A slope that is no
    fraction extends the field of numbers, once.

    Raises
    ------
    UndecidedCoefficient
        If slopes over an extended field are irrational again, or 500 points do not suffice.
    """
    listed = list(factors)
    field = ring("x,y", QQ)[0]
    curves = [(field.from_dict({m: QQ.from_sympy(c) for m, c in f.terms()}), n) for f, n in listed]
    found: list[tuple[Divisor, ...]] = []
    _resolve(curves, NOTHING, NOTHING, found)
    return PlaneResolution(tuple(found))


def _resolve(
    curves: Sequence[Curve], along_x: Divisor, along_y: Divisor, found: list[tuple[Divisor, ...]]
) -> None:
    """Follow the origin of a chart, where x = 0 is the curve `along_x` and y = 0 the curve `along_y`."""
    through = [(g, n) for g, n in curves if not _coefficient(g, (0, 0))]
    exceptional = [c for c in (along_x, along_y) if c != NOTHING]
    if _cross_normally([g for g, _ in through], along_x, along_y):
        found.append((*exceptional, *(Divisor(n, 1, 0) for _, n in through)))
        return
    if len(found) > MOST_BLOW_UPS:
        raise UndecidedCoefficient(f"more than {MOST_BLOW_UPS} points would have to be blown up")
    orders = [min(map(sum, g)) for g, _ in through]
    blown = Divisor(
        along_x.order + along_y.order + sum(n * m for (_, n), m in zip(through, orders, strict=True)),
        along_x.volume + along_y.volume,
        max(along_x.depth + along_y.depth, 1),
    )
    found.append((blown,))
    first = [(_moved(g, lambda i, j, m=m: (i + j - m, j)), n) for (g, n), m in zip(through, orders, strict=True)]
    second = [(_moved(g, lambda i, j, m=m: (i, i + j - m)), n) for (g, n), m in zip(through, orders, strict=True)]
    if along_x != NOTHING or any(not _coefficient(g, (0, 0)) for g, _ in second):
        _resolve(second, along_x, blown, found)
    _follow_slopes(first, blown, along_y, found)


def _follow_slopes(
    curves: Sequence[Curve], blown: Divisor, along_y: Divisor, found: list[tuple[Divisor, ...]]
) -> None:
    """All real points of the new curve x = 0 where something else passes, in the chart (x, slope)."""
    t = sympy.Dummy("t")
    slopes: dict[sympy.Poly, list[tuple[int, int]]] = {sympy.Poly(t, t): []} if along_y != NOTHING else {}
    for g, n in curves:
        domain = g.ring.domain
        cone = sympy.Poly({(j,): domain.to_sympy(c) for (i, j), c in g.terms() if i == 0}, t, domain=domain)
        for factor, power in cone.factor_list()[1]:
            key = sympy.Poly(factor.monic(), t)
            slopes.setdefault(sympy.Poly(t, t) if key.as_expr() == t else key, []).append((power, n))
    for factor, passing in slopes.items():
        if factor.degree() == 1:
            domain = curves[0][0].ring.domain if curves else QQ
            slope = -domain.from_sympy(factor.eval(0)) / domain.from_sympy(factor.LC())
            _resolve([(_shifted(g, slope), n) for g, n in curves], blown, along_y if not slope else NOTHING, found)
            continue
        roots = _real_roots(factor)
        if roots and [power for power, _ in passing] == [1]:
            found.append((blown, Divisor(passing[0][1], 1, 0)))  # a simple slope: smooth, and across
        elif roots:
            _extend(curves, factor, roots, blown, found)


def _extend(
    curves: Sequence[Curve], factor: sympy.Poly, roots: int, blown: Divisor, found: list[tuple[Divisor, ...]]
) -> None:
    """Follow the slopes that are the real roots of an irreducible `factor`, over the field with one of them."""
    if curves[0][0].ring.domain != QQ:
        raise UndecidedCoefficient(
            "the branches of K separate over irrational slopes, and then over slopes irrational over those"
        )
    for k in range(roots):
        root = sympy.rootof(factor.as_expr(), factor.gen, k)
        domain = QQ.algebraic_field(root)
        larger = ring("x,y", domain)[0]
        wider = [(larger.from_dict({m: domain.convert(c, QQ) for m, c in g.terms()}), n) for g, n in curves]
        _resolve([(_shifted(g, domain.from_sympy(root)), n) for g, n in wider], blown, NOTHING, found)


def _cross_normally(curves: Sequence[Any], along_x: Divisor, along_y: Divisor) -> bool:
    """Whether the curves are smooth at the origin, across each other and the axes, at most two in all."""
    slopes = [(_coefficient(g, (1, 0)), _coefficient(g, (0, 1))) for g in curves]
    across_x, across_y = along_x != NOTHING, along_y != NOTHING
    if len(slopes) + across_x + across_y > 2 or not all(a or b for a, b in slopes):
        return False
    if len(slopes) == 2:
        return bool(slopes[0][0] * slopes[1][1] - slopes[0][1] * slopes[1][0])
    return all((b or not across_x) and (a or not across_y) for a, b in slopes)


def _coefficient(g: Any, monomial: tuple[int, int]) -> Any:
    return g.get(monomial, g.ring.domain.zero)


def _moved(g: Any, exponents: Any) -> Any:
    return g.ring.from_dict({exponents(i, j): c for (i, j), c in g.terms()})


def _shifted(g: Any, slope: Any) -> Any:
    """`g` with y + slope for y."""
    return g.compose(g.ring.gens[1], g.ring.gens[1] + slope) if slope else g


def _real_roots(factor: sympy.Poly) -> int:
    """Number of real roots of a polynomial without double ones, by Sturm's theorem over its field."""
    if factor.domain.is_QQ or factor.domain.is_ZZ:
        return int(factor.count_roots())
    chain = [factor, factor.diff()]
    while chain[-1].degree() > 0:
        chain.append(-chain[-2].rem(chain[-1]))
    right = [bool(p.LC().evalf(50) > 0) for p in chain]
    left = [bool(p.LC().evalf(50) * (-1) ** p.degree() > 0) for p in chain]
    return _variations(left) - _variations(right)


def _variations(signs: Sequence[bool]) -> int:
    return sum(a != b for a, b in itertools.pairwise(signs))
