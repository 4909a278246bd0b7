"""Passage times, committors and escape rates of an equation, extrapolated over meshes, with their errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from scipy import ndimage

from theory.base.arrays import Array, Booleans
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.equations.protocol import Equation
from theory.fokker_planck.meshes import Answer, answer_of, ladder, refined_ladder
from theory.fokker_planck.passages.line_passage import committor_line, free_intervals, passage_times_line
from theory.fokker_planck.passages.sharp_fields import (
    Solved,
    better_field,
    doubt,
    sharp_committor,
    sharp_fields,
    sharp_times,
)
from theory.fokker_planck.passages.sharp_walk import SharpWalk
from theory.fokker_planck.passages.walk import walk_until
from theory.laws import Density, Field, Grid, PassageTime, QuasiStationary
from theory.laws.region import Region
from theory.markov import Walk
from theory.markov import passages as passage

NEAR_END = 2  # cells next to an end where relative errors do not carry over
MOST_DOUBT = 0.8  # mean relative error of a passage time, at most 1 in a cell, beyond which it says nothing


def passage_time(equation: Equation, grid: Grid, open_sides: Booleans, target: Sequence[Region]) -> PassageTime:
    """Mean and standard deviation of the time to the `target` or an open side, with their errors.

    `open_sides` has shape (d, 2).
    On a line by quadrature where the noise does not vanish; else extrapolated from three meshes.

    Raises
    ------
    InputError
        If the target is empty or everything, cannot be reached, the times follow the mesh, or they are almost
        all error.
    """
    if grid.dim == 1:
        found = free_intervals(equation, grid, open_sides, tuple(target))
        if found is not None:
            return PassageTime(*passage_times_line(equation, grid, found))
    names = "mean passage time", None
    times = _fields(equation, grid, open_sides, target, passage.first_passage, sharp_times, names)
    unsure = doubt(times[0])
    require(
        unsure <= MOST_DOUBT,
        f"the mean passage time must not be all error, got {unsure:.2g} of it on average; refine the grid",
    )
    return PassageTime(*(replace(one, values=np.maximum(one.values, 0.0)) for one in times))


def committor(equation: Equation, grid: Grid, open_sides: Booleans, a: Region, b: Region) -> Field:
    """Probability to meet `b` before `a` or an open side: 0 in a, 1 in b; with its error.

    `open_sides` has shape (d, 2).
    As `passage_time`.

    Raises
    ------
    InputError
        If a set is empty, they overlap, neither can be reached, or the answer follows the mesh.
    """

    def probability(walk: Walk) -> tuple[Array]:
        return (passage.committor(walk, 1),)

    found = free_intervals(equation, grid, open_sides, (a, b)) if grid.dim == 1 else None
    if found is not None:
        chance = committor_line(equation, grid, found, 2)
    else:
        (chance,) = _fields(equation, grid, open_sides, (a, b), probability, sharp_committor, ("committor",))
    inside = b.cells(grid).reshape(grid.shape)
    return Field(grid, np.where(inside, 1.0, np.clip(chance.values, 0.0, 1.0)), chance.error)


def quasi_stationary(
    equation: Equation, grid: Grid, open_sides: Booleans, outside: Sequence[Region]
) -> QuasiStationary:
    """Law and rate of the walk until it meets the `outside` or an open side, of fourth order with their errors.

    `open_sides` has shape (d, 2).

    Raises
    ------
    InputError
        If the basin is empty, everything or in pieces, cannot be left, holds several wells, or the rate follows
        the mesh.
    """
    resolved = grid.dim == 1
    if resolved:
        grids = refined_ladder(grid, walk_until(equation, grid, open_sides, outside).peclet)
    else:
        grids = ladder(grid, outside)
    peclet = 0.0
    logs: list[Array] = []
    rates: list[float] = []
    for mesh in grids:
        walk = walk_until(equation, mesh, open_sides, outside)
        peclet = walk.peclet if mesh == grids[0] and not resolved else peclet
        law, rate = passage.quasi_stationary(walk)
        with np.errstate(divide="ignore"):
            logs.append(_on_grid(np.log(law / (walk.shares * mesh.cell_volume)), walk, mesh))
        rates.append(float(np.log(rate)))
    law_answer = replace(answer_of(logs, grids, grid, peclet), resolved=resolved)
    if not outside:  # sides cut the cells of all meshes alike
        law_answer = replace(law_answer, cut=0.0)
    value, error = law_answer.extrapolated("quasi-stationary law", _weights(law_answer))
    density = np.where(np.isnan(value), 0.0, np.exp(value))
    mass = float(density.sum()) * grid.cell_volume
    moved = float(np.nansum(density * error)) * grid.cell_volume / (2 * mass) + abs(mass - 1)
    changes = tuple(np.array(fine - coarse) for fine, coarse in pairwise(rates))
    log_rate, rate_error = replace(law_answer, value=np.array(rates[0]), changes=changes).extrapolated(
        "rate of escape"
    )
    rate = float(np.exp(log_rate))
    return QuasiStationary(
        Density(grid, density / mass, moved if np.isfinite(error).any() else None, cell_averages=False),
        Estimate(rate, rate * float(np.expm1(rate_error))),
    )


def _fields(
    equation: Equation,
    grid: Grid,
    open_sides: Booleans,
    regions: Sequence[Region],
    solve: Callable[[Walk], Sequence[Array]],
    sharp_solve: Callable[[SharpWalk], Sequence[Solved]],
    names: Sequence[str | None],
) -> list[Field]:
    """What `solve` says of the walk, 0 in the regions, or `sharp_solve` of the sharp one where that is better.

    Where an answer follows the mesh it is refused by its name, or without one has an infinite error.
    """
    grids = ladder(grid, regions)
    peclet = 0.0
    logs: list[list[Array]] = [[] for _ in names]
    for mesh in grids:
        walk = walk_until(equation, mesh, open_sides, regions)
        peclet = walk.peclet if mesh == grids[0] else peclet
        for levels, values in zip(logs, solve(walk), strict=True):
            with np.errstate(divide="ignore"):
                levels.append(_on_grid(np.log(values), walk, mesh))
    sharp = sharp_fields(equation, grid, grids, open_sides, regions, sharp_solve, peclet)
    fields: list[Field] = []
    for levels, name, other in zip(logs, names, sharp or [None] * len(names), strict=True):
        answer = answer_of(levels, grids, grid, peclet)
        value, error = answer.extrapolated(None, _weights(answer))
        result = np.where(np.isnan(value), 0.0, np.exp(value))
        found = better_field(Field(grid, result, _absolute(value, result, error)), other, peclet)
        if np.isposinf(found.error).any():
            answer.extrapolated(name, _weights(answer))
        fields.append(found)
    return fields


def _absolute(logs: Array, values: Array, error: Array) -> Array:
    """The errors of `values` from those of their logarithms; next to an end, where values vanish, the nearest."""
    missing = np.isnan(logs)
    with np.errstate(invalid="ignore"):  # 0 times infinity
        absolute = np.where(missing, 0.0, values * np.expm1(error))
    if missing.any():
        at_end = ndimage.binary_dilation(missing, iterations=NEAR_END) & ~missing
        absolute = np.where(at_end, ndimage.maximum_filter(absolute, size=2 * NEAR_END + 1), absolute)
    return np.asarray(absolute)


def _weights(answer: Answer) -> Array:
    """The values themselves, but for a factor: where they are next to nothing, relative changes mean nothing."""
    return np.exp(np.where(np.isnan(answer.value), -np.inf, answer.value - np.nanmax(answer.value)))


def _on_grid(values: Array, walk: Walk, grid: Grid) -> Array:
    """`values` of the cells of a walk on the grid, NaN elsewhere and where they are not finite."""
    result = np.full(grid.size, np.nan)
    result[walk.cells] = np.where(np.isfinite(values), values, np.nan)
    return result.reshape(grid.shape)
