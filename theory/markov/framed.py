"""Eigenvalues of a chain in the frame of its stationary law, with what rounding may do to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, SuperLU, eigs, eigsh, splu

from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.base.rounding import EPSILON

Complexes = NDArray[np.complex128]
Found = tuple[Complexes, Complexes, Complexes, Complexes]  # values, right, left, dual to right

DENSE = 60  # states up to which a full eigenvalue problem is as cheap
ITERATION_SETTLED = 1e-13  # of the iteration
BACKWARD_ERROR = 1e-14  # of the largest rate: backward error of the factors
SHIFT = 1e-3  # of the rate of diffusion across the lattice
VECTORS_EACH, SPARE_VECTORS = 3, 20  # of a Krylov space, for each eigenvalue and beside them
TRIES = 3  # with more eigenvalues each time
SIDES: tuple[Literal["N", "T"], ...] = ("N", "T")
SAME_EIGENVALUE = 1e-6  # relative distance of eigenvalues that count as one


@dataclass(frozen=True, eq=False)
class Framed:
    """Eigenvalues nearest to 0 of W^-1 G W with their eigenvectors there, and the error that rounding makes.

    Parameters
    ----------
    eigenvalues
        Shape (k,).
    right, left
        Eigenvectors, shape (states, k) each, of norm 1; bases of what they span where eigenvalues meet.
    condition
        1 / |left . right| of dual ones, shape (k,): 1 where the frame makes the matrix symmetric.
    rounding
        Condition times the backward error of the factors, shape (k,), or the root of that times the distance to
        the next eigenvalue where it is less, as for those that share a vector.
    """

    eigenvalues: Complexes
    right: Complexes = field(repr=False)
    left: Complexes = field(repr=False)
    condition: Array
    rounding: Array


def framed_matrix(generator: sparse.csc_array, logs: Array, *, symmetric: bool) -> sparse.csc_array:
    """W^-1 G W with W the root of weights given in logarithms; `symmetric` takes the mean of each pair's rates."""
    rates = generator.tocoo()
    off = rates.row != rates.col
    rows, columns, values = rates.row[off], rates.col[off], rates.data[off]
    with np.errstate(over="ignore", under="ignore"):
        if symmetric:
            turned = sparse.csr_array((values, (rows, columns)), shape=generator.shape)
            values = np.sqrt(values) * np.sqrt(np.asarray(turned[columns, rows]).ravel())
        else:
            values = values * np.exp((logs[columns] - logs[rows]) / 2)
    matrix = sparse.csc_array((values, (rows, columns)), shape=generator.shape)
    return sparse.csc_array(matrix + sparse.diags_array(generator.diagonal()))


def framed(matrix: sparse.csc_array, count: int, rate: float, *, symmetric: bool) -> Framed:
    """The `count` eigenvalues nearest to 0 of a framed matrix with its largest real part at 0 or below.

    Lanczos or Arnoldi iteration with one sparse LU factorisation close to 0; in the symmetric case Sylvester's
    law of inertia shows that none is missing. `rate` is the scale of the slow ones.

    Raises
    ------
    InputError
        If the iteration does not settle.

    References
    ----------
    Lehoucq, Sorensen & Yang (1998), "ARPACK users' guide"; Trefethen & Embree (2005), "Spectra and pseudospectra".
    """
    states = matrix.shape[0]
    try:
        if states <= DENSE or krylov_size(count) >= states:
            found = _dense(matrix, count, symmetric=symmetric)
        elif symmetric:
            found = _symmetric(matrix, count, SHIFT * rate)
        else:
            found = _general(matrix, count, SHIFT * rate)
    except (ArpackNoConvergence, ArpackError, RuntimeError) as error:
        raise InputError(
            f"the {count} slowest modes must separate, got {type(error).__name__}; ask for fewer or more"
        ) from error
    values, right, left, dual = found
    order = np.argsort(np.abs(values), kind="stable")[:count]
    values = values[order]
    right, left, dual = (_normalised(vectors[:, order]) for vectors in (right, left, dual))
    overlap = np.nan_to_num(np.abs((dual.conj() * right).sum(axis=0)))
    condition = 1 / np.maximum(overlap, EPSILON)
    backward = BACKWARD_ERROR * float(abs(matrix).sum(axis=0).max())
    apart = np.abs(values[:, None] - values)
    np.fill_diagonal(apart, np.inf)
    rounding = np.minimum(backward * condition, np.sqrt(backward * condition * apart.min(axis=1)) + backward)
    return Framed(values.astype(np.complex128), right, left, condition, rounding)


def _normalised(vectors: Complexes) -> Complexes:
    largest = np.abs(vectors).max(axis=0)
    vectors = vectors / np.where(largest > 0, largest, 1.0)  # squares must not overflow
    norms = np.linalg.norm(vectors, axis=0)
    return np.asarray(vectors / np.where(norms > 0, norms, 1.0))


