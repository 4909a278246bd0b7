"""Where walkers on a line run until they meet an end: intervals between regions, sides and walls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, Booleans, Integers
from theory.laws import Grid
from theory.laws.region import Region

SAMPLES_OF_CELL = 27  # places in a cell where a region is looked for: the centres of the cell cut in 3, 9 and 27
BISECTIONS = 60
WALL = 0


@dataclass(frozen=True)
class Interval:
    """Points between two ends; on a circle it may run beyond the seam.

    Parameters
    ----------
    lower, upper
        Its ends.
    left, right
        What is met there: a region by its number from 1 on, after the regions an absorbing side, or a `WALL`.
    """

    lower: float
    upper: float
    left: int
    right: int

    def cells(self, grid: Grid) -> tuple[Integers, Array]:
        """Cells whose centres lie inside, and these centres, increasing in the coordinate of the interval."""
        turn = grid.upper[0] - grid.lower[0]
        w = grid.axes[0]
        if grid.periodic[0]:
            w = np.where(w <= self.lower, w + turn, w)
        cells = np.flatnonzero((w > self.lower) & (w < self.upper))
        cells = cells[np.argsort(w[cells])]
        return cells.astype(np.int64), w[cells]


def intervals(grid: Grid, open_sides: Booleans, regions: Sequence[Region]) -> tuple[Interval, ...]:
    """The intervals of the box outside the regions, from left to right; limits of regions by bisection."""
    count = grid.cells[0] * SAMPLES_OF_CELL
    length = grid.upper[0] - grid.lower[0]
    places = grid.lower[0] + length * ((np.arange(count) + 0.5) / count)
    label = _labels(regions, places)
    free = label == 0
    if free.all():
        if grid.periodic[0]:
            return ()
        return (Interval(grid.lower[0], grid.upper[0], *_sides(open_sides, regions)),)
    turns = np.flatnonzero(free[:-1] != free[1:])
    faces = _limits(regions, places[turns], places[turns + 1], free[turns])
    rises = ~free[turns]  # where an interval begins
    starts = [(float(x), int(label[k])) for x, k in zip(faces[rises], turns[rises], strict=True)]
    stops = [(float(x), int(label[k + 1])) for x, k in zip(faces[~rises], turns[~rises], strict=True)]
    left, right = _sides(open_sides, regions)
    if grid.periodic[0]:
        if free[0] != free[-1]:  # a limit at the seam, or close to it
            seam = float(_limits(regions, places[-1:], places[:1] + length, free[-1:], grid)[0])
            if free[0]:
                starts.append((seam, int(label[-1])))
            else:
                stops.append((seam, int(label[0])))
        starts.sort()
        stops.sort()
        if stops[0][0] <= starts[0][0]:
            stops = [*stops[1:], (stops[0][0] + length, stops[0][1])]
    else:
        starts = [(grid.lower[0], left)] * bool(free[0]) + starts
        stops = stops + [(grid.upper[0], right)] * bool(free[-1])
    return tuple(Interval(a, b, i, j) for (a, i), (b, j) in zip(starts, stops, strict=True))


def _sides(open_sides: Booleans, regions: Sequence[Region]) -> tuple[int, int]:
    left, right = (len(regions) + 1 if is_open else WALL for is_open in open_sides[0])
    return left, right


def _labels(regions: Sequence[Region], places: Array) -> Integers:
    found = np.zeros(len(places), dtype=np.int64)
    for number, region in enumerate(regions, 1):
        found[(found == 0) & region.holds(places[:, None])] = number
    return found


def _limits(
    regions: Sequence[Region], low: Array, high: Array, free_below: Booleans, grid: Grid | None = None
) -> Array:
    """Where the regions begin or end between `low` and `high`; `grid` wraps the places."""
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        places = middle if grid is None else grid.wrap(middle[:, None])[:, 0]
        same = (_labels(regions, places) == 0) == free_below
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.where(free_below, high, low)
