"""The stationary loss against the learning rate, with its slope at 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from compare.figures.lines_of_text import in_lines, put_below, text_height
from compare.figures.mathematics import plain
from compare.figures.palette import COLOURS
from compare.figures.style import figure_width, in_style, is_narrow, new_figure, small_letters

METHOD_NAMES = {
    "sampling": "sampling",
    "operator": "transition operator",
    "fokker planck": "Fokker–Planck",
    "formula": "formula",
}
METHOD_COLOURS = {
    "sampling": COLOURS["langevin"],
    "operator": COLOURS["gibbs"],
    "fokker planck": COLOURS["fokker_planck"],
    "formula": COLOURS["posterior"],
}
MARKERS = {"sampling": "o", "operator": "s", "fokker planck": "^", "formula": "D"}
DASHES = {"sampling": (0, (1, 1)), "operator": (0, (5, 2)), "fokker planck": "-", "formula": (0, (3, 1, 1, 1))}
BESIDE = 0.012  # of the width: from one method to the next
ROOM = 1.12  # right of the largest rate
PREDICTED: dict[str, Any] = {"color": "k", "lw": 0.9, "linestyle": (0, (1, 3)), "zorder": 3}
PANEL = 2.0  # inches of a panel
EDGE_SHOWN = 1.3  # times the largest rate, up to which the edge of stability is inside


@in_style
def draw_slope(slopes: xr.Dataset) -> Figure:
    """Loss above its minimum, and over the rate, against the rate, of all methods side by side.

    Left with the tangent at 0 and its band, and the predicted slope; right the same divided by the rate, where the
    tangents are level and end at the slopes. The edge of stability is a line, or an arrow towards it.
    """
    told, narrow = _caption(slopes), is_narrow()
    figure = new_figure((2 if narrow else 1) * PANEL + 0.9 + text_height(told))
    left, right = figure.subplots(*((2, 1) if narrow else (1, 2)))
    draw_losses(left, slopes)
    _draw_methods(right, slopes, over_rate=True)
    predicted = float(slopes.attrs["prediction"])
    if np.isfinite(predicted):
        right.axhline(predicted, **PREDICTED)
    right.set(xlim=(0, _width(slopes)), ylabel="loss above its minimum / $\\eta$")
    right.margins(y=0.15)
    figure.legend(*legend_of_losses(left, slopes), loc="outside upper center", ncols=2 if narrow else 3)
    put_below(figure, told)
    return figure


def _caption(slopes: xr.Dataset) -> str:
    """The name and the verdict, and what is predicted."""
    words = plain(f"{slopes.attrs['name']}: {slopes.attrs['verdict']}.").split()
    predicted = float(slopes.attrs["prediction"])
    if np.isfinite(predicted):
        words += ["Predicted", "slope", f"{_formula(slopes.attrs['formula'])} = {predicted:.4g}."]
    return in_lines(words, small_letters(), 0.92 * figure_width(), " ")


def draw_losses(axes: Axes, slopes: xr.Dataset) -> None:
    """The losses above the minimum with their errors, tangents at 0 with bands, and the predicted slope."""
    edge, predicted, width = float(slopes.attrs["edge"]), float(slopes.attrs["prediction"]), _width(slopes)
    _draw_methods(axes, slopes, over_rate=False)
    if np.isfinite(predicted):
        axes.plot([0.0, width], [0.0, predicted * width], label="predicted slope", **PREDICTED)
    highest = float(np.nanmax(slopes.excess_loss))
    slope = [float(one) * width / ROOM for one in slopes.slope.to_numpy() if np.isfinite(one)]
    axes.set(xlim=(0, width), ylim=(0, 1.12 * max([highest, *slope])), ylabel="loss above its minimum")
    if width <= edge < np.inf:
        _point_to_edge(axes, edge)


def legend_of_losses(axes: Axes, slopes: xr.Dataset) -> tuple[list[Any], list[str]]:
    """Handles and labels of what `draw_losses` has drawn, with one for all tangents."""
    handles, labels = axes.get_legend_handles_labels()
    tangent = (Line2D([], [], color="0.4", lw=0.9), Patch(color="0.4", alpha=0.25, lw=0))
    band = f"tangent at 0, {100 * float(slopes.attrs['confidence']):.4g} % band"
    return [*handles, tangent], [*labels, band]


def _width(slopes: xr.Dataset) -> float:
    """Of the axis of the rates: to the edge of stability, where that is near."""
    last, edge = float(slopes.learning_rate[-1]), float(slopes.attrs["edge"])
    return ROOM * (edge if edge <= EDGE_SHOWN * last else last)


def _draw_methods(axes: Axes, slopes: xr.Dataset, *, over_rate: bool) -> None:
    """Points and tangents of all methods side by side, where asked divided by the rate; the edge of stability."""
    rates, width, edge = slopes.learning_rate.to_numpy(), _width(slopes), float(slopes.attrs["edge"])
    found = [str(name) for name in slopes.found_by.to_numpy()[slopes.status.to_numpy() == "ok"]]
    line = np.array([0.0, width])
    unit, along = (rates, np.ones(2)) if over_rate else (1.0, line)
    for index, name in enumerate(found):
        one = slopes.sel(found_by=name)
        place = rates + BESIDE * width * (index - (len(found) - 1) / 2)
        colour = METHOD_COLOURS.get(name, COLOURS["fokker_planck"])
        axes.errorbar(
            place, one.excess_loss.to_numpy() / unit, one.error.to_numpy() / unit, color=colour, linestyle="none",
            marker=MARKERS.get(name, "o"), ms=3.5, mfc="none", capsize=2, lw=0.8,
            label=METHOD_NAMES.get(name, name),
        )  # fmt: skip
        slope, low, high = (float(one[key]) for key in ("slope", "low", "high"))
        axes.plot(line, slope * along, color=colour, linestyle=DASHES.get(name, "-"), lw=0.9)
        axes.fill_between(line, low * along, high * along, color=colour, alpha=0.15, lw=0)
    axes.set_xlabel("learning rate $\\eta$")
    if edge < width:
        _mark_edge(axes, edge)


def _formula(text: str) -> str:
    """The formula of a prediction in letters of mathematics."""
    return text.replace("lambda", "λ").replace("s^2", "s²").replace("1 - mu", "1 − μ")


def _mark_edge(axes: Axes, edge: float) -> None:
    """A line where descent leaves the minimum."""
    axes.axvline(edge, color="0.5", lw=0.8, linestyle=(0, (4, 2)))
    axes.annotate(
        "edge, $\\eta h = 2$", (edge, 0.98), (2, 0), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="left", va="top", rotation=90, fontsize=small_letters(), color="0.4",
    )  # fmt: skip


def _point_to_edge(axes: Axes, edge: float) -> None:
    """An arrow that says where that is, beyond the figure."""
    axes.annotate(
        f"edge, $\\eta h = 2$, at {edge:.3g}", (1, 0.05), (-30, 0), xycoords="axes fraction",
        textcoords="offset points", ha="right", va="center", fontsize=small_letters(), color="0.4",
        arrowprops={"arrowstyle": "->", "color": "0.5", "lw": 0.7},
    )  # fmt: skip
