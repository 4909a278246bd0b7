"""Up to what size matrices are made, and whether they are symmetric, and positive definite."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require

MOST_DENSE = 600  # dimensions, up to which a whole Hessian is made and decomposed
ASYMMETRY = 1e-12  # of the largest entry: what rounding may leave of a matrix that was computed
NEGATIVE_LEFT_BY_ROUNDING = 1e-12  # of the largest eigenvalue: below it a negative one counts as zero


def asymmetry(matrices: Array) -> Array:
    """The largest entry of M - M' of matrices (..., d, d), shape (...)."""
    entries = np.ascontiguousarray(np.moveaxis(matrices, (-2, -1), (0, 1)))  # points last: long axes reduce faster
    return np.asarray(np.abs(entries - entries.swapaxes(0, 1)).max(axis=(0, 1)))


def is_symmetric(matrix: Array) -> bool:
    """Whether a matrix (d, d) is symmetric to rounding, `ASYMMETRY` of its largest entry."""
    return bool(asymmetry(matrix) <= ASYMMETRY * np.abs(matrix).max())


def require_symmetric(matrix: Array, name: str) -> None:
    """Require that a matrix (d, d) is symmetric to rounding.

    Raises
    ------
    InputError
        If it is not.
    """
    require(is_symmetric(matrix), f"`{name}` must be symmetric, got {matrix.tolist()}")


def positive_definite(matrix: ArrayLike, name: str) -> Array:
    """`matrix` as an array (d, d), once it is symmetric and its eigenvalues are positive.

    Raises
    ------
    InputError
        If it is not square, finite, symmetric and positive definite.
    """
    square = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
    require(
        square.ndim == 2 and square.shape[0] == square.shape[1] and bool(np.isfinite(square).all()),
        f"`{name}` must be a finite square matrix, got {square.tolist()}",
    )
    require_symmetric(square, name)
    eigenvalues = np.linalg.eigvalsh(square)
    require(
        bool(eigenvalues[0] > 0),
        f"`{name}` must be positive definite, got the eigenvalues {', '.join(f'{e:.3g}' for e in eigenvalues)}",
    )
    return np.asarray((square + square.T) / 2)
