"""Where the gradient of a batch comes from: compiled loops for formulas, NumPy for Python functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulate import variants
from simulate.block import Block, Examples, Walkers
from simulate.noise import label_std
from simulate.own import Draw, OwnSource
from simulate.problem import Problem
from simulate.sampling import Fresh, Sampling
from simulate.watch import Watch
from theory.base.arrays import Array
from theory.models import DatasetModel, NoisyGradient, ProductModel
from theory.models.example_diffusion import weighted_examples


@dataclass(frozen=True, eq=False)
class CompiledSource:
    """Gradients by compiled loops for a block of walkers: which loop, the formula's kernel and their arguments."""

    kind: int
    field: Any
    block: Block
    law: Examples

    def draw(self, stream: np.random.Generator) -> Draw:
        """The same gradients, called from Python."""

        def gradient(points: Array, batch: int) -> Array:
            here = np.array(points.T, order="C")
            trial = self.block._replace(w=here, v=np.empty_like(here), torus=np.zeros_like(self.block.torus))
            variants.descend(self.kind, self.field, stream, trial, self.law, batch)
            return -trial.v.T

        return gradient


def compiled_source(problem: Problem, walkers: Walkers) -> CompiledSource | None:
    """The compiled gradients of a problem, or None where its model has no formula."""
    model = problem.model
    if problem.has_own_source or not isinstance(model, ProductModel | NoisyGradient):
        return None
    if isinstance(model, NoisyGradient):
        if model.compiled is None:
            return None
        kind, field, rows = variants.GAUSSIAN, model.compiled.kernel, model.compiled.rows
        channels, law = rows // model.dim - 1, Examples(0.0, 0.0, 0.0, 0, math.inf, math.inf)
    else:
        kind, degrees = _kind(model, problem.sgd.sampling)
        field = (model.scaled_predictor if problem.data is None else model.predictor).kernel
        rows, channels = model.outputs * (1 + model.dim), 2
        stds = float(model.noise_std), label_std(problem.sgd.noises)
        law = Examples(float(model.loss_scale), *stds, int(model.outputs), *degrees)
    return CompiledSource(kind, field, _block(problem, walkers, rows, channels), law)


def _kind(model: ProductModel, sampling: Sampling) -> tuple[int, tuple[float, float]]:
    """Which loop draws the batches of a model, and the degrees of freedom of inputs and labels."""
    if not isinstance(sampling, Fresh):
        return variants.DATA, (math.inf, math.inf)
    if not sampling.normal:
        return variants.EXAMPLES, (float(sampling.input_degrees), float(sampling.label_degrees))
    return variants.SCALAR if model.outputs == 1 else variants.VECTOR, (math.inf, math.inf)


def _block(problem: Problem, walkers: Walkers, rows: int, channels: int) -> Block:
    """Walkers at rest, with room for a formula and random numbers."""
    number, watch = walkers.number, walkers.watch or Watch.nothing(walkers.number)
    order = np.tile(np.arange(problem.orders, dtype=np.int32), (number, 1))
    return Block(
        walkers.w, np.zeros_like(walkers.w), np.empty((rows, number)), np.empty((channels, number)), order,
        np.zeros(2, dtype=np.int64), *problem.examples, problem.torus, watch.settled, watch.lost,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class PythonSource:
    """Gradients through NumPy functions for a block of walkers."""

    model: NoisyGradient | DatasetModel
    label_std: float
    block: Block

    def draw(self, stream: np.random.Generator) -> Draw:
        """The gradients."""
        model = self.model
        if isinstance(model, DatasetModel):
            return lambda points, batch: self._of_examples(model, stream, points, batch)

        def gradient(points: Array, batch: int) -> Array:
            root = model.example_covariance.root(points)
            noise = stream.standard_normal((root.shape[-1], len(points))).T / math.sqrt(batch)
            return np.asarray(model.gradient(points) + np.einsum("nik,nk->ni", root, noise))

        return gradient

    def _of_examples(self, model: DatasetModel, stream: np.random.Generator, points: Array, batch: int) -> Array:
        numbers = self.chosen(len(model), stream, len(points), batch)
        labels = model.y[numbers]
        if self.label_std:
            labels = labels + self.label_std * stream.standard_normal(labels.shape)
        found, slab = np.empty((len(points), model.dim)), model.walkers_at_once(numbers.shape[1])
        for begin in range(0, len(points), slab):
            part = slice(begin, begin + slab)
            found[part] = model.batch_gradient(points[part], model.x[numbers[part]], labels[part])
        return found

    def chosen(self, examples: int, stream: np.random.Generator, walkers: int, batch: int) -> NDArray[np.int32]:
        """Numbers of the examples of a batch for each walker, shape (walkers, batch), fewer at an epoch's end."""
        order, place = self.block.order, self.block.place
        if order.shape[1] == 0:
            return (stream.random((walkers, batch)) * examples).astype(np.int32)
        begin = int(place[0])
        if begin == 0:
            order[:] = stream.random((walkers, examples)).argsort(axis=1)
        end = min(begin + batch, examples)
        place[0] = end % examples
        return order[:, begin:end]


def python_source(problem: Problem, walkers: Walkers) -> PythonSource | OwnSource:
    """The gradients of a `NoisyGradient` without formula, of a `DatasetModel`, or of a part of the user's own."""
    model = problem.model
    if problem.has_own_source:
        return OwnSource(problem, label_std(problem.sgd.noises), _block(problem, walkers, 0, 0))
    assert isinstance(model, NoisyGradient | DatasetModel)
    return PythonSource(model, label_std(problem.sgd.noises), _block(problem, walkers, 0, 0))


def subsampled(problem: Problem, stream: np.random.Generator) -> Callable[[Array], Array]:
    """N^-1/2 sum z_i (g_i - gbar) at points (n, d), shape (n, d)."""
    examples = problem.noisy
    assert isinstance(examples, DatasetModel)
    return lambda points: weighted_examples(examples, points, stream.standard_normal((len(points), len(examples))))
