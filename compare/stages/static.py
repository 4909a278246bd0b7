"""Laws that need no dynamics: Gibbs and posterior."""

from __future__ import annotations

from compare.report import ComputedMoments, GibbsFigures, LawReport, PosteriorFigures, Report
from compare.stages.fokker_planck import refinement
from compare.study import Study
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.equations import gibbs, nearest_gibbs, posterior
from theory.laws import Density, Histogram
from theory.models import ProductModel

NOBODY = "there is no law of SGD that a Gibbs measure could be fitted to"


def run_static_stage(report: Report) -> None:
    """The Gibbs measure nearest to SGD's law, and the posterior where the study asks for one."""
    study = report.study
    seen = report.laws["sgd"].law
    try:
        if not isinstance(seen, Histogram | Density):
            raise InputError(NOBODY)
        nearest = nearest_gibbs(seen, study.landscape, refinement=refinement(study))
    except InputError as error:
        report.laws["gibbs"] = LawReport(Absent(str(error)))
    else:
        fine = gibbs(study.landscape, nearest.temperature, study.grid.refined(refinement(study)))
        figures = GibbsFigures(ComputedMoments.of(fine, study.landscape), nearest.temperature)
        report.laws["gibbs"] = LawReport(figures, nearest.density, (fine,))
    report.laws["posterior"] = posterior_report(study)


def posterior_report(study: Study) -> LawReport:
    """The posterior, or that the study asks for none."""
    if study.posterior_examples is None:
        return LawReport(Absent("the study has no [posterior]"))
    factor = refinement(study)
    model = study.model if isinstance(study.model, ProductModel) else study.landscape
    fine = posterior(model, study.posterior_examples, study.grid.refined(factor), study.beta)
    figures = PosteriorFigures(ComputedMoments.of(fine, study.landscape), study.posterior_examples, study.beta)
    return LawReport(figures, fine.coarsen(factor), (fine,))
