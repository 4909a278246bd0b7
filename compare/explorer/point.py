"""The laws at one point of a study, and how far SGD is from each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from compare.comparison import compare_laws
from compare.distances import total_variation
from compare.explorer.reduced import reduced_study
from compare.explorer.settings import PointSettings, explored_table
from compare.report import LastHalf, LawReport, Report, SampledFigures, judge_study
from compare.stages import Streams, run_fokker_planck_stage, run_static_stage
from compare.stages.exact import exact_law_and_earlier
from compare.stages.sgd import sample_sgd
from compare.stages.static import posterior_report
from compare.study import Study
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.base.threads import in_one_thread
from theory.laws import Density
from theory.points import find_minima

CONFIDENCE = 0.95
NO_PATHS = "paths take their time, gibbsgap compare draws them"
PLANE = "in a plane the exact law takes its time, gibbsgap compare computes it"
PLACES = 8  # of walkers, from which minima are searched that no cell shows
NOT_COUNTED = SampledFigures(walkers=1, diverged=0, outside=0, on_grid=0, moments=None)


@dataclass(frozen=True, eq=False)
class ExploredPoint:
    """What was found at one point: laws, distances and the verdict in `report`, of the study as it was computed.

    Parameters
    ----------
    exact
        Whether SGD's law is that of its transition operator; else it was counted.
    not_exact
        Why it is not.
    notes
        What was made smaller than in the study, a line each.
    """

    report: Report
    exact: bool
    not_exact: str
    notes: tuple[str, ...]


@in_one_thread
def explore_point(
    study: Study, settings: PointSettings | None = None, *, earlier: ExploredPoint | None = None
) -> ExploredPoint:
    """The laws of `study` with the numbers of `settings`, and how far SGD is from each, in about a second.

    SGD's law after the study's steps is on a line the exact one where that exists, by its transition operator, and
    is counted from walkers of the study's seed else. A law that does not exist has its reason in its place. Cells,
    steps and walkers may be fewer than the study's; `notes` says which. Of an `earlier` point that differs in the
    posterior alone all other laws are taken.

    Raises
    ------
    InputError
        If the study with these numbers is none, or has more than two variables.
    """
    table = study.source if settings is None else explored_table(study.source, settings)
    reduced = reduced_study(table)
    report = Report(reduced.study)
    if earlier is not None and _dynamics(earlier.report.study) == _dynamics(reduced.study):
        old = earlier.report
        report.laws |= old.laws
        report.minima, report.last_half, report.current = old.minima, old.last_half, old.current
        report.laws["posterior"] = posterior_report(reduced.study)
        _judge(report)
        return replace(earlier, report=report)
    exact = _exactly(report)
    notes = list(reduced.notes)
    if isinstance(exact, Absent):
        if reduced.study.walkers < study.walkers:
            notes.append(f"{reduced.study.walkers} walkers of the study's {study.walkers}")
        _count(report)
    report.laws["langevin"] = LawReport(Absent(NO_PATHS))
    run_fokker_planck_stage(report)
    run_static_stage(report)
    _judge(report)
    return ExploredPoint(
        report, not isinstance(exact, Absent), exact.reason if isinstance(exact, Absent) else "", tuple(notes)
    )


def _dynamics(study: Study) -> dict[str, Any]:
    """All of a study that laws but the posterior depend on."""
    return {key: value for key, value in study.source.items() if key != "posterior"}


def _exactly(report: Report) -> Density | Absent:
    """SGD's exact law as what is observed, with its change over half of the steps; or why there is none."""
    study = report.study
    if study.grid.dim > 1:
        return Absent(PLANE)
    half = -(-study.steps // 2)
    found, before = exact_law_and_earlier(study, NOT_COUNTED, half)
    if not isinstance(found.law, Density):
        figures = found.figures
        return figures if isinstance(figures, Absent) else Absent(str(figures.as_json().get("no_law", "")))
    report.laws |= {"sgd": found, "sgd_exact": found}
    report.minima = find_minima(study.landscape, study.grid)
    if before is not None:
        report.last_half = LastHalf(half, study.steps, total_variation(found.law, before), 0.0)
    return found.law


def _count(report: Report) -> None:
    """SGD's law from walkers, or why they have none on the grid."""
    study, streams = report.study, Streams.of(report.study.seed)
    try:
        start = study.start.sample(study.walkers, streams.start)
        sample_sgd(report, start, streams, threads=None, places=PLACES)
    except InputError as error:
        report.minima = find_minima(study.landscape, study.grid)
        report.laws["sgd"] = LawReport(Absent(str(error)))


def _judge(report: Report) -> None:
    """Distances of SGD's law from each law of theory that exists, and what they mean."""
    laws = {name: one.law for name, one in report.laws.items() if one.law is not None}
    observed = laws.pop("sgd", None)
    if observed is None or not laws.keys() - {"sgd_exact"}:
        return
    report.comparison = compare_laws(observed, laws, confidence=CONFIDENCE)
    report.verdict = judge_study(report)
