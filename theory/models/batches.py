"""Batches of their own for many points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from theory.base.arrays import Array, ArrayLike, points_of
from theory.base.errors import require
from theory.models.slabs import slabs


class WithExamples(Protocol):
    """What has examples, and the dimension of w."""

    @property
    def x(self) -> Array:
        """Inputs, shape (N, ...)."""
        ...

    @property
    def y(self) -> Array:
        """Labels, shape (N, ...)."""
        ...

    @property
    def dim(self) -> int:
        """Dimension of w."""
        ...


@dataclass(frozen=True, eq=False)
class Batches:
    """Points with a batch each, whose leading axes are one.

    Parameters
    ----------
    flat
        Points (n, d), inputs (n, B, ...) and labels (n, B, ...).
    shape
        That of the points as they came, (..., d).
    """

    flat: tuple[Array, Array, Array]
    shape: tuple[int, ...]

    @staticmethod
    def of(model: WithExamples, w: ArrayLike, x: ArrayLike, y: ArrayLike) -> Batches:
        """Those of points w (..., d), inputs x (..., B, m) and labels y (..., B).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d, or the leading axes differ.
        """
        points, inputs, labels = points_of(w, model.dim), np.asarray(x), np.asarray(y)
        lead, batch = points.shape[:-1], labels.shape[points.ndim - 1 : points.ndim]
        x_shape, y_shape = (*batch, *model.x.shape[1:]), (*batch, *model.y.shape[1:])
        require(
            len(batch) == 1 and inputs.shape == (*lead, *x_shape) and labels.shape == (*lead, *y_shape),
            f"a batch for each w {points.shape} needs inputs {(*lead, 'B', *model.x.shape[1:])} and labels "
            f"{(*lead, 'B', *model.y.shape[1:])}, got {inputs.shape} and {labels.shape}",
        )
        flat = points.reshape(-1, model.dim)
        number = len(flat)
        return Batches((flat, inputs.reshape(number, *x_shape), labels.reshape(number, *y_shape)), points.shape)

    def vectors(self, v: ArrayLike) -> Array:
        """Vectors v (..., d), one for each point, as (n, d).

        Raises
        ------
        InputError
            If their shape is not that of the points.
        """
        vectors = np.asarray(v, dtype=np.float64)
        require(vectors.shape == self.shape, f"`v` must have the shape of w, {self.shape}, got {vectors.shape}")
        return vectors.reshape(self.flat[0].shape)


def mean_products(
    hessian: Callable[[Array, Array, Array], Array], points: Array, batches: tuple[Array, Array], vectors: Array
) -> Array:
    """Mean Hessians at points (n, d) of batches x (n, B, m) and y (n, B), times vectors (n, d), shape (n, d)."""
    (x, y), found = batches, np.empty(points.shape)
    for part in slabs(len(points), y.shape[1] * points.shape[1] ** 2):
        raw = hessian(points[part, None], x[part], y[part]).mean(axis=1)
        found[part] = ((raw + raw.swapaxes(-1, -2)) @ vectors[part, :, None])[..., 0] / 2
    return found
