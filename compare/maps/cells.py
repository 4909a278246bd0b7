"""Cells of a map: rectangles of neighbouring numbers, each measured at one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Integers

THIRDS = 3


@dataclass(frozen=True)
class Stretch:
    """The numbers from `begin` to before `end` of a range, of which number `at` is measured."""

    begin: int
    end: int
    at: int

    @staticmethod
    def of(begin: int, end: int) -> Stretch:
        """Measured in its middle."""
        return Stretch(begin, end, (begin + end - 1) // 2)

    def split(self) -> tuple[Stretch, ...]:
        """Three parts of nearly one length, the middle one measured where this is: what was found is kept.

        A stretch of two numbers has two parts, one of a single number is left whole.
        """
        half = (self.end - self.begin) // THIRDS // 2
        left, right = max(self.at - half, self.begin), min(self.at + half + 1, self.end)
        parts = [Stretch(left, right, self.at)]
        if self.begin < left:
            parts.insert(0, Stretch.of(self.begin, left))
        if right < self.end:
            parts.append(Stretch.of(right, self.end))
        return tuple(parts)


@dataclass(frozen=True)
class Cell:
    """A rectangle of numbers of two ranges."""

    x: Stretch
    y: Stretch

    @property
    def at(self) -> tuple[int, int]:
        """The place that is measured."""
        return self.x.at, self.y.at

    @property
    def whole(self) -> bool:
        """Whether it has a single place and cannot be split."""
        return self.x.end - self.x.begin == 1 and self.y.end - self.y.begin == 1

    def split(self) -> tuple[Cell, ...]:
        """Up to nine parts; the one in the middle is measured where this is."""
        return tuple(Cell(x, y) for x in self.x.split() for y in self.y.split())


def first_cells(shape: tuple[int, int], refine: int) -> tuple[Cell, ...]:
    """Cells of 3^refine numbers along each range, the last of a range perhaps fewer."""
    size = THIRDS**refine
    along = [[Stretch.of(k, min(k + size, n)) for k in range(0, n, size)] for n in shape]
    return tuple(Cell(x, y) for x in along[0] for y in along[1])


def owners(cells: Iterable[Cell], shape: tuple[int, int]) -> Integers:
    """The number of the cell that each place belongs to, of this `shape`."""
    found = np.full(shape, -1)
    for number, cell in enumerate(cells):
        found[cell.x.begin : cell.x.end, cell.y.begin : cell.y.end] = number
    return found


def neighbours(owner: Integers) -> Iterator[tuple[int, int]]:
    """Every pair of cells that share a side, once; `owner` is that of `owners`."""
    pairs = set()
    for first, second in ((owner[1:], owner[:-1]), (owner[:, 1:], owner[:, :-1])):
        apart = first != second
        pairs |= set(zip(first[apart].tolist(), second[apart].tolist(), strict=True))
    return iter(sorted({(min(pair), max(pair)) for pair in pairs}))
