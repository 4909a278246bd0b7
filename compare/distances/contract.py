"""What a distance of the user's own must give."""

from __future__ import annotations

from dataclasses import fields
from typing import Final, Protocol, runtime_checkable

import numpy as np

from compare.distances.distance import Distance
from compare.distances.masses import Law
from theory.base.arguments.numbers import MISFIT, number
from theory.base.arguments.words import shown
from theory.base.contracts import Kept, Part
from theory.laws import Density, Grid, Histogram, LimitLaw

NOTHING: Final = 1e-6  # of a distance: what rounding leaves between equal laws, under a root


@runtime_checkable
class LawDistance(Protocol):
    """A distance between two laws on one grid, with its errors; a function will do."""

    def __call__(self, p: Law, q: Law, *, confidence: float = 0.95) -> Distance:
        """The distance of `p` from `q`, 0 where they are one, its interval of this `confidence`."""
        ...


def check_distance(distance: LawDistance, law: Law | None = None) -> Kept:
    """What a distance keeps of its contract: a `Distance` that is not negative, and 0 between equal laws.

    Parameters
    ----------
    law
        A law that is compared with itself; by default a computed one, and a sample.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name.
    """
    part = Part.of("distance", distance)
    trials = _trials() if law is None else (law,)
    for one in trials:
        itself = judged(part, one, one, 0.95)
        part.require(
            itself.value <= NOTHING and itself.low == 0,
            f"it must be 0 between equal laws, got {itself.value:g} in [{itself.low:g}, {itself.high:g}]; take "
            "another, or subtract what it gives there",
        )
    if law is None:
        judged(part, trials[0], trials[-1], 0.9)
    return Kept(part.name, ("it gives a Distance, not negative", "it is 0 between equal laws"))


def judged(part: Part, p: Law, q: Law, confidence: float) -> Distance:
    """The distance of the user's own between `p` and `q`, after its checks."""
    first, second = (law.density if isinstance(law, LimitLaw) else law for law in (p, q))
    found = part.call("", first, second, confidence=confidence)
    if not isinstance(found, Distance):
        part.refuse(f"it must give a Distance, got {shown(found)}; total_variation(p, q) gives one")
    numbers = {
        name: getattr(found, name)
        for name in ("value", "noise_floor", "low", "high", "grid_error", "standard_error", "confidence")
    }
    for name, given in numbers.items():
        fits = number(given) is not MISFIT and given >= 0
        part.require(fits, f"`{name}` of its Distance must be a number, not negative, got {shown(given)}; mend it")
    part.require(
        found.low <= found.value <= found.high,
        f"its interval must hold its value, got {found.value:g} and [{found.low:g}, {found.high:g}]; mend it",
    )
    part.require(
        found.confidence == confidence,
        f"its interval must have the confidence {confidence:g} that it is asked for, got {found.confidence:g}",
    )
    again = part.call("", first, second, confidence=confidence)
    same = isinstance(again, Distance) and all(
        np.array_equal(getattr(found, f.name), getattr(again, f.name)) for f in fields(Distance)
    )
    part.require(same, "it must give the same of the same laws, it changes from call to call; fix its seed")
    return found


def _trials() -> tuple[Density, Histogram]:
    grid = Grid(-3.0, 3.0, 24)
    values = np.exp(-(grid.centers[..., 0] ** 2) / 2)
    cell = np.arange(grid.size)
    counts = (cell + 1) * (cell + 4) * (grid.size - cell)
    density = Density(grid, values / (values.sum() * grid.cell_volume), error=0.0)
    return density, Histogram(grid, counts, 0, 0)
