"""Selling's decomposition: a diffusion tensor as non-negative weights on integer offsets between cells."""

from __future__ import annotations

import numba
import numpy as np

from theory.arrays import Array, Booleans, Integers
from theory.errors import InputError, require
from theory.grid import Grid

SYMMETRY_TOLERANCE = 1e-10
MOST_STEPS = 10_000  # about the square root of the largest ratio of eigenvalues that a grid can carry


def selling_decomposition(tensor: Array, grid: Grid) -> tuple[Array, Integers]:
    """Weights rho >= 0 and integer offsets e with D_ij = h_i h_j sum_k rho_k e_ki e_kj in every cell.

    Starts from the axes and flips pairs until the superbase is obtuse for D in index space, where the spacing
    h is one. The offsets are then the shortest possible, of length up to about the square root of the ratio of
    the eigenvalues, and any d of them that carry weight span the lattice. A vanishing tensor has weights 0.

    Parameters
    ----------
    tensor
        D at the cell centres, shape (*grid.shape, d, d), symmetric and positive (semi)definite; d <= 3.
    grid
        Gives the spacing and, in errors, the place.

    Returns
    -------
    weights, offsets
        Shapes (*grid.shape, m) and (*grid.shape, m, d) with m = d (d + 1) / 2.

    Raises
    ------
    InputError
        At the first cell where D is not finite, not symmetric, indefinite, or too anisotropic for any stencil.

    References
    ----------
    Selling (1874); Bonnans, Bonnet & Mirebeau, "Monotone and second order consistent schemes" (2022).
    """
    dim = grid.dim
    require(dim <= 3, f"Selling's decomposition needs at most 3 dimensions, got {dim}")
    require(
        tensor.shape == (*grid.shape, dim, dim),
        f"the diffusion tensor must have shape {(*grid.shape, dim, dim)} on this grid, got {tensor.shape}",
    )
    check_tensor(tensor, grid)
    scaled = (tensor / np.outer(grid.spacing, grid.spacing)).reshape(-1, dim, dim)
    count = dim * (dim + 1) // 2
    weights = np.zeros((grid.size, count))
    offsets = np.zeros((grid.size, count, dim), dtype=np.int64)
    stuck = _decompose(np.ascontiguousarray(scaled), weights, offsets)
    if stuck >= 0:
        low, *_, high = np.linalg.eigvalsh(scaled[stuck])
        raise InputError(
            f"the diffusion tensor must be definite enough for a stencil, got eigenvalues {low:.3g} and "
            f"{high:.3g} in units of the spacing at {_place(grid, stuck)}; turn the axes or change the spacing"
        )
    return weights.reshape(*grid.shape, count), offsets.reshape(*grid.shape, count, dim)


def check_tensor(tensor: Array, grid: Grid) -> None:
    """Raise `InputError` at the first cell where `tensor` is not finite, not symmetric, or indefinite."""
    flat = tensor.reshape(-1, grid.dim, grid.dim)
    broken: Booleans = np.any(~np.isfinite(flat), axis=(1, 2))
    _refuse(broken, grid, flat, "finite; check its formula or move the grid")
    size = np.abs(flat).max(axis=(1, 2))
    skew = np.abs(flat - np.swapaxes(flat, 1, 2)).max(axis=(1, 2))
    _refuse(skew > SYMMETRY_TOLERANCE * size, grid, flat, "symmetric; an antisymmetric part belongs in the drift")
    eigenvalues = np.asarray(np.linalg.eigvalsh(flat), dtype=np.float64)
    indefinite = eigenvalues[:, 0] < -SYMMETRY_TOLERANCE * eigenvalues[:, -1]
    _refuse(indefinite, grid, eigenvalues, "positive: no noise has a negative eigenvalue")


def _refuse(where: Booleans, grid: Grid, found: Array, requirement: str) -> None:
    if where.any():
        cell = int(np.argmax(where))
        raise InputError(
            f"the diffusion tensor must be {requirement}; got {found[cell].round(12).tolist()} "
            f"at {_place(grid, cell)}, one of {np.count_nonzero(where)} such cells"
        )


def _place(grid: Grid, cell: int) -> str:
    center = ", ".join(f"{x:.6g}" for x in grid.centers.reshape(-1, grid.dim)[cell])
    index = tuple(int(i) for i in np.unravel_index(cell, grid.shape))
    return f"cell {index}, w = ({center})"


@numba.njit(cache=True, nogil=True)
def _product(a: Integers, matrix: Array, b: Integers) -> tuple[float, float]:
    """A' D b, and the rounding error it may have."""
    value, size = 0.0, 0.0
    for i in range(len(a)):
        for j in range(len(b)):
            term = a[i] * matrix[i, j] * b[j]
            value += term
            size += abs(term)
    return value, 4e-16 * size


@numba.njit(cache=True, nogil=True)
def _reduce(base: Integers, matrix: Array) -> bool:
    """Flip pairs of the superbase `base` (d + 1, d) until no two form an acute angle; whether that ended."""
    corners, dim = base.shape
    for _ in range(MOST_STEPS):
        obtuse = True
        for i in range(corners):
            for j in range(i):
                value, rounding = _product(base[i], matrix, base[j])
                if value > rounding:
                    # -b_i, b_j and the rest moved along b_i, so that the sum stays 0
                    for k in range(corners):
                        if k not in (i, j):
                            for a in range(dim):
                                base[k, a] += 2 // (dim - 1) * base[i, a]
                    for a in range(dim):
                        base[i, a] = -base[i, a]
                    obtuse = False
        if obtuse:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _decompose(matrices: Array, weights: Array, offsets: Integers) -> int:
    """Fill weights and offsets; return the first cell whose superbase did not become obtuse, or -1."""
    cells, dim, _ = matrices.shape
    base = np.zeros((dim + 1, dim), dtype=np.int64)
    rest = np.zeros((2, dim), dtype=np.int64)
    for cell in range(cells):
        base[:] = 0
        for axis in range(dim):
            base[axis, axis] = 1
            base[dim, axis] = -1
        if not _reduce(base, matrices[cell]):
            return cell
        edge = 0
        for i in range(dim + 1):
            for j in range(i):
                value, _ = _product(base[i], matrices[cell], base[j])
                # positive only by rounding: see `_reduce`
                weights[cell, edge] = max(0.0, -value)
                count = 0
                for k in range(dim + 1):
                    if k not in (i, j):
                        rest[count] = base[k]
                        count += 1
                e = offsets[cell, edge]
                if dim == 1:
                    e[0] = 1
                elif dim == 2:  # orthogonal to the third corner
                    e[0], e[1] = -rest[0, 1], rest[0, 0]
                else:  # orthogonal to the other two corners
                    for a in range(3):
                        b, c = (a + 1) % 3, (a + 2) % 3
                        e[a] = rest[0, b] * rest[1, c] - rest[0, c] * rest[1, b]
                edge += 1
    return -1
