"""What multiplies the gradient of a batch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Protocol, TypeAlias, TypeGuard, runtime_checkable

import numpy as np
import sympy

from theory.base.arguments import Given
from theory.base.arguments.answers import is_ours
from theory.base.arrays import Array, ArrayLike, Booleans
from theory.base.errors import InputError, require
from theory.base.matrices import positive_definite
from theory.base.renamed import renamed
from theory.models.product import exact

MOST_INVERTED = 3  # rows of a matrix of formulas whose inverse is still short
Numbers: TypeAlias = float | tuple[float, ...] | tuple[tuple[float, ...], ...]
SINGULAR = 1e-12  # of the largest eigenvalue: a smaller one is none


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

    @renamed(covariance="gradient_covariance")
    def applied(self, gradient_covariance: Array, gradient: Array, batch_size: int, w: Array) -> Array:
        """P g for covariances (n, d, d) of one example's gradient and gradients (n, d) at w (n, d).

        Raises
        ------
        InputError
            Where a covariance is singular.
        """
        finite: Booleans = np.asarray(np.isfinite(gradient_covariance).all(axis=(1, 2)))
        matrix = np.where(finite[:, None, None], gradient_covariance, np.eye(gradient_covariance.shape[-1]))
        eigenvalues, vectors = np.linalg.eigh(matrix)
        eigenvalues = eigenvalues + self.damping
        singular: Booleans = np.asarray(eigenvalues[:, 0] <= SINGULAR * np.abs(eigenvalues[:, -1]))
        bad = np.flatnonzero(finite & singular)
        if len(bad):
            listed = ", ".join(f"{e:.3g}" for e in eigenvalues[bad[0]])
            raise InputError(
                "InverseNoise() needs a covariance of full rank, got the eigenvalues "
                f"{listed} at w = {w[bad[0]].tolist()}; give a `damping` or a matrix"
            )
        turned = np.einsum("nji,nj->ni", vectors, gradient) * (batch_size / eigenvalues)
        return np.asarray(np.einsum("nij,nj->ni", vectors, turned))

    @renamed(covariance="gradient_covariance")
    def formula(self, gradient_covariance: sympy.Matrix, batch_size: int) -> sympy.Matrix | None:
        """P as a matrix of formulas where the covariance is one, None beyond `MOST_INVERTED` rows.

        Raises
        ------
        InputError
            Where the covariance is singular everywhere.
        """
        if gradient_covariance.rows > MOST_INVERTED:
            return None
        matrix = gradient_covariance + exact(self.damping) * sympy.eye(gradient_covariance.rows)
        determinant = sympy.simplify(matrix.det())
        require(determinant != 0, "the noise has no inverse, it misses a direction; give a `damping`")
        return batch_size * matrix.adjugate() / determinant


@runtime_checkable
class PreconditionerField(Protocol):
    """A preconditioner of the user's own: P(w), vectorised over the leading axes of w (..., d)."""

    def matrix(self, w: Array) -> Array:
        """The symmetric positive definite matrix P(w), shape (..., d, d)."""
        ...


Preconditioner: TypeAlias = Annotated[
    InverseNoise | Numbers | PreconditionerField | None,
    Given(InverseNoise | ArrayLike | PreconditionerField | None),
]


def is_field(preconditioner: object) -> TypeGuard[PreconditionerField]:
    """Whether it is a preconditioner of the user's own."""
    return isinstance(preconditioner, PreconditionerField) and not is_ours(preconditioner)


def checked(preconditioner: InverseNoise | ArrayLike | PreconditionerField | None) -> Preconditioner:
    """A positive number, d positive rates of coordinates or a positive definite matrix, as nested tuples.

    Raises
    ------
    InputError
        If it is none of these, nor `InverseNoise()`, nor one of the user's own.
    """
    if preconditioner is None or isinstance(preconditioner, InverseNoise) or is_field(preconditioner):
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
    """The constant matrix (d, d); (0, 0) stands for the identity, and for what depends on w.

    Raises
    ------
    InputError
        If it does not fit the dimension.
    """
    if preconditioner is None or isinstance(preconditioner, InverseNoise) or is_field(preconditioner):
        return np.zeros((0, 0))
    numbers = np.asarray(preconditioner, dtype=np.float64)
    require(
        numbers.ndim == 0 or len(numbers) == dim,
        f"`preconditioner` must fit the dimension {dim} of the model, got {len(np.atleast_1d(numbers))} rows",
    )
    return numbers if numbers.ndim == 2 else np.diag(np.broadcast_to(numbers, (dim,))).copy()
