"""Labels broken into lines where they would be too long; mathematics stays whole."""

from __future__ import annotations

import re

from matplotlib.font_manager import FontProperties

from compare.figures.lines_of_text import in_lines

WORD = re.compile(r"(?:[^\s$]|\$[^$]*\$)+")  # mathematics holds spaces


def broken(label: str, size: str | float, inches: float) -> str:
    """The label in lines that are no wider than `inches` in letters of `size`, as far as its words are."""
    points = float(FontProperties(size=size).get_size_in_points())
    return "\n".join(in_lines(WORD.findall(line), points, inches, " ") for line in label.split("\n"))
