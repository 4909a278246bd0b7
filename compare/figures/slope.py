"""The stationary loss against the learning rate, with its slope at 0."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from compare.figures.style import COLOURS, PAGE_WIDTH

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
EDGE_SHOWN = 1.3  # times the largest rate, up to which the edge of stability is inside


def draw_slope(slopes: xr.Dataset) -> Figure:
    """Loss above its minimum, and over the rate, against the rate, of all methods side by side.

    Left with the tangent at 0 and its band, and the predicted slope; right the same divided by the rate, where the
    tangents are level and end at the slopes. The edge of stability is a line, or an arrow towards it.
    """
    rates, edge = slopes.learning_rate.to_numpy(), float(slopes.attrs["edge"])
    shown = edge if edge <= EDGE_SHOWN * rates[-1] else float(rates[-1])
    width = ROOM * shown
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.9))
    found = [str(name) for name in slopes.found_by.to_numpy()[slopes.status.to_numpy() == "ok"]]
    line = np.array([0.0, width])
    for index, name in enumerate(found):
        one = slopes.sel(found_by=name)
        place = rates + BESIDE * width * (index - (len(found) - 1) / 2)
        colour = METHOD_COLOURS[name]
        style = {"color": colour, "linestyle": "none", "marker": MARKERS[name], "ms": 3.5, "mfc": "none"}
        loss, error = one.excess_loss.to_numpy(), one.error.to_numpy()
        left.errorbar(place, loss, error, capsize=2, lw=0.8, label=METHOD_NAMES[name], **style)
        right.errorbar(place, loss / rates, error / rates, capsize=2, lw=0.8, **style)
        slope, low, high = (float(one[key]) for key in ("slope", "low", "high"))
        dashes = {"color": colour, "linestyle": DASHES[name], "lw": 0.9}
        left.plot(line, slope * line, **dashes)
        left.fill_between(line, low * line, high * line, color=colour, alpha=0.15, lw=0)
        right.plot(line, [slope, slope], **dashes)
        right.fill_between(line, [low, low], [high, high], color=colour, alpha=0.15, lw=0)
    predicted = float(slopes.attrs["prediction"])
    if np.isfinite(predicted):
        told = {"color": "k", "lw": 0.9, "linestyle": (0, (1, 3)), "zorder": 3}
        left.plot(line, predicted * line, label="predicted slope", **told)
        right.axhline(predicted, label=f"{_formula(slopes.attrs['formula'])} = {predicted:.4g}", **told)
        right.legend(loc="best")
    highest = float(np.nanmax(slopes.excess_loss))
    top = 1.12 * max([highest, *(float(s) * shown for s in slopes.slope.to_numpy() if np.isfinite(s))])
    left.set(xlim=(0, width), ylim=(0, top), xlabel="learning rate $\\eta$", ylabel="loss above its minimum")
    right.set(xlim=(0, width), xlabel="learning rate $\\eta$", ylabel="loss above its minimum / $\\eta$")
    right.margins(y=0.15)
    for axes in (left, right):
        if edge < width:
            _mark_edge(axes, edge)
    if width <= edge < np.inf:
        _point_to_edge(left, edge)
    handles, labels = left.get_legend_handles_labels()
    tangent = (Line2D([], [], color="0.4", lw=0.9), Patch(color="0.4", alpha=0.25, lw=0))
    band = f"tangent at 0, {100 * float(slopes.attrs['confidence']):.4g} % band"
    left.legend([*handles, tangent], [*labels, band], loc="upper left")
    figure.suptitle(f"{slopes.attrs['name']}: {slopes.attrs['verdict']}", fontsize=9)
    return figure


def _formula(text: str) -> str:
    """The formula of a prediction in letters of mathematics."""
    return text.replace("lambda", "λ").replace("s^2", "s²").replace("1 - mu", "1 − μ")


def _mark_edge(axes: Axes, edge: float) -> None:
    """A line where descent leaves the minimum."""
    axes.axvline(edge, color="0.5", lw=0.8, linestyle=(0, (4, 2)))
    axes.annotate(
        "edge, $\\eta h = 2$", (edge, 0.98), (2, 0), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="left", va="top", rotation=90, fontsize=7, color="0.4",
    )  # fmt: skip


def _point_to_edge(axes: Axes, edge: float) -> None:
    """An arrow that says where that is, beyond the figure."""
    axes.annotate(
        f"edge, $\\eta h = 2$, at {edge:.3g}", (1, 0.05), (-30, 0), xycoords="axes fraction",
        textcoords="offset points", ha="right", va="center", fontsize=7, color="0.4",
        arrowprops={"arrowstyle": "->", "color": "0.5", "lw": 0.7},
    )  # fmt: skip
