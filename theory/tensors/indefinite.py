"""What replaces the Hessian where it is indefinite, for no covariance has a negative eigenvalue.

Each replacement is a function f(x) = slope x + bend s(x) of the eigenvalues with s(x) = sqrt(x^2 + width^2). Its
divided difference (f(x) - f(y)) / (x - y) = slope + bend (x + y) / (s(x) + s(y)) needs no subtraction, and makes
f(H), its root and its derivative (Daleckii & Krein) without case distinctions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sympy

from theory.base.errors import require


@dataclass(frozen=True)
class Refuse:
    """An indefinite Hessian is an error."""

    @property
    def parts(self) -> tuple[float, float, float]:
        """Slope, bend and width of f."""
        return (0.5, 0.5, 0.0)  # as `PositivePart`, for what rounding leaves below zero


@dataclass(frozen=True)
class AbsoluteEigenvalues:
    """Eigenvalues of the Hessian are replaced by their absolute values: D has kinks where one changes sign."""

    @property
    def parts(self) -> tuple[float, float, float]:
        """Slope, bend and width of f."""
        return (0.0, 1.0, 0.0)


@dataclass(frozen=True)
class PositivePart:
    """Negative eigenvalues of the Hessian are replaced by zero: noise vanishes along them."""

    @property
    def parts(self) -> tuple[float, float, float]:
        """Slope, bend and width of f."""
        return (0.5, 0.5, 0.0)


@dataclass(frozen=True)
class SmoothAbsolute:
    """Eigenvalues h of the Hessian are replaced by sqrt(h^2 + width^2): |H| without kinks, and noise everywhere.

    Parameters
    ----------
    width
        In the units of the Hessian: the eigenvalue that is left where H has none.

    Raises
    ------
    InputError
        If `width` is not positive and finite.
    """

    width: float

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.width) and self.width > 0,
            f"`width` must be positive and finite, got {self.width}; take AbsoluteEigenvalues() for width 0",
        )

    @property
    def parts(self) -> tuple[float, float, float]:
        """Slope, bend and width of f."""
        return (0.0, 1.0, float(self.width))


Indefinite = Refuse | AbsoluteEigenvalues | PositivePart | SmoothAbsolute


class PositivePartOf(sympy.Function):  # type: ignore[misc]
    """max(x, 0) as one term: SymPy would spread (x + |x|) / 2 over sums, and rounding leave it below 0."""

    is_real = True
    is_nonnegative = True

    @classmethod
    def eval(cls, x: sympy.Expr) -> sympy.Expr | None:
        """The number of a number."""
        return sympy.Max(x, 0) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """Its derivative, 0 at the kink."""
        return sympy.Piecewise((1, self.args[0] > 0), (0, True))

    def _pythoncode(self, printer: Any) -> str:
        x = printer._print(self.args[0])
        return f"(0.5*(({x}) + abs({x})))"

    _numpycode = _pythoncode


def replaced(indefinite: Indefinite, x: sympy.Expr) -> sympy.Expr:
    """f(x)."""
    slope, bend, width = indefinite.parts
    if slope and not width:
        return PositivePartOf(x)
    return sympy.Rational(slope) * x + sympy.Rational(bend) * _length(indefinite, x)


def divided(indefinite: Indefinite, x: sympy.Expr, y: sympy.Expr) -> sympy.Expr:
    """(f(x) - f(y)) / (x - y), that of the positive side where both are 0 and f has a kink there."""
    slope, bend, width = indefinite.parts
    size = _length(indefinite, x) + _length(indefinite, y)
    ratio = (x + y) / size if width else sympy.Piecewise(((x + y) / size, size > 0), (1, True))
    return sympy.Rational(slope) + sympy.Rational(bend) * ratio


def _length(indefinite: Indefinite, x: sympy.Expr) -> sympy.Expr:
    width = indefinite.parts[2]
    return sympy.sqrt(x**2 + sympy.Float(width, 17) ** 2) if width else sympy.Abs(x)
