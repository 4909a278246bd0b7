"""Passage times and committors of sharp differences, with errors; and the better of two schemes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from theory.base.arrays import Array, Booleans, Integers
from theory.equations.protocol import Equation
from theory.fokker_planck.meshes import BLOWN, SAFETY_OF_MESHES, UPWIND_PECLET, answer_of
from theory.fokker_planck.passages.sharp_walk import SharpWalk, sharp_walk
from theory.laws import Field, Grid
from theory.laws.region import Region

TRUSTED = 0.1  # mean relative error with which a scheme may object to another
NEXT = 3  # cells over which the largest change counts, as it passes through 0

Solved = tuple[Array, Array]  # values and errors on one mesh, shape (n,) each


def sharp_times(walk: SharpWalk) -> tuple[Solved, ...]:
    """Mean and standard deviation of the time until the walk ends, each with its error on this mesh."""
    ends = np.zeros(len(walk.exits)).tolist()
    mean, error = walk.solve(np.ones(len(walk.cells)), ends)
    variance, doubt = walk.solve(walk.spreading(mean), ends)
    variance = np.maximum(variance, 0.0)  # the error holds what was negative
    deviation = np.sqrt(variance)
    return (mean, error), (deviation, np.sqrt(variance + doubt) - deviation)


def sharp_committor(walk: SharpWalk) -> tuple[Solved, ...]:
    """Probability that the walk ends in the second region, with its error on this mesh."""
    return (walk.solve(np.zeros(len(walk.cells)), [0.0, 1.0, *np.zeros(len(walk.exits) - 2)]),)


def sharp_fields(
    equation: Equation,
    grid: Grid,
    grids: Sequence[Grid],
    open_sides: Booleans,
    regions: Sequence[Region],
    solve: Callable[[SharpWalk], Sequence[Solved]],
    peclet: float,
) -> list[Field | None] | None:
    """What `solve` says of the sharp walk, extrapolated over meshes; None where it does not apply or settle.

    The error is that of the meshes, and as drift rules, by the `peclet` number of the cells, more and more also
    what central differences on the same mesh would change: next to an end a coarser mesh has no cells. Where there
    are only two meshes, which may agree by chance, it is all of that, and as drift rules the largest around.
    """
    levels: list[Sequence[Solved]] = []
    cells: list[Integers] = []
    for mesh in grids:
        walk = sharp_walk(equation, mesh, open_sides, regions)
        if walk is None:
            return None
        try:
            levels.append(solve(walk))
        except RuntimeError:  # singular
            return None
        cells.append(walk.cells)
    share = drift_share(peclet)
    fields: list[Field | None] = []
    for solved in zip(*levels, strict=True):
        scale = float(np.abs(solved[0][0]).max())
        if not (all(np.isfinite(values).all() for values, _ in solved) and scale > 0):
            fields.append(None)
            continue
        shaped = [
            _on_grid(values / scale, which, mesh)
            for (values, _), which, mesh in zip(solved, cells, grids, strict=True)
        ]
        answer = answer_of(shaped, grids, grid, logarithms=False)
        if grid.dim == 2:  # in space cut cells are too many for changes that are all of second order
            answer = replace(answer, resolved=True)
        alone = len(answer.changes) == 1
        value, error = (replace(answer, cut=0.0) if alone else answer).extrapolated(None)
        here = answer_of(
            [_on_grid(solved[0][1] / scale, cells[0], grids[0])], grids[:1], grid, logarithms=False
        ).value
        here = np.where(np.isnan(here), 0.0, here)
        if alone:  # local errors of both signs cancel somewhere, on coarse meshes next to where they do not
            here += share * (_nearby(here, np.abs(np.where(np.isnan(value), 0.0, value))) - here)
        error = np.where(
            np.isnan(value), 0.0, BLOWN * error + here if alone else SAFETY_OF_MESHES * error + share * here
        )
        fields.append(Field(grid, scale * np.where(np.isnan(value), 0.0, value), scale * error))
    return fields


def better_field(fitted: Field, sharp: Field | None, peclet: float) -> Field:
    """The one whose relative errors are smaller on average, with an error that reaches the range of the other.

    As drift rules the error of the fitted one holds its distance from the sharp one, where that may be trusted.
    """
    if sharp is None:
        return fitted
    apart = np.abs(fitted.values - sharp.values)
    second = doubt(sharp)
    if second < TRUSTED:
        fitted = Field(fitted.grid, fitted.values, fitted.error + drift_share(peclet) * apart)
    first = doubt(fitted)
    kept, other = (fitted, sharp) if first <= second else (sharp, fitted)
    if max(first, second) >= TRUSTED:
        return kept
    return Field(kept.grid, kept.values, np.fmax(kept.error, apart - other.error))


def drift_share(peclet: float) -> float:
    """How far drift rules over the cells, from 0 to 1."""
    return min(peclet / UPWIND_PECLET, 1.0)


def _nearby(error: Array, sizes: Array) -> Array:
    """The largest error of the cells around, absolute or relative to these sizes, whichever is less."""
    shares = np.divide(error, sizes, out=np.zeros_like(error), where=sizes > 0)
    relative = ndimage.maximum_filter(shares, size=NEXT) * sizes
    return np.asarray(np.maximum(error, np.minimum(relative, ndimage.maximum_filter(error, size=NEXT))))


def doubt(found: Field) -> float:
    """Mean relative error, no more than 1 in a cell, where the walk runs."""
    runs = (found.values != 0) | (found.error != 0)
    error = np.where(np.isnan(found.error), np.inf, found.error)[runs]
    with np.errstate(divide="ignore"):
        return float(np.minimum(error / np.abs(found.values[runs]), 1.0).mean())


def _on_grid(values: Array, cells: Integers, grid: Grid) -> Array:
    result = np.full(grid.size, np.nan)
    result[cells] = values
    return result.reshape(grid.shape)
