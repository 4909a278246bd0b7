"""Chains that take their turns, as the schedule of an algorithm says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from simulate.sgd import SGD
from simulate.transition.chain import Chain, Course
from theory.base.arrays import Array, Integers
from theory.base.errors import require

HORIZON = 2**20  # steps within which a schedule must have settled


class AlikeSteps(NamedTuple):
    """Steps of the operator that are alike: how many, and the rates and batches of the steps of SGD in each."""

    steps: int
    rates: Array
    batches: Integers


def stretches(sgd: SGD, steps: int, epoch: int = 1, begin: int = 0) -> list[AlikeSteps]:
    """So many `steps` from step `begin` on of an operator whose steps are `epoch` of SGD."""
    rates, batches = (plan.reshape(steps, epoch) for plan in sgd.plan(begin * epoch, steps * epoch))
    new = (np.diff(rates, axis=0) != 0).any(axis=1) | (np.diff(batches, axis=0) != 0).any(axis=1)
    begins = np.concatenate([[0], np.flatnonzero(new) + 1])
    lengths = np.diff(np.append(begins, steps))
    return [
        AlikeSteps(int(n), rates[first], batches[first]) for first, n in zip(begins, lengths, strict=True) if n > 0
    ]


def at(sgd: SGD, rate: float, batch: int) -> SGD:
    """The same algorithm with this rate and batch, and without a schedule."""
    return replace(sgd, learning_rate=float(rate), batch_size=int(batch), schedule=())


def settled(sgd: SGD) -> SGD:
    """The algorithm that a schedule comes to; `sgd` itself without one.

    The first 2^20 steps are looked at: one that stays through the second half of them has settled. What it does
    after them, such as a `Step` later than that, is not seen.

    Raises
    ------
    InputError
        If it comes to none.
    """
    if not sgd.schedules:
        return sgd
    rates, batches = sgd.plan(0, HORIZON)
    rest = slice(HORIZON // 2, None)
    stays = np.ptp(rates[rest]) == 0 and np.ptp(batches[rest]) == 0
    require(
        bool(stays and rates[-1] > 0),
        f"a law that lasts needs a schedule that settles at a positive rate, got {sgd.schedule!r}; take `evolve`",
    )
    return at(sgd, rates[-1], batches[-1])


def quietest(sgd: SGD, steps: int) -> SGD:
    """The algorithm at the positive rate and the batch at which the noise of the first `steps` is least."""
    if not sgd.schedules:
        return sgd
    rates, batches = sgd.plan(0, steps)
    widths = np.where(rates > 0, rates / np.sqrt(batches), np.inf)
    least = int(widths.argmin())
    return at(sgd, rates[least], batches[least]) if rates[least] > 0 else replace(sgd, schedule=())


@dataclass(frozen=True, eq=False)
class ScheduledChain:
    """The chains that `build` makes for the stretches of a schedule, on the same nodes, from step `begin` on.

    An operator's step is `epoch` steps of SGD. `moves` tells whether walkers go on at a rate of 0.
    """

    sgd: SGD
    build: Callable[[AlikeSteps], Chain] = field(repr=False)
    epoch: int = 1
    moves: bool = False
    begin: int = 0

    def laws(self, start: Callable[[Chain], Array], steps: Sequence[int]) -> Course:
        """What `Chain.laws` tells, of the masses that `start` makes for the nodes of the first chain.

        Raises
        ------
        InputError
            If the rate is 0 where walkers move all the same.
        """
        parts = stretches(self.sgd, max(steps[-1], 1), self.epoch, self.begin)
        chain, done, gone = self.build(parts[0]), 0, 0.0
        masses, found = start(chain), Course([], [], [])
        for number, part in enumerate(parts):
            chain = chain if number == 0 else self.build(part) if part.rates.any() else chain
            stops = [k - done for k in steps if k <= done + part.steps and (k > done or number == 0)]
            some = self._course(chain, part, masses, stops)
            found.cells.extend(some.cells)
            found.gone.extend(gone + lost for lost in some.gone)
            found.unseen.extend(some.unseen)
            if number + 1 < len(parts) and part.rates.any():
                (masses,), (lost,) = chain.evolve(masses, [part.steps])
                gone += lost
            done += part.steps
        return found

    def _course(self, chain: Chain, part: AlikeSteps, masses: Array, stops: Sequence[int]) -> Course:
        if part.rates.any():
            return chain.laws(masses, stops)
        require(
            not self.moves,
            f"the rate must stay positive where rules or momentum remember, got 0 from {self.sgd.schedule!r}; let "
            "it end above 0",
        )
        cells, gone, unseen = chain.laws(masses, [0])
        return Course(cells * len(stops), gone * len(stops), unseen * len(stops))
