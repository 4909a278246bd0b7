"""SGD's own noise against the Hessian, and the laws that noises make."""

from __future__ import annotations

from dataclasses import replace

from compare.comparison import NoiseAgainstHessian, noise_against_hessian
from compare.report import Report
from compare.stages.sgd import last_half
from compare.stages.streams import Streams
from compare.study import NoisePlan
from compare.study.model import in_a_study
from compare.study.noise_study import TABLE
from simulate.run import run_sgd
from theory.base.absent import Absent
from theory.base.errors import InputError


def run_noise_stage(report: Report, plan: NoisePlan, streams: Streams, threads: int | None) -> None:
    """C against H over the walkers of one place, the laws of three noises beside theirs, whether theirs moves."""
    report.noises[plan.name] = _judged(report, plan, streams, threads)


def _judged(
    report: Report, plan: NoisePlan, streams: Streams, threads: int | None
) -> NoiseAgainstHessian | Absent:
    study = report.study
    (rng,) = streams.noises.spawn(1)  # a stream for each place, in their order
    start = plan.start.sample(study.walkers, rng)
    half = -(-study.steps // 2)
    try:
        walkers = run_sgd(
            study.model, study.sgd, start, steps=study.steps, rng=rng, threads=threads, save_every=half,
            domain=plan.grid if any(plan.grid.periodic) else None,
        )  # fmt: skip
        found = noise_against_hessian(
            study.model, study.sgd, walkers, plan.grid, indefinite=plan.indefinite,
            initial=plan.start.density(plan.grid) if plan.grid.dim == 1 else None,
        )  # fmt: skip
    except InputError as error:
        return Absent(" ".join(str(error).split()))
    reasons = {name: in_a_study(reason, TABLE) for name, reason in found.reasons.items()}
    report.settled[plan.name] = last_half(walkers, plan.grid, half, study.steps)
    return replace(found, reasons=reasons)
