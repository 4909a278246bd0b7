"""Numbers at axes that do not lie over each other, and names in place of numbers."""

from __future__ import annotations

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import (
    AutoLocator,
    FixedLocator,
    FuncFormatter,
    LogFormatterSciNotation,
    LogLocator,
    MaxNLocator,
    NullFormatter,
)

from compare.pictures import Axis as Shown
from theory.base.whole_numbers import decade

SHORT = 1.4  # decades up to which numbers stand between powers of ten
STEPS = ((1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 6.0))  # times powers of ten, as few as tell a scale
PLAIN = (1e-3, 1e4)  # numbers that are written without a power


SHORTLY = (1, 2, 5, 10)  # times powers of ten: quarters would take a digit more


def number_axis(axis: Axis, shown: Shown) -> None:
    """Names, decades, or numbers of few digits."""
    if shown.names:
        axis.set_ticks(range(len(shown.names)), labels=shown.names)
    elif shown.logarithmic:
        number_decades(axis)
    elif isinstance(axis.get_major_locator(), AutoLocator):
        axis.set_major_locator(MaxNLocator("auto", steps=SHORTLY))


def number_decades(axis: Axis) -> None:
    """Powers of ten at a long axis; at a short one 1, 2 and 5 times these, written plainly where they are."""
    low, high = sorted(axis.get_view_interval())
    axis.set_minor_formatter(NullFormatter())
    if np.log10(high / low) > SHORT:
        axis.set_major_locator(LogLocator())
        axis.set_major_formatter(LogFormatterSciNotation())
        return
    axis.set_major_locator(FixedLocator(_between(low, high)))
    if PLAIN[0] <= low and high <= PLAIN[1]:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axis.set_major_formatter(LogFormatterSciNotation(labelOnlyBase=False, minor_thresholds=(np.inf, np.inf)))


def _between(low: float, high: float) -> list[float]:
    """Numbers at a short axis, two at least where there are such."""
    decades = 10.0 ** np.arange(decade(low), decade(high) + 2)
    found: list[float] = []
    for steps in STEPS:
        places = np.outer(decades, steps).ravel()
        found = places[(places >= low) & (places <= high)].tolist()
        if len(found) > 1:
            break
    return found
