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
    cells, periodic = section.read("cells"), section.read("periodic")
    flags = periodic if isinstance(periodic, list) else [periodic] * len(cells)
    section.close()
    size = math.prod(cells)
    most = MOST_CELLS.get(len(cells), MOST_CELLS_BEYOND)
    require(
        size <= most, f"[{section.name}] may have {most} cells in {len(cells)} dimensions, got {size}; coarsen it"
    )
    try:
        return Grid(lower, upper, cells, flags)
    except InputError as error:
        raise InputError(f"[{section.name}] does not fit: {error}") from None
