"""The directions in which a loss bends most."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from theory.base.arrays import Array, ArrayLike, finite, points_of
from theory.base.errors import InputError, require
from theory.base.matrices import MOST_DENSE
from theory.base.rounding import EPSILON
from theory.landscapes.protocol import Landscape
from theory.laws import Directions

APART = 1e-6  # of the largest curvature: two that are nearer have no directions of their own
SEED = 20_240_611  # of the vector that a search starts from


def sharpest_directions(landscape: Landscape, at: ArrayLike, number: int = 2) -> Directions:
    """Unit eigenvectors of the largest eigenvalues of the Hessian at a point, the sharpest first, from that point.

    The largest component of each is positive. `curvatures` has the eigenvalues. Up to 600 dimensions the Hessian
    is decomposed; beyond, Lanczos' method asks for its products with vectors, by the landscape's
    `hessian_product(w, v)` where it has one, else by differences of the gradient.

    Parameters
    ----------
    landscape
        A `Landscape`, or any model.
    at
        The point, shape (d,).
    number
        How many directions.

    Raises
    ------
    InputError
        If the point does not fit, there are not so many directions, the Hessian is not finite, or two of the
        eigenvalues are so near to each other that their directions are not defined.

    References
    ----------
    Lehoucq, Sorensen & Yang (1998), ARPACK users' guide.
    """
    dim = landscape.dim
    place = points_of(finite(at, "at"), dim)
    require(place.ndim == 1, f"`at` must be one point of {dim} numbers, got shape {place.shape}")
    require(
        1 <= number <= dim and number % 1 == 0,
        f"`number` must be a whole number from 1 to the dimension {dim}, got {number}",
    )
    most = min(number + 1, dim)
    values, vectors = _decomposed(landscape, place) if dim <= MOST_DENSE else _searched(landscape, place, most)
    values, vectors = values[:most], vectors[:, :most]
    near = np.flatnonzero(-np.diff(values) <= APART * np.abs(values).max())
    require(
        len(near) == 0,
        "the curvatures must differ for directions of their own, got "
        f"{', '.join(f'{value:.6g}' for value in values)}; take another `number`, or directions of your own",
    )
    chosen = vectors[:, :number].T
    largest = chosen[np.arange(number), np.abs(chosen).argmax(axis=1)]
    return Directions(chosen * np.sign(largest)[:, None], place, values[:number])


def _decomposed(landscape: Landscape, place: Array) -> tuple[Array, Array]:
    """All eigenvalues, the largest first, and their vectors in columns."""
    hessian = np.asarray(landscape.hessian(place), dtype=np.float64)
    require(bool(np.isfinite(hessian).all()), "the Hessian at `at` must be finite, it is not; take another point")
    values, vectors = np.linalg.eigh(hessian)
    return values[::-1], vectors[:, ::-1]


def _searched(landscape: Landscape, place: Array, number: int) -> tuple[Array, Array]:
    """So many of the largest eigenvalues with their vectors."""
    dim = len(place)
    operator = LinearOperator((dim, dim), matvec=_product(landscape, place), dtype=np.float64)
    start = np.random.default_rng(SEED).standard_normal(dim)
    try:
        values, vectors = eigsh(operator, number, which="LA", v0=start)
    except ArpackError as error:
        raise InputError(f"the curvatures at `at` must be found by Lanczos' method, it said: {error}") from None
    order = np.argsort(values)[::-1]
    return values[order], vectors[:, order]


def _product(landscape: Landscape, place: Array) -> Callable[[Array], Array]:
    """H v at the place."""
    exact = getattr(landscape, "hessian_product", None)
    if exact is not None:
        return lambda vector: np.asarray(exact(place, vector.ravel()), dtype=np.float64)
    length = EPSILON ** (1 / 3) * max(1.0, float(np.abs(place).max()))

    def differences(vector: Array) -> Array:
        step = length * vector.ravel()  # of a unit vector, as Lanczos' method asks for
        ahead, behind = np.asarray(landscape.gradient(place + np.stack([step, -step])))
        return np.asarray((ahead - behind) / (2 * length))

    return differences
