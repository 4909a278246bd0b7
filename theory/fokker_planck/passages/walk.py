"""The chain of a Fokker-Planck equation until it ends: in a region, or at an absorbing side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from theory.base.arrays import Booleans
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import (
    bernoulli,
    edges_and_exits,
    falls,
    falls_between,
    upwind_edges,
    upwind_exits,
)
from theory.fokker_planck.passages.moves import BLOWN, Ends, Moves
from theory.fokker_planck.passages.passable import never_made, ways_back
from theory.laws import Grid
from theory.laws.region import Region
from theory.markov import Walk


def walk_until(equation: Equation, grid: Grid, open_sides: Booleans, regions: Sequence[Region] = ()) -> Walk:
    """The walk of the fitted flux that ends where a step first meets a region or one of the `open_sides`.

    `open_sides` has shape (d, 2).
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
