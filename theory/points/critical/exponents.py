"""Powers of drift and noise along a line that starts at a point where both may vanish."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy

from theory.base.errors import InputError, require
from theory.base.showing import as_call
from theory.landscapes import SymbolicLandscape
from theory.landscapes.symbolic import derivative
from theory.learning.expansion import Point, exact_point
from theory.models import FreshModel, NoisyGradient, ProductModel
from theory.models.product import exact
from theory.points.degenerate.point import Side

HIGHEST_ORDER = 24


@dataclass(frozen=True)
class LocalExponents:
    """At distance u along a unit vector e: -e.grad L ~ drift_coefficient u^drift_exponent, e'C e likewise.

    Parameters
    ----------
    drift_exponent, drift_coefficient
        n and beta; beta > 0 points away from the point. n = inf and beta = 0 where the drift along e is zero.
    noise_exponent, noise_coefficient
        m and A of one example's gradient covariance C; m = inf and A = 0 where there is no noise along e.
    invariant
        Whether drift and noise have no part across the line anywhere on it, so that walkers stay on it.
    """

    drift_exponent: float
    drift_coefficient: float
    noise_exponent: float
    noise_coefficient: float
    invariant: bool

    def __repr__(self) -> str:
        return as_call(self)

    def side(self, learning_rate: float, batch_size: int) -> Side:
        """The side of a degenerate point for walkers on the line, with D = learning_rate C / (2 batch_size).

        Raises
        ------
        InputError
            If the line is not invariant, has no noise, or the numbers are not positive.
        """
        require(self.invariant, "walkers leave this line, so no one-dimensional law holds on it; choose another")
        require(self.noise_coefficient > 0, "there is no noise along this line")
        require(
            learning_rate > 0 and batch_size >= 1,
            f"`learning_rate` must be positive and `batch_size` at least 1, got {learning_rate} and {batch_size}",
        )
        coefficient = learning_rate * self.noise_coefficient / (2 * batch_size)
        return Side(self.noise_exponent, coefficient, self.drift_exponent, self.drift_coefficient)


def local_exponents(model: FreshModel, at: Point, direction: Sequence[float | Fraction]) -> LocalExponents:
    """The first powers of drift and noise of SGD on the half-line from `at` along `direction`, exactly.

    From the Taylor series of grad L and C along the line, in exact arithmetic. The drift is that of the
    first-order limit, -grad L. In one dimension `find_degenerate_points` measures the same numbers.

    Parameters
    ----------
    model
        A `ProductModel`, or a `NoisyGradient` of formulas.
    at, direction
        A point and a vector of any length, d numbers each; a decimal means the fraction that it spells.

    Raises
    ------
    InputError
        If the model has no formulas, is not analytic on the line at the point, the direction is zero, or drift or
        noise vanishes to order 24 but not provably for ever.
    """
    gradient, tensor, variables = _formulas(model)
    place = exact_point(at, len(variables))
    vector = exact_point(direction, len(variables))
    require(any(vector), "`direction` must not be zero")
    u = sympy.Dummy("u", positive=True)
    line = {v: x + u * e for v, x, e in zip(variables, place, vector, strict=True)}
    e = sympy.Matrix(vector)
    length = math.sqrt(sum(float(x) ** 2 for x in vector))
    pull = sympy.Matrix(gradient).xreplace(line)
    spread = tensor.xreplace(line)
    drift_exponent, drift = _first_term(-(e.T * pull)[0], u, "the drift")
    noise_exponent, noise = _first_term((e.T * spread * e)[0], u, "the noise")
    across = sympy.eye(len(variables)) - e * e.T / (e.T * e)[0]
    invariant = all(sympy.simplify(x) == 0 for x in [*(across * pull), *(across * spread)])
    return LocalExponents(
        drift_exponent,
        drift / length ** (drift_exponent + 1) if drift else 0.0,
        noise_exponent,
        noise / length ** (noise_exponent + 2) if noise else 0.0,
        invariant,
    )


def _formulas(
    model: FreshModel,
) -> tuple[tuple[sympy.Expr, ...], sympy.Matrix, tuple[sympy.Symbol, ...]]:
    """Gradient of the loss and covariance of one example's gradient."""
    if isinstance(model, ProductModel):
        big_q = sympy.Matrix(model.scaled_q)
        jacobian = sympy.Matrix([[derivative(f, v) for v in model.variables] for f in model.scaled_q])
        pull = jacobian.T * big_q
        spread = exact(model.noise_std) ** 2 + (big_q.T * big_q)[0]
        tensor = (2 * exact(model.loss_scale)) ** 2 * (spread * jacobian.T * jacobian + pull * pull.T)
        return model.gradient_expressions, tensor, model.variables
    if isinstance(model, NoisyGradient) and isinstance(model.landscape, SymbolicLandscape):
        root = model.example_covariance.root_expressions(model.landscape.variables)
        if root is not None:
            return model.landscape.gradient_expressions, root * root.T, model.landscape.variables
    raise InputError(
        f"local exponents need a ProductModel or a NoisyGradient of formulas, got {type(model).__name__}; in one "
        "dimension take find_degenerate_points"
    )


def _first_term(expression: sympy.Expr, u: sympy.Symbol, what: str) -> tuple[float, float]:
    """Exponent and coefficient of the first term of the Taylor series in u; (inf, 0) of zero."""
    if sympy.simplify(expression) == 0:
        return math.inf, 0.0
    if expression.is_polynomial(u):
        terms = sympy.Poly(expression, u).terms()
        (power,), coefficient = min((m, c) for m, c in terms if c != 0)
        return float(power), float(coefficient)
    slope = expression
    for n in range(HIGHEST_ORDER + 1):
        value = sympy.simplify(slope.subs(u, 0))
        require(
            bool(value.is_number and value.is_finite and value.is_real),
            f"{what} must be analytic along the line at the point, its derivative of order {n} is {value}",
        )
        if value != 0:
            return float(n), float(value) / math.factorial(n)
        slope = sympy.diff(slope, u)
    raise InputError(f"{what} vanishes to order {HIGHEST_ORDER} along the line at the point; no power is found")
