"""The array types that annotations use, the one way to freeze an array, and what arrays of the user must be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.base.arguments.answers import answer, called
from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.errors import require

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

__all__ = [
    "Array",
    "ArrayLike",
    "Booleans",
    "Integers",
    "evaluated",
    "finite",
    "flagged",
    "points_of",
    "read_only",
    "square",
]


def read_only(values: ArrayLike) -> Array:
    """A read-only float copy of `values`, so that a record cannot change after its checks."""
    frozen = np.array(values, dtype=np.float64)
    frozen.setflags(write=False)
    return frozen


def finite(values: ArrayLike, name: str) -> Array:
    """`values` as an array of finite numbers.

    Raises
    ------
    InputError
        If one is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    bad = int(np.count_nonzero(~np.isfinite(array)))
    require(bad == 0, f"`{name}` must be finite, got {bad} of {array.size} numbers that are not")
    return array


def points_of(w: ArrayLike, dim: int) -> Array:
    """Points w (..., d) as an array.

    Raises
    ------
    InputError
        If the last axis has not the length `dim`.
    """
    points = np.asarray(w, dtype=np.float64)
    require(
        points.ndim >= 1 and points.shape[-1] == dim,
        f"w must have a last axis of length {dim}, got shape {points.shape}",
    )
    return points


def square(values: ArrayLike, name: str, dim: int | None = None) -> Array:
    """`values` as a finite matrix (d, d); a number is a matrix (1, 1).

    Raises
    ------
    InputError
        If it is not square, not of the dimension `dim`, empty or not finite.
    """
    matrix = np.atleast_2d(finite(values, name))
    size = matrix.shape[0] if dim is None else dim
    wanted = "a square matrix" if dim is None else f"a matrix ({dim}, {dim})"
    require(matrix.shape == (size, size) and size > 0, f"`{name}` must be {wanted}, got shape {np.shape(values)}")
    return matrix


def evaluated(function: Callable[[Array], Any], points: Array, name: str, tail: tuple[int, ...] = ()) -> Array:
    """The numbers (..., *tail) that a function of the user gives at `points` (..., d).

    Raises
    ------
    InputError
        If it gives no numbers, or not one (or one tensor) for each point.
    """
    found: Array = answer(function, points, name, tail)
    return found


def flagged(function: Callable[[Array], Any], points: Array, name: str) -> Booleans:
    """The flags (...) that a function of the user gives at `points` (..., d).

    Raises
    ------
    InputError
        If it does not give True or False for each point.
    """
    flags = numbers_of(called(function, points, name))
    fits = flags is not MISFIT and flags.shape == points.shape[:-1] and flags.dtype == np.bool_
    got = "no flags" if flags is MISFIT else f"{flags.dtype} of shape {flags.shape}"
    require(fits, f"`{name}` must map points {points.shape} to flags {points.shape[:-1]}, got {got}")
    return np.asarray(flags)
