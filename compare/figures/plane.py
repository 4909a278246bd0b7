"""The laws of a study in two dimensions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from compare.figures.lines_of_text import put_below, text_height
from compare.figures.mathematics import axis_name
from compare.figures.palette import DIFFERENCE, NAMES, colour_of
from compare.figures.style import figure_width, in_style, new_figure, small_letters
from compare.figures.words import caption, title

if TYPE_CHECKING:
    from theory.base.arrays import Array

NARROWEST = 0.98  # inches of a panel
LOWEST = 0.65  # inches, where two panels beside each other can be so high
HIGHEST = 1.6  # inches of a panel; narrower where its window is tall
SATURATED = 5.0  # standard errors
ROOT = 0.4  # power of the scale of densities, which shows tails and leaves zero white
ABOVE_SGD = 4.0  # times SGD's highest density, above which a law is only said to be higher
LEVELS = (0.06, 0.2, 0.4, 0.6, 0.8, 0.95)  # shares of the window that have a lower loss
MOST_MINIMA = 6  # that are marked with crosses; more are points of a curve
TOLD = "TV: total variation from SGD (its noise floor). Error: that of counting."
FAINT = 1e-3  # of the highest density: no stream is drawn where fewer are
SEEN = 2.0  # errors of the current, below which no stream is drawn
TICK = 0.32  # inches between numbers at an axis
LABELS = 0.42  # inches of numbers and names below a block of panels
BARS = 0.6  # inches of the colour bars with theirs


@dataclass(frozen=True)
class Layout:
    """Rows and columns of pairs of panels, a law above its difference from SGD; a panel in inches."""

    columns: int
    blocks: int
    height: float
    width: float

    @staticmethod
    def of(laws: int, aspect: float) -> Layout:
        """That of so many laws, whose window is `aspect` times as high as it is wide, on the width that holds."""
        narrowest = min(max(NARROWEST, LOWEST / aspect), figure_width() / 2)
        blocks = -(-laws // int(figure_width() / narrowest))
        columns = -(-laws // blocks)
        width = (figure_width() - 0.5) / columns - 0.08
        height = min(width * max(aspect, 0.3), HIGHEST)
        return Layout(columns, blocks, height, min(width, height / aspect))


@in_style
def draw_plane(laws: xr.Dataset, distances: dict[str, tuple[float, float]]) -> Figure:
    """The densities side by side on one scale, and below each its difference from SGD's in standard errors.

    `distances` are total variations with their noise floors by name. Lines are those of equal loss, crosses its
    minima; streams follow the current of the Fokker-Planck law where it is known.
    """
    names = [str(name) for name in laws.law.to_numpy()]
    (left, below), (right, above) = laws.window.to_numpy()
    layout = Layout.of(len(names), (above - below) / (right - left))
    told = caption(laws, figure_width(), _notes(laws, distances))
    heading = title(laws, figure_width())
    pair = 2 * (layout.height + text_height("")) + LABELS
    figure = new_figure(layout.blocks * pair + BARS + text_height(told) + text_height(heading))
    rows = 2 * layout.blocks
    grid = figure.add_gridspec(rows + 1, 2 * layout.columns, height_ratios=[*[layout.height] * rows, 0.07])
    panels = np.array(
        [[figure.add_subplot(grid[i, 2 * j : 2 * j + 2]) for j in range(layout.columns)] for i in range(rows)]
    )
    shades = PowerNorm(ROOT, 0.0, highest_shade(laws))
    for index, name in enumerate(names):
        block, column = divmod(index, layout.columns)
        over, under = panels[2 * block : 2 * block + 2, column]
        density = shaded(over, laws, laws.density.sel(law=name).to_numpy(), shades, rcParams["image.cmap"])
        over.set_title(NAMES[name], fontsize=small_letters())
        if name == "fokker_planck":
            draw_streams(over, laws)
        if name == "sgd":
            under.set_title("loss, minima", fontsize=small_letters())
        else:
            different = shaded(under, laws, _in_errors(laws, name), Normalize(-SATURATED, SATURATED), DIFFERENCE)
            if name in distances:
                under.set_title("TV {:.3f} ({:.3f})".format(*distances[name]), fontsize=small_letters())
        for panel in (over, under):
            furnish(panel, laws, panel is under, column == 0)
            panel.locator_params(axis="x", nbins=max(2, int(layout.width / TICK)))
            panel.locator_params(axis="y", nbins=max(2, int(layout.height / TICK)))
    for panel in panels.ravel()[[not panel.has_data() for panel in panels.ravel()]]:
        panel.remove()
    _bars(figure, grid, density, different if len(names) > 1 else None, laws)
    figure.suptitle(heading)
    put_below(figure, told)
    return figure


def _axes_of(laws: xr.Dataset) -> tuple[Array, Array]:
    x, y = (laws[name].to_numpy() for name in json.loads(laws.attrs["variables"]))
    return x, y


def highest_shade(laws: xr.Dataset) -> float:
    """The density with the darkest shade: the highest of all laws, or a few times that of SGD."""
    highest = float(laws.density.max())
    seen = float(laws.density.sel(law="sgd").max()) if "sgd" in laws.law else highest
    return min(highest, ABOVE_SGD * seen)


def _in_errors(laws: xr.Dataset, name: str) -> Array:
    """The difference of a law from SGD's in units of its standard error."""
    one = laws.sel(law=name)
    difference, error = one.difference.to_numpy(), one.difference_error.to_numpy()
    return np.asarray(np.divide(difference, error, out=np.zeros_like(difference), where=error > 0))


