"""The Fokker-Planck equation."""

from __future__ import annotations

from compare.limiting import limit_as_json, limit_instead
from compare.report import LawReport, Report, computed_numbers
from compare.study.study import Study
from theory.base.errors import InputError
from theory.fokker_planck import FokkerPlanck, NoStationaryDensity

LARGEST_REFINED = 200_000  # cells of a refined grid that is still solved in seconds


def refinement(study: Study) -> int:
    """How finely theory is computed before it is averaged over the study's cells."""
    return 3 if study.grid.size * 3**study.grid.dim <= LARGEST_REFINED else 1


def run_fokker_planck_stage(report: Report) -> None:
    """The stationary density, or the limit law from the study's start, or the reason why there is none."""
    study = report.study
    if isinstance(study.equation, str):
        report.laws["fokker_planck"] = LawReport(study.equation)
        return
    factor = refinement(study)
    try:
        equation = FokkerPlanck(study.equation, study.grid.refined(factor))
        density = equation.stationary()
    except InputError as error:  # such as no noise on an interval: of this equation, while SGD's law stands
        report.laws["fokker_planck"] = LawReport(f"none: {error}")
        return
    except NoStationaryDensity as refusal:
        report.laws["fokker_planck"] = _limit_law(report, equation, refusal, factor)
        return
    numbers = computed_numbers(density, study.landscape) | {"refinement": factor}
    report.laws["fokker_planck"] = LawReport("ok", density.coarsen(factor), numbers)


def _limit_law(report: Report, equation: FokkerPlanck, refusal: NoStationaryDensity, factor: int) -> LawReport:
    """The law at infinite time from the study's start, where the stationary one is not unique."""
    study = report.study
    try:
        limit = limit_instead(equation, refusal, lambda: study.start.density(equation.grid))
    except NoStationaryDensity as error:
        return LawReport(f"none: {error.reason}")
    numbers = computed_numbers(limit.density, study.landscape) | {
        "refinement": factor,
        **limit_as_json(limit, refusal.reason),
    }
    return LawReport("ok", limit.coarsen(factor), numbers)
