"""The stationary loss of quadratic losses, exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from compare.slope.method import StationaryLoss, constant_noise, is_quadratic
from simulate.sampling import Fresh
from simulate.sgd import SGD
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.base.rounding import EPSILON, LEAST_NORMAL
from theory.base.stability import stability_limit
from theory.formulas import linear_regression_covariance, sgd_covariance
from theory.models import Model, NoisyGradient, ProductModel
from theory.points import LossMinimum

ROUNDING_OF_FORMULAS, NEXT_TO_0 = 1e-13, 1e-14  # relative, at any rate and where next to nothing is left of a step
OF_MOMENTUM = EPSILON  # over rate times curvature: its covariance is that of numbers near 1
OF_SPREAD = EPSILON / 16  # of the largest curvature over the smallest
NEAR = 0.01  # of the lowest rate, or of the stable ones: where the slope at 0 is taken from
PARTS = 6  # rates up to there, for an error of NEAR^6


@dataclass(frozen=True)
class ByFormula:
    """tr(H Sigma) / 2 with the exact covariance of SGD, for quadratic losses.

    Of a `ProductModel` with affine q and fresh data without momentum (`linear_regression_covariance`), and of a
    `NoisyGradient` with a quadratic loss and constant noise (`sgd_covariance`).
    """

    statistical: ClassVar[bool] = False
    jumps: ClassVar[bool] = True
    search_grid: ClassVar[None] = None

    @property
    def words(self) -> str:
        """What it is, after "the loss"."""
        return "by formula, exact, and the slope from rates of its own next to 0"

    def measure(
        self, model: Model, sgd: SGD, minimum: LossMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss:
        """The exact stationary loss; its error is rounding.

        Raises
        ------
        InputError
            If there is no formula for the model, or SGD is not stable.
        """
        if isinstance(model, ProductModel):
            require(
                not sgd.momentum and isinstance(sgd.sampling, Fresh),
                "the formula for linear regression needs fresh data and no momentum; take BySampling",
            )
            covariance = linear_regression_covariance(model, sgd.learning_rate, sgd.batch_size)
        else:
            noise = constant_noise(model)
            if noise is None or not quadratic_of_constant_noise(model):
                raise InputError(
                    "a formula needs a ProductModel with affine q, or a NoisyGradient with a quadratic loss and "
                    f"constant noise, got another {type(model).__name__}; take BySampling or a grid"
                )
            batch = noise / sgd.batch_size
            covariance = sgd_covariance(minimum.hessian, batch, sgd.learning_rate, sgd.momentum)
        excess = float(np.trace(minimum.hessian @ covariance)) / 2
        curvatures = np.linalg.eigvalsh(minimum.hessian)
        rounding = ROUNDING_OF_FORMULAS if sgd.learning_rate * curvatures[-1] > NEAR else NEXT_TO_0
        if curvatures[0] > 0:
            rounding += OF_SPREAD * float(curvatures[-1] / curvatures[0])
            rounding += OF_MOMENTUM / (sgd.time_step * float(curvatures[0])) if sgd.momentum else 0.0
        return StationaryLoss(sgd.learning_rate, Estimate(excess, rounding * excess))

    def near_zero(self, model: Model, sgd: SGD, minimum: LossMinimum) -> tuple[StationaryLoss, ...]:
        """The exact losses at rates of its own, from which the slope at 0 follows to rounding.

        `sgd` has the lowest rate that is asked for. Of linear regression the loss over the rate is a ratio of
        polynomials with its poles beyond the stable rates.

        Raises
        ------
        InputError
            As `measure`.
        """
        stable = stability_limit(sgd.momentum) / max(minimum.sharpness, LEAST_NORMAL)
        highest = NEAR * min(sgd.learning_rate, stable)
        rates = highest * np.arange(1, PARTS + 1) / PARTS
        return tuple(self.measure(model, replace(sgd, learning_rate=float(rate)), minimum, None) for rate in rates)


def quadratic_of_constant_noise(model: Model) -> bool:
    """Whether this is a `NoisyGradient` with one covariance everywhere whose third derivatives vanish."""
    return isinstance(model, NoisyGradient) and is_quadratic(model.landscape) and constant_noise(model) is not None
