"""The last stretch of a line before an end, where the density is a power of the distance."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array
from theory.base.rounding import NOT_ZERO
from theory.base.whole_numbers import doublings
from theory.fokker_planck.line.pieces import Line

HALVINGS = 200  # towards an end at 0, where no rounding keeps one away
OCTAVE = 0.02  # change of a power from one octave to the next that is no power
FIRST = 20  # octaves before a power must show
INTEGRABLE = 1e-6  # above -1: smallest power that has a mass
STEEPER = 40.0  # than any power: nothing is left


@dataclass(frozen=True, eq=False)
class Corner:
    """The last stretch before an end or a pole, at `start`.

    Parameters
    ----------
    start
        The end of the piece.
    places
        Points towards it, at halved distances.
    """

    start: float
    places: Array = field(repr=False)

    def closed(self, logs: Array) -> tuple[float, float]:
        """Logarithm of the mass between the last place and the end, and the power, from log p at the places.

        p ~ u^e (1 + c u): e and c from the slopes over the last two octaves.
        """
        if logs.size < 3 or not np.isfinite(logs[-3:]).all():
            return -math.inf, math.inf
        u = np.abs(self.places[-3:] - self.start)
        far, near = np.diff(logs[-3:]) / np.diff(np.log(u))
        power = 2 * near - far
        bend = (near - power) * math.log(2)
        if power > STEEPER or 1 + bend <= 0:
            return -math.inf, power
        if power <= INTEGRABLE - 1:
            return math.inf, power
        whole = (1 / (1 + power) + bend / (2 + power)) / (1 + bend)
        return float(logs[-1] + math.log(u[-1]) + math.log(max(whole, NOT_ZERO))), float(power)


def corner_at(line: Line, start: float, sign: int, reach: float, closest: float, known: bool) -> Corner:
    """Halved distances from a mark down to where the density is a power, at most as near as rounding allows."""
    halvings = HALVINGS if start == 0 else max(3, doublings(reach / closest))
    u = reach * 2.0 ** -np.arange(1, halvings + 1, dtype=np.float64)
    with np.errstate(all="ignore"):
        if known:
            steps = np.diff(np.asarray(line.potential(start + sign * u)))[None]
        else:
            ratio, log_noise = line.coefficients(start + sign * u)
            steps = np.stack([np.diff(u * ratio), np.diff(log_noise)])
        regular = np.isfinite(steps).all(axis=0)
        powers = np.abs(np.diff(steps, axis=1)).max(axis=0) if steps.shape[1] > 1 else np.zeros(0)
    good = u.size
    broken = np.flatnonzero(~regular)
    if broken.size:
        good = int(broken[0]) + 1
    odd = np.flatnonzero(powers[FIRST : max(good - 2, FIRST)] > OCTAVE)
    if odd.size and start == 0:
        good = min(good, FIRST + int(odd[0]) + 1)
    return Corner(start, start + sign * u[: max(good, 1)])
