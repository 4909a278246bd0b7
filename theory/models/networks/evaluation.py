"""Losses, gradients and products of a network, in blocks that the memory holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.base.arrays import Array
from theory.models.networks.examples import ExampleBatch, along_axes
from theory.models.networks.framework import Descent, Framework
from theory.models.networks.room import Need, Room, side_by_side, summed

COPIES = 3  # of the parameters of a walker, and of what an example keeps: value, slope and one more


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network for walkers (n, d).

    Parameters
    ----------
    framework
        The network.
    room
        How much is computed at once.
    axes
        Of one input and of one label.
    need
        Numbers of a walker and of one of its examples.
    """

    framework: Framework
    room: Room
    axes: tuple[int, int]
    need: Need

    @staticmethod
    def of(framework: Framework, x: Any, y: Any) -> Evaluation:
        """For inputs x (N, ...) and labels y (N, ...)."""
        of_example = COPIES * framework.activations(x[0], y[0]) + x[0].size
        need = Need(COPIES * len(framework.start), of_example)
        return Evaluation(framework, Room(framework.numbers_at_once), (x.ndim - 1, y.ndim - 1), need)

    def loss(self, w: Array, x: Array, y: Array) -> Array:
        """Of one example, whose leading axes broadcast with those of w (..., d), shape (...)."""
        points, examples, lead = along_axes(w, x, y, self.axes)
        return self.losses(points, examples).reshape(lead)

    def example_gradient(self, w: Array, x: Array, y: Array) -> Array:
        """Its gradient, shape (..., d)."""
        points, examples, lead = along_axes(w, x, y, self.axes)
        dim = points.shape[1]
        found = np.empty((len(points), _batch(examples), dim))
        self._fill(found, "examples", points, examples, of_example=dim)
        return found.reshape(*lead, dim)

    def losses(self, points: Array, examples: ExampleBatch) -> Array:
        """Shape (n, B)."""
        return self._fill(np.empty((len(points), _batch(examples))), "losses", points, examples)

    def gradients(self, points: Array, examples: ExampleBatch, weights: Array) -> Array:
        """Sums of `weights` (n, B) times gradients, shape (n, d)."""
        return self._fill(np.empty(points.shape), "gradient", points, examples, weights)

    def bends(self, points: Array, examples: ExampleBatch, weights: Array, vectors: Array) -> Array:
        """Sums of `weights` (n, B) times Hessians times `vectors` (n, d), shape (n, d)."""
        return self._fill(np.empty(points.shape), "bend", points, examples, weights, vectors)

    def descend(self, w: Array, v: Array, examples: ExampleBatch, steps: Descent) -> Array:
        """Positions beside velocities (n, 2 d) after some steps of batches of `examples`, which all share.

        Where the memory does not hold a walker's batch they are made one by one.
        """
        dim, batch = w.shape[1], steps.numbers.shape[2]

        def compute(walkers: slice, some: slice) -> Array:
            if some.start > 0:
                return np.empty((0, 0))  # the first part has made the steps
            whole = self.framework.descends and some.stop >= batch
            make = self.framework.descend if whole else self._one_by_one
            return np.concatenate(make(w[walkers], v[walkers], examples, steps.cut(walkers)), axis=1)

        return self.room.fill(np.empty((len(w), 2 * dim)), compute, lambda parts: parts[0], batch, self.need)

    def _one_by_one(self, w: Array, v: Array, examples: ExampleBatch, steps: Descent) -> tuple[Array, Array]:
        even = np.full(steps.numbers.shape[1:], 1 / steps.numbers.shape[2])
        for rate, numbers in zip(steps.rates.tolist(), steps.numbers.astype(np.int64), strict=True):
            batch = ExampleBatch(examples.x[numbers], examples.y[numbers], False)
            v = steps.momentum * v - rate * self.gradients(w + steps.look_ahead * v, batch, even)
            w = w + v
        return w, v

    def slopes(self, points: Array, examples: ExampleBatch, vectors: Array) -> Array:
        """Gradients times `vectors` (n, d), shape (n, B)."""
        none = np.zeros((len(points), _batch(examples)))
        return self._fill(np.empty(none.shape), "slopes", points, examples, none, vectors)

    def _fill(
        self,
        found: Array,
        name: str,
        points: Array,
        examples: ExampleBatch,
        weights: Array | None = None,
        vectors: Array | None = None,
        *,
        of_example: int = 0,
    ) -> Array:
        def compute(walkers: slice, some: slice) -> Array:
            rest = [] if weights is None else [weights[walkers, some]]
            rest += [] if vectors is None else [vectors[walkers]]
            return self.framework.evaluate(name, points[walkers], examples.cut(walkers, some), *rest)

        join = summed if name in ("gradient", "bend") else side_by_side
        need = Need(self.need.walker, self.need.example + of_example)
        return self.room.fill(found, compute, join, _batch(examples), need)


def _batch(examples: ExampleBatch) -> int:
    return int(examples.y.shape[0 if examples.shared else 1])
