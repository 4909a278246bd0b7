"""Steps of a walk, and where they first meet an end: a region, or an absorbing side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.fokker_planck.generator import Edges, Exits, way_out
from theory.laws import Grid
from theory.laws.region import Region

BISECTIONS = 50
HERE, THERE, BOTH, BLOWN = range(4)


@dataclass(frozen=True, eq=False)
class Moves:
    """Directed steps with their diffusive rates and falls; `ends` is -1 outside the box.

    `owner` says whether a rate is the half that the tensor at the origin gives (HERE), at the end (THERE), the
    whole (BOTH), or carried by the wind alone (BLOWN).
    """

    origins: Integers
    ends: Integers
    steps: Integers
    weights: Array
    falls: Array
    owner: Integers

    @staticmethod
    def of(edges: Edges, exits: Exits, z: Array, wind: Edges, gusts: Exits) -> Moves:
        """All steps of the edges, both ways, and of the exits; `z` are the falls of the edges."""
        none = np.zeros(len(wind.sources)), np.zeros(len(exits.cells)), np.zeros(len(gusts.cells))
        outside = np.full(len(exits.cells) + len(gusts.cells), -1)
        parts = (edges, edges, wind, wind, exits, gusts)
        counts = [len(one.sources if isinstance(one, Edges) else one.cells) for one in parts]
        return Moves(
            np.concatenate([edges.sources, edges.targets, wind.sources, wind.targets, exits.cells, gusts.cells]),
            np.concatenate([edges.targets, edges.sources, wind.targets, wind.sources, outside]),
            np.concatenate([edges.steps, -edges.steps, wind.steps, -wind.steps, exits.steps, gusts.steps]),
            np.concatenate([edges.forward, edges.back, wind.forward, wind.back, exits.weights, gusts.weights]),
            np.concatenate([z, -z, none[0], none[0], none[1], none[2]]),
            np.repeat([HERE, THERE, BLOWN, BLOWN, BOTH, BLOWN], counts),
        )

    def joined(self, origins: Integers, ends: Integers, rates: Array) -> Moves:
        """These moves and others to neighbours, at rates of their own."""
        none = np.zeros(len(origins))
        steps = np.zeros((len(origins), self.steps.shape[1]), dtype=np.int64)
        more = Moves(origins, ends, steps, rates, none, np.full(len(origins), BLOWN))
        return Moves(*(np.concatenate([getattr(a, n) for a in (self, more)]) for n in self.__dataclass_fields__))

    def only(self, kept: Booleans) -> Moves:
        """The moves that are kept."""
        return Moves(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))

    def meet(self, label: Integers, grid: Grid) -> Booleans:
        """Whether a move may meet an end: it leaves the box, or a cell on its way lies in a region."""
        found = self.ends < 0
        if not label.any():
            return found
        found[~found] = label[self.ends[~found]] > 0
        reach = np.abs(self.steps).max(axis=1)
        for length in np.unique(reach[reach > 1]):
            rows = np.flatnonzero((reach == length) & ~found)
            here = np.stack(np.unravel_index(self.origins[rows], grid.shape), axis=-1)
            for k in range(1, int(length)):
                for nearest in (np.floor, np.ceil):  # half-way both
                    passed = here + nearest(self.steps[rows] * (k / length)).astype(np.int64)
                    cells = tuple((passed % np.array(grid.shape)).T)
                    found[rows] |= label[np.ravel_multi_index(cells, grid.shape)] > 0
        return found

    def carried(self, part: Array) -> Array:
        """Factor that takes a half rate to that of the middle between the origin and the cut."""
        return np.select([self.owner == HERE, self.owner == THERE], [2 - part, part], 1.0)


@dataclass(frozen=True)
class Ends:
    """Where walks end: regions are numbered from 1 on, absorbing sides come last."""

    grid: Grid
    open_sides: Booleans
    regions: tuple[Region, ...]

    def labels(self, points: Array) -> Integers:
        """The first region that holds each of `points` (n, d), or 0."""
        found = np.zeros(len(points), dtype=np.int64)
        for number, region in enumerate(self.regions, 1):
            found[(found == 0) & region.holds(points)] = number
        return found

    def first(self, cells: Integers, steps: Integers) -> tuple[Array, Integers]:
        """Part of each step at which it first meets an end, else 1, and which, else 0; by bisection."""
        here = np.stack(np.unravel_index(cells, self.grid.shape), axis=-1)
        limit, leaves = way_out(here, steps, self.grid, self.open_sides)
        starts, moves = self.grid.centers.reshape(-1, self.grid.dim)[cells], steps * self.grid.spacing
        part, hit = limit.copy(), np.where(leaves, len(self.regions) + 1, 0)
        part[~leaves] = 1.0
        if not self.regions:
            return part, hit
        samples = 2 * np.abs(steps).max(axis=1)
        low, high = np.zeros(len(cells)), np.full(len(cells), np.inf)
        for k in range(int(samples.max(initial=0))):
            at = (k + 1) / samples
            rows = np.flatnonzero(np.isinf(high) & (at <= limit))
            inside = self.labels(starts[rows] + at[rows, None] * moves[rows]) > 0
            high[rows[inside]] = at[rows[inside]]
            low[rows[~inside]] = at[rows[~inside]]
        rows = np.flatnonzero(np.isfinite(high))
        low, high = low[rows], high[rows]
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            inside = self.labels(starts[rows] + middle[:, None] * moves[rows]) > 0
            low, high = np.where(inside, low, middle), np.where(inside, middle, high)
        part[rows], hit[rows] = high, self.labels(starts[rows] + high[:, None] * moves[rows])
        return part, hit
