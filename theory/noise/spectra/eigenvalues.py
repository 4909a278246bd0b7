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
from theory.base.rounding import EPSILON

SAFETY = 6.0  # times what one trial shows of an operator that is not quite linear


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
    differences of gradients have.

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
    vectors = _search(operator, sign, number, np.empty((0, dim)), 0.0, rng)
    while True:
        values, vectors, images = _ritz(operator, sign, vectors)
        size = float(np.linalg.norm(images, axis=1).max())
        error = _left_open(operator, values[:number], vectors[:number], images[:number], rng)
        if len(vectors) >= dim - 1:
            break
        further = _search(operator, sign, 1, vectors, 2 * size, rng)
        reached = float(sign * (further[0] @ _image(operator, further[0])))
        if reached <= sign * values[number - 1] + error:
            break
        vectors = np.concatenate([vectors, further])
    return Eigenvalues(values[:number], vectors[:number], np.full(number, error))


def _search(
    operator: LinearOperator, sign: float, number: int, known: Array, shift: float, rng: np.random.Generator
) -> Array:
    """Eigenvectors of the largest eigenvalues of sign A without the known ones, in rows."""
    dim = operator.shape[0]

    def others(vector: Array) -> Array:
        flat = vector.ravel()
        inside = known.T @ (known @ flat)
        image = sign * _image(operator, flat - inside)
        require(
            bool(np.isfinite(image).all()),
            "the operator must have finite products, it has not; take another point",
        )
        return np.asarray(image - known.T @ (known @ image) - shift * inside)

    start = rng.standard_normal(dim)
    try:
        if not others(start).any():  # nor is anything else: a random vector misses no direction
            found = rng.standard_normal((dim, number))
        else:
            _, found = eigsh(_operator(dim, others), number, which="LA", v0=start, **_drawn(rng))
    except ArpackError as problem:
        raise InputError(
            f"{number} eigenvalues must be found by Lanczos' method, it said: {problem}; ask for another number"
        ) from None
    rows = found.T - (found.T @ known.T) @ known
    return np.asarray(np.linalg.qr(rows.T)[0].T)


def _drawn(rng: np.random.Generator) -> dict[str, Any]:
    """What restarts inside an invariant subspace are drawn from, where SciPy can be told (from 1.17 on)."""
    return {"rng": rng} if "rng" in signature(eigsh).parameters else {}


def _operator(dim: int, product: Callable[[Array], Array]) -> LinearOperator:
    return LinearOperator((dim, dim), matvec=product, dtype=np.float64)


def _ritz(operator: LinearOperator, sign: float, vectors: Array) -> tuple[Array, Array, Array]:
    """Values, vectors and images of the operator in a subspace, the outermost first."""
    basis = np.linalg.qr(vectors.T)[0].T
    images = np.stack([_image(operator, row) for row in basis])
    inner = basis @ images.T
    values, turn = np.linalg.eigh((inner + inner.T) / 2)
    order = np.argsort(-sign * values)
    return values[order], turn[:, order].T @ basis, turn[:, order].T @ images


def _left_open(
    operator: LinearOperator, values: Array, vectors: Array, images: Array, rng: np.random.Generator
) -> float:
    """What residual, rounding and an operator that is not quite linear or symmetric leave open."""
    residual = float(np.linalg.norm(images - values[:, None] * vectors, 2))
    drawn = rng.standard_normal((vectors.shape[1],))
    other = np.asarray(drawn / np.linalg.norm(drawn))
    image = _image(operator, other)
    size = float(max(np.abs(values).max(), np.linalg.norm(image)))
    skew = float(np.abs(vectors @ image - images @ other).max())
    bent = 0.0
    for vector, its_image in zip(vectors, images, strict=True):
        together = (vector + other) / np.sqrt(2)
        bent = max(bent, float(np.linalg.norm(_image(operator, together) - (its_image + image) / np.sqrt(2))))
    require(
        max(skew, bent) <= np.sqrt(EPSILON) * size,
        f"`operator` must be linear and symmetric, its products differ by {max(skew, bent):.3g} of {size:.3g}; "
        "give the Hessian of the examples, or a smooth loss",
    )
    return float(residual + SAFETY * max(skew, bent) + EPSILON * np.sqrt(vectors.shape[1]) * size)


def _image(operator: LinearOperator, vector: Array) -> Array:
    """A v."""
    found = np.asarray(operator.matvec(vector))
    require(not np.iscomplexobj(found), "`operator` must be real, it has complex products; give a real one")
    return found.astype(np.float64)
