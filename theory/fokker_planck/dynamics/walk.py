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
from theory.fokker_planck.dynamics.moves import BLOWN, Ends, Moves
from theory.fokker_planck.dynamics.passable import never_made, ways_back
from theory.fokker_planck.elimination.solve import Elimination, eliminate
from theory.fokker_planck.generator.bernoulli import bernoulli
from theory.fokker_planck.generator.edges import edges_and_exits, falls, falls_between
from theory.fokker_planck.generator.exits import upwind_exits
from theory.fokker_planck.generator.matrix import recurrent_classes
from theory.fokker_planck.generator.upwind import upwind_edges
from theory.fokker_planck.region import Region
from theory.grid import Grid


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
    underflown
        Cell that is left and cell that is entered, -1 for an end, of moves whose rates are positive but below
        floating point numbers, shape (2, m).
    """

    cells: Integers = field(repr=False)
    positions: Integers = field(repr=False)
    generator: sparse.csc_array = field(repr=False)
    exits: Array = field(repr=False)
    shares: Array = field(repr=False)
    underflown: Integers = field(repr=False, default_factory=lambda: np.zeros((2, 0), dtype=np.int64))

    @property
    def closed_classes(self) -> int:
        """How many recurrent classes never end, underflown moves being made all the same."""
        left, entered = self.underflown
        ending = self.exits.sum(axis=0) > 0
        ending[left[entered < 0]] = True
        left, entered = left[entered >= 0], entered[entered >= 0]
        more = sparse.csc_array((np.ones(len(left)), (entered, left)), shape=self.generator.shape)
        moves = sparse.csc_array(abs(self.generator)) + more
        return sum(not ending[states].any() for states in recurrent_classes(moves))

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
    ends = Ends(grid, open_sides, tuple(regions))
    label = ends.labels(grid.centers.reshape(-1, grid.dim))
    wind = upwind_edges(equation, grid)
    gusts = upwind_exits(equation, grid, open_sides)
    moves = Moves.of(edges, exits, falls(equation, edges), wind, gusts)
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
    lost = (rates == 0) & (moves.weights > 0)
    underflown = np.stack([place[moves.origins], np.where(out, -1, place[moves.ends])])[:, lost]
    return Walk(cells, positions, generator, leaving, shares[cells], underflown)
