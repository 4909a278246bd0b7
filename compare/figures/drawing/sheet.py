"""Axes with what was asked of the picture on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from compare.figures.drawing.options import DrawOptions
from compare.figures.legends import place_legend
from compare.figures.looks import DASHES, Look
from compare.figures.maps import draw_map, extend_of
from compare.figures.mathematics import in_mathematics
from compare.figures.panels import draw_panel
from compare.pictures import Axis, Mark, Panel, Plane, Series
from theory.base.errors import require
from theory.laws import Grid

BETWEEN = 4.0  # points between a legend above the axes and their title


@dataclass(frozen=True)
class Sheet:
    """The axes that a result is drawn onto, and the options of the call."""

    axes: Axes
    options: DrawOptions

    def label(self, told: str = "") -> str:
        """The label that was asked for and what the result says of itself; either may be missing."""
        return ", ".join(part for part in (self.options.get("label") or "", told) if part)

    def name(self, axis: int, dim: int) -> str:
        """The coordinate `axis` of `dim` in mathematics.

        Raises
        ------
        InputError
            If names were given, and not one for each coordinate.
        """
        names = self.options.get("names") or (("w",) if dim == 1 else [f"w{k + 1}" for k in range(dim)])
        require(len(names) == dim, f"`names` must be one for each of {dim} coordinates, got {list(names)}")
        return in_mathematics(names[axis])

    def lines(
        self, x: Axis, y: Axis, *series: Series, looks: Sequence[Look] = (), marks: Sequence[Mark] = ()
    ) -> None:
        """Series in the colour that was asked for, or the next of the cycle, unless they have `looks`."""
        before = len([line for line in self.axes.lines if not str(line.get_label()).startswith("_")])
        colour = self.options.get("colour")
        own = looks or [Look(colour, dashes=DASHES[(before + k) % len(DASHES)]) for k in range(len(series))]
        found = {(one.label, one.role): look for one, look in zip(series, own, strict=True)}
        draw_panel(self.axes, Panel(x, y, series, marks=marks), found)

    def from_zero(self) -> None:
        """Lets a linear axis of what is never negative begin at 0; it grows with what is drawn later."""
        if self.axes.get_yscale() == "linear":
            self.axes.set_ylim(bottom=0.0, auto=None)

    def map(self, grid: Grid, values: Any, words: str, arrows: Any = None, *, signed: bool = False) -> None:
        """A field of shape `grid.shape` in two dimensions with the bar of its colours."""
        landscape = self.options.get("landscape")
        plane = Plane(
            Axis(self.name(0, 2)), Axis(self.name(1, 2)), grid.axes[0], grid.axes[1], values, words,
            signed=signed, decades=self.options.get("decades"),
            contours=None if landscape is None else np.asarray(landscape.value(grid.centers)), arrows=arrows,
        )  # fmt: skip
        image = draw_map(self.axes, plane)
        figure = self.axes.get_figure()
        assert figure is not None
        figure.colorbar(image, ax=self.axes, label=words, extend=extend_of(plane))

    def finish(self) -> None:
        """Legend and title, when all is drawn."""
        legend = place_legend(self.axes)
        title = self.options.get("title")
        if not title:
            return
        above = 0.0
        if legend is not None:
            figure = self.axes.get_figure(root=True)
            assert figure is not None
            over = legend.get_window_extent().y1 - self.axes.get_window_extent().y1
            above = max(over, 0.0) / figure.dpi * 72
        self.axes.set_title(title, pad=above + BETWEEN)
