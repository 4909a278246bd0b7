"""The chain of a step on a fixed data set, on cells finer than those of its laws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from simulate.transition.chain import Chain, remapped
from simulate.transition.data_nodes import SLAB, DataNodes, FineMesh
from simulate.transition.data_step import DataStep
from simulate.transition.line import Columns, cubic
from simulate.transition.matrix import assembled
from simulate.transition.mesh import sharpened
from simulate.transition.scatter import line_outcomes, plane_outcomes
from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws import Grid

BESIDE = np.arange(-2, 2)  # nodes next to the end of a cell, from the first behind it


@dataclass(frozen=True, eq=False)
class FineLine(Chain):
    """A chain on the nodes of a line, many a cell, whose laws may be narrower than these."""

    def unseen(self, masses: Array) -> float:
        """What lies next to the ends of cells and is no smooth law there: it may belong to either side."""
        assert self.mesh is not None
        size, reach = len(masses), len(BESIDE)
        rough = np.abs(np.diff(masses, 2, prepend=masses[:1], append=masses[-1:])) / reach
        ends = np.rint(self.mesh.place(self.grid.edges[0][1:-1])).astype(np.int64)
        beside = np.unique(np.clip(ends[:, None] + BESIDE, 0, size - 1))
        return float(rough[beside].sum() / np.abs(masses).sum())


@dataclass(frozen=True, eq=False)
class FinePlane(Chain):
    """A chain on the cells of `grid`, `parts` along each axis for each cell of the laws that are shown."""

    parts: int = 1

    def masses(self, probabilities: Array) -> Array:
        """Masses at the nodes of a law with these `probabilities` of the cells that are shown."""
        fine = remapped(probabilities, self.grid.coarsened(self.parts), self.grid)
        return sharpened(fine, -1 / 24, self.grid.periodic).ravel()

    def probabilities(self, masses: Array) -> Array:
        """Probabilities of the cells that are shown under these `masses`; those below 0 are left."""
        fine = sharpened(masses.reshape(self.grid.shape), 1 / 24, self.grid.periodic)
        rows, across = (n // self.parts for n in self.grid.shape)
        return np.asarray(fine.reshape(rows, self.parts, across, self.parts).sum(axis=(1, 3)))


def data_chain(step: DataStep, nodes: DataNodes) -> Chain:
    """The chain of `step` on these nodes.

    Walkers are put on the nodes by Lagrange's cubics, which keep mass, mean, variance and skewness.

    Raises
    ------
    InputError
        If a gradient is not finite, or the matrix would not fit into memory.
    """
    matrix, outside = columns_from(step, nodes.nodes, nodes)
    if nodes.mesh is not None:
        return FineLine(nodes.grid, nodes.mesh, matrix, outside)
    return FinePlane(nodes.fine, None, matrix, outside, parts=nodes.parts)


def columns_from(step: DataStep, points: Array, nodes: DataNodes) -> tuple[sparse.csr_array, Array]:
    """Where walkers from `points` (n, axes) are on the `nodes` after a step, and what leaves them.

    Raises
    ------
    InputError
        If a gradient is not finite.
    """
    slab, shape = max(1, SLAB // max(step.places, 1)), nodes.shape
    ends = nodes.ends if len(shape) == 1 else np.empty(0, dtype=np.int64)

    def fill(part: slice, out: Columns) -> int:
        entries = 0
        for begin in range(part.start, part.stop, slab):
            some = slice(begin, min(begin + slab, part.stop))
            with np.errstate(all="ignore"):
                places, chances = step.outcomes(points[some])
            bad = int(np.count_nonzero(np.isnan(places)))
            require(bad == 0, f"gradients must be finite at the nodes, got {bad} that are not; move the grid")
            numbers = nodes.numbers(places)
            inner = slice(some.start - part.start, some.stop - part.start)
            room = Columns(out.ends[inner], out.outside[inner], out.rows[entries:], out.values[entries:])
            if len(shape) == 1:
                more = int(line_outcomes(numbers[..., 0], chances, ends, room))
            else:
                more = int(plane_outcomes(numbers, chances, *shape, room))
            out.ends[inner] += entries
            entries += more
        return entries

    return assembled(fill, len(points), int(np.prod(shape)), nodes.fine)


def masses_at_rest(nodes: DataNodes, probabilities: Array) -> Array:
    """Masses at the nodes of a plane of a law with `probabilities` along its first axis and 0 on its second."""
    fine = nodes.fine
    lines = [Grid(low, high, n) for low, high, n in zip(fine.lower, fine.upper, fine.cells, strict=True)]
    along = FineMesh(lines[0].coarsened(nodes.parts), np.empty(0), lines[0].size).masses(probabilities)
    weights = np.empty(4)
    first = int(cubic(float((0.0 - fine.lower[1]) / fine.spacing[1] - 0.5), fine.cells[1], False, weights))
    across = np.zeros(fine.cells[1])
    across[first : first + len(weights)] = weights
    return np.outer(along, across).ravel()
