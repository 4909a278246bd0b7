"""The sparse matrix of one step, assembled column by column in threads."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from simulate.transition.graded import LineNodes, cell_columns, graded_columns
from simulate.transition.kernels import Lattice, line_columns, plane_line_columns
from simulate.transition.line import DROPPED, REACH, RESOLVED, Columns
from simulate.transition.mesh import Mesh
from simulate.transition.plane import plane_normal_columns, resolved
from simulate.transition.spline import NO_KNOTS, Splines
from simulate.transition.step import LineStep, PlaneStep
from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.laws import Grid

CHUNK = 256  # columns at a time
MOST_ENTRIES = 160_000_000  # 1.9 GB of values and rows
MOST_NODES = 20_000  # of a line
MOST_LINE_ENTRIES = 20_000_000
SPARE = 2.1  # half the nodes, for the error, resolve the noise too; it is read at the centres only
Part = tuple[Integers, Array, NDArray[np.int32], Array]  # counts, mass off the grid, rows, values
Fill = Callable[[slice, Columns], int]  # of the sources in a slice; how many entries they need
ROOM = 64  # entries a column to begin with; more are made where they are needed


def splined(step: LineStep | PlaneStep, grid: Grid) -> Booleans:
    """Whether walkers from each source in a plane spread by splines: those whose noise is not wide everywhere."""
    if grid.dim == 1:
        return np.zeros(len(step.base), dtype=bool)
    if isinstance(step, LineStep):
        return np.ones(len(step.base), dtype=bool)
    return ~resolved(_in_cells(step, grid))


def parts_a_cell(step: LineStep | PlaneStep, grid: Grid) -> int | None:
    """Into how many parts each cell of a line is cut, so that half the nodes lie closer than a step is wide.

    None where that would be more nodes than are worth their time, as where noise is missing: there walkers are put
    on the nodes by cubics.
    """
    assert isinstance(step, LineStep)
    widths = np.abs(step.direction[:, 0]) * np.hypot(step.beta, step.alpha * step.spread) / grid.spacing[0]
    if not widths.min() * MOST_NODES > RESOLVED:
        return None
    parts = math.ceil(SPARE * RESOLVED / widths.min())
    entries = 2 * REACH * parts**2 * widths.sum()
    return parts if parts * grid.size <= MOST_NODES and entries <= MOST_LINE_ENTRIES else None


def build_matrix(
    step: LineStep | PlaneStep,
    grid: Grid,
    mesh: Mesh | None,
    splines: Splines | None = None,
    least: float = DROPPED,
) -> tuple[sparse.csr_array, Array]:
    """Entry (i, j): the mass that a walker at source j brings to node i in one step; and the mass that leaves.

    The nodes are those of `mesh`, or the cell centres. A column and its mass that leaves add up to 1 to rounding.
    With `splines` the columns that `splined` tells are their coefficients. On a line entries below `least` are
    left out.

    Raises
    ------
    InputError
        If the matrix has more entries than memory should hold.
    """
    fill = _fill(step, grid, mesh, splines, least)
    return assembled(fill, len(step.base), grid.size if mesh is None else len(mesh.nodes), grid)


def cell_matrix(step: LineStep, mesh: Mesh) -> sparse.csr_array:
    """Entry (i, j): the mass that a walker at node j of a line brings to cell i of the grid in one step."""
    start, scale = step.base[:, 0], step.direction[:, 0]
    a, b, faces, wraps = scale * step.alpha, np.abs(scale) * step.beta, mesh.grid.edges[0], mesh.grid.periodic[0]
    return assembled(
        lambda part, out: int(cell_columns(start[part], a[part], b[part], step.rule, faces, wraps, DROPPED, out)),
        len(start),
        mesh.grid.size,
        mesh.grid,
    )[0]


def assembled(fill: Fill, size: int, rows_in_all: int, grid: Grid) -> tuple[sparse.csr_array, Array]:
    """The matrix of the `size` columns that `fill` makes in threads, and the mass that leaves; they sum to 1.

    Raises
    ------
    InputError
        If it has more entries than memory should hold.
    """
    chunk = max(1, min(CHUNK, size // (4 * (os.cpu_count() or 1))))
    slices = [slice(first, min(first + chunk, size)) for first in range(0, size, chunk)]
    room = [ROOM * chunk]

    def columns(part: slice) -> Part:
        counts, outside = np.zeros(part.stop - part.start, dtype=np.int64), np.zeros(part.stop - part.start)
        while True:
            out = Columns(counts, outside, np.empty(room[0], dtype=np.int64), np.empty(room[0]))
            needed = fill(part, out)
            if needed <= len(out.rows):
                rows, values = out.rows[:needed].astype(np.int32), out.values[:needed].copy()
                return np.diff(counts, prepend=0), outside, rows, values
            room[0] = max(room[0], needed + needed // 4)

    parts: list[Part] = []
    total = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in pool.map(columns, slices):
            parts.append(done)
            total += len(done[2])
            if total > MOST_ENTRIES:
                pool.shutdown(cancel_futures=True)
                break
    require(
        total <= MOST_ENTRIES,
        f"the matrix must have at most {MOST_ENTRIES} entries, got more on {grid.shape} cells; take fewer cells",
    )
    counts, outside, rows, values = (np.concatenate([part[k] for part in parts]) for k in range(4))
    parts.clear()
    matrix = sparse.csc_array(
        (values, rows, np.append(0, np.cumsum(counts)).astype(np.int32)), shape=(rows_in_all, size)
    )
    sums = np.asarray(matrix.sum(axis=0)).ravel() + outside
    matrix.data /= np.repeat(sums, counts)
    return matrix.tocsr(), outside / sums


def _fill(
    step: LineStep | PlaneStep, grid: Grid, mesh: Mesh | None, splines: Splines | None, least: float
) -> Fill:
    if mesh is not None:
        grid = mesh.lattice
    shape, periodic = np.array(grid.shape, dtype=np.int64), np.array(grid.periodic)
    base = (step.base - np.array(grid.lower)) / grid.spacing - 0.5
    lattice = Lattice(shape, periodic, *(splines.knots if splines is not None else (NO_KNOTS, NO_KNOTS)))
    if isinstance(step, PlaneStep):
        factor = _in_cells(step, grid)
        wide = resolved(factor)
        return lambda part, out: int(plane_normal_columns(base[part], factor[part], wide[part], lattice, out))
    alpha, beta = step.alpha, step.beta
    if mesh is not None and not mesh.even:
        start, scale = step.base[:, 0], step.direction[:, 0]
        a, b = scale * alpha, np.abs(scale) * beta
        nodes = LineNodes(mesh.nodes, mesh.weights, grid.lower[0], grid.upper[0], grid.periodic[0])
        return lambda part, out: int(
            graded_columns(start[part], a[part], b[part], step.rule, part.start, nodes, least, out)
        )
    direction = step.direction / grid.spacing
    if grid.dim == 1:
        a, b = direction[:, 0] * alpha, np.abs(direction[:, 0]) * beta
        count, wraps = grid.size, grid.periodic[0]
        return lambda part, out: int(
            line_columns(base[part, 0], a[part], b[part], step.rule, count, wraps, least, out)
        )
    return lambda part, out: int(
        plane_line_columns(
            base[part], direction[part], alpha[part], beta[part], step.spread, step.rule, lattice, out
        )
    )


def _in_cells(step: PlaneStep, grid: Grid) -> Array:
    return np.asarray(step.factor / grid.spacing[[0, 1, 1]])
