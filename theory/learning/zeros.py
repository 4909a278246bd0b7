"""Whether a loss has its minimum at one point, or along a set through it."""

from __future__ import annotations

import numpy as np
import sympy
from scipy.optimize import minimize

from theory.base.arrays import Array
from theory.landscapes import SymbolicLandscape
from theory.learning.expansion import Point, exact_point, local_polynomials

RADIUS = sympy.Rational(1, 64)  # of the circle about the point on which zeros are counted
STARTS = 64  # on the sphere, from which zeros are looked for
ZERO = 1e-9  # of the largest value on the sphere: what a search leaves of a zero


def zero_is_isolated(landscape: SymbolicLandscape, at: Point) -> bool | None:
    """Whether the loss is above its value at `at` everywhere near it; None where that is not decided.

    On a line it is. In the plane zeros on a small circle are counted by Sturm's theorem; in more dimensions a
    polynomial whose terms have all one degree is minimised on the sphere from 64 points.

    Raises
    ------
    InputError
        If `at` is no point of the landscape, or the loss is not analytic there.
    """
    dim = landscape.dim
    if dim == 1:
        return True
    found = local_polynomials(landscape, exact_point(at, dim)).polynomial
    if dim == 2:
        return not _meets_circle(found)
    degrees = {sum(monomial) for monomial in found.monoms()}
    return None if len(degrees) > 1 else not _vanishes_on_sphere(found)


def _meets_circle(polynomial: sympy.Poly) -> bool:
    """Whether a polynomial in two variables vanishes on the circle, by its rational points.

    These leave out (-r, 0); a curve through the centre meets the circle in two points at least.
    """
    t = sympy.Dummy("t")
    x, y = polynomial.gens
    turned = {x: RADIUS * (1 - t**2) / (1 + t**2), y: 2 * RADIUS * t / (1 + t**2)}
    numerator, _ = sympy.fraction(sympy.together(polynomial.as_expr().xreplace(turned)))
    return bool(sympy.Poly(numerator, t).count_roots())


def _vanishes_on_sphere(polynomial: sympy.Poly) -> bool:
    from scipy.stats import qmc

    value = sympy.lambdify([polynomial.gens], polynomial.as_expr(), "numpy")
    starts = qmc.Halton(len(polynomial.gens), scramble=False).random(STARTS + 1)[1:] * 2 - 1

    def on_sphere(point: Array) -> float:
        return float(value(point / np.linalg.norm(point)))

    largest = max(on_sphere(one) for one in starts)
    return any(minimize(on_sphere, one).fun < ZERO * largest for one in starts)
