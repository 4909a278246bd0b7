"""Selling's decomposition: a diffusion tensor as non-negative weights on integer offsets between cells."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import InputError, require
from theory.base.kernels import kernel
from theory.base.matrices import asymmetry
from theory.base.whole_numbers import root_above
from theory.fokker_planck.generator.coefficients import RANK_TOLERANCE, full_rank, symmetric_eigenvalues
from theory.laws import Grid

SYMMETRY_TOLERANCE = 1e-10  # of the largest entry, or eigenvalue: formulas may leave more than rounding
MOST_FLIPS = 10_000  # about the square root of the largest ratio of eigenvalues that a grid can carry
LEFT_WITHOUT_NOISE = 1e-16  # of the largest eigenvalue on the grid: what is left where there is no noise
HALVINGS = 8  # of the range, in logarithms, in which the least widening lies
LEAST_WIDENING = 1e-12  # of the largest eigenvalue
NO_WEIGHT = 1e-13  # of the largest weight: rounding of a tensor without full rank
PRODUCT_LEFT_BY_ROUNDING = 4e-16  # of the sizes of its terms together
FEWEST_FLIPS, FLIPS_A_CELL = 40, 4  # of a superbase: for any, and for each cell that its offsets may be long


def selling_decomposition(tensor: Array, grid: Grid) -> tuple[Array, Integers]:
    """Weights rho >= 0 and integer offsets e with D_ij = h_i h_j sum_k rho_k e_ki e_kj in every cell.

    Starts from the axes and flips pairs until the superbase is obtuse for D in index space, where the spacing
    h is one. The offsets are then the shortest possible, of length up to about the square root of the ratio of
    the eigenvalues, and any d of them that carry weight span the lattice. A vanishing tensor has weights 0.

    Where D has no full rank, offsets in a direction that is not rational would have no end. They are kept within
    `longest_offsets` by `widening`, an isotropic part in index space that is added there to D.

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
    weights, offsets, _ = _stencils(tensor, grid)
    return weights, offsets


def widening(tensor: Array, grid: Grid) -> Array:
    """What `selling_decomposition` adds to D, per axis: s h_i^2 on the diagonal, shape (*grid.shape, d).

    The least s, to a tenth, that keeps offsets within `longest_offsets`; 0 where D has full rank or
    its range is spanned by short offsets. It vanishes under refinement.

    Raises
    ------
    InputError
        As `selling_decomposition`.
    """
    if bool(full_rank(tensor).all()):  # of what is not valid it is not
        return np.zeros((*grid.shape, grid.dim))
    _, _, added = _stencils(tensor, grid)
    return np.asarray(added[..., None] * grid.spacing**2)


def longest_offsets(grid: Grid) -> Integers:
    """Longest offset along each axis where D has no full rank, shape (d,): the cube root of the number of cells.

    An offset e has an error of order (e h)^2, and what keeps offsets below e is of order D / e^2: both fall with
    h, and short offsets keep elimination fast.
    """
    return np.array([max(3, root_above(cells, 3)) for cells in grid.shape], dtype=np.int64)


def _stencils(tensor: Array, grid: Grid) -> tuple[Array, Integers, Array]:
    """Weights, offsets and the widening s in index space, of shapes (*grid.shape, ...)."""
    dim = grid.dim
    require(dim <= 3, f"Selling's decomposition needs at most 3 dimensions, got {dim}")
    require(
        tensor.shape == (*grid.shape, dim, dim),
        f"the diffusion tensor must have shape {(*grid.shape, dim, dim)} on this grid, got {tensor.shape}",
    )
    eigenvalues = check_tensor(tensor, grid)
    # in one dimension there is one offset
    lost = (eigenvalues[:, 0] <= RANK_TOLERANCE * eigenvalues[:, -1]) & (eigenvalues[:, -1] > 0) & (dim > 1)
    scaled = (tensor / np.outer(grid.spacing, grid.spacing)).reshape(-1, dim, dim)
    count = dim * (dim + 1) // 2
    weights = np.zeros((grid.size, count))
    offsets = np.zeros((grid.size, count, dim), dtype=np.int64)
    added = np.zeros(grid.size)
    widest = longest_offsets(grid)
    stuck = _decompose(np.ascontiguousarray(scaled), lost, widest, MOST_FLIPS, weights, offsets, added)
    if stuck >= 0:
        low, *_, high = np.linalg.eigvalsh(scaled[stuck])
        raise InputError(
            f"the diffusion tensor must be definite enough for a stencil, got eigenvalues {low:.3g} and "
            f"{high:.3g} in units of the spacing at {cell_in_words(grid, stuck)}; turn the axes or change the "
            "spacing"
        )
    shape = grid.shape
    return weights.reshape(*shape, count), offsets.reshape(*shape, count, dim), added.reshape(shape)


