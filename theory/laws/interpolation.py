"""Local polynomials between cell centres: four or six neighbours along each axis, no values further away."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Integers
from theory.laws.grid import Grid

COINCIDENT = 1e-9  # of the spacing: a point so close to a centre is that centre


def lagrange_weights(grid: Grid, axis: int, points: Array, nodes: int = 4) -> tuple[Integers, Array]:
    """Cells and weights, shape (m, nodes) or fewer columns on shorter axes, of values at `points` (m,) of an axis.

    Lagrange's polynomial through the nearest centres: of order `nodes`. A point on a centre has that weight alone.
    """
    count, spacing = grid.shape[axis], grid.spacing[axis]
    width = min(nodes, count)
    place = (points - grid.lower[axis]) / spacing - 0.5  # in cells, 0 at the first centre
    first = np.floor(place).astype(np.int64) - (width - 1) // 2
    if not grid.periodic[axis]:
        first = np.clip(first, 0, count - width)
    cells = first[:, None] + np.arange(width)
    ahead = place[:, None] - cells
    weights = np.ones_like(ahead)
    for j in range(width):
        for k in range(width):
            if k != j:
                weights[:, j] *= ahead[:, k] / (j - k)
    on = np.abs(ahead) < COINCIDENT
    hit = on.any(axis=1)
    weights[hit] = on[hit]
    return cells % count, weights


def axis_matrix(grid: Grid, axis: int, points: Array, nodes: int = 4) -> sparse.csr_array:
    """The matrix (m, cells) that takes values at the centres of one axis to `points` (m,)."""
    cells, weights = lagrange_weights(grid, axis, points, nodes)
    rows = np.repeat(np.arange(len(points)), cells.shape[1])
    matrix = sparse.csr_array((weights.ravel(), (rows, cells.ravel())), shape=(len(points), grid.shape[axis]))
    matrix.eliminate_zeros()
    return matrix


def along_axes(matrices: list[sparse.csr_array], values: Array) -> Array:
    """`values` on a grid after one matrix along each axis."""
    for axis, matrix in enumerate(matrices):
        moved = np.moveaxis(values, axis, 0)
        flat = matrix @ moved.reshape(moved.shape[0], -1)
        values = np.moveaxis(np.asarray(flat).reshape(-1, *moved.shape[1:]), 0, axis)
    return values


def values_at(grid: Grid, values: Array, points: Array, nodes: int = 4) -> Array:
    """`values` of shape `grid.shape` at `points` (m, d), shape (m,), of order `nodes`."""
    parts = [lagrange_weights(grid, axis, points[:, axis], nodes) for axis in range(grid.dim)]
    result = np.zeros(len(points))
    for corner in np.ndindex(*(cells.shape[1] for cells, _ in parts)):
        index = tuple(cells[:, k] for (cells, _), k in zip(parts, corner, strict=True))
        weight = np.prod([weights[:, k] for (_, weights), k in zip(parts, corner, strict=True)], axis=0)
        result += weight * values[index]
    return result
