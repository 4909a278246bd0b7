"""Parts of long arrays, so that memory does not grow with points times examples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

LARGEST_BLOCK: Final = 2_000_000  # numbers in one array over points and examples


def slabs(number: int, size: int) -> Iterator[slice]:
    """The places 0 ... number - 1 in slices that need one array each, where a place needs `size` numbers."""
    at_once = most_at_once(size)
    for begin in range(0, number, at_once):
        yield slice(begin, min(begin + at_once, number))


def most_at_once(size: int) -> int:
    """How many things of `size` numbers each go into one array; at least one."""
    return max(1, LARGEST_BLOCK // max(size, 1))