def check_tensor(tensor: Array, grid: Grid) -> Array:
    """Eigenvalues of D, shape (cells, d), increasing.

    Raises
    ------
    InputError
        At the first cell where D is not finite, not symmetric, or indefinite.
    """
    flat = tensor.reshape(-1, grid.dim, grid.dim)
    entries = np.ascontiguousarray(np.moveaxis(flat, 0, -1))  # cells last: reductions run over long axes
    broken = np.asarray(~np.isfinite(entries).all(axis=(0, 1)))
    _refuse(broken, grid, flat, "finite; check its formula or move the grid")
    size = np.abs(entries).max(axis=(0, 1))
    _refuse(
        asymmetry(flat) > SYMMETRY_TOLERANCE * size,
        grid,
        flat,
        "symmetric; an antisymmetric part belongs in the drift",
    )
    eigenvalues = symmetric_eigenvalues(flat)
    largest = eigenvalues[:, -1]
    indefinite = eigenvalues[:, 0] < -SYMMETRY_TOLERANCE * largest - LEFT_WITHOUT_NOISE * largest.max()
    _refuse(indefinite, grid, eigenvalues, "positive: no noise has a negative eigenvalue")
    return eigenvalues


def _refuse(where: Booleans, grid: Grid, found: Array, requirement: str) -> None:
    if where.any():
        cell = int(np.argmax(where))
        raise InputError(
            f"the diffusion tensor must be {requirement}; got {_short(found[cell])} "
            f"at {cell_in_words(grid, cell)}, one of {np.count_nonzero(where)} such cells"
        )


def _short(numbers: Array) -> str:
    """The numbers to six digits, in the brackets of their shape."""
    text = np.array2string(numbers, separator=", ", formatter={"float_kind": "{:.6g}".format})
    return " ".join(text.split())


def cell_in_words(grid: Grid, cell: int) -> str:
    """The cell of a flat index in words."""
    center = ", ".join(f"{x:.6g}" for x in grid.centers.reshape(-1, grid.dim)[cell])
    index = tuple(int(i) for i in np.unravel_index(cell, grid.shape))
    return f"cell {index}, w = ({center})"


@kernel(error_model="python")
def _product(a: Integers, matrix: Array, b: Integers) -> tuple[float, float]:
    """A' D b, and the rounding error it may have."""
    value, size = 0.0, 0.0
    for i in range(len(a)):
        for j in range(len(b)):
            term = a[i] * matrix[i, j] * b[j]
            value += term
            size += abs(term)
    return value, PRODUCT_LEFT_BY_ROUNDING * size


@kernel(error_model="python")
def _reduce(base: Integers, matrix: Array, most_steps: int) -> bool:
    """Flip pairs of the superbase `base` (d + 1, d) until no two form an acute angle; whether that ended."""
    corners, dim = base.shape
    for _ in range(most_steps):
        obtuse = True
        for i in range(corners):
            for j in range(i):
                value, rounding = _product(base[i], matrix, base[j])
                if value > rounding:
                    # -b_i, b_j and the rest moved along b_i, so that the sum stays 0
                    for k in range(corners):
                        if k != i and k != j:
                            for a in range(dim):
                                base[k, a] += 2 // (dim - 1) * base[i, a]
                    for a in range(dim):
                        base[i, a] = -base[i, a]
                    obtuse = False
        if obtuse:
            return True
    return False


