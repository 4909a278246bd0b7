"""The grid of a study, from a table [grid]."""

from __future__ import annotations

import math

from compare.study.section import Section
from theory.base.errors import InputError, require
from theory.laws import Grid

MOST_CELLS = {1: 1_000_000, 2: 300_000, 3: 100_000}  # each a minute or two of one core
MOST_CELLS_BEYOND = 1_000_000  # in more dimensions, where walkers are counted and no law is solved


def read_grid(section: Section) -> Grid:
    """The grid that a table, as [grid], describes.

    Raises
    ------
    InputError
        If a key is missing or unknown, or the numbers are those of no grid.
    """
    lower, upper = section.numbers("lower"), section.numbers("upper")
    cells = section.take("cells")
    require(
        isinstance(cells, list) and all(isinstance(n, int) and not isinstance(n, bool) for n in cells),
        f"{section.where('cells')} must be a list of whole numbers, got {cells!r}",
    )
    periodic = section.take("periodic", False)
    flags = periodic if isinstance(periodic, list) else [periodic] * len(cells)
    require(
        all(isinstance(flag, bool) for flag in flags),
        f"{section.where('periodic')} must be true, false or a list of them, got {periodic!r}",
    )
    section.close()
    size = math.prod(cells)
    most = MOST_CELLS.get(len(cells), MOST_CELLS_BEYOND)
    require(
        size <= most, f"[{section.name}] may have {most} cells in {len(cells)} dimensions, got {size}; coarsen it"
    )
    try:
        grid = Grid(lower, upper, cells, flags)
    except InputError as error:
        raise InputError(f"[{section.name}] does not fit: {error}") from None
    require(min(grid.cells) >= 2, f"{section.where('cells')} must be at least 2 along each axis, got {cells}")
    return grid
