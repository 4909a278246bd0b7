"""The steps by which walkers leave the box through absorbing sides."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.base.rounding import NOT_ZERO
from theory.equations.protocol import Equation
from theory.fokker_planck.generator.coefficients import unfitted_drift
from theory.laws import Grid


@dataclass(frozen=True, eq=False)
class Exits:
    """Steps out of the box through absorbing sides: from `cells` along `steps`, which meet the side at `parts`.

    `weights` are the diffusive rates of the whole steps, as of the middle of the parts inside; shape (m,) each,
    steps (m, d).
    """

    cells: Integers = field(repr=False)
    steps: Integers = field(repr=False)
    parts: Array = field(repr=False)
    weights: Array = field(repr=False)


def selling_exits(weights: Array, offsets: Integers, grid: Grid, open_sides: Booleans) -> Exits:
    """Steps through the `open_sides`; weights are carried on to the side from those of x and x - e."""
    if not open_sides.any():
        none = np.zeros(0, dtype=np.int64)
        return Exits(none, np.zeros((0, grid.dim), dtype=np.int64), np.zeros(0), np.zeros(0))
    here = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)
    found = []
    for weight, offset in zip(weights.T, np.moveaxis(offsets, 1, 0), strict=True):
        for step in (offset, -offset):
            parts, leaves = way_out(here, step, grid, open_sides)
            cells = np.flatnonzero(leaves & (weight > 0))
            steps, part, own = step[cells], parts[cells], weight[cells]
            behind = np.clip(here[cells] - steps, 0, np.array(grid.shape) - 1)
            flat = np.ravel_multi_index(tuple(behind.T), grid.shape)
            same = (offsets[flat] == steps[:, None]).all(axis=2) | (offsets[flat] == -steps[:, None]).all(axis=2)
            before = (weights[flat] * same).sum(axis=1)
            growth = np.divide(own, before, out=np.ones_like(own), where=before > 0)
            found.append((cells, steps, part, own * growth ** (part / 2)))
    return Exits(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def way_out(here: Integers, steps: Integers, grid: Grid, open_sides: Booleans) -> tuple[Array, Booleans]:
    """Part of each step at which it meets the first side of the box, else 1, and whether that is an open one.

    `here` and `steps` in cells, shape (m, d).
    """
    parts, leaves = np.ones(len(here)), np.zeros(len(here), dtype=bool)
    for axis in range(grid.dim):
        if grid.periodic[axis]:
            continue
        for upper, sign in enumerate((-1, 1)):
            cells = here[:, axis] + 0.5 if sign < 0 else grid.shape[axis] - 0.5 - here[:, axis]
            ahead = sign * steps[:, axis]
            with np.errstate(divide="ignore"):
                part = np.where(ahead > 0, cells / np.maximum(ahead, NOT_ZERO), np.inf)
            first = part < parts
            leaves = np.where(first, open_sides[axis, upper], leaves)
            parts = np.where(first, part, parts)
    return parts, leaves


def upwind_exits(equation: Equation, grid: Grid, open_sides: Booleans) -> Exits:
    """Steps by which the drift outside the range of D leaves through the `open_sides`, half a cell away.

    `open_sides` has shape (d, 2).
    At the rate |r_i| / h_i, as `upwind_edges` do inside.

    Raises
    ------
    InputError
        If a coefficient is not finite.
    """
    rates = unfitted_drift(equation, grid).reshape(grid.size, grid.dim) / grid.spacing
    cells = np.arange(grid.size).reshape(grid.shape)
    found = [(np.zeros(0, dtype=np.int64), np.zeros((0, grid.dim), dtype=np.int64), np.zeros(0))]
    for axis, upper in np.argwhere(open_sides):
        sign = 1 if upper else -1
        wall = cells.take(-1 if upper else 0, axis).ravel()
        outward = sign * rates[wall, axis]
        blown = wall[outward > 0]
        steps = np.zeros((len(blown), grid.dim), dtype=np.int64)
        steps[:, axis] = sign
        found.append((blown, steps, outward[outward > 0] / 2))  # of a whole step
    sources, steps, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Exits(sources, steps, np.full(len(sources), 0.5), weights)
