"""Run SGD."""

from __future__ import annotations

import dataclasses

import numpy as np

from simulate.data import DataSet
from simulate.noise import LabelNoise, SubsampledNoise
from simulate.preconditioner import matrix_of
from simulate.sampling import Fresh, WithoutReplacement
from simulate.sgd import SGD
from simulate.sources import Model
from simulate.steppers import plain_stepper, variant_stepper
from simulate.watch import Watch
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.laws.ensemble import Checkpoint, Ensemble
from theory.laws.grid import Grid
from theory.laws.walkers import BLOCK, Stepper, checked_positions, run_walkers, torus_of
from theory.models.dataset_model import DatasetModel
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel
from theory.tensors.hessian import refuse_indefinite, true_reason


def run_sgd(
    model: Model,
    sgd: SGD,
    start: ArrayLike | Checkpoint,
    *,
    steps: int,
    rng: np.random.Generator | None = None,
    data: DataSet | None = None,
    save_every: int | None = None,
    grid: Grid | None = None,
    domain: Grid | None = None,
    threads: int | None = None,
) -> Ensemble:
    """Independent SGD walkers from `start` (walkers, d), as an `Ensemble` at the times `SGD.times`.

    The real algorithm, exact in law: of a `ProductModel` with fresh data the batch gradient is drawn from its
    sufficient statistics (two random numbers a step for scalar q), with a data set from its examples; of a
    `DatasetModel` from its examples; of a `NoisyGradient` from its normal law.

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

    Raises
    ------
    InputError
        If model, data, sampling and options do not fit, numbers are out of range, a Python function gives a
        gradient that is not finite, or all walkers diverge.
    """
    return launch(model, sgd, start, steps, rng, data, domain, threads, save_every=save_every, grid=grid)


def launch(
    model: Model,
    sgd: SGD,
    start: ArrayLike | Checkpoint,
    steps: int,
    rng: np.random.Generator | None,
    data: DataSet | None,
    domain: Grid | None,
    threads: int | None,
    *,
    save_every: int | None = None,
    grid: Grid | None = None,
    watch: Watch | None = None,
) -> Ensemble:
    """`run_sgd`, with a region watched at every step where one is given."""
    _check(model, sgd, data)
    _check_epochs(sgd, data if isinstance(model, ProductModel) else model, steps)
    torus = torus_of(domain, model.dim)
    require(
        isinstance(model, NoisyGradient) or not torus[1].any(),
        "a periodic `domain` needs a NoisyGradient; other models live on the whole space",
    )
    spawned = _children(rng)

    def begin(w: Array, stream: np.random.Generator) -> Stepper:
        if watch is None and not sgd.variants:
            stepper = plain_stepper(model, sgd, data, w, stream, torus)
            if stepper is not None:
                return stepper
        # blocks are spawned in order: a stream knows its block by the last number of its key
        first = (stream.bit_generator.seed_seq.spawn_key[-1] - spawned) * BLOCK  # type: ignore[attr-defined]
        seen = None if watch is None else watch.block(first, w.shape[1])
        return variant_stepper(model, sgd, data, w, stream, torus, first, seen)

    noise = model.covariance if isinstance(model, NoisyGradient) else None
    positions = checked_positions(start, model.dim)
    with true_reason(noise, positions):
        ensemble = run_walkers(
            begin,
            start,
            dim=model.dim,
            steps=steps,
            time_step=1.0 if sgd.schedules else float(sgd.times(1)),
            rng=rng,
            save_every=save_every,
            grid=grid,
            threads=threads,
            remedy=f"reduce `learning_rate` (now {sgd.learning_rate:g}) or start nearer to a minimum",
        )
    if ensemble.diverged:
        refuse_indefinite(noise, positions, ensemble.final)
    return dataclasses.replace(ensemble, times=sgd.times(ensemble.times)) if sgd.schedules else ensemble


def _children(rng: np.random.Generator | None) -> int:
    """Streams spawned from `rng` so far; `run_walkers` says what is wrong with it where it is no Generator."""
    sequence = rng.bit_generator.seed_seq if isinstance(rng, np.random.Generator) else None
    return sequence.n_children_spawned if isinstance(sequence, np.random.SeedSequence) else 0


def _check(model: object, sgd: SGD, data: DataSet | None) -> None:
    fresh = isinstance(sgd.sampling, Fresh)
    kinds = {type(noise) for noise in sgd.noises}
    if isinstance(model, NoisyGradient):
        require(fresh and data is None, "a NoisyGradient has no examples; take sampling Fresh() and no data")
        require(
            not kinds & {LabelNoise, SubsampledNoise} and sgd.sampling.normal,  # type: ignore[union-attr]
            "a NoisyGradient has no examples for label noise, subsampled noise or heavy-tailed data; put its "
            "noise into the covariance, or add GaussianNoise, StudentNoise or StableNoise",
        )
        matrix_of(sgd.preconditioner, model.dim)
        return
    if not isinstance(model, ProductModel | DatasetModel):
        raise InputError(
            f"SGD needs a ProductModel, a NoisyGradient or a DatasetModel, got {type(model).__name__}; "
            "NoisyGradient(landscape, covariance) makes a model of a bare landscape"
        )
    matrix_of(sgd.preconditioner, model.dim)
    kind = type(sgd.sampling).__name__
    if isinstance(model, DatasetModel):
        require(data is None, "a DatasetModel holds its data; leave `data` out")
        require(not fresh, "a DatasetModel has no fresh data; take WithReplacement() or WithoutReplacement()")
    else:
        require(
            fresh == (data is None), f"sampling {kind}() {'takes no' if fresh else 'needs a'} data set; see `data`"
        )
        if data is None:
            require(
                SubsampledNoise not in kinds, "subsampled noise needs a data set; see `data` and WithReplacement()"
            )
            return
        require(
            data.x.shape[1] == model.outputs,
            f"the inputs must have {model.outputs} components as q has, got {data.x.shape[1]}",
        )
    number = len(model if data is None else data)  # type: ignore[arg-type]
    require(
        not isinstance(sgd.sampling, WithoutReplacement) or sgd.batch_size <= number,
        f"a batch without replacement must fit into the data set of {number}, got {sgd.batch_size}",
    )


def _check_epochs(sgd: SGD, data: object, steps: int) -> None:
    """Refuse more steps than the epochs of sampling without replacement hold."""
    if not isinstance(sgd.sampling, WithoutReplacement) or sgd.sampling.epochs is None:
        return
    number, used, epochs = len(data), 0, 0  # type: ignore[arg-type]
    _, batches = sgd.plan(0, max(int(steps), 0))
    for step, batch in enumerate(batches.tolist()):
        require(
            epochs < sgd.sampling.epochs,
            f"{sgd.sampling.epochs} epochs of {number} examples hold {step} steps, got {steps}; take fewer steps, "
            "or WithoutReplacement() without a limit",
        )
        used += batch
        if used >= number:
            epochs, used = epochs + 1, 0
