"""Which loop runs which SGD: plain ones have loops of their own, the variants share two."""

from __future__ import annotations

import numpy as np

from simulate import kernels, variants
from simulate.data import DataSet
from simulate.momentum import Nesterov
from simulate.noise import added_rows, subsampled_scale
from simulate.preconditioner import InverseNoise, matrix_of
from simulate.sampling import WithoutReplacement
from simulate.sgd import SGD
from simulate.sources import CompiledSource, Model, compiled_source, examples_of, python_source, subsampled
from simulate.watch import Watch
from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.laws.walkers import Remembering, Stepper
from theory.models.dataset_model import DatasetModel
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel
from theory.tensors.constant import Constant

WILD = 1e10  # beyond, a gradient that is not finite means a walker on its way to infinity


def plain_stepper(
    model: Model, sgd: SGD, data: DataSet | None, w: Array, stream: np.random.Generator, torus: Array
) -> Stepper | None:
    """What advances a block by SGD without variants, or None where the model has no formula."""
    if isinstance(model, DatasetModel):
        return None
    if isinstance(model, NoisyGradient):
        return _gaussian_stepper(model, sgd, w, stream, torus)
    if data is None:
        return _fresh_stepper(model, sgd, w, stream)
    return _data_stepper(model, sgd, data, w, stream)


def _fresh_stepper(model: ProductModel, sgd: SGD, w: Array, stream: np.random.Generator) -> Stepper:
    """Fresh Gaussian data: the exact law of the batch gradient, not its normal approximation."""
    field = model.scaled_predictor.kernel
    scratch = np.empty((model.outputs * (1 + model.dim), w.shape[1]))
    velocity = np.zeros_like(w)
    settings = (sgd.learning_rate, sgd.momentum, sgd.batch_size, model.loss_scale, model.noise_std)
    if model.outputs == 1:
        noise = np.empty((2, w.shape[1]))

        def advance(steps: int) -> None:
            kernels.fresh_scalar(field, stream, w, velocity, scratch, noise, steps, *settings)
    else:

        def advance(steps: int) -> None:
            kernels.fresh_vector(field, stream, w, velocity, scratch, steps, *settings, model.outputs)

    return Remembering(advance, (velocity,))


def _data_stepper(model: ProductModel, sgd: SGD, data: DataSet, w: Array, stream: np.random.Generator) -> Stepper:
    """A fixed data set; without replacement each walker of the block has its own order of the examples."""
    field = model.predictor.kernel
    scratch = np.empty((model.outputs * (1 + model.dim), w.shape[1]))
    velocity = np.zeros_like(w)
    columns = len(data) if isinstance(sgd.sampling, WithoutReplacement) else 0
    order = np.tile(np.arange(columns, dtype=np.int32), (w.shape[1], 1))
    place = np.zeros(1, dtype=np.int64)  # in the epoch

    def advance(steps: int) -> None:
        place[0] = kernels.data_set(
            field, stream, w, velocity, scratch, order, place[0], data.x, data.y, steps,
            sgd.learning_rate, sgd.momentum, sgd.batch_size, model.loss_scale, 0.0,
        )  # fmt: skip

    return Remembering(advance, (velocity, order, place))


