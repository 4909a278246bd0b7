"""The exact law of SGD itself, without random numbers, and its exact stationary covariance."""

from __future__ import annotations

from typing import Any

import numpy as np

from compare.report import LawReport, computed_numbers
from compare.study.limit import added_variance, constant_preconditioner, with_label_noise
from compare.study.study import Study
from simulate.momentum import Nesterov
from simulate.transition import transition_operator
from theory.base.errors import InputError
from theory.formulas.quadratic import linear_regression_covariance, sgd_covariance
from theory.laws.density import Density
from theory.models.product import ProductModel
from theory.tensors import Constant, HessianProportional, Scaled

LARGEST_ERROR = 0.1  # in total variation, beyond which the grid does not resolve the law
MOST_OUTSIDE = 0.01  # share that leaves the grid, beyond which the law on it is another
MOST_CELLS = 40_000  # of a plane, beyond which the operator takes minutes


def exact_law(study: Study, sample: dict[str, Any]) -> LawReport:
    """SGD's law at the last step by its transition operator, and its stationary covariance where that is known.

    `sample` holds the numbers of the sampled law, which are compared with that covariance.
    """
    law = _law(study)
    covariance = _stationary_covariance(study)
    if isinstance(law, str) and isinstance(covariance, str):
        return LawReport(law)
    numbers: dict[str, Any] = {}
    if isinstance(law, str):
        numbers["no_law"] = law
    else:
        numbers |= computed_numbers(law[0], study.landscape) | {"outside": law[1]}
    if not isinstance(covariance, str):
        numbers["stationary_covariance"] = covariance.tolist()
        if sample["walkers_on_grid"] == sample["walkers"]:
            gap = np.array(sample["covariance"]) - covariance
            off = float(np.abs(gap / np.array(sample["covariance_standard_error"])).max())
            numbers["sample_standard_errors_off"] = off
    return LawReport("ok", None if isinstance(law, str) else law[0], numbers)


def _law(study: Study) -> tuple[Density, float] | str:
    """The law after all steps with the share that left the grid, or why there is none."""
    if study.data_examples is not None:
        return "none: the exact law is that of fresh data, this study has a fixed data set"
    if study.sgd.momentum:
        return "none: the exact law with momentum lives on positions and velocities, take transition_operator"
    if study.grid.dim > 2 or (study.grid.dim == 2 and study.grid.size > MOST_CELLS):
        return f"none: the exact law is for 1 or 2 dimensions and up to {MOST_CELLS} cells of a plane"
    try:
        operator = transition_operator(study.model, study.sgd, study.grid)
        laws = operator.evolve(study.start.density(study.grid), study.steps)
    except InputError as error:
        return f"none: {error}"
    law, outside = laws[0], float(laws.outside[0])
    if (law.error or 0.0) > LARGEST_ERROR:
        return (
            f"none: the grid does not resolve SGD's law, half the cells move it by {law.error:.2g} in total "
            "variation; refine [grid]"
        )
    if outside > MOST_OUTSIDE:
        return f"none: a share {outside:.2g} of the walkers leaves the grid, and some return; widen [grid]"
    return law, outside


def _stationary_covariance(study: Study) -> np.ndarray[Any, np.dtype[np.float64]] | str:
    """The exact stationary covariance of SGD, where the loss is quadratic and its noise allows; else why not."""
    sgd = study.sgd
    if study.data_examples is not None:
        return "none: the exact covariance is that of fresh data, this study has a fixed data set"
    if sgd.schedules or isinstance(sgd.momentum, Nesterov):
        return "none: the exact covariance is known without schedule and with heavy-ball momentum only"
    try:
        if isinstance(study.model, ProductModel):
            if sgd.momentum or sgd.preconditioner is not None or added_variance(sgd.noises):
                return (
                    "none: the exact covariance of minibatch noise is known here without momentum, preconditioner "
                    "and noise added to the gradient only"
                )
            noisy = with_label_noise(study.model, sgd)
            return linear_regression_covariance(noisy, sgd.learning_rate, sgd.batch_size)
        hessians = study.landscape.hessian_expressions
        noise, added = study.model.covariance, added_variance(sgd.noises)
        quadratic = all(not h.free_symbols for h in hessians) and not any(study.grid.periodic)
        if not (
            quadratic and isinstance(noise, Scaled) and isinstance(noise.field, Constant | HessianProportional)
        ):
            return "none: the exact covariance needs a quadratic loss with constant noise"
        if not np.isfinite(added):
            return "none: the added noise has no variance, and neither has SGD's law"
        matrix = constant_preconditioner(study.model, sgd)
        if matrix is None:
            return "none: the exact covariance needs a constant preconditioner"
        origin = np.zeros(study.grid.dim)
        batch_noise = noise.tensor(origin) / sgd.batch_size + added * np.eye(study.grid.dim)
        rate = sgd.learning_rate if sgd.preconditioner is None else sgd.learning_rate * matrix
        return sgd_covariance(study.landscape.hessian(origin), batch_noise, rate, sgd.momentum)
    except InputError as error:
        return f"none: {error}"
