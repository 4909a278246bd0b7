"""What a study found: laws, distances and checks, with their errors, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from compare.comparison import Comparison
from compare.curvature import NoiseAgainstHessian
from compare.distances import Distance
from compare.slope.several import LossSlopes
from compare.study.study import Study
from simulate.survival_curve import Survival
from theory.base.arguments import check_faces
from theory.fokker_planck import LimitLaw
from theory.landscapes.protocol import Landscape
from theory.laws.density import Density
from theory.laws.ensemble import Ensemble
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram
from theory.points.minima import Minimum

LAWS = ("sgd", "sgd_exact", "langevin", "fokker_planck", "gibbs", "posterior")
Law: TypeAlias = Density | Histogram | LimitLaw


@dataclass(frozen=True, eq=False)
class LawReport:
    """One law: `status` is "ok" or the reason why there is none; `numbers` are its figures with their errors."""

    status: str
    law: Law | None = field(default=None, repr=False)
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Report:
    """All that a study has found so far; filled stage by stage, so that an interrupted study keeps what it has."""

    study: Study
    laws: dict[str, LawReport] = field(default_factory=dict)
    comparison: Comparison | None = None
    checks: dict[str, Any] = field(default_factory=dict)
    minima: tuple[Minimum, ...] = ()
    survival: Survival | None = None
    slopes: LossSlopes | None = None
    noises: dict[str, NoiseAgainstHessian | str] = field(default_factory=dict)
    settling: dict[str, dict[str, Any]] = field(default_factory=dict)  # of the walkers of each place in `noises`
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every stage was run."""
        slopes = self.slopes is not None and self.slopes.complete
        noises = all(plan.name in self.noises for plan in self.study.noises)
        return self.comparison is not None and noises and (slopes or self.study.slope is None)


def sampled_numbers(ensemble: Ensemble, grid: Grid, landscape: Landscape) -> dict[str, Any]:
    """Mean, covariance and expected loss of the walkers on the grid, each with its standard error."""
    _, inside = grid.locate(ensemble.final)
    points = ensemble.final[inside]
    number = len(points)
    if number < 2:
        return {"walkers_on_grid": number}
    mean = points.mean(axis=0)
    centred = points - mean
    products = np.einsum("ni,nj->nij", centred, centred)
    loss = landscape.value(points)
    root = math.sqrt(number)
    return {
        "walkers_on_grid": number,
        "mean": mean.tolist(),
        "mean_standard_error": (points.std(axis=0, ddof=1) / root).tolist(),
        "covariance": (products.sum(axis=0) / (number - 1)).tolist(),
        "covariance_standard_error": (products.std(axis=0, ddof=1) / root).tolist(),
        "expected_loss": float(loss.mean()),
        "expected_loss_standard_error": float(loss.std(ddof=1) / root),
    }


def computed_numbers(density: Density, landscape: Landscape) -> dict[str, Any]:
    """Mean, covariance and expected loss of a density, with its error in total variation.

    Errors of moments that the box decides are None: nothing else is infinite in a result file.
    """
    found = density.moments
    errors = (found.mean_error, found.covariance_error)
    mean_error, covariance_error = (one.tolist() if np.isfinite(one).all() else None for one in errors)
    return {
        "mean": found.mean.tolist(),
        "mean_error": mean_error,
        "covariance": found.covariance.tolist(),
        "covariance_error": covariance_error,
        "expected_loss": density.expect(landscape.value),
        "total_variation_error": density.error,
    }


def interval(distance: Distance) -> dict[str, float]:
    """Value, noise floor and interval of a distance."""
    return {
        "value": distance.value,
        "noise_floor": distance.noise_floor,
        "low": distance.low,
        "high": distance.high,
    }


check_faces("compare.report")
