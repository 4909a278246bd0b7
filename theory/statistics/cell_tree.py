"""A grid halved by mass, again and again: parts of equal mass that lie together, from the masses alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array, Integers

Box = tuple[slice, ...]


@dataclass(frozen=True)
class Split:
    """A box of cells cut in two along an axis.

    Parameters
    ----------
    depth
        How many cuts led to the box.
    low, high
        The two halves, as slices of an array over the grid.
    masses
        Of the two halves.
    """

    depth: int
    low: Box
    high: Box
    masses: tuple[float, float]

    def counted(self, counts: Integers) -> tuple[int, int]:
        """How many of `counts`, shape of the grid, lie in the two halves."""
        return int(counts[self.low].sum()), int(counts[self.high].sum())


def halved(masses: Array, least: float, depth: int) -> list[Split]:
    """Cuts of the grid, each box where its two halves are most alike, until a half would hold less than `least`.

    Parameters
    ----------
    masses
        Of the cells, shape of the grid.
    depth
        Cuts along one way at most.
    """
    pending = [(0, tuple(slice(0, n) for n in masses.shape))]
    found = []
    while pending:
        level, box = pending.pop(0)
        cut = _cut(masses, box, least, level) if level < depth else None
        if cut is not None:
            found.append(cut)
            pending += [(level + 1, cut.low), (level + 1, cut.high)]
    return found


def _cut(masses: Array, box: Box, least: float, depth: int) -> Split | None:
    """The most even cut across the axis along which the box is widest, or the next; None if none is even."""
    inside = masses[box]
    axes = range(masses.ndim)
    lines = [inside.sum(axis=tuple(other for other in axes if other != axis)) for axis in axes]
    for axis in sorted(axes, key=lambda axis: -_width(lines[axis])):
        below = np.cumsum(lines[axis])
        lower, whole = below[:-1], float(below[-1])
        if not len(lower):
            continue
        at = int(np.argmax(np.minimum(lower, whole - lower)))
        low, high = float(lower[at]), float(lines[axis][at + 1 :].sum())
        if min(low, high) >= least and min(low, high) > 0:
            middle = box[axis].start + at + 1
            halves = [list(box), list(box)]
            halves[0][axis], halves[1][axis] = slice(box[axis].start, middle), slice(middle, box[axis].stop)
            return Split(depth, tuple(halves[0]), tuple(halves[1]), (low, high))
    return None


def _width(line: Array) -> float:
    """Standard deviation in cells."""
    whole = float(line.sum())
    if whole <= 0:
        return 0.0
    place = np.arange(len(line))
    centre = float(place @ line) / whole
    return float((place - centre) ** 2 @ line) / whole
