"""Regions of a grid between which walkers of the equation never pass, although those of the grid may."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from theory.base.arrays import Array, Booleans, Integers
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import build_generator
from theory.fokker_planck.lattice.barriers import Barriers, find_barriers, no_barriers
from theory.laws import Grid, NoStationaryDensity
from theory.markov import recurrent_classes

ON_CENTRE = 0.02  # of a cell: a barrier so near to a centre runs through it
NAMED = 4  # regions in messages


@dataclass(frozen=True, eq=False)
class Leaks:
    """What separates the cells of a grid: `regions` has the label of each cell, shape (size,), from 0 to `count`.

    `barriers` are the points between cells of two regions: there the fitted generator has rates that the equation
    has not, and they vanish with the spacing. `rooms` are the parts, shape (size,), that gates separate too, and
    `against[i, j]` says that walkers pass the gates between i and j from j to i alone. Behind a gate the density
    is ~ u^(ratio - 1), the least `ratio` being `behind`; `gates` are their points.
    """

    grid: Grid
    regions: Integers = field(repr=False)
    barriers: Barriers = field(repr=False)
    rooms: Integers = field(repr=False)
    against: Booleans = field(repr=False)
    behind: float = np.inf
    gates: Barriers = field(default_factory=lambda: no_barriers(1), repr=False)

    def never(self, origins: Integers, ends: Integers) -> Booleans:
        """Whether walkers never step from cells `origins` to cells `ends`: over a barrier, or back at a gate."""
        apart = self.regions[origins] != self.regions[ends]
        return np.asarray(apart | self.against[self.rooms[origins], self.rooms[ends]])

    @property
    def count(self) -> int:
        """How many leaks: the number of regions less 1."""
        return int(self.regions.max())

    def closed(self, generator: sparse.csc_array) -> sparse.csc_array:
        """The generator without the rates between regions, however far they reach, and back through gates.

        Cells at a barrier that lose every way into their region, since their stencil runs along a curve in long
        straight steps, keep the lost rates as moves to their neighbours.
        """
        rates = generator.tocoo()
        off = rates.row != rates.col
        apart = off & (self.regions[rates.row] != self.regions[rates.col])
        kept = off & ~self.never(rates.col.astype(np.int64), rates.row.astype(np.int64))
        moves = sparse.csc_array((rates.data[kept], (rates.row[kept], rates.col[kept])), shape=generator.shape)
        if apart.any():
            lost = np.asarray(np.bincount(rates.col[apart], rates.data[apart], self.grid.size), dtype=np.float64)
            moves = sparse.csc_array(moves + self._ways_back(moves, lost))
        return sparse.csc_array(moves - sparse.diags_array(np.asarray(moves.sum(axis=0)).ravel()))

    def _ways_back(self, moves: sparse.csc_array, lost: Array) -> sparse.csc_array:
        """Rates `lost` of the cells of all but the largest class that the cut has closed in each region."""
        cut_off = np.zeros(self.grid.size, dtype=bool)
        largest: dict[int, Integers] = {}
        for states in sorted(recurrent_classes(moves), key=len, reverse=True):
            if lost[states].any() and largest.setdefault(int(self.regions[states[0]]), states) is not states:
                cut_off[states] = True
        low, high, _ = _neighbours(self.grid)
        sources, targets = np.concatenate([low, high]), np.concatenate([high, low])
        here = cut_off[sources] & (self.regions[sources] == self.regions[targets])
        rates = lost[sources[here]]
        return sparse.csc_array((rates, (targets[here], sources[here])), shape=moves.shape)

    def shared(self, masses: Array) -> Array:
        """Masses of the cells, shape (size,), where what lies across a barrier in a cell joins the next one.

        A cell counts as filled evenly; second order in the spacing, exact for barriers along an axis.
        """
        moved = masses.copy()
        own = self.barriers.chosen(self.barriers.main)
        past = 0.5 - own.fractions
        givers = np.where(past > 0, own.sources, own.targets)
        takers = np.where(past > 0, own.targets, own.sources)
        given = np.abs(past) * masses[givers]
        np.subtract.at(moved, givers, given)
        np.add.at(moved, takers, given)
        return moved

    def describe(self) -> str:
        """What separates the regions, in words with figures."""
        own = self.barriers
        first = own.chosen(np.array([0]))
        place = ", ".join(
            f"{x:.4g}" for x in np.round(first.positions[0] / self.grid.spacing, 6) * self.grid.spacing
        )
        powers, ratios = first.powers[0], first.ratios[0]
        return (
            f"noise and drift across it vanish on a barrier between {len(own.sources)} pairs of neighbouring "
            f"cells, first at w = ({place}), where D ~ u^{powers.min():.3g} across and u b / D = "
            f"{ratios.min():.3g} and {ratios.max():.3g} at its sides; walkers never cross it, only the grid does"
        )


def leaks(equation: Equation, grid: Grid) -> Leaks:
    """The regions that barriers of the equation separate; one where every cell is reached from every other.

    Neighbouring cells with no barrier between their centres belong together. A barrier that ends, or that a drift
    leads through in a place, separates nothing. Cells with the barrier in their centre are given to a neighbour.

    Nothing is solved, and where the noise has full rank everywhere nothing but D is evaluated.

    References
    ----------
    Feller (1952).
    """
    barriers = find_barriers(equation, grid)
    rooms, against = _gated(grid, barriers)
    side = (barriers.gates > 0).astype(np.int64)[:, None]
    ratios = np.take_along_axis(barriers.ratios, side, axis=1)[barriers.gates != 0]
    behind = float(ratios.min(initial=np.inf))
    gates = barriers.chosen(barriers.gates != 0)
    barriers = barriers.chosen(barriers.gates == 0)
    if len(barriers.sources) == 0:
        return Leaks(grid, np.zeros(grid.size, dtype=np.int64), barriers, rooms, against, behind, gates)
    regions = _regions(grid, barriers)
    apart = regions[barriers.sources] != regions[barriers.targets]
    return Leaks(grid, regions, barriers.chosen(apart), rooms, against, behind, gates)


def _gated(grid: Grid, barriers: Barriers) -> tuple[Integers, Booleans]:
    """The rooms of the cells, and from which to which nobody passes: gates between two that all lead one way."""
    if not barriers.gates.any():
        return np.zeros(grid.size, dtype=np.int64), np.zeros((1, 1), dtype=bool)
    rooms = _regions(grid, barriers)
    gates = barriers.chosen(barriers.gates != 0)
    forward = gates.gates > 0
    before = rooms[np.where(forward, gates.sources, gates.targets)]
    behind = rooms[np.where(forward, gates.targets, gates.sources)]
    leads = np.zeros((rooms.max() + 1,) * 2, dtype=bool)
    leads[before, behind] = before != behind
    return rooms, np.asarray(leads.T & ~leads)


def refuse_leaks(equation: Equation, grid: Grid) -> None:
    """Raise where barriers separate regions, so that a grid that leaks between them decides the law.

    Raises
    ------
    NoStationaryDensity
        With the place, the powers there and the regions.
    """
    found = leaks(equation, grid)
    if found.count == 0:
        _refuse_parted(equation, grid, found)
        return
    cells = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)
    boxes = [region(grid, cells[found.regions == label]) for label in range(min(found.count + 1, NAMED))]
    raise NoStationaryDensity(
        f"the stationary law is not unique: {found.describe()}; {found.count + 1} regions, in "
        f"{', '.join(boxes)}{' ...' if found.count >= NAMED else ''}; ask for the limit law from an initial "
        "density"
    )


def _refuse_parted(equation: Equation, grid: Grid, found: Leaks) -> None:
    """Raise where gates that nobody passes back leave several recurrent classes."""
    if not found.against.any():
        return
    classes = recurrent_classes(found.closed(build_generator(equation, grid)))
    if len(classes) < 2:
        return
    cells = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)
    raise NoStationaryDensity(
        f"the stationary law is not unique: {len(classes)} recurrent classes, in "
        f"{', '.join(region(grid, cells[states]) for states in classes[:NAMED])}"
        f"{' ...' if len(classes) > NAMED else ''}, each behind a curve or surface where the noise across it "
        "vanishes and the drift leads in, so that walkers never come back; ask for the limit law from an initial "
        "density, or for noise that vanishes nowhere, as SmoothAbsolute(width)"
    )


def region(grid: Grid, cells: Integers) -> str:
    """The smallest box of cells that holds `cells`, in words."""
    ends = zip(grid.edges, cells.min(axis=0), cells.max(axis=0) + 1, strict=True)
    return " x ".join(f"({edges[low]:.4g}, {edges[high]:.4g})" for edges, low, high in ends)


def _neighbours(grid: Grid) -> tuple[Integers, Integers, Integers]:
    """Pairs of cells next to each other, the lower first unless across a periodic side, and their axis."""
    cells = np.arange(grid.size).reshape(grid.shape)
    found = []
    for axis, (n, periodic) in enumerate(zip(grid.shape, grid.periodic, strict=True)):
        pairs = np.arange(n if periodic and n > 2 else n - 1)
        low = np.take(cells, pairs, axis).ravel()
        found.append((low, np.take(np.roll(cells, -1, axis), pairs, axis).ravel(), np.full(len(low), axis)))
    low, high, axes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return low, high, axes


def _regions(grid: Grid, barriers: Barriers) -> Integers:
    """The connected regions of cells, by labels from 0 on.

    Cells with a barrier in their centre are added last, along the axis that crosses it best and on their own side
    if they have one: along it lie others so near to it that their sides are not told apart.
    """
    low, high, axes = _neighbours(grid)
    shut = np.isin(low * grid.size + high, barriers.sources * grid.size + barriers.targets)
    across = np.full(grid.size, -1)
    main = barriers.chosen(barriers.main)
    for cells, distances in ((main.sources, main.fractions), (main.targets, 1 - main.fractions)):
        through = distances < ON_CENTRE
        across[cells[through]] = main.axes[through]
    linked = ~shut & (across[low] < 0) & (across[high] < 0)
    moves = (np.ones(np.count_nonzero(linked)), (low[linked], high[linked]))
    graph = sparse.coo_array(moves, shape=(grid.size, grid.size))
    labels = connected_components(graph, directed=False)[1].astype(np.int64)
    labels[
        (across >= 0) | (np.bincount(np.concatenate([low[linked], high[linked]]), minlength=grid.size) == 0)
    ] = -1
    for own_side, best_axis in ((True, True), (False, True), (True, False)):
        for giver, taker in ((low, high), (high, low)):
            ways = ~(shut & own_side) & ((axes == across[taker]) | (not best_axis))
            given = ways & (labels[taker] < 0) & (labels[giver] >= 0)
            labels[taker[given]] = labels[giver[given]]
    labels[labels < 0] = labels.max() + 1  # what barriers have left of one cell
    return np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)
