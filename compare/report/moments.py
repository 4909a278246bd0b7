"""Mean, covariance and expected loss of a law, with their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.base.arrays import Array
from theory.base.estimate import Estimate
from theory.landscapes import Landscape
from theory.laws import Density


@dataclass(frozen=True, eq=False)
class SampledMoments:
    """Of walkers: mean (d,) and covariance (d, d) with their standard errors, and the expected loss with its."""

    mean: Array
    mean_error: Array
    covariance: Array
    covariance_error: Array
    expected_loss: Estimate

    @staticmethod
    def of(points: Array, landscape: Landscape) -> SampledMoments:
        """Of the positions (n, d) of independent walkers, two or more."""
        number = len(points)
        mean = points.mean(axis=0)
        centred = points - mean
        products = np.einsum("ni,nj->nij", centred, centred)
        loss = landscape.value(points)
        root = math.sqrt(number)
        return SampledMoments(
            mean,
            points.std(axis=0, ddof=1) / root,
            products.sum(axis=0) / (number - 1),
            products.std(axis=0, ddof=1) / root,
            Estimate(float(loss.mean()), float(loss.std(ddof=1) / root)),
        )

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return {
            "mean": self.mean.tolist(),
            "mean_standard_error": self.mean_error.tolist(),
            "covariance": self.covariance.tolist(),
            "covariance_standard_error": self.covariance_error.tolist(),
            "expected_loss": float(self.expected_loss),
            "expected_loss_standard_error": self.expected_loss.error,
        }


@dataclass(frozen=True, eq=False)
class ComputedMoments:
    """Of a density: mean (d,) and covariance (d, d), `expected_loss`, and `total_variation_error`.

    Errors are None where the box decides the moment, or nobody knows the law's.
    """

    mean: Array
    mean_error: Array | None
    covariance: Array
    covariance_error: Array | None
    expected_loss: float
    total_variation_error: float | None

    @staticmethod
    def of(density: Density, landscape: Landscape) -> ComputedMoments:
        """Of a density on a grid."""
        found = density.moments
        mean_error, covariance_error = (
            one if np.isfinite(one).all() else None for one in (found.mean_error, found.covariance_error)
        )
        return ComputedMoments(
            found.mean,
            mean_error,
            found.covariance,
            covariance_error,
            density.expect(landscape.value),
            density.error,
        )

    def as_json(self) -> dict[str, Any]:
        """As result files hold it."""
        return {
            "mean": self.mean.tolist(),
            "mean_error": None if self.mean_error is None else self.mean_error.tolist(),
            "covariance": self.covariance.tolist(),
            "covariance_error": None if self.covariance_error is None else self.covariance_error.tolist(),
            "expected_loss": self.expected_loss,
            "total_variation_error": self.total_variation_error,
        }