@kernel(error_model="python")
def _stencil(matrix: Array, most_steps: int, weights: Array, offsets: Integers) -> bool:
    """Fill the weights (m,) and offsets (m, d) of one cell; whether its superbase became obtuse."""
    dim = len(matrix)
    base = np.zeros((dim + 1, dim), dtype=np.int64)
    rest = np.zeros((2, dim), dtype=np.int64)
    for axis in range(dim):
        base[axis, axis] = 1
        base[dim, axis] = -1
    if not _reduce(base, matrix, most_steps):
        return False
    edge = 0
    for i in range(dim + 1):
        for j in range(i):
            value, _ = _product(base[i], matrix, base[j])
            # positive only by rounding: see `_reduce`
            weights[edge] = max(0.0, -value)
            count = 0
            for k in range(dim + 1):
                if k != i and k != j:
                    for a in range(dim):
                        rest[count, a] = base[k, a]
                    count += 1
            e = offsets[edge]
            if dim == 1:
                e[0] = 1
            elif dim == 2:  # orthogonal to the third corner
                e[0], e[1] = -rest[0, 1], rest[0, 0]
            else:  # orthogonal to the other two corners
                for a in range(3):
                    b, c = (a + 1) % 3, (a + 2) % 3
                    e[a] = rest[0, b] * rest[1, c] - rest[0, c] * rest[1, b]
            edge += 1
    return True


@kernel(error_model="python")
def _fits(matrix: Array, longest: Integers, weights: Array, offsets: Integers) -> bool:
    """Fill the stencil of one cell without full rank; whether its offsets are within `longest`."""
    # a flip that counts lengthens an offset, so that more of them would not fit
    dim, steps, largest = len(matrix), FEWEST_FLIPS, 0.0
    for axis in range(dim):
        steps = max(steps, FEWEST_FLIPS + FLIPS_A_CELL * longest[axis])
    if not _stencil(matrix, steps, weights, offsets):
        return False
    for edge in range(len(weights)):
        largest = max(largest, weights[edge])
    for edge in range(len(weights)):
        if weights[edge] <= NO_WEIGHT * largest:
            weights[edge] = 0.0
        for axis in range(dim):
            if weights[edge] > 0 and abs(offsets[edge, axis]) > longest[axis]:
                return False
    return True


@kernel(error_model="python")
def _widen(matrix: Array, longest: Integers, weights: Array, offsets: Integers) -> float:
    """Fill the stencil of one cell without full rank; the least isotropic part that makes it fit."""
    if _fits(matrix, longest, weights, offsets):
        return 0.0
    dim, high = len(matrix), 0.0
    for axis in range(dim):
        high += matrix[axis, axis]
    low, middle = LEAST_WIDENING * high, 0.0
    wide = matrix.copy()
    for turn in range(HALVINGS + 1):
        middle = np.sqrt(low * high) if turn < HALVINGS else high
        for axis in range(dim):
            wide[axis, axis] = matrix[axis, axis] + middle
        if _fits(wide, longest, weights, offsets):
            high = middle
        else:
            low = middle
    return high


@kernel(error_model="python")
def _decompose(
    matrices: Array,
    lost: Booleans,
    longest: Integers,
    most_steps: int,
    weights: Array,
    offsets: Integers,
    added: Array,
) -> int:
    """Fill weights, offsets and widening; return the first cell whose superbase did not become obtuse, or -1."""
    for cell in range(len(matrices)):
        if lost[cell]:
            added[cell] = _widen(matrices[cell], longest, weights[cell], offsets[cell])
        elif not _stencil(matrices[cell], most_steps, weights[cell], offsets[cell]):
            return cell
    return -1