def _dense(matrix: sparse.csc_array, count: int, *, symmetric: bool) -> Found:
    if symmetric:
        values, vectors = np.linalg.eigh(matrix.toarray())
        whole = vectors.astype(np.complex128)
        return values.astype(np.complex128), whole, whole, whole
    values, right = np.linalg.eig(matrix.toarray())
    left = np.linalg.pinv(right).conj().T.astype(np.complex128)
    return values.astype(np.complex128), right.astype(np.complex128), left, left


def _symmetric(matrix: sparse.csc_array, count: int, shift: float) -> Found:
    factors = _factors(matrix, shift)
    more = count
    for _ in range(TRIES):
        shares, vectors = eigsh(
            _inverse(factors, "N"),
            k=more,
            which="LM",
            v0=scattered(matrix.shape[0]),
            ncv=min(matrix.shape[0], krylov_size(more)),
            tol=ITERATION_SETTLED,
        )
        values = np.sort(shift - 1 / shares)[::-1]
        missing = _missing(matrix, values, count)
        if missing == 0:
            break
        more = min(more + abs(missing) + 2, matrix.shape[0] - 2)
    whole = vectors.astype(np.complex128)
    return (shift - 1 / shares).astype(np.complex128), whole, whole, whole


def _missing(matrix: sparse.csc_array, values: Array, count: int) -> int:
    """How many eigenvalues above a gap near the end of the decreasing `values` are not among them."""
    first = max(count - 3, 0)
    gaps = values[first:-1] - values[first + 1 :]
    if len(gaps) == 0 or gaps.max() <= 0:
        return 0
    place = first + int(np.argmax(gaps))
    middle = (values[place] + values[place + 1]) / 2
    signs = _factors(matrix, middle).U.diagonal()
    return int(np.count_nonzero(signs < 0)) - (place + 1)


def _general(matrix: sparse.csc_array, count: int, shift: float) -> Found:
    factors = _factors(matrix, shift)
    sides = []
    for transposed in SIDES:
        shares, vectors = eigs(
            _inverse(factors, transposed),
            k=count,
            which="LM",
            v0=scattered(matrix.shape[0]),
            ncv=min(matrix.shape[0], krylov_size(count)),
            tol=ITERATION_SETTLED,
        )
        sides.append((shift - 1 / shares, vectors))
    (values, right), (others, left) = sides
    own = linear_sum_assignment(np.abs(values[:, None] - others) ** 2)[1]
    return values, right, left[:, own].conj(), _dual(values, right, others, left)


def _dual(values: Complexes, right: Complexes, others: Complexes, left: Complexes) -> Complexes:
    """For each eigenvalue its left vector, orthogonal to the right ones of those that nearly coincide with it."""
    dual = np.empty_like(right)
    for place, value in enumerate(values):
        nearest = np.abs(others - value).min()
        reach = max(SAME_EIGENVALUE * abs(value), 2 * nearest)
        mine, theirs = np.flatnonzero(np.abs(values - value) <= reach), np.abs(others - value) <= reach
        basis = left[:, theirs]
        weights = np.linalg.pinv(basis.T @ right[:, mine])[mine == place]
        dual[:, place] = (basis @ weights[0]).conj()
    return dual


def _factors(matrix: sparse.csc_array, shift: float) -> SuperLU:
    states = matrix.shape[0]
    shifted = sparse.csc_array(sparse.diags_array(np.full(states, shift)) - matrix)
    return splu(
        shifted,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        panel_size=2,
        options={"SymmetricMode": True},
    )


def _inverse(factors: SuperLU, transposed: Literal["N", "T"]) -> LinearOperator:
    size = factors.shape[0]

    def solve(vector: Array) -> Array:
        solved = factors.solve(vector.ravel(), transposed)  # type: ignore[call-overload]  # the stubs lack it
        if not np.isfinite(solved).all():  # LAPACK would print to standard error of what it is given
            raise InputError(
                "the matrix must be near enough to normal for its factors to be finite, got numbers beyond "
                "floating point; refine or shrink the grid"
            )
        return np.asarray(solved, dtype=np.float64)

    return LinearOperator((size, size), matvec=solve, dtype=np.float64)


def scattered(states: int) -> Array:
    """Numbers spread over (-1/4, 3/4) without a pattern, from which Krylov's method begins, the same each time."""
    return np.asarray(np.modf(np.arange(1, states + 1) * (np.sqrt(5) - 1) / 2)[0] - 0.25)


def krylov_size(count: int) -> int:
    """Dimension of the Krylov space for `count` eigenvalues: ARPACK asks for twice as many or more."""
    return VECTORS_EACH * count + SPARE_VECTORS
