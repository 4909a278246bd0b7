"""Where the walkers of a step on a fixed data set are held: nodes finer than the cells of its laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from simulate.transition.data_step import DataStep, SummedBatches
from simulate.transition.kinks import APART, line_kinks
from simulate.transition.line import Columns
from simulate.transition.mesh import Mesh, monotone, silent_points
from simulate.transition.scatter import plane_outcomes
from theory.base.arrays import Array, Integers
from theory.base.errors import InputError
from theory.laws import Grid

PARTS = {1: (512, 256, 128, 64, 32, 16, 8, 4, 2), 2: (4, 2)}  # of a cell along an axis, as many as work allows
MOST_NODES = {1: 200_000, 2: 90_000}
MOST_ENTRIES = {1: 5e6, 2: 3e7}
MOST_PLACES = 3e8  # nodes times places of a step
WEIGHTS = 4  # entries a place on a line
LOOKED_AT = 64  # nodes whose steps say how wide all are
SEEN = 1e-12  # chance of a place that counts for the width
MOST_SMOOTH = 16.0  # parts of a cell for steps that spread
POWERS = 3  # of the way of a step, whose means bend where it does
SLAB = 2_000_000  # places at a time
LATTICES = 6  # lattice points between two nodes, where a lattice stands for batches


class FineMesh(Mesh):
    """Nodes that hold masses, not values: the laws of few batches have no density to integrate."""

    has_ends: ClassVar[bool] = True

    @property
    def weights(self) -> Array:
        """The widths of the nodes, at the ends of pieces too."""
        return self.spacing


@dataclass(frozen=True, eq=False)
class DataNodes:
    """Each cell of `grid` cut into `parts` along each axis; on a line they crowd about the silent `points`.

    A silent point is one that no example moves: walkers come to it, or leave it, by factors. At the `kinks` the
    step jumps or bends: nodes are of one side, and so is who is put on them. Nodes of a `bent` plane are even in
    the root of its second axis, which is never below 0.
    """

    grid: Grid
    parts: int
    points: Array = field(default_factory=lambda: np.empty(0), repr=False)
    kinks: Array = field(default_factory=lambda: np.empty(0), repr=False)
    bent: bool = False

    @staticmethod
    def of(
        step: DataStep, grid: Grid, silence: Callable[[Array], Array] | None, *, bent: bool = False
    ) -> DataNodes:
        """As many nodes as the work allows, since singular laws have no width; `silence` vanishes at points."""
        points = np.empty(0)
        if silence is not None and grid.dim == 1:
            try:
                points = silent_points(silence, grid)
            except InputError:  # it vanishes on stretches: nobody moves there, and nodes need not crowd
                points = np.empty(0)
        nodes = DataNodes(grid, 1, points, _kinks(step, grid, points), bent)
        return replace(nodes, parts=_parts(step, nodes))

    def halved(self) -> DataNodes | None:
        """Half the nodes along each axis; None where there would be too few."""
        if self.parts > 1:
            return replace(self, parts=self.parts // 2)
        cells = [n // 2 for n in self.grid.cells]
        return replace(self, grid=Grid(self.grid.lower, self.grid.upper, cells)) if min(cells) >= 8 else None

    @cached_property
    def cells(self) -> Grid:
        """What is cut into parts: the cells of `grid`, or as many of the root of its second axis above 0."""
        if not self.bent:
            return self.grid
        (left, low), (right, high) = self.grid.lower, self.grid.upper
        least = max(low, 0.0)
        above = round((high - least) / self.grid.spacing[1])
        return Grid((left, math.sqrt(least)), (right, math.sqrt(high)), (self.grid.cells[0], above))

    def unbent(self, probabilities: Array) -> Array:
        """Probabilities of the parts along the second axis under those (rows, columns) of the cells of `grid`."""
        faces = (self.fine.edges[1] ** 2 - self.grid.lower[1]) / self.grid.spacing[1]
        return along_second(probabilities, np.concatenate([[0.0], faces[1:]]))

    def bent_back(self, masses: Array) -> Array:
        """Probabilities of the cells along the second axis of `grid` under `masses` (rows, parts)."""
        faces = np.sqrt(np.maximum(self.grid.edges[1], 0.0)) - self.fine.lower[1]
        return along_second(masses, np.maximum(faces, 0.0) / self.fine.spacing[1])

    def outward(self, places: Array) -> Array:
        """Places (..., axes) of nodes on the axes of `grid`."""
        return places if not self.bent else np.stack([places[..., 0], places[..., 1] ** 2], axis=-1)

    @cached_property
    def fine(self) -> Grid:
        """The cells of the nodes, where they do not crowd."""
        return self.cells.refined(self.parts)

    @cached_property
    def mesh(self) -> Mesh | None:
        """The nodes of a line."""
        if self.grid.dim > 1:
            return None
        return FineMesh(self.grid, self.points, self.fine.size, np.union1d(self.points, self.kinks))

    @property
    def ends(self) -> Integers:
        """On a line the numbers of the nodes before which pieces between points and kinks end, from 0 on."""
        assert self.mesh is not None
        inner = np.rint(self.mesh.place(self.mesh.kinks)).astype(np.int64)
        return np.unique(np.concatenate([[0], inner, [len(self.mesh.nodes)]]))

    @cached_property
    def nodes(self) -> Array:
        """Where they are, shape (n, axes)."""
        return self.fine.centers.reshape(-1, self.grid.dim) if self.mesh is None else self.mesh.nodes[:, None]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many there are along each axis."""
        return self.fine.shape if self.mesh is None else self.mesh.nodes.shape

    def numbers(self, places: Array) -> Array:
        """Places (..., axes) in nodes from the first; outside the box half a node before it, or after the last."""
        if self.mesh is None or self.mesh.even:
            return np.asarray((places - np.array(self.fine.lower)) / self.fine.spacing - 0.5)
        (low,), (high,) = self.grid.lower, self.grid.upper
        inside = (places >= low) & (places <= high)
        return np.asarray(np.where(inside, self.mesh.place(np.clip(places, low, high)) - 0.5, -np.inf))


