"""What happens at the sides of a grid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from theory.base.arrays import Booleans
from theory.base.errors import require
from theory.laws.density import Density
from theory.laws.grid import Grid


@dataclass(frozen=True)
class Reflecting:
    """No flux through the side."""


@dataclass(frozen=True)
class Periodic:
    """The side is joined to the opposite one."""


@dataclass(frozen=True)
class Absorbing:
    """Walkers that reach the side are gone."""


Boundary = Reflecting | Periodic | Absorbing
Sides = tuple[Boundary, Boundary]  # the lower and the upper side of an axis
Asked = Boundary | tuple[Boundary | Sides, ...] | None


def sides_of(grid: Grid, boundary: Asked) -> tuple[Sides, ...]:
    """The lower and the upper side of every axis, as `FokkerPlanck` is told them; by default what the grid says.

    Raises
    ------
    InputError
        If there is not one entry for each axis, an entry is no boundary, or one contradicts the grid.
    """
    natural: tuple[Sides, ...] = tuple(
        (Periodic(), Periodic()) if periodic else (Reflecting(), Reflecting()) for periodic in grid.periodic
    )
    if boundary is None:
        return natural
    entries = boundary if isinstance(boundary, tuple) else (boundary,) * grid.dim
    if grid.dim == 1 and len(entries) == 2:  # on a line the two sides may stand alone
        entries = (entries,)  # type: ignore[assignment]
    require(
        len(entries) == grid.dim,
        f"`boundary` must be one for all axes, or one or a pair for each of {grid.dim}, got {len(entries)}: "
        f"{boundary}",
    )
    sides: list[Sides] = []
    for axis, entry in enumerate(entries):
        pair = entry if isinstance(entry, tuple) else (entry, entry)
        require(
            len(pair) == 2 and all(isinstance(side, Boundary) for side in pair),
            f"`boundary` of axis {axis} must be Reflecting(), Periodic() or Absorbing(), or a pair of them, "
            f"got {entry!r}",
        )
        require(
            {isinstance(side, Periodic) for side in pair} == {grid.periodic[axis]},
            f"`boundary` must agree with the grid, got {entry} on axis {axis} with "
            f"periodic={grid.periodic[axis]}; say Grid(..., periodic=...)",
        )
        sides.append((pair[0], pair[1]))
    return tuple(sides)


def asked_walls(grid: Grid, boundary: Asked) -> Booleans:
    """Whether each side is a wall that was asked for, and not the mere end of a grid, shape (d, 2)."""
    if boundary is None:
        return np.zeros((grid.dim, 2), dtype=bool)
    return np.array([[isinstance(side, Reflecting) for side in pair] for pair in sides_of(grid, boundary)])


def with_walls(walls: Booleans, law: Density) -> Density:
    """The law with the `walls` (d, 2) that were asked for."""
    return replace(law, walls=tuple((bool(lower), bool(upper)) for lower, upper in walls))


def absorbing(sides: tuple[Sides, ...]) -> Booleans:
    """Whether walkers are gone at the lower and the upper side of each axis, shape (d, 2)."""
    return np.array([[isinstance(side, Absorbing) for side in pair] for pair in sides])
