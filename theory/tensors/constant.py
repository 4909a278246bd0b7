"""Tensors that do not depend on w."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import require


@dataclass(frozen=True, eq=False)
class Constant:
    """The same symmetric positive semidefinite `matrix` (d, d) everywhere; a scalar is d = 1.

    Raises
    ------
    InputError
        If the matrix is not square, finite, symmetric and free of negative eigenvalues.
    """

    matrix: Array
    _root: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        matrix = read_only(np.atleast_2d(np.asarray(self.matrix, dtype=np.float64)))
        require(
            matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1],
            f"a constant tensor must be square, got shape {matrix.shape}",
        )
        require(bool(np.isfinite(matrix).all()), f"a constant tensor must be finite, got {matrix.tolist()}")
        require(
            bool(np.abs(matrix - matrix.T).max() <= 1e-12 * np.abs(matrix).max()),
            f"a constant tensor must be symmetric, got {matrix.tolist()}",
        )
        matrix = read_only((matrix + matrix.T) / 2)  # of what rounding left of a computed matrix
        eigenvalues, vectors = np.linalg.eigh(matrix)
        rounding = 1e-14 * max(abs(eigenvalues[-1]), np.finfo(float).tiny)
        require(
            bool(eigenvalues[0] >= -rounding),
            f"a constant tensor must have no negative eigenvalue, got {eigenvalues[0]:.3g}; use a covariance",
        )
        kept = eigenvalues > rounding
        full_rank = bool(kept.all())  # else as many channels as the rank
        root = np.linalg.cholesky(matrix) if full_rank else vectors[:, kept] * np.sqrt(eigenvalues[kept])
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "_root", read_only(root))

    @property
    def dim(self) -> int:
        """Dimension d."""
        return int(self.matrix.shape[0])

    def tensor(self, w: ArrayLike) -> Array:
        """The matrix, shape (..., d, d)."""
        return np.broadcast_to(self.matrix, (*self._shape(w)[:-1], *self.matrix.shape))

    def root(self, w: ArrayLike) -> Array:
        """Its Cholesky factor, or where it is singular eigenvectors times roots, shape (..., d, rank)."""
        return np.broadcast_to(self._root, (*self._shape(w)[:-1], *self._root.shape))

    def divergence(self, w: ArrayLike) -> Array:
        """Zero, shape (..., d)."""
        return np.zeros(self._shape(w))

    def _shape(self, w: ArrayLike) -> tuple[int, ...]:
        shape = np.shape(w)
        require(shape[-1:] == (self.dim,), f"w must have a last axis of length {self.dim}, got shape {shape}")
        return shape

    def root_expressions(self, variables: tuple[sympy.Symbol, ...]) -> sympy.Matrix:
        """The factor as a matrix of numbers."""
        return sympy.Matrix(self._root.tolist())


class Isotropic(Constant):
    """The noise of a heat bath: `temperature` times the identity in `dim` dimensions.

    Raises
    ------
    InputError
        If the temperature is not positive and finite.
    """

    temperature: float

    def __init__(self, temperature: float, dim: int) -> None:
        require(
            math.isfinite(temperature) and temperature > 0,
            f"`temperature` must be positive and finite, got {temperature}",
        )
        require(dim >= 1, f"`dim` must be at least 1, got {dim}")
        super().__init__(temperature * np.eye(dim))
        object.__setattr__(self, "temperature", float(temperature))
