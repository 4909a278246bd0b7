"""Widths of figures by name: those of journals, of slides, and of a page.

Here and beside what a refusal says is loaded when it is said: to draw a figure needs nothing that computes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tueplots import figsizes, fontsizes

LEAST_INCHES, MOST_INCHES = 1.5, 40.0
CENTIMETRE = 1 / 2.54  # inches
TUEPLOTS = {  # what the library of journal sizes calls them
    "neurips": ("neurips2024", "neurips2024"),
    "icml": ("icml2024_half", "icml2024"),
    "icml-full": ("icml2024_full", "icml2024"),
    "jmlr": ("jmlr2001", "jmlr2001"),
    "beamer": ("beamer_169", "beamer"),
}
SERIF = {"neurips", "icml", "icml-full", "jmlr"}


@dataclass(frozen=True)
class Width:
    """The width of a printed figure in `inches`, and the sizes in points of its `text` and of `small` letters.

    `small` are numbers at ticks and legends; `serif` says that the page is set in a face like Times.

    Raises
    ------
    InputError
        If nothing can be drawn in the width.
    """

    name: str
    inches: float
    text: float = 8.0
    small: float = 7.0
    serif: bool = False

    def __post_init__(self) -> None:
        if not LEAST_INCHES <= self.inches <= MOST_INCHES:
            from theory.base.errors import InputError

            raise InputError(
                f"`width` must lie between {LEAST_INCHES:g} and {MOST_INCHES:g} inches, got {self.inches:g}"
            )


def _of_library(name: str) -> Width:
    size, letters = TUEPLOTS[name]
    inches = getattr(figsizes, size)()["figure.figsize"][0]
    sizes = getattr(fontsizes, letters)()
    return Width(name, inches, sizes["axes.labelsize"], sizes["legend.fontsize"], name in SERIF)


PAGE = Width("page", 6.3)
WIDTHS: Mapping[str, Width] = MappingProxyType(
    {
        "page": PAGE,
        **{name: _of_library(name) for name in TUEPLOTS},
        "prl": Width("prl", 8.6 * CENTIMETRE, 8.0, 6.5, serif=True),
        "prl-full": Width("prl-full", 17.8 * CENTIMETRE, 8.0, 7.0, serif=True),
        "single": Width("single", 3.4, 7.5, 6.5),
        "double": Width("double", 7.0),
    }
)


def width_of(given: str | float | Width) -> Width:
    """The width with this name, or of so many inches (a number, also as text) with the letters of the page.

    Raises
    ------
    InputError
        If no width has the name, or nothing can be drawn in it.
    """
    if isinstance(given, Width):
        return given
    if isinstance(given, str) and given not in WIDTHS and re.fullmatch(r"\d+(\.\d*)?", given):
        return width_of(float(given))
    if isinstance(given, str):
        if given not in WIDTHS:
            from theory.base.errors import InputError
            from theory.base.hints import hint

            advice = hint(given, WIDTHS, "take one of them")
            raise InputError(f"`width` must be inches or one of {', '.join(WIDTHS)}, got {given!r}; {advice}")
        return WIDTHS[given]
    return Width(f"{given:g} in", float(given))
