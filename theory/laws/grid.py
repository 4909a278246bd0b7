"""Regular grids: where densities live, and the only place that bins points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.base.arrays import Array, ArrayLike, Booleans, Integers, read_only
from theory.base.errors import require
from theory.base.showing import argument

MOST_CELLS = 10**8  # an array of which takes 0.8 GB


@dataclass(frozen=True, init=False)
class Grid:
    """A box of equal cells in any dimension, closed or periodic along each axis.

    Parameters
    ----------
    lower, upper
        Ends of the box: length d, or scalars for d = 1.
    cells
        Number of cells along each axis: length d, or an integer for d = 1.
    periodic
        Whether the two ends of an axis are the same point: one flag for all axes, or one each.

    Raises
    ------
    InputError
        If lengths differ, an end is not finite, an axis is empty or has no cell, or there are more than 1e8 cells.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    cells: tuple[int, ...]
    periodic: tuple[bool, ...]

    def __init__(
        self,
        lower: float | Sequence[float],
        upper: float | Sequence[float],
        cells: int | Sequence[int],
        periodic: bool | Sequence[bool] = False,
    ) -> None:
        low, high = (tuple(map(float, np.atleast_1d(end))) for end in (lower, upper))
        counts = tuple(np.atleast_1d(np.asarray(cells)).tolist())
        wraps = (periodic,) * len(low) if isinstance(periodic, bool) else tuple(map(bool, periodic))
        lengths = {len(low), len(high), len(counts), len(wraps)}
        require(lengths != {0}, "a grid needs at least one axis, got none")
        require(
            len(lengths) == 1,
            f"a grid needs as many `lower`, `upper`, `cells` and `periodic` as axes, got "
            f"{len(low)}, {len(high)}, {len(counts)} and {len(wraps)}",
        )
        for axis, (a, b, n) in enumerate(zip(low, high, counts, strict=True)):
            require(
                math.isfinite(a) and math.isfinite(b) and a < b,
                f"axis {axis} of a grid needs finite lower < upper, got {a} and {b}",
            )
            require(
                n >= 1 and n % 1 == 0,
                f"axis {axis} of a grid needs a whole number of cells, at least 1, got {n}",
            )
        size = math.prod(int(n) for n in counts)
        require(
            size <= MOST_CELLS,
            f"a grid must have at most {MOST_CELLS:.0e} cells in all, got {' x '.join(map(str, counts))}, an "
            f"array of which takes {8 * size / 10**9:.3g} GB; take fewer along each axis",
        )
        object.__setattr__(self, "lower", low)
        object.__setattr__(self, "upper", high)
        object.__setattr__(self, "cells", tuple(int(n) for n in counts))
        object.__setattr__(self, "periodic", wraps)

    def __repr__(self) -> str:
        parts = [self.lower, self.upper, self.cells]
        ends = [argument(part[0] if self.dim == 1 else part) for part in parts]
        wraps = self.periodic[0] if len(set(self.periodic)) == 1 else self.periodic
        return f"Grid({', '.join(ends)}{f', periodic={wraps}' if any(self.periodic) else ''})"

    @property
    def dim(self) -> int:
        """Number of axes, d."""
        return len(self.cells)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of cells along each axis."""
        return self.cells

    @property
    def size(self) -> int:
        """Number of cells."""
        return math.prod(self.cells)

    @cached_property
    def spacing(self) -> Array:
        """Cell widths, shape (d,)."""
        return read_only((np.array(self.upper) - np.array(self.lower)) / np.array(self.cells))

    @property
    def cell_volume(self) -> float:
        """Volume of one cell."""
        return float(np.prod(self.spacing))

    @cached_property
    def axes(self) -> tuple[Array, ...]:
        """Cell centres along each axis: d arrays of lengths `shape`."""
        return tuple(
            read_only(a + h * (np.arange(n) + 0.5))
            for a, h, n in zip(self.lower, self.spacing, self.cells, strict=True)
        )

    @cached_property
    def edges(self) -> tuple[Array, ...]:
        """Cell faces along each axis: d arrays of lengths `shape` + 1; those of a refined grid hold them all."""
        return tuple(
            read_only(np.append(a + (b - a) * (np.arange(n) / n), b))
            for a, b, n in zip(self.lower, self.upper, self.cells, strict=True)
        )

    @cached_property
    def centers(self) -> Array:
        """Cell centres, shape (*shape, d)."""
        return read_only(np.stack(np.meshgrid(*self.axes, indexing="ij"), axis=-1))

    def refined(self, factor: int = 3) -> Grid:
        """The same box with every cell cut into `factor` along each axis; odd factors keep the centres."""
        return Grid(self.lower, self.upper, [n * factor for n in self.cells], self.periodic)

    def coarsened(self, factor: int) -> Grid:
        """The same box with `factor` cells along each axis joined into one.

        Raises
        ------
        InputError
            If `factor` does not divide the number of cells of every axis.
        """
        require(
            factor >= 1 and all(n % factor == 0 for n in self.cells),
            f"joining cells needs a factor that divides every axis of {self.cells}, got {factor}",
        )
        return Grid(self.lower, self.upper, [n // factor for n in self.cells], self.periodic)

    def wrap(self, points: ArrayLike) -> Array:
        """`points` (..., d) with the coordinates along periodic axes brought into the box.

        Raises
        ------
        InputError
            If the points do not have the grid's dimension.
        """
        wrapped = np.array(points, dtype=np.float64)
        require(
            wrapped.ndim >= 1 and wrapped.shape[-1] == self.dim,
            f"points on this grid need a last axis of length {self.dim}, got shape {wrapped.shape}",
        )
        for axis, periodic in enumerate(self.periodic):
            if periodic:
                a, b, x = self.lower[axis], self.upper[axis], wrapped[..., axis]
                with np.errstate(invalid="ignore"):  # infinity has no place on a circle: NaN
                    moved = a + np.mod(x - a, b - a)
                moved = np.where(moved >= b, a, moved)  # rounded up to the other end
                wrapped[..., axis] = np.where((x >= a) & (x < b), x, moved)
        return wrapped

    def locate(self, points: ArrayLike) -> tuple[Integers, Booleans]:
        """Flat cell index of each of `points` (..., d), and whether it lies in the box.

        A cell holds its lower faces, by comparison with `edges`; the upper faces of the box belong to the last
        cells. The index of a point outside, or not finite, is 0 and means nothing.

        Raises
        ------
        InputError
            If the last axis of `w` is not of length d.
        """
        wrapped = self.wrap(points)
        inside = np.all((wrapped >= self.lower) & (wrapped <= self.upper), axis=-1)
        flat = np.zeros(inside.shape, dtype=np.int64)
        for axis, (faces, n) in enumerate(zip(self.edges, self.cells, strict=True)):
            x = np.where(inside, wrapped[..., axis], faces[0])
            cell = np.minimum(((x - faces[0]) / self.spacing[axis]).astype(np.int64), n - 1)
            cell -= x < faces[cell]  # the quotient may round across a face
            cell += (x >= faces[cell + 1]) & (cell < n - 1)
            flat = flat * n + cell
        return flat, inside

    def as_points(self, points: ArrayLike) -> Array:
        """`points` as an array (n, d); on a line (n,) means n points."""
        array = np.asarray(points, dtype=np.float64)
        return array[:, None] if array.ndim == 1 and self.dim == 1 else array

    def count(self, points: ArrayLike) -> tuple[Integers, int]:
        """Number of `points` (n, d) in each cell, shape `shape`, and the number outside the box.

        On a line the points may also have shape (n,).
        """
        cell, inside = self.locate(self.as_points(points))
        counts = np.bincount(cell[inside].ravel(), minlength=self.size).reshape(self.shape)
        return counts.astype(np.int64), int(inside.size - np.count_nonzero(inside))
