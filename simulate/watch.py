"""Who has left or reached a region, and who has diverged, noted at every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulate.region import EventRegion
from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel
from theory.laws.walkers import DIVERGED


@dataclass(frozen=True, eq=False)
class Watch:
    """The region that is watched, and what was seen: step of the event and of divergence, -1 for none.

    `settled` counts both; a walker that has settled stays where it is. Shapes (walkers,).
    """

    region: EventRegion
    leaving: bool
    settled: Integers
    lost: Integers

    @staticmethod
    def of(region: EventRegion, leaving: bool, walkers: int) -> Watch:
        """Nothing seen yet."""
        nobody = np.full(walkers, -1, dtype=np.int64)
        return Watch(region, leaving, nobody, nobody.copy())

    def block(self, first: int, walkers: int) -> Watch:
        """The part of `walkers` walkers from number `first` on, sharing memory."""
        part = slice(first, first + walkers)
        return Watch(self.region, self.leaving, self.settled[part], self.lost[part])

    def note(self, w: Array, step: int) -> int:
        """Note what w (d, n) shows at `step`; returns how many walkers go on."""
        margin = np.where(self.region.holds(w.T), 1.0, -1.0)[None, :]
        return int(settle(w, margin, self.leaving, self.settled, self.lost, step))

    @staticmethod
    def nothing(walkers: int) -> Watch:
        """No region: nobody ever settles."""
        return Watch.of(EventRegion(lambda points: np.zeros(len(points), dtype=bool)), False, walkers)

    @property
    def kernel(self) -> Any:
        """The margin for compiled loops."""
        assert self.region.margin is not None
        return self.region.margin.kernel


@kernel
def settle(w: Array, margin: Array, leaving: bool, settled: Integers, lost: Integers, step: int) -> int:
    """Note who is out of (or in) the region at `step`, who diverged; returns how many go on.

    The region is where `margin` is positive. A walker that diverged has NaN or huge coordinates and is not asked.
    """
    going = 0
    for i in range(w.shape[1]):
        if settled[i] >= 0:
            continue
        finite = True
        for axis in range(w.shape[0]):
            finite = finite and abs(w[axis, i]) < DIVERGED
        if not finite:
            lost[i] = step
            settled[i] = step
        elif (margin[0, i] > 0.0) != leaving:
            settled[i] = step
        else:
            going += 1
    return going
