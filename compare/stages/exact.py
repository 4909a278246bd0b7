"""The exact law of SGD itself, without random numbers, and its exact stationary covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from compare.report import ComputedMoments, ExactFigures, LawReport, SampledFigures
from compare.study import Study, StudyOnData
from compare.study.limit import added_variance, constant_preconditioner, with_label_noise
from simulate.data import DataSet
from simulate.momentum import Nesterov
from simulate.rules import added_heat
from simulate.transition import transition_operator
from theory.base.absent import Absent
from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.equations import NoLimitEquation
from theory.formulas import data_regression_covariance, linear_regression_covariance, sgd_covariance
from theory.laws import Density, Grid
from theory.models import ProductModel
from theory.tensors import Constant, HessianProportional, Scaled

LawAndOutside = tuple[Density, float]  # with the share of walkers that has left the grid
LARGEST_ERROR = 0.1  # in total variation, beyond which the grid does not resolve the law
MOST_OUTSIDE = 0.01  # share that leaves the grid, beyond which the law on it is another
MOST_RULED = 2000  # cells of a line under step rules, which jump and are followed place by place, likewise
MOST_CELLS = 40_000  # of a plane, beyond which the operator takes minutes


def exact_law(study: Study, sample: SampledFigures, data: DataSet | None = None) -> LawReport:
    """SGD's law at the last step by its transition operator, and its stationary covariance where that is known.

    `sample` holds the figures of the sampled law, which are compared with that covariance; `data` is the fixed
    data set of the study that has one.
    """
    covariance = _stationary_covariance(study) if data is None else _covariance_on_data(study, data)
    return _reported(study, sample, _laws(study, data, [study.steps])[-1], covariance)


def exact_law_and_earlier(study: Study, sample: SampledFigures, step: int) -> tuple[LawReport, Density | None]:
    """The same with fresh data, and the law at an earlier `step` where there is one, by one operator."""
    earlier, last = _laws(study, None, [step, study.steps])
    before = None if isinstance(earlier, Absent) else earlier[0]
    return _reported(study, sample, last, _stationary_covariance(study)), before


def _reported(
    study: Study, sample: SampledFigures, found: LawAndOutside | Absent, covariance: Array | Absent
) -> LawReport:
    if isinstance(found, Absent) and isinstance(covariance, Absent):
        return LawReport(found)
    off = None if isinstance(covariance, Absent) else _standard_errors_off(sample, covariance)
    if isinstance(found, Absent):
        return LawReport(ExactFigures(found, None, covariance, off))
    law, outside = found
    return LawReport(ExactFigures(ComputedMoments.of(law, study.landscape), outside, covariance, off), law)


def _standard_errors_off(sample: SampledFigures, covariance: Array) -> float | None:
    """By how much the sampled covariance differs at most, None where walkers are missing in it."""
    if sample.moments is None or sample.on_grid < sample.walkers:
        return None
    return float(np.abs((sample.moments.covariance - covariance) / sample.moments.covariance_error).max())


def _laws(study: Study, data: DataSet | None, stops: Sequence[int]) -> list[LawAndOutside | Absent]:
    """The laws after so many steps with the share that left the grid, or why there is none."""
    none = no_operator(study, study.grid) if data is None else _too_large(study, study.grid)
    if none is not None:
        return [none] * len(stops)
    try:
        operator = transition_operator(study.model, study.sgd, study.grid, data)
        laws = operator.evolve(study.start.density(study.grid), stops)
    except InputError as error:
        return [Absent(str(error))] * len(stops)
    return [_resolved(law, float(outside)) for law, outside in zip(laws, laws.outside, strict=True)]


def _resolved(law: Density, outside: float) -> LawAndOutside | Absent:
    if (law.error or 0.0) > LARGEST_ERROR:
        return Absent(
            f"the grid does not resolve SGD's law, half the cells move it by {law.error:.2g} in total variation; "
            "refine [grid]"
        )
    if outside > MOST_OUTSIDE:
        return Absent(f"a share {outside:.2g} of the walkers leaves the grid, and some return; widen [grid]")
    # who comes back, and is in no law of the operator, moves that of all walkers by no more than this
    return replace(law, error=None if law.error is None else min(1.0, law.error + outside)), outside


def no_operator(study: Study, grid: Grid) -> Absent | None:
    """Why the law of the study's SGD on `grid` has no transition operator here, None where it has one."""
    if study.data_examples is not None:
        return Absent("the exact law is that of fresh data, this study has a fixed data set")
    return _too_large(study, grid)


def _too_large(study: Study, grid: Grid) -> Absent | None:
    if study.sgd.schedules:
        return Absent("the exact law under a schedule needs a kernel for every rate, take transition_operator")
    if study.sgd.momentum:
        return Absent("the exact law with momentum lives on positions and velocities, take transition_operator")
    if grid.dim > 2 or (grid.dim == 2 and grid.size > MOST_CELLS):
        return Absent(f"the exact law is for 1 or 2 dimensions and up to {MOST_CELLS} cells of a plane")
    if study.sgd.rules and grid.size > MOST_RULED:
        return Absent(f"the exact law under step rules is for up to {MOST_RULED} cells")
    return None


def _covariance_on_data(study: Study, data: DataSet) -> Array | Absent:
    """The exact stationary covariance of SGD on these data, or why there is none."""
    try:
        return data_regression_covariance(StudyOnData.of(study, data).empirical, study.sgd)
    except NoLimitEquation as refusal:
        return Absent(refusal.reason)
    except InputError as error:
        return Absent(str(error))


def _stationary_covariance(study: Study) -> Array | Absent:
    """The exact stationary covariance of SGD, where the loss is quadratic and its noise allows; else why not."""
    sgd = study.sgd
    if sgd.schedules or isinstance(sgd.momentum, Nesterov):
        return Absent("the exact covariance is known without schedule and with heavy-ball momentum only")
    heat = added_heat(sgd.rules, sgd.learning_rate)
    if heat is None:
        return Absent(f"the exact covariance is not known of the step rule {', '.join(map(repr, sgd.rules))}")
    try:
        if isinstance(study.model, ProductModel):
            if sgd.momentum or sgd.preconditioner is not None or added_variance(sgd.noises) or sgd.rules:
                return Absent(
                    "the exact covariance of minibatch noise is known here without momentum, preconditioner, "
                    "noise added to the gradient and step rules only"
                )
            noisy = with_label_noise(study.model, sgd)
            return linear_regression_covariance(noisy, sgd.learning_rate, sgd.batch_size)
        hessians = study.landscape.hessian_expressions
        noise, added = study.model.example_covariance, added_variance(sgd.noises) + heat
        quadratic = all(not h.free_symbols for h in hessians) and not any(study.grid.periodic)
        if not (
            quadratic and isinstance(noise, Scaled) and isinstance(noise.field, Constant | HessianProportional)
        ):
            return Absent("the exact covariance needs a quadratic loss with constant noise")
        if not np.isfinite(added):
            return Absent("the added noise has no variance, and neither has SGD's law")
        matrix = constant_preconditioner(study.model, sgd)
        if matrix is None:
            return Absent("the exact covariance needs a constant preconditioner")
        origin = np.zeros(study.grid.dim)
        batch_noise = noise.tensor(origin) / sgd.batch_size + added * np.eye(study.grid.dim)
        rate = sgd.learning_rate if sgd.preconditioner is None else sgd.learning_rate * matrix
        return sgd_covariance(study.landscape.hessian(origin), batch_noise, rate, float(sgd.kept_velocity))
    except InputError as error:
        return Absent(str(error))
