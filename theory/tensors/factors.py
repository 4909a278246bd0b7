"""Factors of replaced matrices, one for each walker: compiled, in three dimensions and more.

f(H) with f of `theory.tensors.indefinite`. In three dimensions the eigenvector that lies apart is a cross product
and the other two are a problem of two dimensions (Eberly 2014), the same steps for every walker, which processors
take side by side. Beyond, Cholesky's factor where H is positive definite and Jacobi's rotations where it is not.
"""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array
from theory.base.kernels import kernel
from theory.base.matrices import NEGATIVE_LEFT_BY_ROUNDING

SWEEPS = 60  # of Jacobi's rotations, which converge quadratically: ten are many
THIRD, SIXTH = 1.0 / 3.0, 1.0 / 6.0
# the root of t^3 - 3 t = 2 h in [3^(1/2), 2] to 2.5e-8; powers of h in [0, 1], the highest first
LONGEST_AXIS = (
    0.00108521542461,
    -0.00584566100213,
    0.0153286035086,
    -0.0285791296524,
    0.0487847676639,
    -0.0961547006901,
    0.333330086126,
    1.73205083278,
)
DIAGONAL = 1e-31  # of the squares of all entries: those off the diagonal are rounding


@kernel
def factor_rows(rows: Array, slope: float, bend: float, width: float, refuse: bool, size: float) -> None:
    """Replace the entries of H in `rows` (d * d, n), row by row, by those of `size` times a factor of f(H).

    Where `refuse` and H is indefinite the factor is NaN.
    """
    dim = round(np.sqrt(rows.shape[0]))
    if dim == 3:
        factors_in_space(rows, slope, bend, width, refuse, size)
        return
    matrix, found = np.empty((dim, dim)), np.empty((dim, dim))
    for i in range(rows.shape[1]):
        for a in range(dim):
            for b in range(dim):
                matrix[a, b] = rows[a * dim + b, i]
        if width > 0 or not cholesky(matrix, found):
            factor_by_rotations(matrix, found, slope, bend, width, refuse)
        for a in range(dim):
            for b in range(dim):
                rows[a * dim + b, i] = size * found[a, b]


@kernel
def factors_in_space(rows: Array, slope: float, bend: float, width: float, refuse: bool, size: float) -> None:
    """`factor_rows` in three dimensions."""
    for i in range(rows.shape[1]):
        m00, m01, m02, m11, m12, m22 = rows[0, i], rows[1, i], rows[2, i], rows[4, i], rows[5, i], rows[8, i]
        mean = (m00 + m11 + m22) * THIRD
        a, b, c = m00 - mean, m11 - mean, m22 - mean
        square = (a * a + b * b + c * c + 2.0 * (m01 * m01 + m02 * m02 + m12 * m12)) * SIXTH
        shrink = 1.0 / np.sqrt(square) if square > 0 else 0.0
        a, b, c, f, g, h = a * shrink, b * shrink, c * shrink, m12 * shrink, m02 * shrink, m01 * shrink
        half = 0.5 * (a * (b * c - f * f) - h * (h * c - f * g) + g * (h * f - b * g))
        side = 1.0 if half >= 0 else -1.0
        half = min(abs(half), 1.0)
        t = LONGEST_AXIS[0]
        for power in LONGEST_AXIS[1:]:
            t = t * half + power
        t -= (t * (t * t - 3.0) - 2.0 * half) / (3.0 * t * t - 3.0)
        far = side * t  # the eigenvalue apart, of the matrix that was centred and scaled
        p, q, r = a - far, b - far, c - far
        x, y, z = h * f - g * q, g * h - p * f, p * q - h * h
        best = x * x + y * y + z * z
        for pair in range(2):
            u = h * r - g * f if pair == 0 else q * r - f * f
            v = g * g - p * r if pair == 0 else f * g - h * r
            w = p * f - h * g if pair == 0 else h * f - q * g
            norm = u * u + v * v + w * w
            better = norm > best
            best, x, y, z = (
                (norm if better else best),
                (u if better else x),
                (v if better else y),
                w if better else z,
            )
        # its length 1, and a basis of the plane across it (Duff et al. 2017), with one division
        norm = np.sqrt(best)
        sign = 1.0 if z >= 0 else -1.0
        reach = norm + abs(z)
        k = 1.0 / (norm * reach) if best > 0 else 1.0
        shrink = reach * k
        u0, lean, v1 = 1.0 - x * x * k, x * y * k, sign * (1.0 - y * y * k)
        x, y, z = (x * shrink if best > 0 else 0.0), y * shrink, (z * shrink if best > 0 else 1.0)
        u1, u2, v0, v2 = -lean, -sign * x, -sign * lean, -y
        s0, s1, s2 = m00 * u0 + m01 * u1 + m02 * u2, m01 * u0 + m11 * u1 + m12 * u2, m02 * u0 + m12 * u1 + m22 * u2
        t0, t1, t2 = m00 * v0 + m01 * v1 + m02 * v2, m01 * v0 + m11 * v1 + m12 * v2, m02 * v0 + m12 * v1 + m22 * v2
        first, cross, second = (
            s0 * u0 + s1 * u1 + s2 * u2,
            s0 * v0 + s1 * v1 + s2 * v2,
            t0 * v0 + t1 * v1 + t2 * v2,
        )
        apart = 3.0 * mean - first - second
        middle, difference = 0.5 * (first + second), 0.5 * (first - second)
        radius = np.sqrt(difference * difference + cross * cross)
        most, least = middle + radius, middle - radius
        long = np.sqrt(replaced_eigenvalue(apart, slope, bend, width))
        lengths = length(most, width) + length(least, width)
        total = np.sqrt(replaced_eigenvalue(most, slope, bend, width)) + np.sqrt(
            replaced_eigenvalue(least, slope, bend, width)
        )
        share = (slope * lengths + bend * (most + least)) / (total * lengths) if total > 0 else 0.0
        low = min(apart, least) < -NEGATIVE_LEFT_BY_ROUNDING * max(abs(apart), max(most, -least))
        wide = np.nan if refuse and low else size
        long, near = wide * long, wide * (0.5 * total + share * difference)
        slant, other = wide * share * cross, wide * (0.5 * total - share * difference)
        rows[0, i], rows[3, i], rows[6, i] = long * x, long * y, long * z
        rows[1, i], rows[4, i], rows[7, i] = near * u0 + slant * v0, near * u1 + slant * v1, near * u2 + slant * v2
        rows[2, i], rows[5, i], rows[8, i] = (
            slant * u0 + other * v0,
            slant * u1 + other * v1,
            slant * u2 + other * v2,
        )


