"""Whether the mean step of SGD contracts at a point, before any noise."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from simulate.momentum import Nesterov
from simulate.preconditioner import InverseNoise, is_field, matrix_of
from simulate.rules import kept_slope
from simulate.sgd import SGD
from theory.base.arrays import Array, ArrayLike, finite
from theory.base.contracts import Part
from theory.base.errors import InputError, require
from theory.base.showing import as_call
from theory.base.stability import stability_limit
from theory.models.model import AnyModel
from theory.tensors.minibatch import AnyNoisyModel, covariance_of


class UnstableStepWarning(UserWarning):
    """A learning rate beyond what the curvature of a minimum allows."""


@dataclass(frozen=True)
class StepStability:
    """What the mean step does near a point.

    Parameters
    ----------
    curvature
        Largest eigenvalue of P H, with the preconditioner P and the Hessian H, weight decay included.
    limit
        What learning_rate * curvature must not exceed, the `stability_limit` of the momentum.
    multiplier
        Largest modulus of the eigenvalues of the linearised step; above 1 it leads away.
    """

    learning_rate: float
    curvature: float
    limit: float
    multiplier: float

    def __repr__(self) -> str:
        return as_call(self)


def step_stability(model: AnyModel, sgd: SGD, w: ArrayLike) -> StepStability:
    """The mean step of `sgd` linearised at w (d,), by its eigenvalues; of a schedule the first step counts.

    Of step rules weight decay adds its rate to H, clipping leaves it where the mean gradient is within the limit,
    the noise of a sampler has no mean, and the velocity of `StochasticHamiltonian` is that of momentum.

    Raises
    ------
    InputError
        If w is not finite, w or the preconditioner does not fit the model, or another rule rescales the gradient.
    """
    point = finite(w, "w").reshape(-1)
    require(len(point) == model.dim, f"`w` must have {model.dim} components, got {len(point)}")
    rates, batches = sgd.plan(0, 1)
    slope = kept_slope(sgd.rules, point, model.gradient(point), model.hessian(point))
    pull = _preconditioner(model, sgd, point, int(batches[0])) @ slope
    curvature = float(np.linalg.eigvals(pull).real.max())
    rate, momentum, identity = float(rates[0]), float(sgd.kept_velocity), np.eye(model.dim)
    kept = identity - rate * pull
    if isinstance(sgd.momentum, Nesterov):
        step = np.block([[kept, momentum * kept], [-rate * pull, momentum * kept]])
    else:
        step = np.block([[kept, momentum * identity], [-rate * pull, momentum * identity]])
    limit = stability_limit(sgd.kept_velocity)
    return StepStability(rate, curvature, limit, float(np.abs(np.linalg.eigvals(step)).max()))


def warn_if_unstable(model: AnyModel, sgd: SGD, w: ArrayLike) -> StepStability:
    """`step_stability` at the minimum w (d,), with an `UnstableStepWarning` where descent leaves it without noise.

    Raises
    ------
    InputError
        As `step_stability`.
    """
    found = step_stability(model, sgd, w)
    product = found.learning_rate * found.curvature
    if product > found.limit:
        warnings.warn(
            f"learning_rate * curvature must be at most {found.limit:.4g} for a minimum to hold, got "
            f"{product:.4g} (curvature {found.curvature:.4g} at w = {np.ravel(w).tolist()}): descent leaves it "
            f"without noise; reduce `learning_rate` to {found.limit / found.curvature:.4g}",
            UnstableStepWarning,
            stacklevel=2,
        )
    return found


def _preconditioner(model: AnyModel, sgd: SGD, point: Array, batch: int) -> Array:
    if isinstance(sgd.preconditioner, InverseNoise):
        points = np.tile(point, (model.dim, 1))
        if not isinstance(model, AnyNoisyModel):
            raise InputError(
                "InverseNoise() needs a model with `gradient_covariance`, got one without; give it one"
            )
        return sgd.preconditioner.applied(covariance_of(model).tensor(points), np.eye(model.dim), batch, points)
    if is_field(sgd.preconditioner):
        dim = model.dim
        return Part.of("preconditioner", sgd.preconditioner).numbers("matrix", point, (dim, dim))
    matrix = matrix_of(sgd.preconditioner, model.dim)
    return matrix if matrix.size else np.eye(model.dim)
