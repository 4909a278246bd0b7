"""Many steps of a network in one call of its framework."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulate.block import Walkers
from simulate.momentum import Nesterov
from simulate.problem import Problem
from simulate.sgd import SGD
from simulate.sources import PythonSource, python_source
from theory.base.arrays import Array, Integers
from theory.base.errors import InputError
from theory.laws.walkers import Remembering
from theory.models import Network

WILD = 1e10  # beyond, a gradient that is not finite means a walker on its way to infinity
PLAIN = {"Nesterov", "schedule"}  # variants that are steps of `Network.descend`


def many_at_once(problem: Problem, walkers: Walkers) -> Remembering | None:
    """What advances a block of walkers of a network by plain steps, or None where there is more in a step."""
    model, sgd = problem.model, problem.sgd
    if not isinstance(model, Network) or problem.has_own_source or walkers.watch is not None:
        return None
    if not PLAIN.issuperset(sgd.variants) or model.steps_at_once(walkers.number, sgd.batch_size) == 0:
        return None
    source = python_source(problem, walkers)
    assert isinstance(source, PythonSource)
    block = source.block
    return Remembering(_Chunks(model, sgd, source, walkers).advance, (block.v, block.order, block.place))


@dataclass(frozen=True, eq=False)
class _Chunks:
    """A block of walkers of a network, which goes many steps at a time; batches are those of single steps."""

    model: Network
    sgd: SGD
    source: PythonSource
    walkers: Walkers

    def advance(self, steps: int) -> None:
        """Advance by `steps`."""
        block, sgd = self.source.block, self.sgd
        momentum = float(sgd.momentum)
        ahead = momentum if isinstance(sgd.momentum, Nesterov) else 0.0
        done = int(block.place[1])
        with np.errstate(all="ignore"):  # diverged walkers are counted, not hidden
            for numbers, rates in self._batches(*sgd.plan(done, steps)):
                points, velocities = block.w.T, block.v.T
                w, v = self.model.descend(points, velocities, numbers, rates, momentum=momentum, look_ahead=ahead)
                if (np.isfinite(points).all(axis=1) & ~np.isfinite(w).all(axis=1)).any():
                    self._look_back(numbers, rates, momentum, ahead, done)
                block.w[:], block.v[:] = w.T, v.T
                done += len(rates)
        block.place[1] = done

    def _batches(self, rates: Array, batches: Integers) -> Iterator[tuple[Integers, Array]]:
        """Numbers of examples (steps, n, B) and rates of the steps of a call, whose batches are of one size."""
        kept: list[NDArray[np.int32]] = []
        for k, batch in enumerate(batches.tolist()):
            chosen = self.source.chosen(len(self.model), self.walkers.stream, self.walkers.number, batch)
            most = self.model.steps_at_once(self.walkers.number, chosen.shape[1]) or 1
            if kept and (kept[0].shape != chosen.shape or len(kept) >= most):
                yield np.stack(kept).astype(np.int64), rates[k - len(kept) : k]
                kept = []
            kept.append(chosen.copy())  # an order is shuffled in place
        if kept:
            yield np.stack(kept).astype(np.int64), rates[len(rates) - len(kept) :]

    def _look_back(self, numbers: Integers, rates: Array, momentum: float, ahead: float, done: int) -> None:
        """Make the steps again one by one, to find a gradient that is not finite where its walker was not wild."""
        model, points, velocities = self.model, self.source.block.w.T.copy(), self.source.block.v.T.copy()
        for k, rate in enumerate(rates.tolist()):
            here = points + ahead * velocities
            gradient = model.batch_gradient(here, model.x[numbers[k]], model.y[numbers[k]])
            require_finite(gradient, here, self.walkers.first, done + k)
            velocities = momentum * velocities - rate * gradient
            points = points + velocities


def require_finite(gradient: Array, points: Array, first_walker: int, step: int) -> None:
    """Refuse a gradient that is not finite though its walker is not on its way to infinity.

    Raises
    ------
    InputError
        If there is one.
    """
    bad = np.flatnonzero(~np.isfinite(gradient).all(axis=1) & (np.abs(points) < WILD).all(axis=1))
    if len(bad):
        raise InputError(
            f"the gradient must be finite, got {gradient[bad[0]].tolist()} for walker {first_walker + bad[0]} at "
            f"step {step}, w = {points[bad[0]].tolist()}; mend the function there, or reduce `learning_rate`"
        )
