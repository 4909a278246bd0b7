"""How much the gradients of single examples vary, without a matrix (d, d)."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, ArrayLike, finite, points_of
from theory.models.dataset_model import DatasetModel
from theory.models.slabs import slabs


def covariance_traces(model: DatasetModel, w: ArrayLike) -> Array:
    """The trace of the covariance C(w) of one example's gradient, shape (...), from the gradients of all examples.

    By blocks of examples whose gradients are two million numbers (16 MB) at most, or those of one example where
    these are more; squares about the mean of each block, so that nothing cancels (Chan, Golub & LeVeque).

    Parameters
    ----------
    model
        A data set or a network.
    w
        Points (..., d).

    Raises
    ------
    InputError
        If `w` is not finite, or its last axis not of length d.

    References
    ----------
    Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance.
    """
    points = points_of(finite(w, "w"), model.dim)
    found = [_trace(model, place) for place in points.reshape(-1, model.dim)]
    return np.array(found).reshape(points.shape[:-1])


def _trace(model: DatasetModel, place: Array) -> float:
    number, mean, squares = 0, np.zeros(model.dim), 0.0
    for part in slabs(len(model), model.dim):
        gradients = model.example_gradient(place[None, None], model.x[part], model.y[part])[0]
        here = gradients.mean(axis=0)
        shift, more = here - mean, len(gradients)
        gradients -= here
        squares += float(np.einsum("kd,kd->", gradients, gradients))
        squares += float(shift @ shift) * number * more / (number + more)
        mean += shift * more / (number + more)
        number += more
    return squares / number
