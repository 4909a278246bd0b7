"""The Fokker-Planck equation."""

from __future__ import annotations

import numpy as np

from compare.comparison import limit_instead
from compare.report import ComputedMoments, LawReport, Report, SolvedFigures
from compare.study import Study
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.fokker_planck import DensityClass, FokkerPlanck, NoStationaryDensity
from theory.fokker_planck.currents import Current
from theory.laws import Density

LARGEST_REFINED = 200_000  # cells of a refined grid that is still solved in seconds


def refinement(study: Study) -> int:
    """How finely theory is computed before it is averaged over the study's cells."""
    return 3 if study.grid.size * 3**study.grid.dim <= LARGEST_REFINED else 1


def run_fokker_planck_stage(report: Report) -> None:
    """The stationary density, or the limit law from the study's start, or the reason why there is none."""
    study = report.study
    if isinstance(study.equation, Absent):
        report.laws["fokker_planck"] = LawReport(study.equation)
        return
    factor = refinement(study)
    try:
        equation = FokkerPlanck(study.equation, study.grid.refined(factor))
        density = equation.stationary()
    except InputError as error:  # such as no noise on an interval: of this equation, while SGD's law stands
        report.laws["fokker_planck"] = LawReport(Absent(str(error)))
        return
    except NoStationaryDensity as refusal:
        report.laws["fokker_planck"] = _limit_law(report, equation, refusal, factor)
        return
    figures = SolvedFigures(ComputedMoments.of(density, study.landscape), factor)
    report.laws["fokker_planck"] = LawReport(figures, density.coarsen(factor), (density,))
    if study.grid.dim == 2:
        report.current = _current(equation, density, factor)


def _current(equation: FokkerPlanck, density: Density, factor: int) -> Current | None:
    """The current of the stationary law, averaged over the study's cells with the mean of the errors there."""
    try:
        current = equation.current(density)
    except InputError:  # a coefficient that is valid for the law and not for its current
        return None
    cells = [part for n in density.grid.coarsened(factor).cells for part in (n, factor)]
    parts = (np.asarray(part).reshape(*cells, 2).mean(axis=(1, 3)) for part in (current, current.error))
    return Current(*parts)


def _limit_law(report: Report, equation: FokkerPlanck, refusal: NoStationaryDensity, factor: int) -> LawReport:
    """The law at infinite time from the study's start, where the stationary one is not unique."""
    study = report.study
    try:
        limit = limit_instead(equation, refusal, lambda: study.start.density(equation.grid))
    except NoStationaryDensity as error:
        return LawReport(Absent(error.reason))
    moments = ComputedMoments.of(limit.density, study.landscape)
    densities = tuple(one.law for one in limit.classes if isinstance(one, DensityClass))
    figures = SolvedFigures(moments, factor, limit, refusal.reason)
    return LawReport(figures, limit.coarsen(factor), densities)
