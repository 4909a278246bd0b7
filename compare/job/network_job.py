"""A study of a network: the lowest minimum, the laws about it, and how far SGD's is from each."""

from __future__ import annotations

import time
from collections.abc import Callable

from compare.report import NetworkReport, judge_network
from compare.stages import (
    begin,
    find_minimum,
    observables_of,
    run_chains,
    run_normal_noise,
    run_paths,
    run_walkers,
    view_laws,
)
from compare.study import NetworkStreams, NetworkStudy
from theory.base.errors import require
from theory.base.threads import in_one_thread

CONFIDENCE = 0.95  # of the intervals of a comparison
Tell = Callable[[str], None]


class NetworkInterrupted(KeyboardInterrupt):
    """The study was interrupted, or nobody reads what it tells; `report` holds what was finished."""

    def __init__(self, report: NetworkReport) -> None:
        super().__init__()
        self.report = report


@in_one_thread
def run_network_study(
    study: NetworkStudy, *, threads: int | None = None, tell: Tell = lambda line: None
) -> NetworkReport:
    """SGD's law about the lowest minimum beside normal noise, Langevin, Gibbs and posterior, through observables.

    The result depends on the study and its seed, not on `threads`. `tell` gets a line as each stage begins. A law
    whose chains do not agree, or are worth fewer than 100 independent draws, is none, with its reason.

    Raises
    ------
    InputError
        If no minimum is found, the learning rate is not stable there, walkers diverge, or anything of the study
        proves out of range.
    NetworkInterrupted
        On Ctrl-C, or where `tell` meets a closed pipe, once the minimum is found, with what was finished.
    """
    require(threads is None or threads >= 1, f"`threads` must be at least 1, got {threads}")
    streams = NetworkStreams.of(study.seed)
    tell(f"minimum, {study.searches} descents in {study.model.dim} dimensions")
    first = time.perf_counter()
    report = NetworkReport(study, find_minimum(study, streams))
    observables, start = observables_of(study, report.minimum), begin(study, report.minimum, streams)
    report.timings["minimum"] = time.perf_counter() - first
    stages: dict[str, Callable[[], None]] = {
        f"SGD, {study.walkers} walkers, {study.steps} steps": lambda: run_walkers(report, start, streams, threads),
        "normal noise of the same covariance": lambda: run_normal_noise(report, start, streams, threads),
        f"Langevin paths, {study.substeps} steps a learning rate": lambda: run_paths(
            report, start, streams, threads
        ),
        f"Gibbs and posterior, {study.chains.number} chains": lambda: run_chains(report, start, streams),
        "distances": lambda: view_laws(report, observables, CONFIDENCE),
        "verdict": lambda: _conclude(report),
    }
    try:
        for title, stage in stages.items():
            tell(title)
            first = time.perf_counter()
            stage()
            report.timings[title.split(",")[0]] = time.perf_counter() - first
    except (KeyboardInterrupt, BrokenPipeError):
        raise NetworkInterrupted(report) from None
    return report


def _conclude(report: NetworkReport) -> None:
    report.sentences = judge_network(report)
