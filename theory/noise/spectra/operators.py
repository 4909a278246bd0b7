"""Hessian and gradient covariance at a point, as linear operators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import Array, ArrayLike, finite, points_of
from theory.base.errors import require
from theory.landscapes import Landscape
from theory.landscapes.function import central_differences
from theory.models import DatasetModel


def hessian_operator(landscape: Landscape, at: ArrayLike) -> LinearOperator:
    """The Hessian at a point, by its products with vectors.

    By the landscape's `hessian_product(w, v)` where it has one, else by fourth-order differences of the gradient.

    Parameters
    ----------
    landscape
        A `Landscape`, or any model.
    at
        The point, shape (d,).

    Raises
    ------
    InputError
        If the point does not fit.
    """
    place = _place(at, landscape.dim)
    exact = getattr(landscape, "hessian_product", None)
    if exact is not None:
        return _operator(place, lambda vector: exact(place, vector))
    scale = np.maximum(1.0, np.abs(place).max(keepdims=True))

    def differences(vector: Array) -> Array:
        length = float(np.linalg.norm(vector))
        unit = vector / length if length > 0 else vector
        bend = central_differences(lambda t: landscape.gradient(place + t * unit), np.zeros(1), scale=scale)
        return np.asarray(bend[..., 0] * length)

    return _operator(place, differences)


def covariance_operator(model: DatasetModel, at: ArrayLike) -> LinearOperator:
    """The covariance C of one example's gradient at a point, by its products with vectors.

    Parameters
    ----------
    model
        A data set or a network.
    at
        The point, shape (d,).

    Raises
    ------
    InputError
        If the point does not fit.
    """
    place = _place(at, model.dim)
    return _operator(place, lambda vector: model.covariance_product(place, vector))


def _place(at: ArrayLike, dim: int) -> Array:
    """One point."""
    place = points_of(finite(at, "at"), dim)
    require(place.ndim == 1, f"`at` must be one point of {dim} numbers, got shape {place.shape}")
    return place


def _operator(place: Array, product: Callable[[Array], Array]) -> LinearOperator:
    """A symmetric operator by its products."""

    def matvec(vector: Array) -> Array:
        return np.asarray(product(np.asarray(vector, dtype=np.float64).ravel()), dtype=np.float64)

    shape = (len(place), len(place))
    return LinearOperator(shape, matvec=matvec, rmatvec=matvec, dtype=np.float64)
