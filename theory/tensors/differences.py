"""The divergence of a tensor field by differences, with its error, on whatever length the field varies."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.rounding import EPSILON
from theory.landscapes.function import OF_EXACT, central_differences
from theory.tensors.protocol import TensorField

SETTLED = 1e-7  # relative error that asks for no narrower step
NARROWER = 1 / 8  # of a step to the one before
MOST_NARROWER = 8  # steps down to 6e-8 of the usual one, where rounding is all that is left
LAST_PLACES = 8 * EPSILON  # of a tensor that a user's function gives, and of the places it is asked at


def divergence_with_error(field: TensorField, w: ArrayLike) -> tuple[Array, Array]:
    """Row divergence at w (..., d) by fourth-order differences, and its error, shape (..., d) each.

    The error is the change when the step is doubled, with what rounding makes of a step. Points where that is not
    small are asked again with steps an eighth as wide, and keep the answer whose error is smallest: of a field
    that varies over less than a step, two steps tell by their difference that they tell nothing.
    """
    points = np.asarray(w, dtype=np.float64)
    flat = points.reshape(-1, points.shape[-1])
    value, error, rounding = _at_width(field, flat, 1.0)
    for narrower in range(1, MOST_NARROWER + 1):
        hopeful = error > np.maximum(SETTLED * np.abs(value), rounding / NARROWER)
        open_ = np.flatnonzero(hopeful.any(axis=-1))
        if len(open_) == 0:
            break
        found, wrong, rounding[open_] = _at_width(field, flat[open_], NARROWER**narrower)
        better = wrong < error[open_]
        value[open_] = np.where(better, found, value[open_])
        error[open_] = np.where(better, wrong, error[open_])
    return value.reshape(points.shape), error.reshape(points.shape)


def _at_width(field: TensorField, points: Array, width: float) -> tuple[Array, Array, Array]:
    """Divergence, error, and the part of rounding in it, with steps `width` times the usual; shape (n, d) each."""
    lengths = width * np.maximum(1.0, np.abs(points))
    near, far = (
        np.einsum("nijj->ni", central_differences(field.tensor, points, scale=stretch * lengths))
        for stretch in (1.0, 2.0)
    )
    step = EPSILON**OF_EXACT * lengths.min(axis=-1, keepdims=True)
    size = np.abs(field.tensor(points)).sum(axis=-1)
    slope = np.abs(points).max(axis=-1, keepdims=True) * np.maximum(np.abs(near), np.abs(far))
    rounding = LAST_PLACES * (size + slope) / step
    return near, np.abs(near - far) + rounding, rounding
