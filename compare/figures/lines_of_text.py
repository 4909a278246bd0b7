"""Text in lines that fit a width."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from compare.figures.style import small_letters

POINTS = 72.0  # an inch
LEADING = 1.4  # from line to line, of the size of the letters


def text_width(text: str, size: float) -> float:
    """Inches that a line takes in letters of `size` points, under the style that holds."""
    if not text.strip():
        return 0.0
    return float(TextPath((0, 0), text, size=size, prop=FontProperties(), usetex=False).get_extents().x1) / POINTS


def text_height(text: str) -> float:
    """Inches that lines of small letters take, with the air around them."""
    return (text.count("\n") + 1) * LEADING * small_letters() / POINTS


def put_below(figure: Figure, text: str) -> None:
    """Lines of small letters below all panels, from the left."""
    figure.supxlabel(text, x=0.01, ha="left", fontsize=small_letters())


def in_lines(parts: Sequence[str], size: float, width: float, between: str = "  ") -> str:
    """Parts one after another, a new line before each that would not fit into `width` inches."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}{between}{part}" if lines else part
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return "\n".join(lines)
