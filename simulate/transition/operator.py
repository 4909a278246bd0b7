"""The transition operator of SGD: laws without random numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np

from simulate.sgd import SGD
from simulate.transition.attraction import converges, line_outcomes
from simulate.transition.chain import Chain, Course, line_mesh, remapped
from simulate.transition.evolution import Evolution
from simulate.transition.fewer import left, left_of_law
from simulate.transition.mesh import Mesh, sharpened
from simulate.transition.scheduled import HORIZON, AlikeSteps, ScheduledChain, at, quietest, settled
from simulate.transition.solve import Complexes, quasi_stationary_masses, slowest, stationary_masses
from simulate.transition.step import check, read_step
from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import told
from theory.laws import Density, Grid, NoStationaryDensity, PointMass, QuasiStationary
from theory.laws.region import Region, Where
from theory.models import FreshModel, NoisyGradient
from theory.tensors.minibatch import AnyNoisyModel

MOST_LEAK = 1e-3  # mass that leaves in one relaxation time, beyond which no law stays
MOST_COLLAPSED = 0.01  # mass at a point without noise, beyond which the law has no density
MOST_MOVED = 0.2  # total variation between two grids, beyond which the law is the grid's
FEWEST_CELLS = 8
NEAR = 1e3  # half-widths of a silent point: nobody is there but to stay
EMPTY = 1e-12  # share of the walkers that is nobody


class TransitionOperator:
    """The Markov kernel of one step of `sgd` on `model` with fresh data, on `grid`.

    A law is held as masses at the cell centres; on a line each cell holds as many nodes as the noise of a step
    asks, and nodes crowd about points where it vanishes, 32 in each factor e of the distance. Where the noise of
    a step is wider than a cell, entries are values of its exact density, positive and of spectral accuracy in
    the spacing; where it is narrower, or absent, walkers are put on the nodes with weights that keep mass, mean,
    variance and skewness: of fourth order, without diffusion, however short the step. On a line these are
    Lagrange's cubic on the four next nodes; in the plane, where most noise is narrow across its direction, the
    cardinal cubic splines, which take an eleventh of what Lagrange's cubic does from short waves in each of many
    steps (`Splines`). Rates of escape in the plane keep to Lagrange's cubic: its entries reach four nodes only,
    and rare places keep their digits. The size of a batch is integrated by composite Gauss rules as fine as the
    kernel asks. Mass is conserved to rounding: walkers that leave the grid are counted as outside and do not
    come back. Neither kind of narrow weights is positive: what is below 0 in a law is in its `error`.

    The probabilities of the cells are true cell averages, as counts of walkers are.

    Raises
    ------
    InputError
        As `transition_operator`.
    """

    _steps = 0  # of a schedule, whose least noise the nodes follow; 0 where they follow none

    def __init__(self, model: FreshModel | AnyNoisyModel, sgd: SGD, grid: Grid) -> None:
        self.model = check(model, replace(sgd, schedule=()), grid)
        self.sgd, self.grid = sgd, grid
        self._like: Mesh | None = None  # the nodes of a grid of twice as many cells
        self._steps = HORIZON

    def __repr__(self) -> str:
        return told("TransitionOperator", model=self.model, sgd=self.sgd, grid=self.grid)

    @cached_property
    def _mesh(self) -> Mesh | None:
        sgd = quietest(self.sgd, self._steps)
        return line_mesh(self.model, sgd, self.grid, self._like) if self.grid.dim == 1 else None

    @property
    def epoch(self) -> int:
        """Steps of SGD in one of the operator."""
        return 1

    @cached_property
    def chain(self) -> Chain:
        """The masses and the matrix that moves them, under a schedule once it has settled.

        Raises
        ------
        InputError
            If it does not settle.
        """
        return Chain.of(self.model, settled(self.sgd), self.grid, self._mesh)

    def _chain_of(self, stretch: AlikeSteps) -> Chain:
        """The same of a stretch of the schedule."""
        sgd = at(self.sgd, stretch.rates[0] or self.sgd.learning_rate, stretch.batches[0])  # 0: nobody moves
        return Chain.of(self.model, sgd, self.grid, self._mesh)

    def _course(self, start: Callable[[Chain], Array], stops: Sequence[int], begin: int = 0) -> Course:
        """Laws `stops` steps after step `begin` of the masses that `start` makes for the nodes of a chain."""
        if not self.sgd.schedules:
            return self.chain.laws(start(self.chain), stops)
        moves = self.grid.dim > self.model.dim  # what is remembered
        return ScheduledChain(self.sgd, self._chain_of, self.epoch, moves, begin).laws(start, stops)

    @cached_property
    def _rare(self) -> Chain:
        """The chain whose rare places keep their digits, for rates and for the weights of wells."""
        if self.grid.dim == 2 and self.chain.splines is None:
            return self.chain
        return Chain.of(self.model, settled(self.sgd), self.grid, self._mesh, rare=True)

    @property
    def keeps_rare(self) -> bool:
        """Whether laws that last need rare moves: on a line where nodes resolve the noise."""
        return self._mesh is not None and self._mesh.sharp and isinstance(self.model, NoisyGradient)

    @property
    def lasting(self) -> Chain:
        """The chain for laws that last.

        Raises
        ------
        InputError
            As `chain`.
        """
        return self._rare if self.keeps_rare else self.chain

    @cached_property
    def coarser(self) -> Sequence[TransitionOperator]:
        """The same on fewer cells, for the errors: half of them along an axis, in the plane two thirds too."""
        mesh = self._mesh
        if mesh is not None and mesh.sharp:  # half the nodes say what these do not see
            return [self._on(self.grid, self._steps, mesh)]
        grids = [self.with_cells(2, 3), self.with_cells(1, 2)] if self.grid.dim == 2 else [self.with_cells(1, 2)]
        return [self._on(grid, self._steps) for grid in grids if grid is not None]

    def _on(self, grid: Grid, steps: int, like: Mesh | None = None) -> TransitionOperator:
        """The same on a grid, on a line with nodes for these first `steps` of a schedule."""
        found = TransitionOperator(self.model, self.sgd, grid)
        found._steps, found._like = max(steps, 1), like
        return found

    def with_cells(self, part: int, of: int) -> Grid | None:
        """The grid with `part` of `of` cells along each axis, or None where these are too few."""
        cells = tuple(n * part // of for n in self.grid.cells)
        return replace(self.grid, cells=cells) if min(cells) >= FEWEST_CELLS else None

    def stationary(self) -> Density:
        """The law that a step leaves as it is; `error` from fewer cells, the leak and negative mass.

        Raises
        ------
        InputError
            If a schedule does not settle.
        NoStationaryDensity
            If it is not unique, piles up at a point, follows the mesh, or walkers leave the grid.
        """
        masses, gap, rounding = stationary_masses(self.lasting)
        leak = float((self.lasting.outside * masses).sum())
        if not leak <= MOST_LEAK * gap:
            raise NoStationaryDensity(
                f"walkers must stay on the grid, a share of {leak:.2g} leaves it in a step and the law settles in "
                f"{1 / gap if gap else np.inf:.3g} steps; widen the grid, or take `evolve`",
                leak=leak,
            )
        self._refuse_points(masses)
        others = [one.lasting.later(stationary_masses(one.lasting)[0]) for one in self.coarser]
        law = self._density(self.lasting.later(masses), others, leak / gap + rounding)
        if law.error is not None and law.error > MOST_MOVED:
            moved = f"the law must not follow the mesh, its error is {law.error:.2g} in total variation"
            raise NoStationaryDensity(f"{moved} by half the cells; refine the grid", density=law)
        return law

    def _refuse_points(self, masses: Array) -> None:
        mesh = self.chain.mesh
        if mesh is None:
            return
        read = partial(read_step, self.model, settled(self.sgd))
        for point in mesh.points:
            share = float(masses[np.abs(mesh.nodes - point) < NEAR * mesh.epsilon].sum())
            if share > MOST_COLLAPSED and converges(partial(line_outcomes, read), float(point), mesh.epsilon):
                raise NoStationaryDensity(
                    f"the stationary law must have a density, a share of {share:.3g} collapses to {point:.6g}, "
                    "where gradient and noise vanish; take `evolve`",
                    (PointMass((float(point),), "noise vanishes and walkers converge"),),
                )

    def evolve(self, initial: Density, steps: int | Sequence[int]) -> Evolution:
        """The laws after the increasing numbers of `steps`, of the walkers that have never left the grid.

        `outside` of the result is the share that has (`Evolution` on who comes back). `error` of each law is what
        fewer cells and negative mass say. Within a cell of `initial` the density is smooth where neighbours agree.

        Raises
        ------
        InputError
            If `initial` lives on another grid, steps do not increase from 0 on, or nobody is left.
        """
        require(
            initial.grid == self.grid,
            f"`initial` must live on {self.grid}, got {initial.grid}; `coarsen` or count anew",
        )
        stops = [int(k) for k in np.atleast_1d(steps)]
        require(
            bool((np.diff([0, *stops]) >= 0).all()) and bool((np.atleast_1d(steps) == stops).all()),
            f"`steps` must be whole numbers that increase from 0 on, got {steps}",
        )
        if self.sgd.schedules and self._steps > max(stops[-1], 1):  # nodes for these steps, not for later ones
            return self._on(self.grid, stops[-1]).evolve(initial, stops)
        cells = initial.probabilities
        cells = cells if initial.cell_averages else sharpened(cells, 1 / 24, self.grid.periodic)
        found = self._course(lambda chain: chain.masses(cells), stops)
        require(
            found.gone[-1] < 1 - EMPTY,
            f"nobody is left on the grid after {stops[-1]} steps; widen it or take fewer steps",
        )
        others = [one._course(partial(self._start_of, one.grid, cells), stops).cells for one in self.coarser]
        coarser = zip(*others, strict=True) if others else [[] for _ in stops]
        laws = [
            self._density(mine, fewer, unseen)
            for mine, fewer, unseen in zip(found.cells, coarser, found.unseen, strict=True)
        ]
        return Evolution(laws, np.array(found.gone))

    def _start_of(self, coarser: Grid, cells: Array, chain: Chain) -> Array:
        """What fewer cells know of a start, as masses at the nodes of the chain of a coarser operator."""
        grid = self.with_cells(1, 2) if self.grid.dim == 1 else coarser
        if grid is None:
            return chain.masses(cells)
        known = remapped(cells, self.grid, grid)
        return chain.masses(known) if chain.mesh is None else replace(chain.mesh, grid=grid).masses(known)

    def _density(self, cells: Array, coarser: Sequence[Array], more: float = 0.0) -> Density:
        """The density of these probabilities of cells; the negative ones are left out and counted as error."""
        negative = -float(np.minimum(cells, 0.0).sum() / cells.sum())
        values, distances = np.maximum(cells, 0.0), []
        values /= values.sum()
        for operator, coarse in zip(self.coarser, coarser, strict=True):
            mine, other = values, np.maximum(coarse, 0.0)
            if self.grid.dim == 1 and operator.grid != self.grid:  # nodes crowd where a law does
                mine = remapped(mine, self.grid, operator.grid)
            elif self.grid.dim == 2:  # what the coarse cells do not show is part of the error
                other = remapped(other, operator.grid, self.grid)
            distances.append(float(np.abs(mine - other / other.sum()).sum()) / 2)
        error = left_of_law(distances)
        error = None if error is None else error + negative + more
        return Density(self.grid, values / self.grid.cell_volume, error, cell_averages=True)

    def escape_rate(self, basin: Where) -> Estimate:
        """Probability a step that walkers who have stayed long in `basin` leave it, with its error.

        `basin` is a function from points (n, d) to flags (n,) or a mask of the cells; walkers that leave it or the
        grid are gone. Right in relative terms however small; the error is from fewer cells.

        Raises
        ------
        InputError
            If the basin is empty or everything, cannot be left, or holds several wells.
        """
        return self.quasi_stationary(basin).rate

    def quasi_stationary(self, basin: Where) -> QuasiStationary:
        """The law that walkers keep while they stay in `basin`, and the rate a step at which they leave it.

        Raises
        ------
        InputError
            As `escape_rate`.
        """
        region = Region(self.grid, basin, "basin")
        cells, rate = self._stay(region)
        coarser = [one._stay(region) for one in self.coarser]
        error = left([abs(rate - other) for _, other in coarser])
        law = self._density(cells, [coarse for coarse, _ in coarser])
        return QuasiStationary(law, Estimate(rate, np.nan if error is None else error))

    def _stay(self, region: Region) -> tuple[Array, float]:
        region.require_part(self.grid)
        chain = self._rare
        shares = chain.shares(region)
        inside = np.flatnonzero(shares)
        columns = chain.matrix.tocsc()[:, inside]
        leaving = chain.outside[inside] + columns.T @ (1 - shares)
        kept = columns.tocsr()[inside]
        kept.data *= np.repeat(shares[inside], np.diff(kept.indptr))
        law, rate = quasi_stationary_masses(kept, leaving, self.grid.periodic[0] if self.grid.dim == 1 else None)
        masses = np.zeros(len(shares))
        masses[inside] = law
        return chain.probabilities(masses), rate

    def spectrum(self, k: int) -> Complexes:
        """The k eigenvalues of largest modulus (k,), in that order: 1 less the mass that leaves comes first.

        Raises
        ------
        InputError
            If k does not fit, or the modes do not separate.
        """
        return slowest(self.chain.operator, k)[0]
