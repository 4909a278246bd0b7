"""Laws in time and the spectrum of an equation, with the errors of their meshes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from theory.arrays import Array, Booleans, Integers
from theory.density import Density
from theory.equation import Equation
from theory.errors import require
from theory.fokker_planck.dynamics.evolution import evolve
from theory.fokker_planck.dynamics.refinement import Answer, ladder, ratios_of
from theory.fokker_planck.dynamics.spectrum import SPARE, Complexes, Spectrum, spectrum
from theory.fokker_planck.dynamics.walk import Walk, walk_until
from theory.fokker_planck.plane.mesh import coarsening, coarser_grids
from theory.fokker_planck.region import Region
from theory.grid import Grid
from theory.interpolation import along_axes

LEAST = 1e-290  # stands in for the eigenvalue 0
ROUNDING = 2e-8  # relative error of an eigenvalue that the iteration leaves
MATCHED = 4  # more modes on coarser meshes, so that each finds its own


def laws_in_time(
    equation: Equation,
    grid: Grid,
    open_sides: Booleans,
    initial: Density,
    times: Sequence[float] | Array,
    ends: Sequence[Region] = (),
) -> tuple[tuple[Density, ...], Array, Array]:
    """Laws at `times` of walkers that are still there, their share, and the error of the share.

    Second order; errors are a third of what grids of half the cells say otherwise, and NaN where a grid cannot be
    halved. Shares have shape (times,).

    Raises
    ------
    InputError
        If times do not increase from 0 on, the start lies at the ends, or nobody is left.
    """
    masses, shares = _evolved(equation, grid, open_sides, ends, initial.probabilities, times)
    coarse = coarser_grids(grid, 1)
    errors: list[float | None] = [None] * len(shares)
    share_errors = np.full(len(shares), np.nan)
    if coarse:
        (half,) = coarse
        gain = coarsening(grid, half) ** 2 - 1
        start = rebinned(initial.probabilities, grid, half)
        rough, rough_shares = _evolved(equation, half, open_sides, ends, start / start.sum(), times)
        errors = [
            float(np.abs(rebinned(fine, grid, half) - other).sum()) / 2 / gain
            for fine, other in zip(masses, rough, strict=True)
        ]
        share_errors = np.abs(shares - rough_shares) / gain
    laws = tuple(Density(grid, mass / grid.cell_volume, error) for mass, error in zip(masses, errors, strict=True))
    return laws, shares, share_errors


def relaxation_spectrum(equation: Equation, grid: Grid, open_sides: Booleans, k: int) -> Spectrum:
    """The k eigenvalues nearest 0, of fourth order where meshes converge, with errors; modes are of this grid.

    The error is infinite where an eigenvalue follows the mesh, as rates over points do that walkers never pass.

    Raises
    ------
    InputError
        As `spectrum`.
    """
    grids = ladder(grid)
    levels: list[Complexes] = []
    own = _spectrum_on(equation, grid, open_sides, k)
    for mesh in grids:
        wider = min(k + MATCHED, mesh.size - SPARE - 2) if levels else k
        if wider < k:
            break
        found = (
            own if mesh == grid and not levels else _spectrum_on(equation, mesh, open_sides, wider)
        ).eigenvalues
        levels.append(found[_matched(levels[-1], found)] if levels else found)
    values, errors = levels[0].copy(), np.zeros(k)
    ratios = ratios_of(grids[: len(levels)])
    for mode in np.flatnonzero(values):
        logs = [np.log(-level[mode]) if level[mode] != 0 else np.nan for level in levels]
        changes = tuple(np.array(a - b) for a, b in pairwise(logs))
        value, error = Answer(np.array(logs[0]), changes, ratios).extrapolated(None)
        values[mode] = -np.exp(value)
        errors[mode] = abs(values[mode]) * max(float(error), ROUNDING)
    return Spectrum(values, own.modes[:, _matched(values, own.eigenvalues)], errors)


def _matched(values: Complexes, others: Complexes) -> Integers:
    """For each eigenvalue the index of its own among `others`: the least sum of squares in logarithms.

    Squares keep the order of those that a mesh moves together.
    """
    logs = [np.log(np.where(one == 0, LEAST, -one)) for one in (values, others)]
    return np.asarray(linear_sum_assignment(np.abs(logs[0][:, None] - logs[1]) ** 2)[1])


def rebinned(masses: Array, grid: Grid, onto: Grid) -> Array:
    """Masses of the cells of `grid`, spread evenly over each, in the cells of `onto`, a grid of the same box.

    By the shares that the cells of `onto` have in those of `grid`, without subtraction: what is >= 0 stays so.
    """
    return along_axes([_overlaps(old, new) for old, new in zip(grid.edges, onto.edges, strict=True)], masses)


def _overlaps(old: Array, new: Array) -> sparse.csr_array:
    """Entry (i, j) is the share of the cell j between `old` faces that lies in the cell i between `new` ones."""
    first = np.searchsorted(old, new[:-1], side="right") - 1
    last = np.searchsorted(old, new[1:], side="left")
    counts = last - first
    rows = np.repeat(np.arange(len(counts)), counts)
    columns = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    inside = np.minimum(new[rows + 1], old[columns + 1]) - np.maximum(new[rows], old[columns])
    shares = sparse.csr_array((inside, (rows, columns)), shape=(len(new) - 1, len(old) - 1))
    return sparse.csr_array(shares / shares.sum(axis=0))


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
    generator, positions = _with_end(walk)
    laws = evolve(generator, positions, np.append(there, max(0.0, 1 - there.sum())), times)
    left = laws[:, :-1].sum(axis=1)
    require(
        bool((left > 0).all()),
        f"somebody must be left at every time, got nobody after {np.count_nonzero(left > 0)} of {len(left)} "
        "times; take earlier ones or the quasi-stationary law",
    )
    return [_placed(law / mass, walk, grid) for law, mass in zip(laws[:, :-1], left, strict=True)], left


def _spectrum_on(equation: Equation, grid: Grid, open_sides: Booleans, k: int) -> Spectrum:
    walk = walk_until(equation, grid, open_sides)
    if not walk.exits.any():
        return spectrum(walk.generator, walk.positions, k)
    generator, positions = _with_end(walk)
    found = spectrum(generator, positions, k + 1)
    others = np.flatnonzero(found.eigenvalues != 0)[:k]
    modes = found.modes[:-1, others]
    return Spectrum(found.eigenvalues[others], modes / np.abs(modes).sum(axis=0))


def _with_end(walk: Walk) -> tuple[sparse.csc_array, Integers]:
    """The chain with one more state, in which the walk ends; in a corner, where a dissection cuts it off first."""
    leaving = sparse.csr_array(walk.exits.sum(axis=0)[None])
    generator = sparse.block_array([[walk.generator, None], [leaving, sparse.csr_array((1, 1))]], format="csc")
    return sparse.csc_array(generator), np.vstack([walk.positions, walk.positions.min(axis=0)])


def _placed(masses: Array, walk: Walk, grid: Grid) -> Array:
    result = np.zeros(grid.size)
    result[walk.cells] = masses
    return result.reshape(grid.shape)
