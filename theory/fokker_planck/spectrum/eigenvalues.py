"""The spectrum of an equation, with the errors of its meshes and of rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from scipy.optimize import linear_sum_assignment

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import InputError, require
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import has_jumps, leaps
from theory.fokker_planck.lattice import FEWEST_STENCIL_CELLS, HOPELESS_PECLET, LawsOnMeshes, numerical_diffusion
from theory.fokker_planck.meshes import (
    BLOWN,
    MESHED,
    UPWIND_PECLET,
    Limit,
    extrapolated_number,
    kept,
    ladder,
    limits,
    ratios_of,
    refined_ladder,
    shared,
)
from theory.fokker_planck.passages import walk_until
from theory.fokker_planck.spectrum.centred_spectrum import centred_spectrum
from theory.laws import Grid, NoStationaryDensity
from theory.markov import Spectrum, Walk, spectrum
from theory.markov.framed import Complexes
from theory.markov.slow_modes import SPARE

LEAST_EIGENVALUE = 1e-290  # stands in for the eigenvalue 0
MATCHED = 4  # more modes on every mesh, so that each finds its own
FLATTER = 4.0  # of a line with ends: a fall of drift over diffusion of 1/4 on the given cells
TIP = 10.0  # spacings over the size of the box: the part, where the potential is known
CLOSER = 1.5  # ratio of the meshes of central differences
FINE = 1e-6  # sum of relative errors of the fitted flux below which no other is tried


def relaxation_spectrum(equation: Equation, grid: Grid, open_sides: Booleans, k: int) -> Spectrum:
    """The k eigenvalues nearest 0, of fourth order where meshes converge, with errors; modes are of this grid.

    `open_sides` has shape (d, 2).
    Of the fitted flux; beyond the line, where that is not in detailed balance and leaves more than 1e-6, of
    central differences too, and those with the smaller errors are taken: drift that rules, or that noise misses,
    makes the fitted flux one of first order. A line is refined until drift does not rule its cells; elsewhere what
    meshes show there counts whole, as upwinding hides its error from them. The error is infinite where an
    eigenvalue follows the mesh, as rates over points do that walkers never pass, and of the fitted flux above the
    Peclet number 10.

    Raises
    ------
    InputError
        As `spectrum`.
    """
    require(k >= 1, f"`k` must be at least 1, got {k}")

    peclet, ends = walk_until(equation, grid, open_sides).peclet, bool(open_sides.any())
    grids = refined_ladder(grid, FLATTER * peclet if ends else peclet) if grid.dim == 1 else ladder(grid)
    finest = walk_until(equation, grids[0], open_sides)

    def fitted(mesh: Grid, count: int) -> Spectrum:
        walk = finest if mesh == grids[0] else walk_until(equation, mesh, open_sides)
        absorption: Array = walk.exits.sum(axis=0)
        return _exact_zeros(spectrum(walk.generator, walk.positions, count, absorption), walk)

    drift = finest.peclet * (len(grids) if ends else 1) / UPWIND_PECLET  # ends show it on the coarsest mesh
    hidden = 0.0 if grid.dim == 1 else BLOWN * min(drift, 1.0)
    tips = leaps(equation, grid)
    if tips:
        hidden = max(hidden, MESHED if has_jumps(equation, grid) else min(MESHED, TIP / max(grid.cells)))
    found = _settled(fitted, grids, grid, k, limit=partial(extrapolated_number, hidden=hidden))
    assert found.error is not None
    if tips or (ends and grid.dim > 1):  # tips, or drift, move all of them by like parts
        sizes = np.abs(found.eigenvalues)
        parts = np.divide(found.error, sizes, out=np.zeros(len(sizes)), where=sizes > 0)
        found = replace(found, error=np.where(sizes > 0, sizes * parts.max(), found.error))
    if grid.dim == 1 or not _doubt(found) > FINE:
        return found
    if _upwinding(equation, grid):
        found = replace(found, error=np.where(found.error == 0, 0.0, np.inf))
    if found.reversible or ends or has_jumps(equation, grid):
        return found
    damped = numerical_diffusion(equation, grid).relative > 0
    rate = float(np.abs(found.eigenvalues).max())

    def centred(mesh: Grid, count: int) -> Spectrum:
        if min(mesh.shape) < FEWEST_STENCIL_CELLS:
            raise InputError(
                f"central differences need {FEWEST_STENCIL_CELLS} cells along each axis, got {min(mesh.shape)}"
            )
        return centred_spectrum(equation, mesh, count, rate, damped=damped, least=k)

    try:
        with np.errstate(over="ignore", invalid="ignore"):  # of frames far from normal: their errors say so
            other = _settled(centred, _closer_grids(grid), grid, k, limit=kept)
    except (InputError, NoStationaryDensity, np.linalg.LinAlgError):
        return found
    return other if _doubt(other) < min(_doubt(found), k) else found


def _exact_zeros(found: Spectrum, walk: Walk) -> Spectrum:
    """The spectrum with an infinite error for each 0 that is one only as rates are below floating point numbers.

    Raises
    ------
    InputError
        On a line, where such a rate is that over a barrier.
    """
    assert found.error is not None
    zeros = np.flatnonzero(found.eigenvalues == 0)
    if not (walk.underflown.size and len(zeros)) or len(zeros) <= (exact := walk.closed_classes):
        return found
    require(
        walk.positions.shape[1] > 1,
        f"eigenvalues must be above 1e-290 in size, got {len(zeros) - exact} below: barriers must stay under "
        "about 600 temperatures; raise the temperature",
    )
    error = found.error.copy()
    error[zeros[exact:]] = np.inf
    return replace(found, error=error)


def _upwinding(equation: Equation, grid: Grid) -> bool:
    """Whether drift rules the cells so that meshes of the fitted flux do not show its error."""
    try:
        return LawsOnMeshes(equation).peclet_on(grid) > HOPELESS_PECLET
    except NoStationaryDensity:
        return False


def _doubt(found: Spectrum) -> float:
    """The sum of the relative errors; infinite where one is not known."""
    assert found.error is not None
    moving = (found.eigenvalues != 0) | (found.error > 0)
    sizes = np.maximum(np.abs(found.eigenvalues[moving]), LEAST_EIGENVALUE)
    total = float((found.error[moving] / sizes).sum())
    return total if np.isfinite(total) else np.inf


def _closer_grids(grid: Grid) -> tuple[Grid, ...]:
    """The grid and two that are coarser by 3/2 each: halves would not resolve the modes that it just does."""
    grids = [grid]
    for power in (1, 2):
        cells = [round(n / CLOSER**power) if n > 1 else n for n in grid.cells]
        grids.append(Grid(grid.lower, grid.upper, cells, grid.periodic))
    return tuple(grids)


def _settled(
    solved: Callable[[Grid, int], Spectrum], grids: Sequence[Grid], grid: Grid, k: int, limit: Limit
) -> Spectrum:
    """What a method says on successive `grids`, carried to the limit; modes are those on `grid`."""
    levels: list[Complexes] = []
    rounding, own = np.zeros(0), None
    for mesh in grids:
        count = min(k + MATCHED * (2 if levels else 1), mesh.size - SPARE - 1)
        if count < k:
            break
        try:
            found = solved(mesh, count)
        except (InputError, NoStationaryDensity):
            if not levels or limit is not kept:
                raise
            break
        assert found.error is not None
        own = found if mesh == grid else own
        if levels:
            before = levels[-1][: len(found.eigenvalues)]
            ordered = grid.dim == 1 and found.reversible  # the n-th mode has n nodes on every mesh
            chosen = np.arange(len(before)) if ordered else _matched(before, found.eigenvalues)
            levels = [one[: len(chosen)] for one in levels]
            rounding = rounding[: len(chosen)]  # that of the finest
            levels.append(found.eigenvalues[chosen])
        else:
            levels, rounding = [found.eigenvalues], found.error
    own = solved(grid, k) if own is None else own
    values, errors = limits(np.array(levels), ratios_of(grids[: len(levels)]), apart=own.reversible, limit=limit)
    nearest = np.argsort(np.abs(values), kind="stable")[:k]
    values, errors = values[nearest], (errors + rounding)[nearest]
    if not own.reversible:
        errors = shared(values, errors)
    modes = own.modes if grid.dim == 1 and own.reversible else own.modes[:, _matched(values, own.eigenvalues)]
    return Spectrum(values, modes[:, : len(values)], errors, own.reversible)


def _matched(values: Complexes, others: Complexes) -> Integers:
    """For each eigenvalue the index of its own among `others`: the least sum of squares in logarithms.

    Squares keep the order of those that a mesh moves together.
    """
    logs = [np.log(np.where(one == 0, LEAST_EIGENVALUE, -one)) for one in (values, others)]
    return np.asarray(linear_sum_assignment(np.abs(logs[0][:, None] - logs[1]) ** 2)[1])