def _gaussian_stepper(
    model: NoisyGradient, sgd: SGD, w: Array, stream: np.random.Generator, torus: Array
) -> Stepper | None:
    """Gaussian gradient noise on a bare landscape."""
    if model.compiled is None:
        return None
    velocity = np.zeros_like(w)
    field = model.compiled.kernel
    rows = model.compiled.rows
    scratch = np.empty((rows, w.shape[1]))
    noise = np.empty((rows // model.dim - 1, w.shape[1]))

    def advance(steps: int) -> None:
        kernels.gaussian(
            field, stream, w, velocity, scratch, noise, torus, steps,
            sgd.learning_rate, sgd.momentum, sgd.batch_size,
        )  # fmt: skip

    return Remembering(advance, (velocity,))


def variant_stepper(
    model: Model,
    sgd: SGD,
    data: DataSet | None,
    w: Array,
    stream: np.random.Generator,
    torus: Array,
    first_walker: int,
    watch: Watch | None,
) -> Stepper:
    """What advances a block by any SGD: compiled where nothing needs Python, the same steps through NumPy else."""
    source = compiled_source(model, sgd, data, w.shape[1])
    inverse = sgd.preconditioner if isinstance(sgd.preconditioner, InverseNoise) else None
    steady = inverse is not None and isinstance(model, NoisyGradient) and isinstance(model.covariance, Constant)
    needs_python = (
        source is None
        or (inverse is not None and not steady)
        or subsampled_scale(sgd.noises) > 0
        or (watch is not None and watch.region.margin is None)
    )
    if source is None or needs_python:
        return _python_stepper(model, sgd, data, source, w, stream, torus, first_walker, watch)
    matrix = matrix_of(sgd.preconditioner, model.dim)
    if inverse is not None and isinstance(model, NoisyGradient):
        constant = model.gradient_covariance(np.zeros((model.dim, model.dim)))
        matrix = inverse.applied(constant, np.eye(model.dim), 1, np.zeros((model.dim, model.dim))).copy()
    return _compiled_stepper(source, sgd, matrix, steady, w, stream, torus, watch)


def _compiled_stepper(
    source: CompiledSource,
    sgd: SGD,
    matrix: Array,
    times_batch: bool,
    w: Array,
    stream: np.random.Generator,
    torus: Array,
    watch: Watch | None,
) -> Stepper:
    velocity, rows = np.zeros_like(w), added_rows(sgd.noises)
    ahead = float(sgd.momentum) if isinstance(sgd.momentum, Nesterov) else 0.0
    seen = watch or Watch.nothing(w.shape[1])
    region = source.field if watch is None else watch.kernel
    place = np.zeros(2, dtype=np.int64)  # in the epoch, and steps made

    def advance(steps: int) -> None:
        source.position, done = map(int, place)
        if watch is not None and done == 0:
            watch.note(w, 0)
        if watch is None or (watch.settled < 0).any():
            rates, batches = sgd.plan(done, steps)
            source.position = variants.variant_steps(
                source.kind, source.field, stream, w, velocity, source.scratch, source.noise, source.order,
                source.position, source.x, source.y, source.numbers, rates * batches if times_batch else rates,
                batches, float(sgd.momentum), ahead, rows, matrix, torus,
                watch is not None, region, seen.leaving, seen.settled, seen.lost, done,
            )  # fmt: skip
        place[:] = source.position, done + steps

    return Remembering(advance, (velocity, source.order, place))


def _python_stepper(
    model: Model,
    sgd: SGD,
    data: DataSet | None,
    source: CompiledSource | None,
    w: Array,
    stream: np.random.Generator,
    torus: Array,
    first_walker: int,
    watch: Watch | None,
) -> Stepper:
    walkers = w.shape[1]
    origin = source or python_source(model, sgd, walkers)
    draw = origin.draw(stream)
    velocity, rows, buffer = np.zeros_like(w), added_rows(sgd.noises), np.empty(len(w))
    matrix, momentum = matrix_of(sgd.preconditioner, model.dim), float(sgd.momentum)
    inverse = sgd.preconditioner if isinstance(sgd.preconditioner, InverseNoise) else None
    noisy = examples_of(model, data) if inverse is not None else model
    scale = subsampled_scale(sgd.noises)
    noise = subsampled(model, data, stream) if scale else None
    seen = watch or Watch.nothing(walkers)
    place = np.zeros(2, dtype=np.int64)  # in the epoch, and steps made

    def step(rate: float, batch: int, number: int) -> None:
        points = (w + momentum * velocity if isinstance(sgd.momentum, Nesterov) else w).T
        gradient = draw(points, batch)
        if source is None:
            _require_finite(gradient, points, first_walker, number)
        if noise is not None:
            gradient = gradient + scale * noise(points)
        down = np.array(-gradient.T, order="C")
        variants.add_noise(stream, down, rows)
        if inverse is not None:
            turned = inverse.applied(noisy.gradient_covariance(points), down.T, batch, points)
            down = np.array(turned.T, order="C")
        variants.update(w, velocity, down, matrix, buffer, torus, seen.settled, rate, momentum)

    def advance(steps: int) -> None:
        origin.position, done = map(int, place)
        if watch is not None and done == 0:
            watch.note(w, 0)
        rates, batches = sgd.plan(done, steps)
        with np.errstate(all="ignore"):  # diverged walkers are counted, not hidden
            for k, (rate, batch) in enumerate(zip(rates.tolist(), batches.tolist(), strict=True)):
                if watch is not None and not (watch.settled < 0).any():
                    break
                step(rate, batch, done + k)
                if watch is not None:
                    watch.note(w, done + k + 1)
        place[:] = origin.position, done + steps

    return Remembering(advance, (velocity, origin.order, place))


def _require_finite(gradient: Array, points: Array, first_walker: int, step: int) -> None:
    """Raise `InputError` for a gradient that is not finite though its walker is not on its way to infinity."""
    bad = np.flatnonzero(~np.isfinite(gradient).all(axis=1) & (np.abs(points) < WILD).all(axis=1))
    if len(bad):
        raise InputError(
            f"the gradient must be finite, got {gradient[bad[0]].tolist()} for walker {first_walker + bad[0]} at "
            f"step {step}, w = {points[bad[0]].tolist()}; mend the function there, or reduce `learning_rate`"
        )
