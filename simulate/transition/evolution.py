"""Laws at given steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from theory.base.arrays import Array
from theory.base.showing import told
from theory.laws import Density


class Evolution(tuple[Density, ...]):
    """Laws at given steps, each of the walkers that have not left the grid by then.

    `outside` (steps,) is the share of all walkers that has left the grid by each step. Nobody comes back here; of
    SGD somebody may, and the law of all that are on the grid is then up to `outside` off in total variation, on
    top of its `error`: widen the grid until that is small.
    """

    outside: Array

    def __repr__(self) -> str:
        return told("Evolution", laws=len(self), outside=np.asarray(self.outside))

    def __getnewargs__(self) -> tuple[tuple[Density, ...], Array]:
        """What copies and pickles are made of."""
        return tuple(self), self.outside

    def __new__(cls, laws: Sequence[Density], outside: Array) -> Evolution:
        """The `laws` with the shares `outside`."""
        evolution = super().__new__(cls, laws)
        evolution.outside = outside
        return evolution
