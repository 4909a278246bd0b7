"""The main job: run SGD, compute every law that theory offers, and judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from compare.comparison import Comparison, compare_laws
from compare.distances.masses import Masses
from compare.job.slope_job import begin_slopes, measure_slopes
from compare.report import Law, Report, judge_study
from compare.stages import (
    Streams,
    run_data_stage,
    run_fokker_planck_stage,
    run_langevin_stage,
    run_noise_stage,
    run_opinion_stage,
    run_sampling_stage,
    run_sgd_stage,
    run_static_stage,
)
from compare.study import SlopeStudy, Study
from theory.base.threads import in_one_thread
from theory.fokker_planck import LimitLaw

CONFIDENCE = 0.95  # of the intervals of a comparison
Tell = Callable[[str], None]


class Interrupted(KeyboardInterrupt):
    """The study was interrupted, or nobody reads what it tells; `report` holds what was finished."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


@in_one_thread
def run_study(
    study: Study, *, threads: int | None = None, tell: Tell = lambda line: None, second_opinion: bool = False
) -> Report:
    """Every law of the study and its distance from SGD's, with errors.

    The result depends on the study and its seed, not on `threads`. `tell` gets a line as each stage begins. With
    `second_opinion` sdeint and findiff are asked about the laws of theory, where they are installed.

    Raises
    ------
    InputError
        If the slope of the loss that is asked for has no minimum or rates that are not stable, the walkers diverge
        or leave the grid, or anything of the study proves out of range.
    Interrupted
        On Ctrl-C, or where `tell` meets a closed pipe, with what was finished.
    """
    report = Report(study)
    asked = None if study.slope is None else SlopeStudy.of(study)
    slopes = None if asked is None else begin_slopes(asked)  # refused before hours are spent
    streams = Streams.of(study.seed)
    start = study.start.sample(study.walkers, streams.start)
    stages: dict[str, Callable[[], None]] = {
        f"SGD, {study.walkers} walkers, {study.steps} steps": lambda: run_sgd_stage(
            report, start, streams, threads
        ),
        f"Langevin paths, {study.substeps} steps a learning rate": lambda: run_langevin_stage(
            report, start, streams, threads
        ),
        "Fokker-Planck": lambda: run_fokker_planck_stage(report),
        "Gibbs and posterior": lambda: run_static_stage(report),
        "distances": lambda: _judge(report),
    }
    for plan in study.noises:
        stages[f"noise against the Hessian at {plan.name}"] = partial(
            run_noise_stage, report, plan, streams, threads
        )
    if asked is not None and slopes is not None:
        report.slopes = slopes
        stages["loss slope"] = partial(measure_slopes, asked, slopes, threads, tell)
    if second_opinion:
        stages["second opinions"] = lambda: run_opinion_stage(report, start, streams)
    if study.data_examples is not None:
        stages["SGD with other samplings"] = lambda: run_sampling_stage(report, start, streams, threads)
        stages["laws of the data at hand"] = lambda: run_data_stage(report, start, streams, threads)
    stages["verdict"] = lambda: _conclude(report)
    try:
        for title, stage in stages.items():
            tell(title)
            begin = time.perf_counter()
            stage()
            report.timings[title.split(",")[0]] = time.perf_counter() - begin
    except (KeyboardInterrupt, BrokenPipeError):
        raise Interrupted(report) from None
    return report


def _conclude(report: Report) -> None:
    report.verdict = judge_study(report)


def _judge(report: Report) -> None:
    laws: dict[str, Law] = {name: r.law for name, r in report.laws.items() if r.law is not None}
    observed = laws.pop("sgd")
    assert not isinstance(observed, LimitLaw)
    if laws:
        report.comparison = compare_laws(observed, laws, confidence=CONFIDENCE)
    else:  # every law of theory has its reason not to be: the comparison is complete, and empty
        seen = Masses.of(observed)
        report.comparison = Comparison({}, CONFIDENCE, seen.walkers, float(seen.probabilities[-1]))
