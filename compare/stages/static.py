"""Laws that need no dynamics: Gibbs and posterior."""

from __future__ import annotations

from compare.report import LawReport, Report, computed_numbers
from compare.stages.fokker_planck import refinement
from compare.study.study import Study
from compare.temperature import nearest_gibbs
from theory.base.errors import InputError
from theory.equations.gibbs_measure import gibbs, posterior
from theory.laws.histogram import Histogram
from theory.models.product import ProductModel


def run_static_stage(report: Report) -> None:
    """The Gibbs measure nearest to SGD's law, and the posterior where the study asks for one."""
    study = report.study
    seen = report.laws["sgd"].law
    assert isinstance(seen, Histogram)
    try:
        nearest = nearest_gibbs(seen, study.landscape, refinement=refinement(study))
    except InputError as error:
        report.laws["gibbs"] = LawReport(f"none: {error}")
    else:
        fine = gibbs(study.landscape, nearest.temperature, study.grid.refined(refinement(study)))
        numbers = computed_numbers(fine, study.landscape)
        numbers |= {"temperature": nearest.temperature, "temperature_standard_error": nearest.standard_error}
        report.laws["gibbs"] = LawReport("ok", nearest.density, numbers)
    report.laws["posterior"] = _posterior(study)


def _posterior(study: Study) -> LawReport:
    if study.examples is None:
        return LawReport("none: the study has no [posterior]")
    factor = refinement(study)
    model = study.model if isinstance(study.model, ProductModel) else study.landscape
    fine = posterior(model, study.examples, study.grid.refined(factor), study.beta)
    numbers = computed_numbers(fine, study.landscape) | {"examples": study.examples, "beta": study.beta}
    return LawReport("ok", fine.coarsen(factor), numbers)
