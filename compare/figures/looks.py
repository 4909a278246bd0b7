"""What tells the series of a picture apart, in colour and without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from matplotlib import rcParams

from compare.figures.palette import CYCLE
from compare.pictures import Role, Series

STRONG = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#000000",
    "#E69F00",
    "#56B4E9",
)  # of Okabe & Ito, best first
GREY = "0.45"  # of controls
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1)), (0, (3, 1, 1, 1)), (0, (8, 2)), (0, (5, 1, 1, 1, 1, 1)))
CONTROL_DASHES: tuple[Any, ...] = ((0, (4, 2)), (0, (2, 2)), (0, (6, 2, 1, 2)), (0, (1, 2)))

REFERENCE_DASHES: tuple[Any, ...] = ((0, (1, 1.5)), (0, (1, 1, 4, 1)), (0, (1, 3)), (0, (3, 1)), (0, (6, 1, 1, 1)))
REFERENCE_GREYS = ("0.15", "0.35", "0.5")
REFERENCE_MARKERS = ("x", "+", "1")


@dataclass(frozen=True)
class Look:
    """Colour, marker and dashes of a series; a `colour` of None is the next of the axes' own cycle."""

    colour: Any = None
    marker: str = MARKERS[0]
    dashes: Any = "-"


def colours() -> tuple[str, ...]:
    """The colours of series in order: those of the user's own cycle, where there is one."""
    cycle = tuple(rcParams["axes.prop_cycle"].by_key().get("color", STRONG))
    return STRONG if cycle == CYCLE else cycle


def looks_of(series: Iterable[Series]) -> Mapping[tuple[str, Role], Look]:
    """The look of every label in every role: a label has one colour, but controls, which are grey."""
    series = list(series)
    palette = colours()
    held: dict[str, str] = {}
    curves = len({one.label for one in series if one.joined and one.role is Role.MEASURED})
    numbers = {role: count() for role in Role}
    dashes = {Role.MEASURED: count(), Role.PREDICTED: count(curves)}  # no two lines are dashed alike
    found: dict[tuple[str, Role], Look] = {}
    for one in series:
        key = one.label, one.role
        if key in found:
            continue
        number = next(numbers[one.role])
        marker = MARKERS[number % len(MARKERS)]
        if one.role is Role.CONTROL:
            found[key] = Look(GREY, marker, CONTROL_DASHES[number % len(CONTROL_DASHES)])
        elif one.role is Role.REFERENCE:
            grey = REFERENCE_GREYS[number % len(REFERENCE_GREYS)]
            marker = REFERENCE_MARKERS[number % len(REFERENCE_MARKERS)]
            found[key] = Look(grey, marker, REFERENCE_DASHES[number % len(REFERENCE_DASHES)])
        else:
            colour = held.setdefault(one.label, palette[len(held) % len(palette)])
            line = next(dashes[one.role]) if one.joined or one.role is Role.PREDICTED else 0
            found[key] = Look(colour, marker, DASHES[line % len(DASHES)])
    return found
