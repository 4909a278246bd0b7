"""The chain of a step on a fixed data set, on cells finer than those of its laws."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from simulate.transition.chain import Chain, remapped
from simulate.transition.data_nodes import SLAB, DataNodes, FineMesh
from simulate.transition.data_step import DataStep
from simulate.transition.line import Columns, cubic
from simulate.transition.matrix import assembled
from simulate.transition.mesh import sharpened
from simulate.transition.rule_step import RuleStep
from simulate.transition.scatter import heat_columns, line_outcomes, plane_outcomes
from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws import Grid

FIRST = 8  # times the panels for a step from rest, which leaves walkers on curves
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
    """A chain on `nodes` of a plane, finer than the cells of the laws that are shown."""

    nodes: DataNodes | None = None

    def masses(self, probabilities: Array) -> Array:
        """Masses at the nodes of a law with these `probabilities` of the cells that are shown."""
        assert self.nodes is not None
        source = self.nodes.grid
        if self.nodes.bent:
            probabilities = self.nodes.unbent(probabilities)
            source = replace(self.grid, cells=(source.cells[0], self.grid.cells[1]))
        fine = remapped(probabilities, source, self.grid)
        return sharpened(fine, -1 / 24, self.grid.periodic).ravel()

    def probabilities(self, masses: Array) -> Array:
        """Probabilities of the cells that are shown under these `masses`; those below 0 are left."""
        assert self.nodes is not None
        parts = self.nodes.parts
        fine = sharpened(masses.reshape(self.grid.shape), 1 / 24, self.grid.periodic)
        rows = fine.reshape(-1, parts, fine.shape[1]).sum(axis=1)
        if self.nodes.bent:
            return self.nodes.bent_back(rows)
        return np.asarray(rows.reshape(len(rows), -1, parts).sum(axis=2))

    def shown(self, points: Array) -> Array:
        """Points of the chain on the axes of the grid that is shown."""
        assert self.nodes is not None
        return self.nodes.outward(points)


def data_chain(step: DataStep, nodes: DataNodes) -> Chain:
    """The chain of `step` on these nodes.

    Walkers are put on the nodes by Lagrange's cubics, which keep mass, mean, variance and skewness.

    Raises
    ------
    InputError
        If a gradient is not finite, or the matrix would not fit into memory.
    """
    cold = replace(step, cold=True) if isinstance(step, RuleStep) else step
    matrix, outside = columns_from(cold, nodes.nodes, nodes)
    if nodes.mesh is not None:
        return FineLine(nodes.grid, nodes.mesh, matrix, outside)
    widths = step.widths(nodes.fine.axes[1]) if isinstance(step, RuleStep) else None
    if widths is not None:
        heat, lost = heat_on(nodes.fine, widths)
        matrix, outside = sparse.csr_array(heat @ matrix), outside + matrix.T @ lost
    return FinePlane(nodes.fine, None, matrix, outside, nodes=nodes)


def heat_on(grid: Grid, widths: Array) -> tuple[sparse.csr_array, Array]:
    """Normal laws along the first axis of `grid`, of `widths` (n,) along its second, and what they take off it."""
    spreads = widths / grid.spacing[0]

    def fill(part: slice, out: Columns) -> int:
        return int(heat_columns(part.start, part.stop, spreads, grid.cells[0], out))

    return assembled(fill, grid.size, grid.size, grid)


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
    fine, weights = nodes.fine, np.empty(4)
    first = int(cubic(float((0.0 - fine.lower[1]) / fine.spacing[1] - 0.5), fine.cells[1], False, weights))
    across = np.zeros(fine.cells[1])
    across[first : first + len(weights)] = weights
    return np.outer(_along_first(nodes, probabilities), across).ravel()


def masses_from_rest(step: RuleStep, nodes: DataNodes, probabilities: Array) -> tuple[Array, float]:
    """Masses at the nodes a step after such a law, from 0 itself on the second axis, and what has left them."""
    first = replace(step, panels=FIRST * step.panels, places=FIRST * step.places, cold=True)
    along, places = _along_first(nodes, probabilities), nodes.fine.axes[0]
    matrix, outside = columns_from(first, np.stack([places, np.zeros_like(places)], axis=1), nodes)
    masses, lost = np.asarray(matrix @ along), float(outside @ along)
    widths = step.widths(nodes.fine.axes[1])
    if widths is None:
        return masses, lost
    heat, outside = heat_on(nodes.fine, widths)
    return np.asarray(heat @ masses), lost + float(outside @ masses)


def _along_first(nodes: DataNodes, probabilities: Array) -> Array:
    """Masses at the nodes of the first axis."""
    line = Grid(nodes.fine.lower[0], nodes.fine.upper[0], nodes.fine.cells[0])
    return FineMesh(line.coarsened(nodes.parts), np.empty(0), line.size).masses(probabilities)