@kernel(inline="always")
def replaced_eigenvalue(x: float, slope: float, bend: float, width: float) -> float:
    """F of an eigenvalue."""
    return float(max(slope * x + bend * length(x, width), 0.0))


@kernel(inline="always")
def length(x: float, width: float) -> float:
    """(x^2 + width^2)^(1/2)."""
    return float(np.sqrt(x * x + width * width) if width > 0 else abs(x))


@kernel
def cholesky(matrix: Array, found: Array) -> bool:
    """Fill `found` with the lower factor of `matrix`; False where that is not positive definite."""
    dim = matrix.shape[0]
    for j in range(dim):
        pivot = matrix[j, j]
        for k in range(j):
            pivot -= found[j, k] * found[j, k]
        if not pivot > 0:
            return False
        found[j, j] = np.sqrt(pivot)
        for i in range(j + 1, dim):
            rest = matrix[i, j]
            for k in range(j):
                rest -= found[i, k] * found[j, k]
            found[i, j] = rest / found[j, j]
            found[j, i] = 0.0
    return True


@kernel
def factor_by_rotations(
    matrix: Array, found: Array, slope: float, bend: float, width: float, refuse: bool
) -> None:
    """Fill `found` with eigenvectors times roots of replaced eigenvalues; `matrix` is overwritten."""
    dim = matrix.shape[0]
    found[:] = 0.0
    whole = 0.0
    for i in range(dim):
        found[i, i] = 1.0
        for j in range(dim):
            whole += matrix[i, j] * matrix[i, j]
    for _ in range(SWEEPS):
        off = 0.0
        for i in range(dim):
            for j in range(i):
                off += matrix[i, j] * matrix[i, j]
        if not off > DIAGONAL * whole:
            break
        for p in range(dim - 1):
            for q in range(p + 1, dim):
                if matrix[p, q] != 0.0:
                    _rotate(matrix, found, p, q)
    largest, lowest = 0.0, 0.0
    for k in range(dim):
        largest, lowest = max(largest, abs(matrix[k, k])), min(lowest, matrix[k, k])
    for k in range(dim):
        length = np.sqrt(replaced_eigenvalue(matrix[k, k], slope, bend, width))
        for i in range(dim):
            found[i, k] *= length
    if refuse and lowest < -NEGATIVE_LEFT_BY_ROUNDING * largest:
        found[:] = np.nan


@kernel
def _rotate(matrix: Array, vectors: Array, p: int, q: int) -> None:
    """One rotation of Jacobi's, after which the entry (p, q) is 0 (Golub & Van Loan, algorithm 8.5.1)."""
    tau = (matrix[q, q] - matrix[p, p]) / (2.0 * matrix[p, q])
    t = 1.0 / (tau + np.sqrt(1.0 + tau * tau)) if tau >= 0 else 1.0 / (tau - np.sqrt(1.0 + tau * tau))
    c = 1.0 / np.sqrt(1.0 + t * t)
    s = t * c
    for k in range(matrix.shape[0]):
        x, y = matrix[k, p], matrix[k, q]
        matrix[k, p], matrix[k, q] = c * x - s * y, s * x + c * y
    for k in range(matrix.shape[0]):
        x, y = matrix[p, k], matrix[q, k]
        matrix[p, k], matrix[q, k] = c * x - s * y, s * x + c * y
        x, y = vectors[k, p], vectors[k, q]
        vectors[k, p], vectors[k, q] = c * x - s * y, s * x + c * y
    matrix[p, q] = matrix[q, p] = 0.0
