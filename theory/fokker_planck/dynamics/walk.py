"""The chain of a Fokker-Planck equation until it ends: in a region, or at an absorbing side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse

from theory.arrays import Array, Booleans, Integers
from theory.equation import Equation
from theory.errors import require
from theory.fokker_planck.dynamics.passable import never_made, ways_back
from theory.fokker_planck.elimination.solve import Elimination, eliminate
from theory.fokker_planck.generator.bernoulli import bernoulli
from theory.fokker_planck.generator.edges import Edges, edges_and_exits, falls, falls_between
from theory.fokker_planck.generator.exits import Exits, upwind_exits, way_out
from theory.fokker_planck.generator.upwind import upwind_edges
from theory.fokker_planck.region import Region
from theory.grid import Grid

BISECTIONS = 50
HERE, THERE, BOTH, BLOWN = range(4)


@dataclass(frozen=True, eq=False)
class Walk:
    """Rates between the cells where a walk runs, and out of them.

    Parameters
    ----------
    cells
        Index of each of the n cells where the walk runs, among all.
    positions
        Lattice index of each, shape (n, d).
    generator
        Entry (i, j) is the rate from cell j to cell i; the diagonal holds all that leaves, exits included; (n, n).
    exits
        Rates into each end, shape (ends, n): the regions in their order, and last the absorbing sides.
    shares
        Share of its volume that a cell has on this side of the end, near enough, shape (n,).
    """

    cells: Integers = field(repr=False)
    positions: Integers = field(repr=False)
    generator: sparse.csc_array = field(repr=False)
    exits: Array = field(repr=False)
    shares: Array = field(repr=False)

    @cached_property
    def elimination(self) -> Elimination:
        """The factors of the walk; raises `RangeExceeded` where a cell cannot be left."""
        return eliminate(self.generator, self.positions, self.exits.sum(axis=0))

    @property
    def peclet(self) -> float:
        """Median over the cells of the largest |log(rate / rate back)| of their moves; infinite one way."""
        moves = self.generator.tocoo()
        kept = (moves.row != moves.col) & (moves.data > 0)
        if not kept.any():
            return 0.0
        rows, columns, rates = moves.row[kept], moves.col[kept], moves.data[kept]
        ahead = sparse.csr_array((rates, (rows, columns)), shape=moves.shape)
        back = np.asarray(ahead.T.tocsr()[rows, columns]).ravel()
        with np.errstate(divide="ignore"):
            falls = np.abs(np.log(rates) - np.log(back))
        largest = np.zeros(len(self.cells))
        np.maximum.at(largest, columns, falls)
        return float(np.median(largest))


def walk_on(generator: sparse.csc_array, positions: Integers, ends: Sequence[Booleans]) -> Walk:
    """The walk of a chain until it enters one of the `ends`, masks of shape (states,), as cells or states.

    Raises
    ------
    InputError
        If an end is no mask of the states, is empty or overlaps another, or together they are everything.
    """
    states = generator.shape[1]
    for end in ends:
        require(
            end.shape == (states,) and end.dtype == np.bool_ and bool(end.any()),
            f"an end must be flags of {states} states, not all False, got {end.dtype} of shape {end.shape} with "
            f"{np.count_nonzero(end)} True",
        )
    times = np.sum(ends, axis=0)
    overlap, left = int(np.count_nonzero(times > 1)), int(np.count_nonzero(times == 0))
    require(overlap == 0, f"two ends must not overlap, got {overlap} states in both; shrink one")
    require(left > 0, f"a walk needs states where it goes on, got ends that hold all {states}; shrink one")
    rates = generator.tocsr()
    cells = np.flatnonzero(times == 0)
    exits: Array = np.stack([np.asarray(rates[end].sum(axis=0)).ravel()[cells] for end in ends]).astype(np.float64)
    return Walk(cells, positions[cells], rates[cells].tocsc()[:, cells], exits, np.ones(len(cells)))


def walk_until(equation: Equation, grid: Grid, open_sides: Booleans, regions: Sequence[Region] = ()) -> Walk:
    """The walk of the fitted flux that ends where a step first meets a region or one of the `open_sides`.

    Steps that meet an end on their way are cut there (Shortley & Weller): a step e from x that meets an end at the
    part a, while the opposite step has the length b, goes there at the rate rho 2 / (a (a + b)) B(-z_a), and the
    opposite one at the rate rho 2 / (b (a + b)) B(-z_b). All rates are >= 0. Mean times and probabilities are of
    second order in the spacing wherever the boundary lies, with an error of third order that depends on where it
    cuts the cells; exact for Brownian motion in an interval. Steps over points that walkers never pass are left
    out.

    Raises
    ------
    InputError
        If a coefficient is not valid.

    References
    ----------
    Shortley & Weller (1938), "The numerical solution of Laplace's equation".
    """
    edges, exits = edges_and_exits(equation, grid, open_sides)
    ends = _Ends(grid, open_sides, tuple(regions))
    label = ends.labels(grid.centers.reshape(-1, grid.dim))
    wind = upwind_edges(equation, grid)
    gusts = upwind_exits(equation, grid, open_sides)
    moves = _Moves.of(edges, exits, falls(equation, edges), wind, gusts)
    moves = moves.joined(*ways_back(equation, grid)) if grid.dim > 1 else moves
    closed = never_made(equation, grid, moves.origins, moves.ends, moves.steps)
    moves = moves.only((label[moves.origins] == 0) & ~closed)
    near = np.zeros(grid.size, dtype=bool)
    near[moves.origins[moves.meet(label, grid)]] = True
    cut = near[moves.origins]
    blown = moves.owner == BLOWN
    rates = moves.weights * bernoulli(-moves.falls)  # without falls the weight itself
    part, hit = np.ones(len(rates)), np.zeros(len(rates), dtype=np.int64)
    shares = np.ones(grid.size)
    if cut.any():
        origins, steps = moves.origins[cut], moves.steps[cut]
        part[cut], hit[cut] = ends.first(origins, steps)
        # a region that begins at the very end of a step
        missed = cut & (hit == 0) & (moves.ends >= 0) & (label[moves.ends] > 0)
        hit[missed] = label[moves.ends[missed]]
        opposite = ends.first(origins, -steps)[0]
        starts = grid.centers.reshape(-1, grid.dim)[origins]
        stops = starts + part[cut, None] * steps * grid.spacing
        meets = hit[cut] > 0
        z = moves.falls[cut]
        z[meets] = falls_between(equation, starts[meets], stops[meets])
        weights = moves.weights[cut] * np.where(meets, moves.carried(part)[cut], 1.0)
        fitted = weights * 2 / (part[cut] * (part[cut] + opposite)) * bernoulli(-z)
        rates[cut] = np.where(blown[cut], moves.weights[cut] / part[cut], fitted)
        np.minimum.at(shares, origins, (part[cut] + opposite) / 2)
    cells = np.flatnonzero(label == 0)
    place = np.full(grid.size, -1)
    place[cells] = np.arange(len(cells))
    leaving = np.zeros((len(regions) + 1, len(cells)))
    out = hit > 0
    np.add.at(leaving, (hit[out] - 1, place[moves.origins[out]]), rates[out])
    columns, rows, values = place[moves.origins[~out]], place[moves.ends[~out]], rates[~out]
    diagonal = np.bincount(place[moves.origins], rates, len(cells))
    index = np.arange(len(cells))
    generator = sparse.csc_array(
        (np.append(values, -diagonal), (np.append(rows, index), np.append(columns, index))),
        shape=(len(cells), len(cells)),
    )
    positions = np.stack(np.unravel_index(cells, grid.shape), axis=-1)
    return Walk(cells, positions, generator, leaving, shares[cells])


@dataclass(frozen=True, eq=False)
class _Moves:
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
    def of(edges: Edges, exits: Exits, z: Array, wind: Edges, gusts: Exits) -> _Moves:
        none = np.zeros(len(wind.sources)), np.zeros(len(exits.cells)), np.zeros(len(gusts.cells))
        outside = np.full(len(exits.cells) + len(gusts.cells), -1)
        parts = (edges, edges, wind, wind, exits, gusts)
        counts = [len(one.sources if isinstance(one, Edges) else one.cells) for one in parts]
        return _Moves(
            np.concatenate([edges.sources, edges.targets, wind.sources, wind.targets, exits.cells, gusts.cells]),
            np.concatenate([edges.targets, edges.sources, wind.targets, wind.sources, outside]),
            np.concatenate([edges.steps, -edges.steps, wind.steps, -wind.steps, exits.steps, gusts.steps]),
            np.concatenate([edges.forward, edges.back, wind.forward, wind.back, exits.weights, gusts.weights]),
            np.concatenate([z, -z, none[0], none[0], none[1], none[2]]),
            np.repeat([HERE, THERE, BLOWN, BLOWN, BOTH, BLOWN], counts),
        )

    def joined(self, origins: Integers, ends: Integers, rates: Array) -> _Moves:
        """These moves and others to neighbours, at rates of their own."""
        none = np.zeros(len(origins))
        steps = np.zeros((len(origins), self.steps.shape[1]), dtype=np.int64)
        more = _Moves(origins, ends, steps, rates, none, np.full(len(origins), BLOWN))
        return _Moves(*(np.concatenate([getattr(a, n) for a in (self, more)]) for n in self.__dataclass_fields__))

    def only(self, kept: Booleans) -> _Moves:
        """The moves that are kept."""
        return _Moves(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))

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
class _Ends:
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
