"""Where the gradient of a batch comes from: compiled loops for formulas, NumPy for Python functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simulate import variants
from simulate.data import DataSet
from simulate.noise import label_std
from simulate.sampling import Fresh, WithoutReplacement
from simulate.sgd import SGD
from theory.base.arrays import Array
from theory.models.dataset_model import LARGEST_BLOCK, DatasetModel, on_data
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel

Model: TypeAlias = ProductModel | NoisyGradient | DatasetModel
Draw: TypeAlias = Callable[[Array, int], Array]  # points (n, d) and batch size to gradients (n, d)


@dataclass(eq=False)
class CompiledSource:
    """Arguments of `variants.descend` for a block of walkers; `position` is the place in the epoch."""

    kind: int
    field: Any
    scratch: Array
    noise: Array
    order: NDArray[np.int32]
    x: Array
    y: Array
    numbers: Array
    position: int = 0

    def draw(self, stream: np.random.Generator) -> Draw:
        """The same gradients, called from Python."""

        def gradient(points: Array, batch: int) -> Array:
            here = np.array(points.T, order="C")
            down = np.empty_like(here)
            self.position = variants.descend(
                self.kind, self.field, stream, here, down, self.scratch, self.noise, self.order, self.position,
                self.x, self.y, batch, self.numbers,
            )  # fmt: skip
            return -down.T

        return gradient


def compiled_source(model: Model, sgd: SGD, data: DataSet | None, walkers: int) -> CompiledSource | None:
    """The compiled gradients of `model`, or None where it has no formula."""
    if isinstance(model, DatasetModel):
        return None
    none, order = np.zeros((0, 0)), np.zeros((walkers, 0), dtype=np.int32)
    if isinstance(model, NoisyGradient):
        if model.compiled is None:
            return None
        rows = model.compiled.rows
        noise = np.empty((rows // model.dim - 1, walkers))
        return CompiledSource(
            variants.GAUSSIAN, model.compiled.kernel, np.empty((rows, walkers)), noise, order, none, none.ravel(),
            np.zeros(6),
        )  # fmt: skip
    numbers = np.array(
        [model.loss_scale, model.noise_std, label_std(sgd.noises), model.outputs, math.inf, math.inf],
        dtype=np.float64,
    )
    scratch, noise = np.empty((model.outputs * (1 + model.dim), walkers)), np.empty((2, walkers))
    if data is not None:
        if isinstance(sgd.sampling, WithoutReplacement):
            order = np.tile(np.arange(len(data), dtype=np.int32), (walkers, 1))
        field = model.predictor.kernel
        return CompiledSource(variants.DATA, field, scratch, noise, order, data.x.copy(), data.y.copy(), numbers)
    kind = variants.SCALAR if model.outputs == 1 else variants.VECTOR
    if isinstance(sgd.sampling, Fresh) and not sgd.sampling.normal:
        kind = variants.EXAMPLES
        numbers[4:] = sgd.sampling.input_degrees, sgd.sampling.label_degrees
    field = model.scaled_predictor.kernel
    return CompiledSource(kind, field, scratch, noise, order, none, none.ravel(), numbers)


@dataclass(eq=False)
class PythonSource:
    """Gradients through NumPy functions for a block of walkers; `order` and `position` as of `CompiledSource`."""

    model: NoisyGradient | DatasetModel
    label_std: float
    order: NDArray[np.int32]
    position: int = 0

    def draw(self, stream: np.random.Generator) -> Draw:
        """The gradients."""
        model = self.model
        if isinstance(model, DatasetModel):
            return lambda points, batch: self._of_examples(model, stream, points, batch)

        def gradient(points: Array, batch: int) -> Array:
            root = model.covariance.root(points)
            noise = stream.standard_normal((root.shape[-1], len(points))).T / math.sqrt(batch)
            return np.asarray(model.gradient(points) + np.einsum("nik,nk->ni", root, noise))

        return gradient

    def _of_examples(self, model: DatasetModel, stream: np.random.Generator, points: Array, batch: int) -> Array:
        numbers = self._chosen(len(model), stream, len(points), batch)
        labels = model.y[numbers]
        if self.label_std:
            labels = labels + self.label_std * stream.standard_normal(labels.shape)
        found = np.empty((len(points), model.dim))
        slab = max(1, LARGEST_BLOCK // (numbers.shape[1] * max(model.dim, model.x.shape[1])))
        for begin in range(0, len(points), slab):
            part = slice(begin, begin + slab)
            examples = model.example_gradient(points[part, None], model.x[numbers[part]], labels[part])
            found[part] = examples.mean(axis=1)
        return found

    def _chosen(self, examples: int, stream: np.random.Generator, walkers: int, batch: int) -> NDArray[np.int32]:
        """Numbers of the examples of a batch for each walker, shape (walkers, batch), fewer at an epoch's end."""
        if self.order.shape[1] == 0:
            return (stream.random((walkers, batch)) * examples).astype(np.int32)
        if self.position == 0:
            self.order[:] = stream.random((walkers, examples)).argsort(axis=1)
        begin, end = self.position, min(self.position + batch, examples)
        self.position = end % examples
        return self.order[:, begin:end]


def python_source(model: Model, sgd: SGD, walkers: int) -> PythonSource:
    """The gradients of a `NoisyGradient` without formula or of a `DatasetModel`."""
    assert isinstance(model, NoisyGradient | DatasetModel)
    ordered = isinstance(model, DatasetModel) and isinstance(sgd.sampling, WithoutReplacement)
    columns = len(model) if isinstance(model, DatasetModel) and ordered else 0
    return PythonSource(model, label_std(sgd.noises), np.zeros((walkers, columns), dtype=np.int32))


def subsampled(model: Model, data: DataSet | None, stream: np.random.Generator) -> Callable[[Array], Array]:
    """N^-1/2 sum z_i (g_i - gbar) at points (n, d), shape (n, d)."""
    examples = examples_of(model, data)
    assert isinstance(examples, DatasetModel)
    number = len(examples)

    def noise(points: Array) -> Array:
        weights = stream.standard_normal((len(points), number))
        weights -= weights.mean(axis=1, keepdims=True)  # sum z_i (g_i - gbar) = sum (z_i - zbar) g_i
        found = np.empty(points.shape)
        slab = max(1, LARGEST_BLOCK // (number * examples.dim))
        for begin in range(0, len(points), slab):
            part = slice(begin, begin + slab)
            found[part] = np.einsum("nk,nkd->nd", weights[part], examples.examples(points[part, None]))
        return found / math.sqrt(number)

    return noise


def examples_of(model: Model, data: DataSet | None) -> Model:
    """The model whose C(w) the batches have: that of the data set where there is one."""
    return on_data(model, data.x, data.y) if data is not None and isinstance(model, ProductModel) else model