def along_second(masses: Array, faces: Array) -> Array:
    """What lies between `faces`, in cells from the first end, of `masses` (rows, cells)."""
    sums = np.cumsum(masses.T, axis=0)
    return np.diff(monotone(np.concatenate([np.zeros_like(sums[:1]), sums]), faces), axis=0).T


def _kinks(step: DataStep, grid: Grid, points: Array) -> Array:
    """Where on a line a step jumps or bends, as the powers of its way show; not next to the silent `points`."""
    if grid.dim > 1:
        return np.empty(0)

    slab = max(1, SLAB // max(step.places, 1))

    def ways(w: Array) -> Array:
        found = np.empty((len(w), POWERS))
        for begin in range(0, len(w), slab):
            some = w[begin : begin + slab, None]
            with np.errstate(all="ignore"):
                places, chances = step.outcomes(some)
                way = (places[..., 0] - some) / grid.spacing[0]
                shares = chances * way
                for power in range(POWERS):
                    found[begin : begin + slab, power] = shares.sum(axis=1)
                    shares *= way
        return found

    found = line_kinks(ways, grid)
    near = (np.abs(found[:, None] - points) <= APART * grid.spacing[0]).any(axis=1)
    return np.asarray(found[~near])


def _entries(places: Array, chances: Array, nodes: DataNodes) -> int:
    """How many nodes of a plane these places are put on."""
    columns = np.zeros(len(places), dtype=np.int64), np.zeros(len(places))
    room = Columns(*columns, np.empty(0, dtype=np.int64), np.empty(0))
    return int(plane_outcomes(nodes.numbers(places), chances, *nodes.shape, room))


def _parts(step: DataStep, nodes_of: DataNodes) -> int:
    grid = nodes_of.cells
    centres = grid.centers.reshape(-1, grid.dim)
    some = centres[:: -(-len(centres) // LOOKED_AT)]
    with np.errstate(all="ignore"):
        places, chances = step.outcomes(some)
    counted = np.broadcast_to((chances > SEEN)[..., None], places.shape)
    high = np.where(counted, places, -np.inf).max(axis=1)
    cells = (high - np.where(counted, places, np.inf).min(axis=1)) / grid.spacing
    cells = np.nan_to_num(cells, nan=0.0)
    most = np.inf if step.singular else MOST_SMOOTH
    if isinstance(step, SummedBatches):
        gaps = np.median(np.abs(places[:, 1] - places[:, 0]), axis=0) / grid.spacing
        most = 1 / (LATTICES * float(gaps.max())) if gaps.max() > 0 else most
    for parts in PARTS[grid.dim]:
        nodes = grid.size * parts**grid.dim
        if grid.dim > 1:
            entries = nodes / len(some) * _entries(places, chances, replace(nodes_of, parts=parts))
        else:
            reached = np.minimum(cells[:, 0], grid.size) * parts + WEIGHTS
            entries = nodes * float(np.minimum(reached, WEIGHTS * step.places).mean())
        fits = entries <= MOST_ENTRIES[grid.dim] and nodes * places.shape[1] <= MOST_PLACES
        if fits and nodes <= MOST_NODES[grid.dim] and parts <= max(most, PARTS[grid.dim][-1]):
            return parts
    return 1 if grid.dim == 2 else PARTS[1][-1]
