"""Cubic splines through the cell centres: where a walker between them is put so that laws keep their shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel
from theory.laws import Grid

Triangle = tuple[Integers, Integers, Array]  # starts of rows, columns in rising order, values
NO_KNOTS = np.empty(0)  # no spline: Lagrange's cubic instead


@kernel
def spline_weights(place: float, count: int, periodic: bool, knots: Array, weights: Array) -> int:
    """First of four B-splines at `place`, in cells from the first centre, and in `weights` (4,) their values.

    Cox and de Boor's recurrence: positive on the whole box, of sum 1.
    """
    if periodic:
        place -= count * math.floor(place / count)
        first = min(math.floor(place), count - 1) - 1
    else:
        first = min(max(math.floor(place) - 1, 0), count - 4)
    weights[0] = 1.0
    for degree in range(1, 4):
        saved = 0.0
        for k in range(degree):
            right, left = knots[first + 4 + k] - place, place - knots[first + 4 + k - degree]
            share = weights[k] / (right + left)
            weights[k] = saved + right * share
            saved = left * share
        weights[degree] = saved
    return first


def spline_knots(count: int, periodic: bool) -> Array:
    """Knots at the cell centres, without those next to the ends ("not a knot"); on a circle at all of them."""
    if periodic:
        return np.arange(-2.0, count + 3.0)
    return np.concatenate([np.full(4, -0.5), np.arange(2.0, count - 2.0), np.full(4, count - 0.5)])


@dataclass(frozen=True)
class Splines:
    """Cubic B-splines along the two axes of `grid`, and the way from their coefficients to masses at the centres.

    A mass at y is put on centre i as l_i(y), where the spline l_i is 1 there and 0 at the other centres: the
    expectation of a function is that of its spline. With the B-splines b(y) and A_ji = b_i(x_j), l = A'^-1 b:
    walkers are spread by b, which is positive, and A' is solved for once a step. A wave of k radians a cell loses
    k^4/720 of itself in a step on average, an eleventh of what Lagrange's cubic takes. Mass is kept, as b adds up
    to 1.

    References
    ----------
    de Boor (1978), "A Practical Guide to Splines", chapters IX and XIII; Crouseilles, Respaud & Sonnendruecker
    (2009), "A forward semi-Lagrangian method for the numerical solution of the Vlasov equation".
    """

    grid: Grid

    @cached_property
    def knots(self) -> Sequence[Array]:
        """The knots of each axis, in cells from the first centre."""
        return [spline_knots(n, ends) for n, ends in zip(self.grid.shape, self.grid.periodic, strict=True)]

    @cached_property
    def _factors(self) -> Sequence[tuple[Triangle, Triangle]]:
        return [_factors(matrix) for matrix in self._lines]

    @cached_property
    def _lines(self) -> Sequence[sparse.csc_array]:
        return [_collocation(*axis) for axis in zip(self.grid.shape, self.grid.periodic, self.knots, strict=True)]

    @property
    def collocation(self) -> sparse.csr_array:
        """The matrix that makes coefficients of masses at the centres."""
        lines = self._lines
        return sparse.csr_array(sparse.kron(lines[0], lines[1]))

    def masses(self, coefficients: Array) -> Array:
        """Masses at the centres, shape (nodes,), of walkers spread by B-splines."""
        masses = coefficients.reshape(self.grid.shape)
        for lower, upper in self._factors:
            masses = np.array(masses, order="C")
            _substitute(*lower, *upper, masses)
            masses = masses.T
        return np.ascontiguousarray(masses).ravel()


def _collocation(count: int, periodic: bool, knots: Array) -> sparse.csc_array:
    """The matrix A' of one axis."""
    rows, values, weights = np.zeros((4, count), dtype=np.int64), np.zeros((4, count)), np.empty(4)
    for j in range(count):
        first = spline_weights(float(j), count, periodic, knots, weights)
        rows[:, j], values[:, j] = (first + np.arange(4)) % count, weights
    columns = np.broadcast_to(np.arange(count), (4, count))
    matrix = sparse.csc_array((values.ravel(), (rows.ravel(), columns.ravel())), shape=(count, count))
    matrix.eliminate_zeros()
    return matrix


def _factors(matrix: sparse.csc_array) -> tuple[Triangle, Triangle]:
    """Triangular factors of A': totally positive and banded, so eliminated in its own order without pivots."""
    factors = splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"Equil": False})
    return _triangle(factors.L), _triangle(factors.U)


def _triangle(matrix: sparse.csc_array) -> Triangle:
    rows = matrix.tocsr()
    rows.sort_indices()
    return rows.indptr.astype(np.int64), rows.indices.astype(np.int64), rows.data


@kernel
def _substitute(
    lower_starts: Integers, lower_columns: Integers, lower: Array,
    upper_starts: Integers, upper_columns: Integers, upper: Array, right: Array,
) -> None:  # fmt: skip
    """Solve L U x = right for all columns of `right`, in place; the last entry of a row of L is its 1."""
    count, others = right.shape
    for i in range(count):
        for k in range(lower_starts[i], lower_starts[i + 1] - 1):
            value, j = lower[k], lower_columns[k]
            for m in range(others):
                right[i, m] -= value * right[j, m]
    for i in range(count - 1, -1, -1):
        for k in range(upper_starts[i] + 1, upper_starts[i + 1]):
            value, j = upper[k], upper_columns[k]
            for m in range(others):
                right[i, m] -= value * right[j, m]
        inverse = 1.0 / upper[upper_starts[i]]
        for m in range(others):
            right[i, m] *= inverse
