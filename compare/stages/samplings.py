"""SGD with batches of another kind: what one data set does to its law."""

from __future__ import annotations

from dataclasses import replace

from compare.distances import total_variation
from compare.report import Report
from compare.stages.streams import Streams, data_of
from simulate.run import run_sgd
from simulate.sampling import Fresh, WithoutReplacement, WithReplacement
from theory.base.arrays import Array
from theory.base.errors import InputError

FEWER, LEAST = 10, 2000  # of the study's walkers, a tenth, and the least there are


def run_sampling_stage(report: Report, start: Array, streams: Streams, threads: int | None) -> None:
    """How far SGD's law lies from that with fresh examples, and of epochs from that with replacement.

    `start`: positions, shape (walkers, d). A tenth of the walkers, from the same start.
    """
    study, seen = report.study, report.laws["sgd"].law
    data = data_of(study)
    assert data is not None
    assert seen is not None
    few = some_walkers(start)
    others = {"with fresh examples": replace(study.sgd, sampling=Fresh())}
    if isinstance(study.sgd.sampling, WithoutReplacement):
        others["with replacement"] = replace(study.sgd, sampling=WithReplacement())
    for name, sgd in others.items():
        (rng,) = streams.samplings.spawn(1)
        examples = None if isinstance(sgd.sampling, Fresh) else data
        try:
            walkers = run_sgd(study.model, sgd, few, steps=study.steps, rng=rng, data=examples, threads=threads)
        except InputError:  # all diverged: there is no such law
            continue
        report.other_samplings[name] = total_variation(seen, walkers.histogram(study.grid))


def some_walkers(start: Array) -> Array:
    """A tenth of the walkers, and not too few."""
    return start[: max(len(start) // FEWER, min(LEAST, len(start)))]
