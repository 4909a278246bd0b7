"""The laws at one point of a study, drawn anew while a slider moves: few panels and little text."""

from __future__ import annotations

import json

import xarray as xr
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from compare.figures.line import draw_densities, draw_distributions, draw_landscape
from compare.figures.lines_of_text import LEADING, POINTS
from compare.figures.mathematics import axis_name
from compare.figures.palette import NAMES
from compare.figures.plane import ROOT, draw_streams, furnish, highest_shade, shaded
from compare.figures.style import figure_width, in_style, is_narrow, new_figure, small_letters

HEIGHTS = (2.1, 1.3)  # inches of the two panels of a line
MARGINS = {"left": 0.62, "right": 0.55, "bottom": 0.45, "top": 0.06}  # inches, which no solver need find
LABEL = 0.42  # inches from the axis to what it shows, found once: to measure all numbers takes a third of the time
BETWEEN = 0.12  # inches between panels
ROOM = 0.26  # inches above a panel of a plane, for its name
LEAST_TICKS = 0.45  # inches between numbers at an axis


@in_style
def draw_explored(laws: xr.Dataset) -> Figure:
    """Densities over the landscape and distribution functions on a line; in a plane a map of each density.

    `laws` as `compare.results.report_as_xarray` makes them, of which any may be missing.
    """
    return _line(laws) if laws.density.ndim == 2 else _plane(laws)


def _line(laws: xr.Dataset) -> Figure:
    (name,) = json.loads(laws.attrs["variables"])
    columns = 2 if is_narrow() else 4
    legend = (-(-laws.sizes["law"] // columns) + 0.6) * LEADING * small_letters() / POINTS
    figure = new_figure(sum(HEIGHTS) + BETWEEN + legend + MARGINS["top"] + MARGINS["bottom"], placed=True)
    top, bottom = _panels(figure, legend + MARGINS["top"])
    top.sharex(bottom)
    top.tick_params(labelbottom=False)
    draw_densities(top, laws, name)
    draw_distributions(bottom, laws, name)
    bottom.set(xlim=laws.window.to_numpy()[:, 0], xlabel=axis_name(laws[name]))
    draw_landscape(top, laws, name)
    handles, labels = bottom.get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=columns, borderaxespad=0.2)
    for axes in (top, bottom):
        axes.yaxis.set_label_coords(-LABEL / (axes.get_position().width * figure_width()), 0.5)
    return figure


def _panels(figure: Figure, above: float) -> list[Axes]:
    """Two panels under each other, placed in inches: to solve for a layout takes half of the time."""
    width, height = figure.get_size_inches()
    grid = figure.add_gridspec(
        2, 1, height_ratios=HEIGHTS, left=MARGINS["left"] / width, right=1 - MARGINS["right"] / width,
        bottom=MARGINS["bottom"] / height, top=1 - above / height, hspace=2 * BETWEEN / sum(HEIGHTS),
    )  # fmt: skip
    return [figure.add_subplot(grid[row]) for row in range(2)]


def _plane(laws: xr.Dataset) -> Figure:
    names = [str(name) for name in laws.law.to_numpy()]
    (left, below), (right, above) = laws.window.to_numpy()
    columns = min(len(names), 2)
    width = (figure_width() - MARGINS["left"] - 0.1) / columns - BETWEEN
    height = width * min(max((above - below) / (right - left), 0.4), 1.2)
    rows = -(-len(names) // columns)
    whole = rows * (height + ROOM) + MARGINS["bottom"]
    figure = new_figure(whole, placed=True)
    shades = PowerNorm(ROOT, 0.0, highest_shade(laws))
    for index, name in enumerate(names):
        row, column = divmod(index, columns)
        at = (MARGINS["left"] + column * (width + BETWEEN)) / figure_width()
        low = (whole - (row + 1) * (height + ROOM)) / whole
        panel = figure.add_axes((at, low, width / figure_width(), height / whole))
        shaded(panel, laws, laws.density.sel(law=name).to_numpy(), shades, rcParams["image.cmap"])
        if name == "fokker_planck":
            draw_streams(panel, laws)
        panel.set_title(NAMES[name], fontsize=small_letters())
        lowest = index + columns >= len(names)
        furnish(panel, laws, lowest, column == 0)
        panel.locator_params(axis="x", nbins=max(2, int(width / LEAST_TICKS)))
        panel.locator_params(axis="y", nbins=max(2, int(height / LEAST_TICKS)))
    return figure
