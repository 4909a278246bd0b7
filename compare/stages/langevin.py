"""Paths of the Langevin equation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from compare.distances import total_variation
from compare.report import LawReport, NeverCrossed, Report, SampledFigures, StepError
from compare.stages.streams import Streams
from theory.base.absent import Absent
from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.equations.protocol import Equation
from theory.laws import Ensemble, Grid
from theory.paths import sample_paths
from theory.points.degenerate import find_degenerate_points


def run_langevin_stage(report: Report, start: Array, streams: Streams, threads: int | None) -> None:
    """The law of Langevin paths, with the error of their step from twice the step.

    `start`: positions, shape (walkers, d).
    """
    study = report.study
    sde = study.equation
    if isinstance(sde, Absent):
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
        report.laws["langevin"] = LawReport(Absent(str(error)))
        return
    seen, rougher = fine.histogram(study.grid), coarse.histogram(study.grid)
    figures = replace(
        SampledFigures.of(fine, seen, study.landscape),
        step_error=StepError(study.substeps, total_variation(seen, rougher), rougher.diverged),
        never_crossed=_past_a_point(sde, study.grid, start, fine.final),
    )
    report.laws["langevin"] = LawReport(figures, seen)


def _past_a_point(sde: Equation, grid: Grid, start: Array, final: Array) -> NeverCrossed | None:
    """The point on a line that most walkers have passed though the equation never does, with their share.

    A step jumps over a zero of the noise; the share falls with the step, slowly where the drift there is weak.
    """
    if grid.dim != 1 or grid.periodic[0]:
        return None
    try:
        points = find_degenerate_points(sde, grid.lower[0], grid.upper[0])
    except InputError:
        return None
    found = []
    for point in points:
        before, after = start[:, 0] > point.position, final[:, 0] > point.position
        moves = {1: ~before & after, -1: before & ~after}
        passed = [move for sign, move in moves.items() if point.direction != sign]
        found.append((float(np.mean(np.any(passed, axis=0))), point.position))
    share, place = max(found, default=(0.0, 0.0))
    return NeverCrossed(place, share) if share else None
