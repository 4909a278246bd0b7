"""The Newton polyhedron of a power series, in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import sympy

from theory.base.errors import require

Exponent = tuple[int, ...]
MOST_FACES = 2000


@dataclass(frozen=True)
class Face:
    """The face {x: normal.x = level} of a polyhedron in normal.x >= level, normal >= 0, in whole numbers."""

    normal: Exponent
    level: int

    def holds(self, point: Iterable[int | Fraction]) -> bool:
        """Whether `point` lies on the hyperplane of the face."""
        return sum(n * x for n, x in zip(self.normal, point, strict=True)) == self.level


@dataclass(frozen=True)
class NewtonPolyhedron:
    """The convex hull of the exponents plus the positive orthant.

    Parameters
    ----------
    points
        Those exponents that are no other plus a non-negative vector: only they can lie on compact faces.

    References
    ----------
    Varchenko (1976), Functional Analysis and its Applications 10, 175; Arnold, Gusein-Zade & Varchenko (1988),
    Singularities of Differentiable Maps II, chapters 6 to 8.
    """

    points: tuple[Exponent, ...]

    @staticmethod
    def of(exponents: Iterable[Exponent]) -> NewtonPolyhedron:
        """The polyhedron of a series with these exponents."""
        table = np.array(sorted(set(exponents)))
        minimal = [p for p in table if np.count_nonzero((table <= p).all(axis=1)) == 1]
        return NewtonPolyhedron(tuple(tuple(int(n) for n in p) for p in minimal))

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.points[0])

    @cached_property
    def facets(self) -> tuple[Face, ...]:
        """All facets, by the double description method in whole numbers.

        They are the extreme rays of the cone of (normal, level) with normal >= 0 and normal.p >= level >= 0 that
        touch a point.
        """
        d = self.dim
        unit = [tuple(int(i == j) for j in range(d + 1)) for i in range(d + 1)]
        rays = list(unit)
        done = list(unit)  # the constraints met so far, each non-negative on every ray
        for point in self.points:
            rays = _cut(rays, done, (*point, -1))
            done.append((*point, -1))
        candidates = [Face(ray[:-1], ray[-1]) for ray in rays if any(ray[:-1])]
        return tuple(f for f in candidates if any(f.holds(p) for p in self.points))

    @cached_property
    def distance(self) -> Fraction:
        """The t where the diagonal (t, ..., t) enters the polyhedron; 0 where the origin is in it."""
        return max(Fraction(f.level, sum(f.normal)) for f in self.facets)

    @cached_property
    def codimension(self) -> int:
        """Codimension of the smallest face that holds the point where the diagonal enters."""
        met = (self.distance,) * self.dim
        return int(sympy.Matrix([f.normal for f in self.facets if f.holds(met)]).rank())

    @cached_property
    def compact_faces(self) -> tuple[Face, ...]:
        """Each compact face by a positive normal that belongs to it alone, vertices first.

        A face is an intersection of facets, its normal their sum; it is compact where that is positive.

        Raises
        ------
        InputError
            If there are more than 2000 faces.
        """
        found = {frozenset(p for p in (*self.points, *range(self.dim)) if _touches(f, p)) for f in self.facets}
        faces, fresh = set(found), set(found)
        while fresh:
            fresh = {a & b for a in fresh for b in found} - faces
            fresh = {face for face in fresh if any(isinstance(p, tuple) for p in face)}
            faces |= fresh
            require(
                len(faces) <= MOST_FACES,
                f"the Newton polyhedron has more than {MOST_FACES} faces; "
                "take volume_coefficient, which is numerical",
            )
        compact = [face for face in faces if not any(isinstance(p, int) for p in face)]
        return tuple(
            self._common(face) for face in sorted(compact, key=lambda face: (len(face), sorted(map(str, face))))
        )

    def _common(self, face: frozenset[Exponent | int]) -> Face:
        """The sum of the facets that hold the whole face."""
        holding = [f for f in self.facets if all(_touches(f, p) for p in face)]
        normal = tuple(sum(parts) for parts in zip(*(f.normal for f in holding), strict=True))
        return Face(normal, sum(f.level for f in holding))


def _touches(facet: Face, generator: Exponent | int) -> bool:
    """Whether the facet holds a point, or the ray along an axis."""
    return facet.normal[generator] == 0 if isinstance(generator, int) else facet.holds(generator)


def _cut(rays: list[Exponent], done: list[Exponent], constraint: Exponent) -> list[Exponent]:
    """The extreme rays of the cone where `constraint` is non-negative too."""
    heights = {ray: _dot(ray, constraint) for ray in rays}
    tight = {ray: frozenset(i for i, c in enumerate(done) if _dot(ray, c) == 0) for ray in rays}
    kept = [ray for ray in rays if heights[ray] >= 0]
    for up in (ray for ray in rays if heights[ray] > 0):
        for down in (ray for ray in rays if heights[ray] < 0):
            common = tight[up] & tight[down]
            if any(common <= tight[other] for other in rays if other not in (up, down)):
                continue  # no edge joins them
            between = [heights[up] * b - heights[down] * a for a, b in zip(up, down, strict=True)]
            factor = math.gcd(*between)
            kept.append(tuple(x // factor for x in between))
    return kept


def _dot(a: Exponent, b: Exponent) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))
