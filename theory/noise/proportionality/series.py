"""The leading terms of C and H along a polynomial path, in rational arithmetic."""

from __future__ import annotations

import math

import numpy as np
import sympy

from theory.base.estimate import Estimate
from theory.models import ProductModel
from theory.noise.proportionality.path import DISTANCE, points_on
from theory.noise.proportionality.verdict import Proportionality, Reason

MOST_EXACT = 4  # dimensions in which the formulas of C and H stay small
CLEARLY_SLOPED = 1e-6  # gradient at the end beside that at the largest distance: not a rounded critical point


def judge_exactly(model: ProductModel, path: tuple[sympy.Expr, ...], distance: float) -> Proportionality | None:
    """The verdict from the leading terms; None where the formulas are no polynomials or the end is rounded.

    A critical point that is known as a decimal only has C = 1e-32 instead of 0, which no exact series should see.
    """
    if model.dim > MOST_EXACT or not _ends_exactly(model, path, distance):
        return None
    along = dict(zip(model.variables, path, strict=True))
    root = model.example_covariance.root_expressions(model.variables)
    dim = model.dim
    covariance = _leading((root * root.T).xreplace(along))
    hessian = _leading(sympy.Matrix(dim, dim, model.hessian_expressions).xreplace(along))
    if covariance is None or hessian is None:
        return None
    (order, top), (curvature_order, bottom) = covariance, hessian
    if top.is_zero_matrix or bottom.is_zero_matrix:
        return None  # what vanishes all along the path is told by numbers
    product, squares = _inner(top, bottom), (_inner(top, top), _inner(bottom, bottom))
    misfit = sympy.simplify(1 - product**2 / (squares[0] * squares[1]))
    ranks = int(top.rank(simplify=True)), int(bottom.rank(simplify=True))
    constant: sympy.Expr
    if order != curvature_order:
        vanishing = order > curvature_order
        reason = Reason.COVARIANCE_VANISHES if vanishing else Reason.HESSIAN_VANISHES
        constant = sympy.Integer(0) if vanishing else sympy.oo
    else:
        constant = sympy.nsimplify(sympy.simplify(product / squares[1]))
        if misfit == 0:
            reason = Reason.PROPORTIONAL if constant > 0 else Reason.SIGN
        else:
            reason = Reason.DIRECTION if ranks[0] == ranks[1] else Reason.RANK
    return Proportionality(
        reason is Reason.PROPORTIONAL,
        reason,
        Estimate(float(constant), 0.0),
        Estimate(math.sqrt(float(misfit)), 0.0),
        float(order),
        float(curvature_order),
        *ranks,
        constant,
    )


def _ends_exactly(model: ProductModel, path: tuple[sympy.Expr, ...], distance: float) -> bool:
    """Whether the end of the path is exactly critical, or clearly not critical."""
    end = dict(zip(model.variables, (part.subs(DISTANCE, 0) for part in path), strict=True))
    slopes = [sympy.simplify(g.xreplace(end)) for g in model.gradient_expressions]
    if all(slope == 0 for slope in slopes):
        return True
    near, far = np.abs(model.gradient(points_on(path, np.array([0.0, distance]), model.dim))).max(axis=1)
    return bool(near > CLEARLY_SLOPED * far)


def _leading(matrix: sympy.Matrix) -> tuple[int, sympy.Matrix] | None:
    """The lowest power of u in a matrix and its coefficient; None where an entry is no polynomial in u."""
    entries = [sympy.expand(entry) for entry in matrix]
    if not all(entry.is_polynomial(DISTANCE) and not entry.has(sympy.Float) for entry in entries):
        return None
    terms = [{int(k): sympy.simplify(c) for (k,), c in sympy.Poly(e, DISTANCE).terms()} for e in entries]
    powers = [k for term in terms for k, c in term.items() if c != 0]
    lowest = min(powers, default=0)
    return lowest, sympy.Matrix(*matrix.shape, [term.get(lowest, sympy.Integer(0)) for term in terms])


def _inner(first: sympy.Matrix, second: sympy.Matrix) -> sympy.Expr:
    return sum((a * b for a, b in zip(first, second, strict=True)), start=sympy.Integer(0))
