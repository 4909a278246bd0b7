"""Laws in time over the zero-flux density of a line, with the errors that orders and meshes show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array
from theory.fokker_planck.evolution.resolved_laws import (
    CENTRAL_ORDERS,
    GOOD,
    HIDDEN,
    MOST_RESOLVED_CELLS,
    PROVED,
    ROUNDING_OF_EVOLVED_LAWS,
    UNSEEN,
    ResolvedLaws,
)
from theory.fokker_planck.evolution.start import InitialLaw
from theory.fokker_planck.evolution.weighted import WeightedLine
from theory.fokker_planck.meshes import coarsening, rebinned
from theory.laws import Grid
from theory.markov.implicit import stepped

FACTORS = (1, 3, 9)
FEWEST_WEIGHTED_CELLS = 16


def weighted_laws(grid: Grid, start: InitialLaw, times: Sequence[float] | Array) -> ResolvedLaws | None:
    """The laws p0 f on `grid`, from meshes refined until the error is below 1e-6; p0 is the zero-flux density.

    By differences of eighth order of f, which is smooth where p0 is infinite, ends or stands at a wall. Errors as
    in `resolved_laws`, of masses; with what `Start.reading` leaves open. None where there is no such density.
    """
    if grid.size < FEWEST_WEIGHTED_CELLS:
        return None
    found, below = None, None
    for factor in FACTORS:
        level = None if grid.size * factor > MOST_RESOLVED_CELLS else _on(grid.refined(factor), start, times)
        if level is None:
            break
        if below is not None:
            found = _compared(level, below, grid, factor)
            if bool((found.errors <= GOOD).all()):
                break
        below = level
    return found


@dataclass(frozen=True, eq=False)
class _Level:
    """Masses of one mesh by two orders, and the total variation by which each may be off for other reasons."""

    line: WeightedLine
    masses: Array = field(repr=False)
    lower: Array = field(repr=False)
    open: Array

    @property
    def grid(self) -> Grid:
        return self.line.weights.grid

    def step(self, k: int) -> Array:
        return np.asarray(np.abs(self.masses[k] - self.lower[k]))


def _on(grid: Grid, start: InitialLaw, times: Sequence[float] | Array) -> _Level | None:
    line = start.line(grid)
    if line is None or start.line(start.law.grid) is None:
        return None
    reading, found, ahead = start.reading(grid), [], np.zeros(len(times))
    for order, law in zip(CENTRAL_ORDERS, (reading, reading[:, :1]), strict=True):
        generator = line.generator(order)
        if generator is None:
            return None
        unsettled = 0.0
        laws: list[Array] = []
        for k, span in enumerate(np.diff(np.asarray(times, dtype=np.float64), prepend=0.0)):
            later = stepped(generator, law, float(span))
            if later is None and not laws:
                return None
            if later is None:  # what came before stands
                ahead[k:] = np.inf
                laws += [laws[-1]] * (len(times) - k)
                break
            law = later[0]
            unsettled += later[1] / 2
            laws.append(law)
            ahead[k] = max(ahead[k], unsettled)
        found.append(np.array(laws))
    values, lower = found
    doubts = np.abs(values[:, :, 1:]).sum(axis=(1, 2)) / 2
    return _Level(line, values[:, :, 0], lower[:, :, 0], ahead + doubts + start.reading_error)


def _compared(level: _Level, below: _Level, grid: Grid, factor: int) -> ResolvedLaws:
    centres, averages, steps, errors = [], [], [], []
    gain = coarsening(level.grid, below.grid) ** PROVED
    middle = slice(factor // 2, None, factor)
    for k, masses in enumerate(level.masses):
        step = level.step(k)
        shown, coarser = float(step.sum() / 2), float(below.step(k).sum() / 2)
        change = float(np.abs(rebinned(masses, level.grid, below.grid) - below.masses[k]).sum() / 2)
        unseen = UNSEEN * max(0.0, change - coarser)
        if shown * gain <= coarser:  # orders are what they should be
            shown = min(shown, max(shown / HIDDEN, 2 * change / gain))
        negative = float(np.maximum(-masses, 0.0).sum())
        errors.append(ROUNDING_OF_EVOLVED_LAWS + shown + unseen + negative + float(level.open[k]))
        centres.append(level.line.centres(masses)[middle])
        averages.append(masses.reshape(-1, factor).sum(axis=1) / grid.cell_volume)
        steps.append(step[middle] / level.grid.cell_volume)
    return ResolvedLaws(np.array(centres), np.array(averages), np.array(steps), np.array(errors))
