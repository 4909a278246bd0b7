"""The chain of one step: masses at nodes, the matrix that moves them, and laws on the cells of the grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator

from simulate.sgd import SGD
from simulate.transition.kinks import line_kinks
from simulate.transition.line import DROPPED, RARE
from simulate.transition.matrix import build_matrix, cell_matrix, parts_a_cell, splined
from simulate.transition.mesh import Mesh, monotone, sharpened, silent_points
from simulate.transition.sources import Sources, plane_sources
from simulate.transition.spline import Splines
from simulate.transition.step import LineStep, PlaneStep, read_step, silence
from theory.base.arrays import Array
from theory.laws import Grid
from theory.laws.region import Region
from theory.models import FreshModel

SQUARING = 4000  # nodes up to which powers of the full matrix may be cheaper than steps
AT_KINKS = 2  # times the nodes where rules must end at kinks, which see five powers only
GAIN = 20.0  # how much faster a product of full matrices does an operation than one with a sparse matrix
LOOKS = 50  # steps between two looks at whether a law still changes
SETTLED = 1e-14  # of its mass, within a step: what rounding moves
SAMPLES = {1: 256, 2: 8}  # along each axis of a node's cell, for its share of a region


class Course(NamedTuple):
    """Laws at given steps: probabilities of cells, the mass that is gone, and what the nodes do not see."""

    cells: list[Array]
    gone: list[float]
    unseen: list[float]


@dataclass(frozen=True, eq=False)
class Chain:
    """What becomes of masses p at the nodes in one `step`; `outside` p leaves the grid for good.

    The nodes are those of `mesh` on a line, in the plane the cell centres of `grid`. Columns of
    `matrix` are masses, or coefficients of `splines`.
    """

    grid: Grid
    mesh: Mesh | None
    matrix: sparse.csr_array = field(repr=False)
    outside: Array = field(repr=False)
    splines: Splines | None = None
    cells: sparse.csr_array | None = field(default=None, repr=False)

    @staticmethod
    def of(
        model: FreshModel,
        sgd: SGD,
        grid: Grid,
        mesh: Mesh | None = None,
        *,
        rare: bool = False,
        kinks: bool = True,
    ) -> Chain:
        """The chain of one step of `sgd` on `grid`, on a line on the nodes of `mesh`, or of `line_mesh`.

        With splines where noise is narrow: sharp for a thousand steps, to the rounding of the largest masses. If
        `rare`, with Lagrange's cubic there: it blurs, but reaches four nodes only; on a line with all the moves
        that floating point numbers hold. Then rare places keep their digits. In the plane jumps and bends of the
        step have sources of their own, if `kinks`.
        """
        if grid.dim == 1:
            mesh = line_mesh(model, sgd, grid, kinks=kinks) if mesh is None else mesh
            step = read_step(model, sgd, mesh.nodes[:, None])
            assert isinstance(step, LineStep)
            cells = (
                cell_matrix(step, mesh) if mesh.sharp and step.spread == 0 else None
            )  # batches add narrow parts
            return Chain(grid, mesh, *build_matrix(step, grid, mesh, least=RARE if rare else DROPPED), cells=cells)

        def read(points: Array) -> LineStep | PlaneStep:
            return read_step(model, sgd, points)

        sources = plane_sources(read, grid) if kinks else Sources(read(grid.centers.reshape(-1, 2)))
        narrow = splined(sources.step, grid)
        splines = None if rare or not narrow.any() else Splines(grid)
        matrix, outside = build_matrix(sources.step, grid, None, splines)
        if splines is not None and not narrow.all():  # wide steps end with masses: now with their coefficients
            wide = sparse.diags_array((~narrow).astype(np.float64))
            matrix = matrix @ sparse.diags_array(narrow.astype(np.float64)) + splines.collocation @ (matrix @ wide)
        if sources.shares is not None:
            matrix, outside = matrix @ sources.shares, sources.shares.T @ outside
        return Chain(grid, None, sparse.csr_array(matrix), outside, splines)

    def step(self, masses: Array) -> Array:
        """The masses a step later, shape (nodes,)."""
        after = np.asarray(self.matrix @ masses)
        return after if self.splines is None else self.splines.masses(after)

    @property
    def operator(self) -> LinearOperator:
        """`step` as an operator."""
        return LinearOperator(self.matrix.shape, matvec=self.step, dtype=np.float64)

    def masses(self, probabilities: Array) -> Array:
        """Masses at the nodes of a law with these `probabilities` of cells, shape (nodes,)."""
        if self.mesh is not None:
            return self.mesh.masses(probabilities)
        return sharpened(probabilities, -1 / 24, self.grid.periodic).ravel()

    def probabilities(self, masses: Array) -> Array:
        """Probabilities of the cells, shape `grid.shape`, under these `masses`; those below 0 are left."""
        if self.mesh is not None:
            return self.mesh.probabilities(masses)
        return sharpened(masses.reshape(self.grid.shape), 1 / 24, self.grid.periodic)

    def later(self, masses: Array) -> Array:
        """Probabilities of the cells a step after these `masses`."""
        return self.probabilities(self.step(masses)) if self.cells is None else np.asarray(self.cells @ masses)

    def unseen(self, masses: Array) -> float:
        """The share of these `masses` of which the nodes do not tell in which cell it is: none of smooth laws."""
        return 0.0

    def laws(self, start: Array, steps: Sequence[int]) -> Course:
        """What becomes of the masses `start` by each of the increasing numbers of `steps`."""
        before, lost = self.evolve(start, [max(k - 1, 0) for k in steps])
        laws = [
            self.later(masses) if k else self.probabilities(masses)
            for masses, k in zip(before, steps, strict=True)
        ]
        unseen = [self.unseen(self.step(masses) if k else masses) for masses, k in zip(before, steps, strict=True)]
        gone = [
            float((self.outside * masses).sum()) if k else 0.0 for masses, k in zip(before, steps, strict=True)
        ]
        return Course(laws, [out + more for out, more in zip(lost, gone, strict=True)], unseen)

    def evolve(self, masses: Array, steps: Sequence[int]) -> tuple[list[Array], list[float]]:
        """Masses after each of the increasing numbers of `steps`, and the mass that has left by then.

        By steps with the sparse matrix, or by powers of the full one where these are fewer operations. A law that
        only loses mass from step to step, a constant share to rounding, does so in all that follow.
        """
        laws: list[Array] = []
        lost: list[float] = []
        gone, now = 0.0, 0
        size = len(masses)
        for stop in steps:
            span = stop - now
            powers = 2.0 * size**3 * max(1, span.bit_length()) / GAIN
            if size <= SQUARING and powers < 2.0 * self.matrix.nnz * span:
                before = masses.sum()
                masses = self._powers(masses, span)
                gone += before - masses.sum()
            else:
                for done in range(span):
                    gone += float((self.outside * masses).sum())  # a dot product would wake the threads of BLAS
                    before, masses = masses, self.step(masses)
                    if done % LOOKS == 0 and _same(before, masses):
                        kept = float(masses.sum() / before.sum()) ** (span - done - 1)
                        gone += float(masses.sum()) * (1 - kept)
                        masses = masses * kept
                        break
            now = stop
            laws.append(masses)
            lost.append(gone)
        return laws, lost

    def _powers(self, masses: Array, span: int) -> Array:
        power = np.zeros((len(masses) + 1,) * 2)
        power[:-1, :-1] = self.operator @ np.eye(len(masses))
        power[-1, :-1], power[-1, -1] = self.outside, 1.0  # the last state is outside
        law = np.append(masses, 0.0)
        while span:
            if span & 1:
                law = power @ law
            span >>= 1
            if span:
                power = power @ power
                power /= power.sum(axis=0)  # rounding, which doubles every time
        return np.asarray(law[:-1])

    def shown(self, points: Array) -> Array:
        """Points (n, axes) of the chain on the axes of the laws that are shown."""
        return points

    def shares(self, region: Region) -> Array:
        """The share of each node's cell that lies in `region`, shape (nodes,)."""
        count = SAMPLES[self.grid.dim]
        parts = (np.arange(count) + 0.5) / count - 0.5
        if self.mesh is not None:
            points = (self.mesh.nodes[:, None] + parts * self.mesh.spacing[:, None])[..., None]
        else:
            offsets = np.stack(np.meshgrid(*[parts] * self.grid.dim, indexing="ij"), axis=-1).reshape(
                -1, self.grid.dim
            )
            points = self.grid.centers.reshape(-1, 1, self.grid.dim) + offsets * self.grid.spacing
        flags = region.holds(self.shown(points.reshape(-1, self.grid.dim)))
        return np.asarray(flags.reshape(points.shape[:-1]).mean(axis=-1))


