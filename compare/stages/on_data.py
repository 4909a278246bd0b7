"""The laws of theory for the data set at hand, beside those of the population."""

from __future__ import annotations

from dataclasses import replace

from compare.comparison import compare_laws
from compare.report import LAWS, LawReport, Report
from compare.stages.fokker_planck import run_fokker_planck_stage
from compare.stages.langevin import run_langevin_stage
from compare.stages.samplings import some_walkers
from compare.stages.static import run_static_stage
from compare.stages.streams import Streams, data_of
from compare.study import StudyOnData
from theory.base.absent import Absent
from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.laws import LimitLaw

THEORY = LAWS[2:]


def run_data_stage(report: Report, start: Array, streams: Streams, threads: int | None) -> None:
    """Langevin, Fokker-Planck, Gibbs and posterior with the loss and the noise of the data set, beside SGD's law.

    `start`: positions, shape (walkers, d); a tenth of the walkers follow the Langevin equation.
    """
    study, data = report.study, data_of(report.study)
    observed = report.laws["sgd"]
    assert data is not None
    try:
        inner = Report(StudyOnData.of(study, data), {"sgd": observed})
    except InputError as error:
        report.on_data |= dict.fromkeys(THEORY, LawReport(Absent(str(error))))
        return
    own = replace(streams, coarse=streams.data_coarse, fine=streams.data_fine)
    run_langevin_stage(inner, some_walkers(start), own, threads)
    run_fokker_planck_stage(inner)
    run_static_stage(inner)
    report.on_data |= {name: inner.laws[name] for name in THEORY}
    laws = {name: one.law for name, one in report.on_data.items() if one.law is not None}
    if (
        laws
        and observed.law is not None
        and not isinstance(observed.law, LimitLaw)
        and report.comparison is not None
    ):
        report.comparison_on_data = compare_laws(observed.law, laws, confidence=report.comparison.confidence)
