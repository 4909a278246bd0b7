"""Paths of the Langevin equation."""

from __future__ import annotations

import numpy as np

from compare.distances import total_variation
from compare.report import LawReport, Report, interval, sampled_numbers
from compare.stages.streams import Streams
from theory.arrays import Array
from theory.ensemble import Ensemble
from theory.errors import InputError
from theory.paths import sample_paths


def run_langevin_stage(report: Report, start: Array, streams: Streams, threads: int | None) -> None:
    """The law of Langevin paths, with the error of their step from twice the step."""
    study = report.study
    sde = study.equation
    if isinstance(sde, str):
        report.laws["langevin"] = LawReport(sde)
        return
    time_step = float(study.sgd.times(1))

    def run(substeps: int, rng: np.random.Generator) -> Ensemble:
        return sample_paths(
            sde, start, dt=time_step / substeps, steps=study.steps * substeps, rng=rng,
            domain=study.grid if any(study.grid.periodic) else None, threads=threads,
        )  # fmt: skip

    try:
        coarse, fine = run(study.substeps // 2, streams.coarse), run(study.substeps, streams.fine)
    except InputError as error:  # all paths diverged: a finding about the scheme, not about the study
        report.laws["langevin"] = LawReport(f"none: {error}")
        return
    seen, rougher = fine.histogram(study.grid), coarse.histogram(study.grid)
    change = total_variation(seen, rougher)
    numbers = sampled_numbers(fine, study.grid, study.landscape)
    numbers |= {"walkers": seen.walkers, "diverged": seen.diverged, "outside": seen.outside}
    numbers["step_error"] = {
        "what": f"total variation between {study.substeps // 2} and {study.substeps} steps a learning rate",
        "diverged_at_twice_the_step": rougher.diverged,
        **interval(change),
    }
    report.laws["langevin"] = LawReport("ok", seen, numbers)