def _same(before: Array, after: Array) -> bool:
    """Whether two laws in turn are one, but for their mass."""
    mass, left = float(before.sum()), float(after.sum())
    return left > 0 and float(np.abs(after / left - before / mass).sum()) < SETTLED


def line_mesh(model: FreshModel, sgd: SGD, grid: Grid, like: Mesh | None = None, *, kinks: bool = True) -> Mesh:
    """The nodes of a line for the steps of `sgd`, as many a cell as the noise asks, with an end at each kink.

    With the kinks and half the nodes of `like` where that is given. Where noise is missing or too narrow there are
    none but those that crowd.
    """
    if like is not None:
        return replace(like, count=like.lattice.size // 2)
    silent = np.empty(0) if grid.periodic[0] else silent_points(lambda w: silence(model, w), grid)
    parts = None if len(silent) else parts_a_cell(read_step(model, sgd, grid.centers), grid)
    if parts is None:
        return Mesh(grid, silent)

    def offsets(points: Array) -> Array:
        wrapped = grid.wrap(points[:, None])
        step = read_step(model, sgd, wrapped)
        assert isinstance(step, LineStep)
        way = step.direction[:, 0]
        numbers = np.stack([step.base[:, 0] - wrapped[:, 0], way * step.alpha, np.abs(way) * step.beta], axis=1)
        return np.asarray(numbers / grid.spacing[0])

    ends = line_kinks(offsets, grid) if kinks else np.empty(0)
    count = parts * grid.size * (AT_KINKS if len(ends) else 1)
    return Mesh(grid, silent, count, ends, True)


def remapped(probabilities: Array, source: Grid, target: Grid) -> Array:
    """Probabilities of the cells of `target` under those of another grid of the same box: cubics of their sums."""
    for axis in range(source.dim):
        moved = np.moveaxis(probabilities, axis, 0)
        sums = np.concatenate([np.zeros_like(moved[:1]), np.cumsum(moved, axis=0)])
        places = np.linspace(0.0, source.cells[axis], target.cells[axis] + 1)
        probabilities = np.moveaxis(np.diff(monotone(sums, places, source.periodic[axis]), axis=0), 0, axis)
    return probabilities
