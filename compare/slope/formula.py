"""The stationary loss of quadratic losses, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from compare.slope.method import StationaryLoss, constant_noise
from compare.slope.minimum import LossMinimum
from simulate.sampling import Fresh
from simulate.sgd import SGD
from simulate.sources import Model
from theory.errors import InputError, require
from theory.field import Estimate
from theory.gaussian import linear_regression_covariance, sgd_covariance
from theory.landscapes.symbolic import SymbolicLandscape, derivative
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel

ROUNDING = 1e-13  # relative


@dataclass(frozen=True)
class ByFormula:
    """tr(H Sigma) / 2 with the exact covariance of SGD, for quadratic losses.

    Of a `ProductModel` with affine q and fresh data without momentum (`linear_regression_covariance`), and of a
    `NoisyGradient` with a quadratic loss and constant noise (`sgd_covariance`).
    """

    statistical: ClassVar[bool] = False
    jumps: ClassVar[bool] = True
    search_grid: ClassVar[None] = None

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
        return StationaryLoss(sgd.learning_rate, Estimate(excess, ROUNDING * excess))


def quadratic_of_constant_noise(model: Model) -> bool:
    """Whether this is a `NoisyGradient` with one covariance everywhere whose third derivatives vanish."""
    if not isinstance(model, NoisyGradient) or constant_noise(model) is None:
        return False
    landscape = model.landscape
    if not isinstance(landscape, SymbolicLandscape):
        return False
    symbols = landscape.variables
    slopes = landscape.gradient_expressions
    return all(derivative(derivative(g, a), b).equals(0) for g in slopes for a in symbols for b in symbols)
