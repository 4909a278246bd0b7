"""The random factor by which a step of SGD multiplies the distance to a critical point of a line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import sympy

from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.showing import as_call
from theory.landscapes.symbolic import derivative
from theory.models import FreshModel, NoisyGradient, ProductModel
from theory.points.collapse.exponent import check_step, mean_log

SILENT = 1e-9  # of the slope of q about a point: what rounding leaves of one that vanishes
NEAR = 1e-3  # of the size of a point, or of 1: the distance at which that slope is taken


@dataclass(frozen=True)
class StepFactor:
    """The factor 1 - eta X of a step near a critical point, X = along S + across sqrt(S / B) N.

    S ~ chi2_B / B and N ~ N(0, 1) are independent; where the gradient noise is normal and does not vanish at the
    point, S is 1.

    Parameters
    ----------
    position
        Of the critical point.
    along
        The curvature of the loss there, which is the mean of X.
    across
        Standard deviation of the part of X that labels make, of one example.
    varies
        Whether S varies as chi-square does; else it is 1.
    silent
        Whether the noise vanishes at the point itself: walkers may collapse onto it.
    """

    position: float
    along: float
    across: float
    varies: bool
    silent: bool

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def noise(self) -> float:
        """Standard deviation of X for one example: that of a batch is `noise` / sqrt(B)."""
        return math.sqrt(2 * self.along**2 * self.varies + self.across**2)

    def growth(self, learning_rate: float, batch_size: int) -> Estimate:
        """E log|1 - eta X|, what a step adds to the logarithm of the distance: above 0 no law stays near.

        Raises
        ------
        InputError
            If a number is out of range.
        """
        check_step(learning_rate, batch_size, 0.0)
        if not self.varies:
            left = abs(1 - learning_rate * self.along)
            return Estimate(math.log(left) if left else -math.inf, 0.0)
        return mean_log(learning_rate * self.along, learning_rate * self.across, batch_size)

    def mean_square(self, learning_rate: float, batch_size: int) -> float:
        """E(1 - eta X)^2: from 1 on the law near the point has no variance.

        Raises
        ------
        InputError
            If a number is out of range.
        """
        check_step(learning_rate, batch_size, 0.0)
        return (1 - learning_rate * self.along) ** 2 + (learning_rate * self.noise) ** 2 / batch_size

    def limit_variance(self, learning_rate: float, batch_size: int) -> float:
        """That of the Langevin equation, eta Var X / (2 E X): from 1 on its law near a minimum has no variance.

        Infinite where the point is no minimum of positive curvature.

        Raises
        ------
        InputError
            If a number is out of range.
        """
        check_step(learning_rate, batch_size, 0.0)
        if self.along <= 0:
            return math.inf
        return learning_rate * self.noise**2 / (2 * batch_size * self.along)


def step_factor(model: FreshModel, at: float) -> StepFactor:
    """The factor of a step of SGD with fresh data at the critical point `at` of a line, to first order.

    The gradient of a batch for scalar q is 2s (A Q - b) Q' with A = mean z^2 and b = mean eps z, so that near a
    critical point X = 2s {(Q'^2 + Q Q'') A - Q'' b}, whose mean is the curvature. Where q is affine this is the
    factor of every step (Kesten's), at a point with Q' = 0 that of stochastic collapse.

    Raises
    ------
    InputError
        If the model has more than one variable or output, the point is not finite, or normal noise vanishes there.

    References
    ----------
    Kesten (1973), Random difference equations and renewal theory; Chen, Kunin, Yamamura & Ganguli (2023),
    Stochastic collapse.
    """
    require(model.dim == 1, f"the factor of a step is a number on a line, got dimension {model.dim}")
    require(math.isfinite(at), f"`at` must be finite, got {at}")
    point = np.array([float(at)])
    curvature = float(model.hessian(point)[0, 0])
    if isinstance(model, NoisyGradient):
        noise = float(model.gradient_covariance(point)[0, 0])
        require(noise > 0, f"normal noise must not vanish at the point, it does at {at:.6g}")
        return StepFactor(float(at), curvature, 0.0, False, False)
    if not isinstance(model, ProductModel):
        raise InputError(f"the factor of a step needs a ProductModel or NoisyGradient, got {type(model).__name__}")
    require(model.outputs == 1, f"the factor of a step needs one output, got {model.outputs}")
    (formula,), (variable,) = model.scaled_q, model.variables
    slope = derivative(formula, variable)
    bend = float(derivative(slope, variable).subs(variable, sympy.Float(at)))
    distance = NEAR * max(1.0, abs(at))
    here, beside = (abs(float(slope.subs(variable, sympy.Float(at + x)))) for x in (0.0, distance))
    across = 2 * model.loss_scale * abs(bend) * model.noise_std
    return StepFactor(float(at), curvature, across, True, here <= SILENT * max(here, beside))
