"""What theory says of the slope of the loss at learning rate 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy

from compare.slope.method import constant_noise
from simulate.sgd import SGD
from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.landscapes import SymbolicLandscape
from theory.learning import LearningCoefficient, learning_coefficient, zero_is_isolated
from theory.learning.expansion import exact_point
from theory.models import Model, NoisyGradient
from theory.points import LossMinimum

SILENT = 1e-12  # of the noise a length away: below it the noise at the minimum vanishes
EVEN = 1e-12  # relative difference of a covariance from a multiple of the identity


@dataclass(frozen=True)
class SlopePrediction:
    """The slope d(loss)/d(learning rate) at 0 that theory predicts, or the reason why there is none.

    Parameters
    ----------
    value
        The slope, None where nothing is predicted.
    formula
        How it is computed; empty where it is not.
    reason
        Why this formula applies, or why none does, in one line.
    power
        The loss over the rate is a series in the rate to this power: 1 at a regular minimum.
    multiplicity
        m of the learning coefficient; above 1 the loss over the rate comes to its limit like 1 / log.
    unit
        Slope for a learning coefficient of 1, s^2 / (2 B (1 - mu)), with isotropic noise; else None.
    """

    value: float | None
    formula: str
    reason: str
    power: float = 1.0
    multiplicity: int = 1
    unit: float | None = None


def predict_slope(model: Model, sgd: SGD, minimum: LossMinimum, jumps: bool) -> SlopePrediction:
    """The slope tr C / (4 B) at a regular minimum, lambda s^2 / (2 B) at a degenerate one with isotropic noise.

    s^2 is the variance of each component of one example's gradient, and both are divided by 1 - momentum. `jumps`
    says that the loss is that of SGD in steps and not of its continuous limit. Nothing is predicted where the
    noise vanishes at the minimum, it is not isotropic at a degenerate one, or the grid holds several minima.

    References
    ----------
    McAllester (2017), "Langevin dynamics and the struggle for the soul of SGD", equation 9; Watanabe (2009),
    Algebraic Geometry and Statistical Learning Theory, chapter 4.
    """
    place = np.asarray(minimum.position)
    share = 1 / (sgd.batch_size * (1 - sgd.momentum))
    over = "" if not sgd.momentum else " / (1 - mu)"
    if minimum.others:
        shown = ", ".join(f"({', '.join(f'{x:.4g}' for x in one)})" for one in minimum.others[:3])
        return _none(f"the grid holds several minima, also at {shown}: their weights change with the rate")
    noise = float(np.trace(minimum.gradient_covariance))
    around = np.trace(model.gradient_covariance(minimum.around), axis1=1, axis2=2)
    if noise <= SILENT * float(around[np.isfinite(around)].max(initial=0.0)):
        return _none("the noise of the gradient vanishes at the minimum: walkers may collapse onto it")
    if minimum.regular:
        reason = "the Hessian is positive definite at the minimum, and batches are independent"
        return SlopePrediction(noise * share / 4, f"tr C / (4 B){over}", reason)
    if not isinstance(model, NoisyGradient) or constant_noise(model) is None:
        return _none("the minimum is degenerate and the noise of the gradient changes about it")
    variance = noise / model.dim
    if np.abs(minimum.gradient_covariance - variance * np.eye(model.dim)).max() > EVEN * variance:
        return _none("the minimum is degenerate and the noise is not isotropic: the law is not Gibbs")
    unit = variance * share / 2
    try:
        coefficient = learning_coefficient(model.landscape, [float(x) for x in place])
    except InputError as error:
        return SlopePrediction(None, "", f"no learning coefficient: {error}", unit=unit)
    power = _power(model, place, coefficient, jumps)
    reason = (
        f"the minimum is degenerate with isotropic noise, lambda = {coefficient.value}, "
        f"m = {coefficient.multiplicity}"
    )
    value = float(coefficient.value) * unit
    return SlopePrediction(value, f"lambda s^2 / (2 B){over}", reason, power, coefficient.multiplicity, unit)


def _none(reason: str) -> SlopePrediction:
    return SlopePrediction(None, "", reason)


def _power(model: NoisyGradient, place: Array, coefficient: LearningCoefficient, jumps: bool) -> float:
    """Spacing of the powers of the rate in (loss / rate).

    Of a loss that is homogeneous of degree 2k about the place and above its minimum elsewhere it is 2 - 1/k in
    steps: with w = eta^(1/2k) u a step depends on eta^(2 - 1/k) only. Higher terms of the loss bring powers of the
    temperature: those of T^(1/k) on a line, T^(1/2) elsewhere, of which not all need be there. Where the minimum
    is a set through the place, the poles of the zeta function are multiples of one fraction, that of the set's
    other points, 1/2, among them.
    """
    degree, isolated = _degree(model, place), _is_isolated(model, place)
    if degree is not None and isolated:
        return 2 - 2 / degree if jumps else 1.0
    if model.dim == 1:
        return 2 * float(coefficient.value)
    return 0.5 if isolated else 1 / math.lcm(Fraction(coefficient.value).denominator, 2)


def _is_isolated(model: NoisyGradient, place: Array) -> bool:
    """Whether the minimum is known to be a point."""
    landscape = model.landscape
    if not isinstance(landscape, SymbolicLandscape):
        return model.dim == 1
    try:
        return zero_is_isolated(landscape, [float(x) for x in place]) is True
    except InputError:  # not analytic
        return model.dim == 1


def _degree(model: NoisyGradient, place: Array) -> int | None:
    """The degree of a loss whose terms about `place` all have the same one, else None."""
    landscape = model.landscape
    if not isinstance(landscape, SymbolicLandscape) or not landscape.expression.is_polynomial(
        *landscape.variables
    ):
        return None
    shift = {v: v + x for v, x in zip(landscape.variables, exact_point(place, model.dim), strict=True)}
    terms = sympy.Poly(landscape.expression.xreplace(shift), *landscape.variables).monoms()
    degrees = {sum(monomial) for monomial in terms} - {0}
    return degrees.pop() if len(degrees) == 1 else None
