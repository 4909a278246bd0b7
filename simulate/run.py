"""Run SGD."""

from __future__ import annotations

from typing import Unpack

import numpy as np

from simulate.block import Walkers
from simulate.data import DataSet
from simulate.doors import try_parts
from simulate.problem import Problem
from simulate.sgd import SGD
from simulate.steppers import stepper
from simulate.watch import Watch
from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike
from theory.laws import Checkpoint, Ensemble
from theory.laws.options import ObservedOptions, RunOptions
from theory.laws.walkers import BLOCK, Stepper, checked_positions, run_walkers
from theory.models import NoisyGradient
from theory.models.contract import try_model
from theory.models.model import AnyModel
from theory.tensors.hessian import refuse_indefinite, true_reason


def run_sgd(
    model: AnyModel,
    sgd: SGD,
    start: ArrayLike | Checkpoint,
    *,
    steps: int,
    rng: np.random.Generator | None = None,
    data: DataSet | None = None,
    save_every: int | None = None,
    **options: Unpack[RunOptions],
) -> Ensemble:
    """Independent SGD walkers from `start` (walkers, d), as an `Ensemble` at the times `SGD.times`.

    The real algorithm, exact in law: of a `ProductModel` with fresh data the batch gradient is drawn from its
    sufficient statistics (two random numbers a step for scalar q), with a data set from its examples; of a
    `DatasetModel` from its examples; of a `NoisyGradient` from its normal law; of a `BatchModel` of the user's own
    by its `batch_gradient`. Parts of the user's own run through NumPy, block by block with the block's stream.

    Parameters
    ----------
    start
        Positions (walkers, d), or the `Ensemble.checkpoint` of an earlier run, which then goes on bit for bit,
        with its velocities and epochs, and without `rng`.
    steps
        Number of steps.
    data
        The fixed data set of a `ProductModel`, needed by `WithReplacement()` and `WithoutReplacement()`; all
        walkers share it.
    save_every, grid
        Observations every so many steps; with a grid they are streamed into counts and moments.
    domain
        Positions of a `NoisyGradient` are wrapped along the periodic axes of this grid after every step.
    threads
        Blocks of walkers at the same time; the result does not depend on it.
    progress
        True shows a bar on stderr and False none; by default one appears in a terminal after two seconds.

    Raises
    ------
    InputError
        If model, data, sampling and options do not fit, numbers are out of range, a Python function gives a
        gradient that is not finite, a part of the user's own does not keep its contract, or all walkers diverge.
    """
    require_known("run_sgd", options, RunOptions)
    problem = Problem(model, sgd, data, options.get("domain"))
    return launch(
        problem,
        start,
        steps=steps,
        rng=rng,
        save_every=save_every,
        grid=options.get("grid"),
        threads=options.get("threads"),
        progress=options.get("progress"),
    )


def launch(
    problem: Problem,
    start: ArrayLike | Checkpoint,
    watch: Watch | None = None,
    *,
    steps: int,
    rng: np.random.Generator | None,
    **options: Unpack[ObservedOptions],
) -> Ensemble:
    """The walkers of a problem, with a region watched at every step where one is given."""
    problem.check_steps(steps)
    model, sgd = problem.model, problem.sgd

    def begin(w: Array, stream: np.random.Generator, block: int) -> Stepper:
        first = block * BLOCK
        seen = None if watch is None else watch.block(first, w.shape[1])
        return stepper(problem, Walkers(w, stream, first, seen))

    noise = model.example_covariance if isinstance(model, NoisyGradient) else None
    positions = checked_positions(start, model.dim)
    try_model(model, positions, sgd.batch_size)
    try_parts(sgd, positions, int(steps))
    with true_reason(noise, positions):
        ensemble = run_walkers(
            begin,
            start,
            dim=model.dim,
            steps=steps,
            time_step=1.0 if sgd.schedules else float(sgd.times(1)),
            rng=rng,
            remedy=f"reduce `learning_rate` (now {sgd.learning_rate:g}) or start nearer to a minimum",
            **options,
        )
    if ensemble.diverged:
        refuse_indefinite(noise, positions, ensemble.final)
    if not sgd.schedules or ensemble.steps is None:
        return ensemble
    return ensemble.at_times(sgd.times(ensemble.steps))
