"""Copies of a point under the symmetries of a network, which all have the same loss."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from theory.base.arrays import Array, ArrayLike, finite, points_of
from theory.base.errors import require
from theory.models.dataset_model import DatasetModel
from theory.models.decayed_model import DecayedModel
from theory.models.example_losses import DiagonalLinear, TwoLayers
from theory.models.summed_model import SummedModel


def nearest_copy(model: DatasetModel, w: ArrayLike, to: ArrayLike) -> Array:
    """Of all copies of w (..., d) under a model's known symmetries the one nearest to a point, shape (..., d).

    Units of `two_layer_network` may change places, each with or without its sign; of `diagonal_linear_network`
    every weight may change its sign; decay of weights keeps both. Of other models w itself. The law of what this
    gives is that of w up to symmetry: chains that sit in different copies have it in common.

    Parameters
    ----------
    to
        The point, shape (d,), such as a minimum. Copies of what is 0 there are as near as each other.

    Raises
    ------
    InputError
        If dimensions differ, or a number is not finite.
    """
    points, place = points_of(finite(w, "w"), model.dim), points_of(finite(to, "to"), model.dim)
    require(place.ndim == 1, f"`to` must be one point of {model.dim} numbers, got shape {place.shape}")
    while isinstance(model, DecayedModel):
        model = model.bare
    of = model.examples_of if isinstance(model, SummedModel) else None
    if isinstance(of, TwoLayers):
        turned = _turned(_units(points, of.hidden), _units(place, of.hidden))
        return _joined(turned).reshape(points.shape)
    if isinstance(of, DiagonalLinear):
        return np.where(points * place < 0, -points, points)
    return points


def _units(points: Array, hidden: int) -> Array:
    """Outer and inner weights of each unit side by side, shape (..., hidden, 1 + m)."""
    inner = points[..., hidden:].reshape(*points.shape[:-1], hidden, -1)
    return np.concatenate([points[..., :hidden, None], inner], axis=-1)


def _joined(units: Array) -> Array:
    return np.concatenate([units[..., 0], units[..., 1:].reshape(*units.shape[:-2], -1)], axis=-1)


def _turned(units: Array, wanted: Array) -> Array:
    """Units (..., h, k) in the order and with the signs nearest to `wanted` (h, k)."""
    flat = units.reshape(-1, *wanted.shape)
    products = flat @ wanted.T
    found = np.empty(flat.shape)
    for one, row, mine in zip(found, flat, products, strict=True):
        own, places = linear_sum_assignment(np.abs(mine), maximize=True)
        one[places] = row[own] * np.where(mine[own, places] < 0, -1.0, 1.0)[:, None]
    return found.reshape(units.shape)
