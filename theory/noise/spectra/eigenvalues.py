"""The largest or smallest eigenvalues of a symmetric operator, with errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, Literal

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.noise.spectra.defects import Defects, in_units, product_of, resolution

MOST_RESTARTS = 1000  # of Lanczos' method, some twenty products each


@dataclass(frozen=True, eq=False)
class Eigenvalues:
    """Eigenvalues at one end of a spectrum, the outermost first.

    Attributes
    ----------
    values
        Shape (k,); several times where they are multiple.
    vectors
        Orthonormal, in rows, shape (k, d).
    error
        How far each may be from its eigenvalue, shape (k,).
    """

    values: Array
    vectors: Array = field(repr=False)
    error: Array

    def __repr__(self) -> str:
        return f"<Eigenvalues: values={self.values.tolist()}, error={float(self.error.max()):.2g}>"


def extreme_eigenvalues(
    operator: LinearOperator,
    number: int = 1,
    *,
    rng: np.random.Generator,
    end: Literal["largest", "smallest"] = "largest",
) -> Eigenvalues:
    """The largest or smallest eigenvalues of a symmetric operator, with vectors and errors.

    Lanczos' method from a random vector. What it found is moved to the other end of the spectrum and it is asked
    again from a new one, until nothing lies further out: so multiple eigenvalues are found as often as they are.
    The error is the norm of the residual of all together, within which as many eigenvalues lie one by one
    (Kahan), with rounding and six times what one trial shows of the operator's defect from linearity, which
    differences of gradients have. Of an operator in single precision, as the Hessian of a float32 network, the
    rounding is that. Numbers of any size do, such as 1e200: it is asked in units of its own.

    Parameters
    ----------
    operator
        Symmetric, of shape (d, d) with d at least 2; that of `hessian_operator` for example.
    number
        How many, less than d.
    end
        "largest" or "smallest", by sign and not by size.

    Raises
    ------
    InputError
        If the operator is not square, symmetric, finite, has not so many, or the method does not converge.

    References
    ----------
    Parlett (1998), The symmetric eigenvalue problem, ch. 11; Lehoucq, Sorensen & Yang (1998), ARPACK users' guide.
    """
    dim = operator.shape[0]
    require(operator.shape == (dim, dim), f"`operator` must be square, got shape {operator.shape}")
    require(
        1 <= number < dim and number % 1 == 0,
        f"`number` must be a whole number from 1 to {dim - 1}, less than the dimension, got {number}",
    )
    require(
        isinstance(end, str) and end in ("largest", "smallest"),
        f'`end` must be "largest" or "smallest", got {end!r}',
    )
    sign = 1.0 if end == "largest" else -1.0
    operator, unit = in_units(operator, rng)
    vectors = _search(operator, sign, number, np.empty((0, dim)), 0.0, rng)
    while True:
        values, vectors, images = _ritz(operator, sign, vectors)
        size = float(np.linalg.norm(images, axis=1).max())
        error = _left_open(operator, values[:number], vectors[:number], images[:number], rng)
        if len(vectors) >= dim - 1:
            break
        further = _search(operator, sign, 1, vectors, 2 * size, rng)
        reached = float(sign * (further[0] @ product_of(operator, further[0])))
        if reached <= sign * values[number - 1] + error:
            break
        vectors = np.concatenate([vectors, further])
    return Eigenvalues(values[:number] * unit, vectors[:number], np.full(number, error * unit))


def _search(
    operator: LinearOperator, sign: float, number: int, known: Array, shift: float, rng: np.random.Generator
) -> Array:
    """Eigenvectors of the largest eigenvalues of sign A without the known ones, in rows."""
    dim = operator.shape[0]

    def others(vector: Array) -> Array:
        flat = vector.ravel()
        inside = known.T @ (known @ flat)
        image = sign * product_of(operator, flat - inside)
        return np.asarray(image - known.T @ (known @ image) - shift * inside)

    start = rng.standard_normal(dim)
    try:
        if not others(start).any():  # nor is anything else: a random vector misses no direction
            found = rng.standard_normal((dim, number))
        else:
            tolerance = 0.0 if operator.dtype == np.float64 else resolution(operator)
            _, found = eigsh(_operator(dim, others), number, which="LA", v0=start, tol=tolerance, **_limits(rng))
    except ArpackError as problem:
        raise InputError(
            f"{number} eigenvalues must be found by Lanczos' method, it said: {problem}; ask for another "
            "number, or for the `spectral_density` where eigenvalues crowd"
        ) from None
    rows = found.T - (found.T @ known.T) @ known
    return np.asarray(np.linalg.qr(rows.T)[0].T)


def _limits(rng: np.random.Generator) -> dict[str, Any]:
    """How many restarts, and what those inside an invariant subspace are drawn from, where SciPy can be told."""
    return {"maxiter": MOST_RESTARTS} | ({"rng": rng} if "rng" in signature(eigsh).parameters else {})


def _operator(dim: int, product: Callable[[Array], Array]) -> LinearOperator:
    return LinearOperator((dim, dim), matvec=product, dtype=np.float64)


def _ritz(operator: LinearOperator, sign: float, vectors: Array) -> tuple[Array, Array, Array]:
    """Values, vectors and images of the operator in a subspace, the outermost first."""
    basis = np.linalg.qr(vectors.T)[0].T
    images = np.stack([product_of(operator, row) for row in basis])
    inner = basis @ images.T
    values, turn = np.linalg.eigh((inner + inner.T) / 2)
    order = np.argsort(-sign * values)
    return values[order], turn[:, order].T @ basis, turn[:, order].T @ images


def _left_open(
    operator: LinearOperator, values: Array, vectors: Array, images: Array, rng: np.random.Generator
) -> float:
    """What residual, rounding and an operator that is not quite linear or symmetric leave open."""
    residual = float(np.linalg.norm(images - values[:, None] * vectors, 2))
    size = float(np.abs(values).max())
    return residual + Defects.of(operator, vectors, images, rng).left_open(size)
