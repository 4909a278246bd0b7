"""What multiplies the gradient of a batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, TypeAlias

import numpy as np

from theory.base.arguments import Given
from theory.base.arrays import Array, ArrayLike, Booleans
from theory.base.errors import InputError, require
from theory.models.linear_regression import positive_definite

Numbers: TypeAlias = float | tuple[float, ...] | tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class InverseNoise:
    """P(w) = B (C(w) + damping I)^-1, the inverse covariance of the batch's gradient.

    With constant C and no damping the stationary law for small rates is exp(-2 L / learning_rate), whatever C
    and B (McAllester 2017); with C(w) it is not, since the limit is read in the sense of Ito.

    Parameters
    ----------
    damping
        Added to the eigenvalues of C, not negative; needed where C is singular.

    Raises
    ------
    InputError
        If the damping is negative or not finite.
    """

    damping: float = 0.0

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.damping) and self.damping >= 0,
            f"`damping` must be finite and not negative, got {self.damping}",
        )

    def applied(self, covariance: Array, gradient: Array, batch_size: int, w: Array) -> Array:
        """P g for covariances (n, d, d) and gradients (n, d) at w (n, d).

        Raises
        ------
        InputError
            Where a covariance is singular.
        """
        finite: Booleans = np.asarray(np.isfinite(covariance).all(axis=(1, 2)))
        matrix = np.where(finite[:, None, None], covariance, np.eye(covariance.shape[-1]))
        eigenvalues, vectors = np.linalg.eigh(matrix)
        eigenvalues = eigenvalues + self.damping
        singular: Booleans = np.asarray(eigenvalues[:, 0] <= 1e-12 * np.abs(eigenvalues[:, -1]))
        bad = np.flatnonzero(finite & singular)
        if len(bad):
            listed = ", ".join(f"{e:.3g}" for e in eigenvalues[bad[0]])
            raise InputError(
                "InverseNoise() needs a covariance of full rank, got the eigenvalues "
                f"{listed} at w = {w[bad[0]].tolist()}; give a `damping` or a matrix"
            )
        turned = np.einsum("nji,nj->ni", vectors, gradient) * (batch_size / eigenvalues)
        return np.asarray(np.einsum("nij,nj->ni", vectors, turned))


Preconditioner: TypeAlias = Annotated[InverseNoise | Numbers | None, Given(InverseNoise | ArrayLike | None)]


def checked(preconditioner: InverseNoise | ArrayLike | None) -> Preconditioner:
    """A positive number, d positive rates of coordinates or a positive definite matrix, as nested tuples."""
    if preconditioner is None or isinstance(preconditioner, InverseNoise):
        return preconditioner
    try:
        numbers = np.asarray(preconditioner, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"`preconditioner` must be a number, d numbers, a matrix or InverseNoise(), got {preconditioner!r}"
        ) from None
    if numbers.ndim == 2:
        matrix = positive_definite(numbers, "preconditioner")
        return tuple(tuple(row) for row in matrix.tolist())
    require(
        numbers.ndim < 2 and numbers.size > 0 and bool(np.isfinite(numbers).all() and (numbers > 0).all()),
        f"`preconditioner` must be positive and finite, got {numbers.tolist()}",
    )
    return float(numbers) if numbers.ndim == 0 else tuple(numbers.tolist())


def matrix_of(preconditioner: Preconditioner, dim: int) -> Array:
    """The constant matrix (d, d); (0, 0) stands for the identity.

    Raises
    ------
    InputError
        If it does not fit the dimension.
    """
    if preconditioner is None or isinstance(preconditioner, InverseNoise):
        return np.zeros((0, 0))
    numbers = np.asarray(preconditioner, dtype=np.float64)
    require(
        numbers.ndim == 0 or len(numbers) == dim,
        f"`preconditioner` must fit the dimension {dim} of the model, got {len(np.atleast_1d(numbers))} rows",
    )
    return numbers if numbers.ndim == 2 else np.diag(np.broadcast_to(numbers, (dim,))).copy()
