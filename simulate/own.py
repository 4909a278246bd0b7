"""Gradients from parts of the user's own, step by step: a model's batches, and samplings of data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simulate.block import Block
from simulate.contract import chosen, drawn_data, sampled, turned
from simulate.problem import Problem
from simulate.sampling import DataSampling
from theory.base.arguments.answers import is_ours
from theory.base.arrays import Array
from theory.base.contracts import Part
from theory.models import DatasetModel
from theory.models.model import is_batch_model

Draw: TypeAlias = Callable[[Array, int], Array]  # points (n, d) and batch size to gradients (n, d)


@dataclass(frozen=True, eq=False)
class OwnSource:
    """Gradients of a model of the user's own, or of examples that a sampling of the user's own takes or makes."""

    problem: Problem
    label_std: float
    block: Block

    def draw(self, stream: np.random.Generator) -> Draw:
        """The gradients, called with points (n, d) and the size of a batch."""
        model = self.problem.noisy
        if is_batch_model(model):
            part = Part.of("model", model)
            return lambda points, batch: part.numbers("batch_gradient", points, (points.shape[1],), batch, stream)
        examples = self.problem.example_model
        return lambda points, batch: self._of_examples(examples, stream, points, batch)

    def _of_examples(self, model: DatasetModel, stream: np.random.Generator, points: Array, batch: int) -> Array:
        part, step = Part.of("sampling", self.problem.sgd.sampling), int(self.block.place[1])
        shape, inputs = (len(points), batch), model.x[0].size
        if isinstance(part.value, DataSampling):
            x, y = drawn_data(part, inputs, shape, step, stream)
            x = x.reshape(*shape, *model.x.shape[1:])
        else:
            numbers = chosen(part, len(model), shape, step, stream)
            x, y = model.x[numbers], model.y[numbers]
        if self.label_std:
            y = y + self.label_std * stream.standard_normal(y.shape)
        return model.batch_gradient(points, x, y)


def own_noise(problem: Problem, stream: np.random.Generator) -> Callable[[Array], Array] | None:
    """What noises of the user's own add to gradients at points (n, d), or None without one."""
    parts = [Part.of("noise", noise) for noise in problem.sgd.noises if not is_ours(noise)]
    if not parts:
        return None
    return lambda points: np.asarray(sum(sampled(part, points, stream) for part in parts))


def own_preconditioner(problem: Problem) -> Callable[[Array, Array], Array] | None:
    """P g at points (n, d) by a preconditioner of the user's own, or None without one."""
    if not problem.has_own_preconditioner:
        return None
    part = Part.of("preconditioner", problem.sgd.preconditioner)
    return lambda points, gradient: turned(part, points, gradient)
