"""Laws in time of the fitted flux, positive on every grid, with the errors that its meshes show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.equations.protocol import Equation
from theory.fokker_planck.evolution.start import InitialLaw
from theory.fokker_planck.generator import carrying_drift, unfitted_drift
from theory.fokker_planck.meshes import averaged, coarsening, coarser_grids, rebinned
from theory.fokker_planck.passages import walk_until
from theory.laws import Grid
from theory.laws.region import Region
from theory.markov import Walk, evolve

REFINEMENTS = (9, 3)  # of a line, where they are cheap
MOST_FITTED_CELLS = 4000  # of the finest: some seconds
MOST_JUMPS = 2e4  # of a walker in the whole time
TRIED_ORDERS = np.linspace(0.3, 2.0, 171)
UPWIND = 1.0  # Peclet number of a cell beyond which no second order is believed
SAFETY_OF_LAWS = 2.5  # as two changes tell an order only roughly
STEPS = 5e-9  # total variation that the steps in time may miss
CANCELLED = 0.3  # of the change of a law with that share gone: least change of the share that is believed
SHIFTED = 1e-8  # how unresolved a start must be for a shift of it to matter
UPWINDED = 1e3  # Peclet number that upwinding counts as


@dataclass(frozen=True, eq=False)
class FittedLaws:
    """Laws of walkers that are still there at each time, with errors in total variation.

    Parameters
    ----------
    centres, averages
        Density values at the centres and averages over the cells, shape (times, *grid.shape).
    errors
        What the meshes show, shape (times,); NaN where a grid cannot be halved.
    doubts
        What a start narrower than a cell leaves open, shape (times,); part of `errors`.
    upwinds
        Whether the mean Peclet number of the cells is above 1: meshes may not show the error; shape (times,).
    shares, share_errors
        Share of the walkers that are still there, and its error, shape (times,).
    """

    centres: Array = field(repr=False)
    averages: Array = field(repr=False)
    errors: Array
    doubts: Array
    upwinds: Booleans
    shares: Array
    share_errors: Array


def fitted_laws(
    equation: Equation,
    grid: Grid,
    open_sides: Booleans,
    start: InitialLaw,
    times: Sequence[float] | Array,
    ends: Sequence[Region],
) -> FittedLaws:
    """The laws on `grid`; on a line from meshes refined up to nine times, as far as they are cheap.

    The error comes from three meshes at the order that their changes show, at most 2, and at most 1 where the mean
    Peclet number of the cells is above 1, since there the flux is upwinding.

    Raises
    ------
    InputError
        As `laws_in_time`.
    """
    factor = _refinement(equation, grid, times)
    finer = [grid.refined(k) for k in REFINEMENTS if k <= factor]
    grids = (*finer, grid, *coarser_grids(grid, max(0, 2 - len(finer))))
    levels = [_evolved(equation, mesh, open_sides, ends, start.masses(mesh), times) for mesh in grids]
    masses, shares = levels[0]
    count = len(shares)
    fine = np.array(masses)
    if factor == 1:
        centres = fine / grid.cell_volume
        averages = centres if start.averages else np.stack([averaged(v, grid) for v in centres])
    else:
        centres = fine[:, factor // 2 :: factor] * (factor / grid.cell_volume)
        averages = fine.reshape(count, grid.size, factor).sum(axis=2) / grid.cell_volume
    changes = np.array(
        [
            [_distance(rebinned(a, g, h), b) for a, b in zip(one[0], other[0], strict=True)]
            for (one, g), (other, h) in pairwise(zip(levels, grids, strict=True))
        ]
    ).reshape(-1, count)
    moves = np.array([np.abs(one[1] - other[1]) for one, other in pairwise(levels)]).reshape(-1, count)
    ratios = [coarsening(g, h) for g, h in pairwise(grids)]
    upwinds = np.array([_peclet(equation, grids[0], law) > UPWIND for law in masses])
    most = np.where(upwinds, 1.0, 2.0)
    believed = [expected(changes[:, k], ratios, 1.0) if upwinds[k] else changes[:, k] for k in range(count)]
    errors = np.array([remaining(believed[k], ratios, most[k]) for k in range(count)])
    moves = np.maximum(moves, CANCELLED * shares * (1 - shares) * changes)  # they may cancel by chance
    share_errors = np.array(
        [remaining(expected(moves[:, k], ratios, most[k]), ratios, most[k]) for k in range(count)]
    )
    doubts = np.zeros(count)
    rough = np.full(count, STEPS)
    if factor > 1:
        rough += start.roughness(grids[0])
    elif start.averages:  # which move as if they were values at the centres
        rough += [_distance(averaged(law, grid), law) for law in masses]
    errors, share_errors = errors + rough, share_errors + rough
    unresolved = start.unresolved(grids[0])
    if unresolved > SHIFTED and len(grids) > 1:
        shifts, share_shifts = changes[0], moves[0]
        if factor > 1:
            aside = _aside(start.masses(grid))
            one, other = levels[len(finer)], _evolved(equation, grid, open_sides, ends, aside, times)
            width = start.width(grids[0]) / factor
            shifts = width * np.array([_distance(a, b) for a, b in zip(one[0], other[0], strict=True)])
            share_shifts = width * np.abs(one[1] - other[1])
        doubts = unresolved * shifts
        share_errors = share_errors + unresolved * share_shifts
    return FittedLaws(centres, averages, errors + doubts, doubts, upwinds, shares, share_errors)


def remaining(changes: Array, ratios: Sequence[float], most: float) -> float:
    """The error of the finest mesh from its change to the next and the change from that to the third.

    At the order that the two show, between 0.3 and `most`, `SAFETY_OF_LAWS` times as large; NaN without a change.
    """
    if not len(changes):
        return np.nan
    order = min(1.0, most)
    if len(changes) > 1:
        first, second = (ratio**TRIED_ORDERS - 1 for ratio in ratios)
        expected = first / (second * ratios[0] ** TRIED_ORDERS)  # falls with the order
        shown = changes[0] / changes[1] if changes[1] > 0 else expected[-1]
        order = min(most, float(np.interp(-shown, -expected, TRIED_ORDERS)))
    return float(SAFETY_OF_LAWS * changes[0] / (ratios[0] ** order - 1))


def expected(changes: Array, ratios: Sequence[float], most: float) -> Array:
    """Changes from mesh to mesh, the first at least what the next one says at the order `most`.

    A number may pass the right value between two meshes, and meshes on which a flux upwinds may agree by chance.
    """
    if len(changes) < 2:
        return changes
    first, second = (ratio**most - 1 for ratio in ratios)
    return np.array([max(changes[0], changes[1] * first / (second * ratios[0] ** most)), changes[1]])


def with_end(walk: Walk) -> tuple[sparse.csc_array, Integers]:
    """The chain with one more state, in which the walk ends; in a corner, where a dissection cuts it off first."""
    leaving = sparse.csr_array(walk.exits.sum(axis=0)[None])
    generator = sparse.block_array([[walk.generator, None], [leaving, sparse.csr_array((1, 1))]], format="csc")
    return sparse.csc_array(generator), np.vstack([walk.positions, walk.positions.min(axis=0)])


def _refinement(equation: Equation, grid: Grid, times: Sequence[float] | Array) -> int:
    """How many times finer than `grid` laws are sought: 1 but on lines."""
    if grid.dim > 1:
        return 1
    last, (spacing,) = float(np.max(times, initial=0.0)), grid.spacing
    blown = float(np.abs(carrying_drift(equation, grid)).max()) * last / spacing
    spread = 2 * float(np.abs(equation.tensor(grid.centers)).max()) * last / spacing**2
    for factor in REFINEMENTS:
        if grid.size * factor <= MOST_FITTED_CELLS and factor * blown + factor**2 * spread <= MOST_JUMPS:
            return factor
    return 1


def _peclet(equation: Equation, grid: Grid, masses: Array) -> float:
    """Mean over the law of the largest ratio along an axis of drift times spacing to noise."""
    drift = np.abs(carrying_drift(equation, grid)) * grid.spacing
    noise = np.einsum("...ii->...i", equation.tensor(grid.centers))
    ratio = np.divide(drift, noise, out=np.where(drift > 0, np.inf, 0.0), where=noise > 0).max(axis=-1)
    ratio[unfitted_drift(equation, grid).any(axis=-1)] = np.inf  # upwinded, where noise misses its direction
    return float((np.minimum(ratio, UPWINDED) * masses).sum())


def _aside(masses: Array) -> Array:
    """Masses on a line, one cell further; those of the last cell stay there."""
    moved = np.append(0.0, masses[:-1])
    moved[-1] += masses[-1]
    return moved


def _distance(p: Array, q: Array) -> float:
    return float(np.abs(p - q).sum() / 2)


def _evolved(
    equation: Equation,
    grid: Grid,
    open_sides: Booleans,
    ends: Sequence[Region],
    start: Array,
    times: Sequence[float] | Array,
) -> tuple[list[Array], Array]:
    """Masses of the cells at `times` among those still there, shape `grid.shape` each, and the share of these."""
    walk = walk_until(equation, grid, open_sides, ends)
    there = start.ravel()[walk.cells]
    require(there.sum() > 0, "`initial` must have mass where walkers still run, got none; move it or the target")
    if not walk.exits.any():
        laws = evolve(walk.generator, walk.positions, there, times)
        return [_placed(law, walk, grid) for law in laws], np.ones(len(laws))
    generator, positions = with_end(walk)
    laws = evolve(generator, positions, np.append(there, max(0.0, 1 - there.sum())), times)
    left = laws[:, :-1].sum(axis=1)
    require(
        bool((left > 0).all()),
        f"somebody must be left at every time, got nobody after {np.count_nonzero(left > 0)} of {len(left)} "
        "times; take earlier ones or the quasi-stationary law",
    )
    return [_placed(law / mass, walk, grid) for law, mass in zip(laws[:, :-1], left, strict=True)], left


def _placed(masses: Array, walk: Walk, grid: Grid) -> Array:
    result = np.zeros(grid.size)
    result[walk.cells] = masses
    return result.reshape(grid.shape)
