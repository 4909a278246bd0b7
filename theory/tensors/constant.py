"""Tensors that do not depend on w."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import require
from theory.base.matrices import is_symmetric
from theory.base.rounding import LEAST_NORMAL
from theory.base.showing import argument

EIGENVALUE_LEFT_BY_ROUNDING = 1e-14  # of the largest


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
            is_symmetric(matrix),
            f"a constant tensor must be symmetric, got {matrix.tolist()}",
        )
        matrix = read_only((matrix + matrix.T) / 2)  # of what rounding left of a computed matrix
        eigenvalues, vectors = np.linalg.eigh(matrix)
        rounding = EIGENVALUE_LEFT_BY_ROUNDING * max(abs(eigenvalues[-1]), LEAST_NORMAL)
        require(
            bool(eigenvalues[0] >= -rounding),
            f"a constant tensor must have no negative eigenvalue, got {eigenvalues[0]:.3g}; use a covariance",
        )
        kept = eigenvalues > rounding
        full_rank = bool(kept.all())  # else as many channels as the rank
        root = np.linalg.cholesky(matrix) if full_rank else vectors[:, kept] * np.sqrt(eigenvalues[kept])
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "_root", read_only(root))

    def __repr__(self) -> str:
        return f"Constant({argument(self.matrix)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return np.array_equal(self.matrix, other.matrix)

    def __hash__(self) -> int:
        return hash((type(self), self.matrix.tobytes()))

    @property
    def dim(self) -> int:
        """Dimension d."""
        return int(self.matrix.shape[0])

    def tensor(self, w: ArrayLike) -> Array:
        """The matrix, shape (..., d, d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        return np.broadcast_to(self.matrix, (*self._shape(w)[:-1], *self.matrix.shape))

    def root(self, w: ArrayLike) -> Array:
        """Its Cholesky factor, or where it is singular eigenvectors times roots, shape (..., d, rank).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        return np.broadcast_to(self._root, (*self._shape(w)[:-1], *self._root.shape))

    def divergence(self, w: ArrayLike) -> Array:
        """Zero, shape (..., d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
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

    def __repr__(self) -> str:
        return f"Isotropic(temperature={self.temperature}, dim={self.dim})"
