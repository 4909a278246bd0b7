"""Which loop runs which SGD: one function a kind of gradient, returning what advances a block."""

from __future__ import annotations

import math

import numpy as np

from simulate import kernels
from simulate.data import DataSet
from simulate.sampling import WithoutReplacement
from simulate.sgd import SGD
from theory.arrays import Array
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel
from theory.walkers import Stepper


def fresh_stepper(model: ProductModel, sgd: SGD, w: Array, stream: np.random.Generator) -> Stepper:
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

    return advance


def data_stepper(model: ProductModel, sgd: SGD, data: DataSet, w: Array, stream: np.random.Generator) -> Stepper:
    """A fixed data set; without replacement each walker of the block has its own order of the examples."""
    field = model.predictor.kernel
    scratch = np.empty((model.outputs * (1 + model.dim), w.shape[1]))
    velocity = np.zeros_like(w)
    columns = len(data) if isinstance(sgd.sampling, WithoutReplacement) else 0
    order = np.tile(np.arange(columns, dtype=np.int32), (w.shape[1], 1))
    position = 0

    def advance(steps: int) -> None:
        nonlocal position
        position = kernels.data_set(
            field, stream, w, velocity, scratch, order, position, data.x, data.y, steps,
            sgd.learning_rate, sgd.momentum, sgd.batch_size, model.loss_scale,
        )  # fmt: skip

    return advance


def gaussian_stepper(
    model: NoisyGradient, sgd: SGD, w: Array, stream: np.random.Generator, torus: Array
) -> Stepper:
    """Gaussian gradient noise on a bare landscape: compiled for formulas, through NumPy otherwise."""
    velocity = np.zeros_like(w)
    if model.compiled is None:
        return _numpy_gaussian_stepper(model, sgd, w, velocity, stream, torus)
    field = model.compiled.kernel
    rows = len(model.compiled.expressions)
    scratch = np.empty((rows, w.shape[1]))
    noise = np.empty((rows // model.dim - 1, w.shape[1]))

    def advance(steps: int) -> None:
        kernels.gaussian(
            field, stream, w, velocity, scratch, noise, torus, steps,
            sgd.learning_rate, sgd.momentum, sgd.batch_size,
        )  # fmt: skip

    return advance


def _numpy_gaussian_stepper(
    model: NoisyGradient, sgd: SGD, w: Array, velocity: Array, stream: np.random.Generator, torus: Array
) -> Stepper:
    """The same steps from the same stream through the vectorised functions of the model."""
    lower, period = torus

    def advance(steps: int) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # diverged walkers are counted, not hidden
            for _ in range(steps):
                points = w.T
                root = model.covariance.root(points)
                noise = stream.standard_normal((root.shape[-1], w.shape[1])).T / math.sqrt(sgd.batch_size)
                gradient = model.gradient(points) + np.einsum("nik,nk->ni", root, noise)
                velocity[:] = sgd.momentum * velocity - sgd.learning_rate * gradient.T
                w[:] += velocity
                for axis in np.flatnonzero(period):
                    w[axis] -= period[axis] * np.floor((w[axis] - lower[axis]) / period[axis])

    return advance
