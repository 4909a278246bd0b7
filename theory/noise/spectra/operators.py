"""Hessian and gradient covariance at a point, as linear operators."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import LinearOperator

from theory.base.arrays import Array, ArrayLike, finite, points_of
from theory.base.errors import require
from theory.landscapes import Landscape
from theory.landscapes.function import product_by_differences
from theory.models import DatasetModel, Network


def hessian_operator(landscape: Landscape, at: ArrayLike) -> LinearOperator:
    """The Hessian at a point, by its products with vectors; its `dtype` is the precision of these.

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
    place = place_of(at, landscape.dim)
    exact = getattr(landscape, "hessian_product", None)
    if exact is not None:
        return operator_of(place, lambda vector: exact(place, vector), precision_of(landscape))
    return operator_of(
        place, lambda vector: product_by_differences(landscape.gradient, place[None], vector[None])[0]
    )


def covariance_operator(model: DatasetModel, at: ArrayLike) -> LinearOperator:
    """The covariance C of one example's gradient at a point, by its products; its `dtype` is their precision.

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
    place = place_of(at, model.dim)
    return operator_of(place, lambda vector: model.covariance_product(place, vector), precision_of(model))


def place_of(at: ArrayLike, dim: int) -> Array:
    """The point `at`, shape (d,).

    Raises
    ------
    InputError
        If it does not fit.
    """
    place = points_of(finite(at, "at"), dim)
    require(place.ndim == 1, f"`at` must be one point of {dim} numbers, got shape {place.shape}")
    return place


def precision_of(landscape: Landscape) -> str:
    """The name of the numbers that it computes in: float64, or float32 of a network that says so."""
    return landscape.framework.precision if isinstance(landscape, Network) else "float64"


def operator_of(place: Array, product: Callable[[Array], Array], precision: str = "float64") -> LinearOperator:
    """A symmetric operator by its products."""

    def matvec(vector: Array) -> Array:
        return np.asarray(product(np.asarray(vector, dtype=np.float64).ravel()), dtype=np.float64)

    shape = (len(place), len(place))
    return LinearOperator(shape, matvec=matvec, rmatvec=matvec, dtype=np.dtype(precision))
