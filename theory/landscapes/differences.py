"""Derivatives of a user's functions by differences, with their error, on whatever length the functions vary."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.rounding import EPSILON
from theory.landscapes.function import OF_EXACT, central_differences

SETTLED = 1e-7  # relative error that asks for no narrower step
WIDER = 1.7  # second step over the first: no whole ratio, at which waves of a length that divides both look flat
NARROWER = 1 / 8  # of a step to the one before
MOST_NARROWER = 8  # steps down to 6e-8 of the usual one, where rounding is all that is left
LAST_PLACES = 8 * EPSILON  # of what a user's function gives, and of the places it is asked at


def slopes_with_error(function: Callable[[Array], Array], w: ArrayLike) -> tuple[Array, Array]:
    """Derivatives of `function` at w (n, d) on a new last axis, by fourth-order differences, and their errors.

    The error is the change with a step `WIDER` times as wide, with what rounding makes of a step. Points where it
    is not small are asked again with steps an eighth as wide, and keep the answer whose error is smallest: of a
    function that varies over less than a step, two steps tell by their difference that they tell nothing.
    """
    points = np.asarray(w, dtype=np.float64)
    value, error, rounding = _at_width(function, points, 1.0)
    axes = tuple(range(1, value.ndim))
    for narrower in range(1, MOST_NARROWER + 1):
        settled = error <= np.fmax(SETTLED * np.abs(value), rounding / NARROWER)
        open_ = np.flatnonzero(~settled.all(axis=axes) & np.isfinite(points).all(axis=-1))
        if len(open_) == 0:
            break
        found, wrong, rounding[open_] = _at_width(function, points[open_], NARROWER**narrower)
        better = np.isfinite(wrong) & ~(wrong >= error[open_])
        value[open_] = np.where(better, found, value[open_])
        error[open_] = np.where(better, wrong, error[open_])
    return value, error


def divergence_with_error(tensor: Callable[[Array], Array], w: ArrayLike) -> tuple[Array, Array]:
    """Row divergence sum_j d_j D_ij of matrices at w (..., d), and its error, shape (..., d) each."""
    points = np.asarray(w, dtype=np.float64)
    both = slopes_with_error(tensor, points.reshape(-1, points.shape[-1]))
    value, error = (np.einsum("nijj->ni", one).reshape(points.shape) for one in both)
    return value, error


def _at_width(function: Callable[[Array], Array], points: Array, width: float) -> tuple[Array, Array, Array]:
    """Derivatives, errors, and the part of rounding in them, with steps `width` times the usual."""
    lengths = width * np.maximum(1.0, np.abs(points))
    near, far = (central_differences(function, points, scale=stretch * lengths) for stretch in (1.0, WIDER))
    each = tuple(range(1, near.ndim))
    size = np.abs(function(points)).max(axis=each[:-1], initial=0.0)
    slope = np.abs(points).max(axis=-1) * np.maximum(np.abs(near), np.abs(far)).max(axis=each, initial=0.0)
    rounding = LAST_PLACES * (size + slope) / (EPSILON**OF_EXACT * lengths.min(axis=-1))
    rounding = np.broadcast_to(rounding.reshape(-1, *(1,) * (near.ndim - 1)), near.shape).copy()
    return near, np.abs(near - far) + rounding, rounding
