"""Where a step, as a function of its start on a line, jumps or bends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.laws import Grid

TICKS = 8  # samples a cell
NOTICED = 1e-6  # cells: a smaller bend moves nothing
BENT = 0.29  # of a second difference over twice the way: 1/4 where the step is smooth, 1/3 to 1 where it is not
ZOOMS = 10  # each to a quarter of the way
SHRINK = 1 / 6  # of a second difference in a zoom: a smooth one falls to 1/16, that of a bend to 1/4
APART = 1e-4  # cells between two kinks, or one and an end
CERTAIN = 1 / 5  # the same next to another kink, where there may be none: rounding is no bend
DEPTH = 2  # times that a bracket is cut at a kink, to find others
JUMPS = 1 / 2  # of a second difference in a zoom: that of a jump stays
MOST = 64  # more are no kinks but waves
LOOKS = 17  # places in which a stretch is looked at


def bent(offsets: Array) -> Array:
    """Which of the samples (..., n, channels) along a line stand at a jump or a bend, shape (..., n - 6).

    The first is about sample 3. `offsets` are in cells.
    """
    once = np.abs(offsets[..., 2:, :] - 2 * offsets[..., 1:-1, :] + offsets[..., :-2, :])[..., 2:-2, :]
    twice = np.abs(offsets[..., 4:, :] - 2 * offsets[..., 2:-2, :] + offsets[..., :-4, :])
    twice = np.maximum(np.maximum(twice[..., :-2, :], twice[..., 1:-1, :]), twice[..., 2:, :])
    return np.asarray(((once > NOTICED) & (once > BENT * twice)).any(axis=-1))


def line_kinks(offsets: Callable[[Array], Array], grid: Grid) -> Array:
    """The places on a line where `offsets`, channels (n, c) in cells at points (n,), jump or bend.

    Second differences of samples, then closer and closer about the largest; none where there is no number or where
    there are more than 64.
    """
    ticks = grid.refined(TICKS).axes[0]
    try:
        values = offsets(ticks)
        if grid.periodic[0]:
            ticks = np.concatenate([ticks[-3:] - grid.upper[0] + grid.lower[0], ticks, ticks[:3] + grid.upper[0]])
            ticks[-3:] -= grid.lower[0]
            values = np.concatenate([values[-3:], values, values[:3]])
        spots = np.flatnonzero(bent(values)) + 3
        if not 0 < len(spots) <= 4 * MOST:
            return np.empty(0)
        found = [x for k in spots for x in _between(offsets, ticks[k - 2], ticks[k + 2], APART * grid.spacing[0])]
    except InputError:
        return np.empty(0)
    apart = APART * grid.spacing[0]
    kept: list[float] = []
    for place in sorted(float(grid.wrap(np.array([x]))[0]) for x in found):
        inside = grid.periodic[0] or grid.lower[0] + apart < place < grid.upper[0] - apart
        if inside and (not kept or place - kept[-1] > apart):
            kept.append(place)
    return np.array(kept) if len(kept) <= MOST else np.empty(0)


def _between(
    offsets: Callable[[Array], Array], low: float, high: float, apart: float, depth: int = DEPTH
) -> list[float]:
    """The kinks from `low` to `high`: the largest, and those on either side of it."""
    place = _closer(offsets, low, high, SHRINK if depth == DEPTH else CERTAIN)
    if place is None or not low < place < high:
        return []
    sides = [(low, place - apart), (place + apart, high)] if depth else []
    parts = [_between(offsets, a, b, apart, depth - 1) for a, b in sides if b - a > apart]
    return [place, *(x for part in parts for x in part)]


def _closer(offsets: Callable[[Array], Array], low: float, high: float, shrink: float) -> float | None:
    first, last, start, stop = 0.0, 0.0, low, high
    for zoom in range(ZOOMS):
        x = np.linspace(low, high, LOOKS)
        values = offsets(x)
        bends = np.abs(values[2:] - 2 * values[1:-1] + values[:-2]).max(axis=-1)
        k = int(bends.argmax())
        last = float(bends[k])
        if zoom == 0:
            first = last
        pair = bends[max(k - 1, 0) : k + 2]
        centre = x[1:-1][max(k - 1, 0) : k + 2] @ pair / pair.sum() if last > 0 else x[k + 1]
        half = (high - low) / 8
        low, high = max(float(centre) - half, start), min(float(centre) + half, stop)
    if last > first * JUMPS**ZOOMS and first > NOTICED * (shrink > SHRINK):
        return _halved(offsets, low, high)
    return (low + high) / 2 if last > first * shrink**ZOOMS and first > NOTICED * (shrink > SHRINK) else None


def _halved(offsets: Callable[[Array], Array], low: float, high: float) -> float:
    """The place of a jump between `low` and `high`, to rounding: what is left of it is lost between the wells."""
    low, high = low - (high - low), high + (high - low)
    left, right = offsets(np.array([low, high]))
    while low < (middle := (low + high) / 2) < high:
        value = offsets(np.array([middle]))[0]
        if np.abs(value - left).sum() < np.abs(value - right).sum():
            low = middle
        else:
            high = middle
    return (low + high) / 2
