"""Central differences of high order for laws in time: sharp where drift rules and the grid resolves the law."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from theory.base.arrays import Array
from theory.equations.protocol import Equation
from theory.laws import Grid

# Of a derivative at 0 from values at 1, 2, ..., less or plus those at -1, -2, ...
FIRST = {2: (1 / 2,), 4: (2 / 3, -1 / 12), 6: (3 / 4, -3 / 20, 1 / 60), 8: (4 / 5, -1 / 5, 4 / 105, -1 / 280)}
SECOND = {
    2: (1.0,),
    4: (4 / 3, -1 / 12),
    6: (3 / 2, -3 / 20, 1 / 90),
    8: (8 / 5, -1 / 5, 8 / 315, -1 / 560),
}
LARGEST_NORM = 6.0  # largest norm of the generator times a step: Taylor's series loses no digit to cancellation
MOST_TERMS = 40
SERIES_ENDS = 1e-13  # of the mass: where the series ends
BLOCK = 64  # steps between two looks at whether the law still moves
STILL = 1e-10  # in total variation: movement to come below which a law has settled
RUNAWAY = 1e3  # of the mass: a movement that is no law's


def central_generator(equation: Equation, grid: Grid, order: int) -> sparse.csr_array:
    """The matrix of -div(b p - div(D p)) on values at the centres by central differences; columns sum to 0.

    Of the given even order, 2 to 8, and in flux form; next to walls, which carry nothing, of the order that fits.

    Raises
    ------
    InputError
        If a coefficient is not valid.

    References
    ----------
    Fornberg (1988), "Generation of finite difference formulas on arbitrarily spaced grids".
    """
    drift = equation.drift(grid.centers).reshape(grid.size, grid.dim)
    tensor = equation.tensor(grid.centers).reshape(grid.size, grid.dim, grid.dim)
    slopes = [_along(grid, axis, _derivative(grid, axis, order, FIRST, -1)) for axis in range(grid.dim)]
    matrix = sparse.csr_array((grid.size, grid.size))
    for i in range(grid.dim):
        if drift[:, i].any():
            matrix = matrix - slopes[i] * drift[:, i]
        if tensor[:, i, i].any():
            bend = _along(grid, i, _derivative(grid, i, order, SECOND, 1))
            matrix = matrix + bend * tensor[:, i, i]
        for j in range(i):
            if tensor[:, i, j].any():
                matrix = matrix + (slopes[i] @ slopes[j]) * (2 * tensor[:, i, j])
    indices, ends = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)  # half the memory to read
    return sparse.csr_array((matrix.data, indices, ends), shape=matrix.shape)


def _derivative(
    grid: Grid, axis: int, order: int, table: dict[int, tuple[float, ...]], parity: int
) -> sparse.csr_array:
    """A derivative along one axis as the difference of the fluxes through the two faces of each cell."""
    count = grid.cells[axis]
    rows, columns, weights = [], [], []
    for face in range(count if grid.periodic[axis] else count - 1):  # above the cell of this number
        room = count if grid.periodic[axis] else min(face + 1, count - 1 - face)
        width = max(1, min(order // 2, room if not grid.periodic[axis] else count // 2))
        half = table[2 * width]
        for k in range(width):  # flux: sums of the stencil beyond the face
            part = sum(half[k:])
            for cell, sign in ((face + 1 + k, 1), (face - k, -parity)):
                for row, side in ((face, 1), (face + 1, -1)):
                    rows.append(row % count)
                    columns.append(cell % count)
                    weights.append(side * sign * part)
    power = 1 if parity < 0 else 2
    scale = float(grid.spacing[axis]) ** -power
    return sparse.csr_array((np.array(weights) * scale, (rows, columns)), shape=(count, count))


def _along(grid: Grid, axis: int, matrix: sparse.csr_array) -> sparse.csr_array:
    """The matrix of one axis on all cells."""
    before, after = int(np.prod(grid.cells[:axis])), int(np.prod(grid.cells[axis + 1 :]))
    inner = sparse.kron(matrix, sparse.eye_array(after), format="csr")
    return sparse.csr_array(sparse.kron(sparse.eye_array(before), inner, format="csr"))


class Budget:
    """Products of a matrix entry and a value that may still be formed."""

    def __init__(self, products: float) -> None:
        self.products = products

    def take(self, products: float) -> bool:
        """Whether so many were left; they are gone."""
        self.products -= products
        return self.products >= 0


def propagated(
    generator: sparse.csr_array, values: Array, time: float, budget: Budget
) -> tuple[Array, float] | None:
    """exp(t G) v by Taylor's series in steps, and what may still move; None beyond the budget, or if it overflows.

    A law that no longer moves ends it: what the steps to come could move at the last speed is given, at most 1e-10
    of the mass.
    """
    norm = float(abs(generator).sum(axis=0).max())
    steps = max(1, int(np.ceil(norm * time / LARGEST_NORM)))
    scaled = generator * (time / steps)
    size = float(np.abs(values).sum())
    before = values
    for step in range(1, steps + 1):
        term = values
        for k in range(1, MOST_TERMS):
            if not budget.take(generator.nnz):
                return None
            term = np.asarray(scaled @ term) / k
            values = values + term
            if float(np.abs(term).sum()) <= SERIES_ENDS * size:
                break
        if step % BLOCK == 0:
            moved = float(np.abs(values - before).sum())
            if not np.isfinite(moved) or moved > RUNAWAY * size:
                return None
            ahead = moved * (steps - step) / BLOCK
            if ahead <= STILL * size:
                return values, ahead
            before = values
    return (values, 0.0) if np.isfinite(values).all() else None
