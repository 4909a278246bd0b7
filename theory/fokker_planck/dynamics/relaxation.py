"""Laws in time of an equation, with the errors of their meshes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from theory.arrays import Array, Booleans, Integers
from theory.density import Density
from theory.equation import Equation
from theory.errors import require
from theory.fokker_planck.dynamics.evolution import evolve
from theory.fokker_planck.dynamics.walk import Walk, walk_until
from theory.fokker_planck.plane.mesh import coarsening, coarser_grids
from theory.fokker_planck.region import Region
from theory.grid import Grid


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


def rebinned(masses: Array, grid: Grid, onto: Grid) -> Array:
    """Masses of the cells of `grid`, spread evenly over each, in the cells of `onto`, a grid of the same box."""
    for axis, (old, new) in enumerate(zip(grid.edges, onto.edges, strict=True)):
        total = np.concatenate(
            [
                np.zeros((1, *np.moveaxis(masses, axis, 0).shape[1:])),
                np.cumsum(np.moveaxis(masses, axis, 0), axis=0),
            ]
        )
        place = np.interp(new, old, np.arange(len(old)))
        low = np.minimum(place.astype(np.int64), len(old) - 2)
        part = (place - low).reshape(-1, *[1] * (total.ndim - 1))
        masses = np.moveaxis(np.diff(total[low] * (1 - part) + total[low + 1] * part, axis=0), 0, axis)
    return masses


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


def _with_end(walk: Walk) -> tuple[sparse.csc_array, Integers]:
    """The chain with one more state, in which the walk ends; in a corner, where a dissection cuts it off first."""
    leaving = sparse.csr_array(walk.exits.sum(axis=0)[None])
    generator = sparse.block_array([[walk.generator, None], [leaving, sparse.csr_array((1, 1))]], format="csc")
    return sparse.csc_array(generator), np.vstack([walk.positions, walk.positions.min(axis=0)])


def _placed(masses: Array, walk: Walk, grid: Grid) -> Array:
    result = np.zeros(grid.size)
    result[walk.cells] = masses
    return result.reshape(grid.shape)