def shaded(axes: Axes, laws: xr.Dataset, values: Array, norm: Normalize, colours: str) -> QuadMesh:
    """A map of `values`, of the shape of the grid."""
    x, y = _axes_of(laws)
    return axes.pcolormesh(x, y, values.T, norm=norm, cmap=colours, shading="nearest", rasterized=True)


def furnish(axes: Axes, laws: xr.Dataset, lower: bool, first: bool) -> None:
    """Lines of equal loss, minima, and the axes of a panel."""
    x, y = _axes_of(laws)
    (left, below), (right, above) = laws.window.to_numpy()
    loss = laws.loss.to_numpy()
    inside = loss[np.ix_((x > left) & (x < right), (y > below) & (y < above))]
    levels = np.unique(np.quantile(inside, LEVELS))
    axes.contour(x, y, loss.T, levels=levels, colors="0.35", linewidths=0.35, alpha=0.55)
    minima = laws.minimum.to_numpy()
    shape, size, shade = (".", 1.0, "0.3") if len(minima) > MOST_MINIMA else ("+", 4.0, "k")
    axes.plot(*minima.T, linestyle="none", marker=shape, ms=size, color=shade)
    variables = [axis_name(laws[name]) for name in json.loads(laws.attrs["variables"])]
    axes.set(xlim=(left, right), ylim=(below, above), aspect="equal")
    axes.tick_params(labelleft=first, labelbottom=lower)
    if first:
        axes.set_ylabel(variables[1])
    if lower:
        axes.set_xlabel(variables[0])


def draw_streams(axes: Axes, laws: xr.Dataset) -> None:
    """Streamlines of the current where it is more than its error."""
    if "current" not in laws:
        return
    x, y = _axes_of(laws)
    flow, error = laws.current.to_numpy(), laws.current_error.to_numpy()
    speed = np.hypot(flow[..., 0], flow[..., 1])
    known = speed > SEEN * np.hypot(error[..., 0], error[..., 1])
    density = laws.density.sel(law="fokker_planck").to_numpy()
    known &= density > FAINT * density.max()
    if not known.any():
        return
    u, v = (np.where(known, flow[..., axis], np.nan).T for axis in range(2))
    axes.streamplot(
        np.linspace(x[0], x[-1], len(x)), np.linspace(y[0], y[-1], len(y)), u, v, density=0.55,
        color=colour_of("gibbs"), linewidth=0.6, arrowsize=0.5, broken_streamlines=True,
    )  # fmt: skip


def _bars(figure: Figure, grid: GridSpec, density: QuadMesh, different: QuadMesh | None, laws: xr.Dataset) -> None:
    """What the shades mean, below all panels."""
    columns = grid.ncols // 2
    over = float(laws.density.max()) > highest_shade(laws)
    bar = figure.colorbar(
        density, cax=figure.add_subplot(grid[-1, :columns]), orientation="horizontal",
        extend="max" if over else "neither",
    )  # fmt: skip
    bar.set_label("density", fontsize=small_letters())
    bar.ax.locator_params(nbins=4)
    if different is not None:
        bar = figure.colorbar(
            different, cax=figure.add_subplot(grid[-1, columns:]), orientation="horizontal", extend="both",
            ticks=[-SATURATED, 0, SATURATED],
        )  # fmt: skip
        bar.set_label("(law − SGD) / error", fontsize=small_letters())


def _notes(laws: xr.Dataset, distances: dict[str, tuple[float, float]]) -> list[str]:
    """What the panels show beside densities."""
    notes = [TOLD] if distances else []
    if "current" in laws and not bool((laws.current != 0).any()):
        notes.append("No current flows in the Fokker–Planck law.")
    return notes
