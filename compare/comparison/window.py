"""The part of a grid where laws are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from compare.distances import Law
from compare.distances.masses import Masses
from theory.base.arrays import Array
from theory.base.errors import require

TAIL = 5e-4  # of a law that may lie beyond a side
MARGIN = 0.06  # of the window, added to each side
ALMOST_ALL = 0.9  # of an axis, beyond which all of it is the window


@dataclass(frozen=True, eq=False)
class LawWindow:
    """A box that holds nearly all of several laws, with what each has `outside`.

    `lower` and `upper` have shape (d,), `outside` shape (laws,): probabilities.
    """

    lower: Array = field(repr=False)
    upper: Array = field(repr=False)
    outside: Array = field(repr=False)


def common_window(laws: Sequence[Law]) -> LawWindow:
    """The smallest box of whole cells beyond each side of which no law has more than 1/2000, with a margin.

    Periodic axes, and those of which nine tenths are needed, are shown whole.

    Raises
    ------
    InputError
        If there is no law, one is on no grid, or none has mass on it.
    """
    require(len(laws) > 0, "a window needs at least one law, got none")
    masses = [Masses.of(law) for law in laws]
    grid = masses[0].grid
    on_grid = [m.probabilities[:-1].reshape(grid.shape) for m in masses]
    shares = [mass / mass.sum() for mass in on_grid if mass.any()]
    require(len(shares) > 0, "a window needs a law with mass on the grid, none has some; widen the grid")
    kept, lower, upper = [], [], []
    for axis, (edges, cells) in enumerate(zip(grid.edges, grid.cells, strict=True)):
        others = tuple(k for k in range(grid.dim) if k != axis)
        below = [np.cumsum(share.sum(axis=others)) for share in shares]
        first = min(int(np.searchsorted(one, TAIL, side="right")) for one in below)
        last = max(int(np.searchsorted(one, 1 - TAIL)) for one in below)
        spare = int(np.ceil(MARGIN * (last + 1 - first)))
        first, last = max(first - spare, 0), min(last + spare, cells - 1)
        if grid.periodic[axis] or last + 1 - first > ALMOST_ALL * cells:
            first, last = 0, cells - 1
        kept.append(slice(first, last + 1))
        lower.append(edges[first])
        upper.append(edges[last + 1])
    outside = [max(float(mass.sum() - mass[tuple(kept)].sum()), 0.0) for mass in on_grid]
    return LawWindow(np.array(lower), np.array(upper), np.array(outside))
