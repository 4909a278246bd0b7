"""A network on a data set."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from theory.base.arrays import Array, ArrayLike, Integers, points_of
from theory.base.errors import InputError, require
from theory.base.showing import told
from theory.base.traced import Traced
from theory.models.dataset_model import DatasetModel
from theory.models.networks.evaluation import Evaluation
from theory.models.networks.examples import ExampleBatch, require_pairs
from theory.models.networks.framework import Descent, Framework
from theory.models.networks.room import most_steps
from theory.models.slabs import slabs

ON_DEVICE = "_placed"


class Network(DatasetModel):
    """The mean loss of a network of PyTorch or JAX over N examples, as `from_torch` and `from_jax` make it.

    All that a `DatasetModel` has, with the derivatives that the framework takes: gradients of batches without
    those of the examples, Hessian times vector by a gradient of a gradient, C(w) times vector in two passes.
    Walkers go through one call of the framework, in blocks that the memory holds.

    Parameters
    ----------
    x, y
        Inputs (N, ...) and labels (N, ...).
    framework
        The network.

    Raises
    ------
    InputError
        If there are not as many labels as inputs.
    """

    framework: Framework
    evaluation: Evaluation

    def __init__(self, x: Any, y: Any, framework: Framework) -> None:
        require_pairs(x, y)
        evaluation = Evaluation.of(framework, x, y)
        parts = {"x": x, "y": y, "framework": framework, "evaluation": evaluation, "dim": len(framework.start)}
        parts |= {
            "loss": evaluation.loss,
            "example_gradient": evaluation.example_gradient,
            "example_hessian": None,
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    def traced(self) -> Traced:
        """The mean loss of one point, for JAX.

        Raises
        ------
        InputError
            If this is no network of JAX.
        """
        way = getattr(self.framework, "traced", None)
        if way is None:
            raise InputError("NUTS needs a network of `from_jax`, got one of PyTorch; take HMC()")
        found: Traced = way(self.x, self.y)
        return found

    def __repr__(self) -> str:
        return told("Network", framework=self.framework, examples=len(self), input=self.x.shape[1:], dim=self.dim)

    def __getstate__(self) -> dict[str, Any]:
        return {name: part for name, part in vars(self).items() if name != ON_DEVICE}

    @property
    def start(self) -> Array:
        """The parameters that the network was given with, shape (d,)."""
        return self.framework.start

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the components of w, such as 0.weight[2, 1]."""
        return self.framework.names

    def parameters(self, w: ArrayLike) -> Any:
        """The framework's own form of w (d,): a state for `load_state_dict`, or a tree like the one it came with.

        Raises
        ------
        InputError
            If w is not of length d.
        """
        return self.framework.parameters(points_of(np.atleast_1d(w), self.dim).reshape(self.dim))

    def value(self, w: ArrayLike) -> Array:
        """Mean loss, shape (...).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        flat = points.reshape(-1, self.dim)
        found = np.empty(len(flat))
        for part in slabs(len(flat), len(self)):
            found[part] = self.evaluation.losses(flat[part], self.everything).mean(axis=1)
        return found.reshape(points.shape[:-1])

    def gradient(self, w: ArrayLike) -> Array:
        """Mean gradient, shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        points = points_of(w, self.dim)
        flat = points.reshape(-1, self.dim)
        return self.evaluation.gradients(flat, self.everything, self._even(len(flat))).reshape(points.shape)

    def hessian(self, w: ArrayLike) -> Array:
        """Mean Hessian, shape (..., d, d), symmetric: products with all axes.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        raw = self.hessian_product(points_of(w, self.dim)[..., None, :], np.eye(self.dim))
        return np.asarray((raw + raw.swapaxes(-1, -2)) / 2)

    def hessian_product(self, w: ArrayLike, v: ArrayLike) -> Array:
        """H(w) v of the mean loss, shape (..., d), whose leading axes are those of w and v together.

        By the gradient of the gradient along v, exact to rounding.

        Raises
        ------
        InputError
            If the last axis of `w` or `v` is not of length d.
        """
        points, along = np.broadcast_arrays(points_of(w, self.dim), points_of(v, self.dim))
        flat, vectors = points.reshape(-1, self.dim), along.reshape(-1, self.dim)
        found = self.evaluation.bends(flat, self.everything, self._even(len(flat)), vectors)
        return found.reshape(points.shape)

    def walkers_at_once(self, batch_size: int) -> int:
        """How many walkers have their batches in memory at a time."""
        room = self.evaluation.room
        return room.sizes(room.numbers, batch_size, self.evaluation.need)[0]

    def steps_at_once(self, walkers: int, batch_size: int) -> int:
        """How many steps of so many walkers go into one call of `descend`; 0 where single steps do as well.

        They do where the memory does not hold a walker's batch, and in JAX in single precision.
        """
        room, need = self.evaluation.room, self.evaluation.need
        whole = room.sizes(1, batch_size, need)[1] == batch_size
        return most_steps(walkers * batch_size) if whole and self.framework.descends else 0

    def descend(
        self,
        w: Array,
        v: Array,
        numbers: Integers,
        rates: Array,
        *,
        momentum: float = 0.0,
        look_ahead: float = 0.0,
    ) -> tuple[Array, Array]:
        """Positions and velocities (n, d) after steps of SGD: v <- momentum v - rate g, and w <- w + v.

        All steps in one call of the framework. Results do not depend on how they are shared among calls.

        Parameters
        ----------
        w, v
            Positions and velocities (n, d).
        numbers
            Of the examples of each walker's batches, shape (steps, n, B).
        rates
            Learning rates (steps,).
        momentum, look_ahead
            The gradient g is that of the batch at w + look_ahead v.

        Raises
        ------
        InputError
            If shapes do not fit.
        """
        points, velocities = points_of(w, self.dim), points_of(v, self.dim)
        require(
            points.shape == velocities.shape == (len(points), self.dim)
            and numbers.ndim == 3
            and numbers.shape[:2] == (len(rates), len(points)),
            f"steps need w and v (n, {self.dim}) and numbers (steps, n, B), got {points.shape}, "
            f"{velocities.shape} and {numbers.shape} with {len(rates)} rates",
        )
        steps = Descent(numbers, rates, momentum, look_ahead)
        found = self.evaluation.descend(points, velocities, self.everything, steps)
        return found[:, : self.dim], found[:, self.dim :]

    @property
    def everything(self) -> ExampleBatch:
        """All examples, where the framework computes."""
        return ExampleBatch(*self._placed, shared=True)

    @cached_property
    def _placed(self) -> tuple[Any, Any]:
        placed = self.framework.placed(ExampleBatch(self.x, self.y, True))
        return placed.x, placed.y

    def _even(self, walkers: int) -> Array:
        return np.broadcast_to(1 / len(self), (walkers, len(self)))

    def _of_batches(self, points: Array, x: Array, y: Array) -> Array:
        return self.evaluation.gradients(points, ExampleBatch(x, y, False), np.full(y.shape[:2], 1 / y.shape[1]))

    def _bends(self, points: Array, x: Array, y: Array, vectors: Array) -> Array:
        even = np.full(y.shape[:2], 1 / y.shape[1])
        return self.evaluation.bends(points, ExampleBatch(x, y, False), even, vectors)

    def _weighted(self, points: Array, weights: Array) -> Array:
        return self.evaluation.gradients(points, self.everything, weights)

    def _spread(self, points: Array, vectors: Array) -> Array:
        flat, along = np.repeat(points, vectors.shape[1], axis=0), vectors.reshape(-1, self.dim)
        found = np.empty(along.shape)
        for part in slabs(len(flat), len(self)):
            slopes = self.evaluation.slopes(flat[part], self.everything, along[part])
            slopes -= slopes.mean(axis=1, keepdims=True)
            found[part] = self.evaluation.gradients(flat[part], self.everything, slopes / len(self))
        return found.reshape(vectors.shape)
