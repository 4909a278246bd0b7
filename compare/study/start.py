"""Where the walkers of a study start."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import ndtr

from compare.study.section import Section
from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws import Density, Grid

FARTHEST = 5.0  # standard deviations of a normal start that must fit into the grid
SLACK = 1e-12  # of the size of the box: what rounding may move an end


class Start(Protocol):
    """A law of start positions."""

    def sample(self, walkers: int, rng: np.random.Generator) -> Array:
        """Independent positions, shape (walkers, d)."""
        ...

    def density(self, grid: Grid) -> Density:
        """The law as exact cell averages."""
        ...


@dataclass(frozen=True)
class UniformStart:
    """Uniform on a box."""

    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def sample(self, walkers: int, rng: np.random.Generator) -> Array:
        """See `Start`."""
        return rng.uniform(self.lower, self.upper, (walkers, len(self.lower)))

    def density(self, grid: Grid) -> Density:
        """See `Start`."""
        ends = zip(grid.edges, self.lower, self.upper, strict=True)
        return _product(grid, [np.diff(np.clip(edges, a, b)) for edges, a, b in ends])


@dataclass(frozen=True)
class PointStart:
    """All walkers at one point."""

    position: tuple[float, ...]

    def sample(self, walkers: int, rng: np.random.Generator) -> Array:
        """See `Start`."""
        return np.tile(self.position, (walkers, 1))

    def density(self, grid: Grid) -> Density:
        """See `Start`: all mass in the cell that holds the point."""
        counts, _ = grid.count(np.array([self.position]))
        return Density.normalised(grid, counts, cell_averages=True)


@dataclass(frozen=True)
class NormalStart:
    """Independent normal components."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def sample(self, walkers: int, rng: np.random.Generator) -> Array:
        """See `Start`."""
        return np.array(self.mean) + np.array(self.std) * rng.standard_normal((walkers, len(self.mean)))

    def density(self, grid: Grid) -> Density:
        """See `Start`: given that the start is on the grid."""
        shapes = zip(grid.edges, self.mean, self.std, strict=True)
        return _product(grid, [np.diff(ndtr((edges - mean) / std)) for edges, mean, std in shapes])


def _product(grid: Grid, factors: list[Array]) -> Density:
    values = factors[0]
    for factor in factors[1:]:
        values = np.multiply.outer(values, factor)
    return Density.normalised(grid, values, cell_averages=True)


def read_start(section: Section, grid: Grid, grid_table: str = "grid") -> Start:
    """The start that a table, as [start], describes: `uniform`, `point` or `normal`, inside the grid.

    Raises
    ------
    InputError
        If it is none of these, a key is unknown, or the start is not inside the grid.
    """
    kinds = [kind for kind in ("uniform", "point", "normal") if kind in section]
    if not kinds:
        section.close()  # names the nearest of them where one is misspelt
    require(
        len(kinds) == 1,
        f"[{section.name}] needs exactly one of uniform, point, normal, got {', '.join(kinds) or 'none'}",
    )
    if kinds == ["uniform"]:
        rows = section.rows("uniform")
        require(
            all(low < high for low, high in rows),
            f"{section.where('uniform')} must have rows [low, high], got {rows}",
        )
        start: Start = UniformStart(tuple(row[0] for row in rows), tuple(row[1] for row in rows))
        lower, upper = [row[0] for row in rows], [row[1] for row in rows]
    elif kinds == ["point"]:
        lower = upper = section.numbers("point")
        start = PointStart(tuple(lower))
    else:
        normal = section.needed("normal")
        mean, std = normal.numbers("mean"), normal.numbers("std")
        normal.close()
        require(len(mean) == len(std), f"[{normal.name}] needs a mean and a std of each axis, got {mean}, {std}")
        start = NormalStart(tuple(mean), tuple(std))
        lower = [m - FARTHEST * s for m, s in zip(mean, std, strict=True)]
        upper = [m + FARTHEST * s for m, s in zip(mean, std, strict=True)]
    section.close()
    require(
        len(lower) == grid.dim,
        f"[{section.name}] must have {grid.dim} components as [{grid_table}] has, got {len(lower)}",
    )
    for axis in range(grid.dim):
        inside = lower[axis] >= grid.lower[axis] - _slack(grid) and upper[axis] <= grid.upper[axis] + _slack(grid)
        require(
            inside,
            f"the start must lie in the grid, along axis {axis} it reaches [{lower[axis]:g}, {upper[axis]:g}] "
            f"and the grid [{grid.lower[axis]:g}, {grid.upper[axis]:g}]; widen [{grid_table}] or move "
            f"[{section.name}]",
        )
    return start


def _slack(grid: Grid) -> float:
    return SLACK * math.hypot(*grid.lower, *grid.upper)
