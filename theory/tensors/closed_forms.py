"""Functions of a symmetric matrix in one and two dimensions as formulas of its entries.

With the mean m and half the distance r of its eigenvalues, f(H) is (f(m + r) + f(m - r)) / 2 + k (H - m), where
k is the divided difference of f between them; the root of f(H) is s / 2 + (k / s) (H - m), where s is the sum of
the roots of f(m + r) and f(m - r). Nothing is divided by r, which is 0 where the eigenvalues meet.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from theory.base.matrices import NEGATIVE_LEFT_BY_ROUNDING
from theory.tensors.indefinite import Indefinite, Refuse, divided, replaced


@dataclass(frozen=True)
class ClosedForm:
    """f(H) and its symmetric root."""

    tensor: sympy.Matrix
    root: sympy.Matrix


def closed_form(hessian: sympy.Matrix, indefinite: Indefinite) -> ClosedForm:
    """Formulas for a symmetric matrix of formulas, (1, 1) or (2, 2); where it is refused the root is NaN."""
    if hessian.shape == (1, 1) and isinstance(indefinite, Refuse):
        return ClosedForm(hessian, hessian.applyfunc(sympy.sqrt))
    if hessian.is_diagonal() and not isinstance(indefinite, Refuse):
        own = sympy.diag(*(replaced(indefinite, h) for h in hessian.diagonal()))
        return ClosedForm(own, own.applyfunc(sympy.sqrt))
    mean, difference = (hessian[0, 0] + hessian[1, 1]) / 2, (hessian[0, 0] - hessian[1, 1]) / 2
    half = sympy.sqrt(difference**2 + hessian[0, 1] ** 2)
    rest = sympy.Matrix([[difference, hessian[0, 1]], [hessian[0, 1], -difference]])
    most, least = mean + half, mean - half
    slope = divided(indefinite, most, least)
    upper, lower = replaced(indefinite, most), replaced(indefinite, least)
    if isinstance(indefinite, Refuse):
        lower = sympy.Piecewise(
            (lower, least >= -NEGATIVE_LEFT_BY_ROUNDING * (sympy.Abs(most) + sympy.Abs(least))), (least, True)
        )
    total = sympy.sqrt(upper) + sympy.sqrt(lower)
    share = sympy.Piecewise((slope / total, total > 0), (0, True))
    identity = sympy.eye(rest.rows)
    return ClosedForm((upper + lower) / 2 * identity + slope * rest, total / 2 * identity + share * rest)
