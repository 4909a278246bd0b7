"""The laws of a study in one dimension."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from compare.figures.lines_of_text import LEADING, POINTS, put_below, text_height
from compare.figures.mathematics import axis_name, percent
from compare.figures.palette import DASHES, NAMES, colour_of
from compare.figures.style import figure_width, in_style, is_narrow, new_figure, small_letters
from compare.figures.words import caption, title

if TYPE_CHECKING:
    from theory.base.arrays import Array

DECADES = 7  # below the highest density, that are shown at most
SAMPLED = ("sgd", "langevin")
HEIGHTS = (1.55, 1.0, 0.95)  # inches of the panels
RATIOS = {1.25: (0.8, 1.0, 1.25), 2.0: (0.5, 1.0, 2.0), 5.0: (0.2, 1.0, 5.0), 10.0: (0.1, 1.0, 10.0)}
MOST_SHOWN = 0.9  # of SGD's law, whose ratios fit into the panel where any limits do


@in_style
def draw_line(laws: xr.Dataset) -> Figure:
    """Logarithmic densities over the landscape, their ratio to SGD's, and distribution functions.

    A point mass is a line with a dot in the first, and a jump in the last. The band about the ratio 1 is one
    standard error of SGD's counts wide to each side; relatively it is as wide about any other.
    """
    width, (name,) = figure_width(), json.loads(laws.attrs["variables"])
    columns = 2 if is_narrow() else 3
    rows = -(-laws.sizes["law"] // columns)
    legend = (rows + 0.3) * LEADING * small_letters() / POINTS
    told = caption(laws, width, ["Band: standard error of SGD."])
    heading = title(laws, width)
    figure = new_figure(sum(HEIGHTS) + legend + 0.55 + text_height(told) + text_height(heading))
    grid = figure.add_gridspec(4, 1, height_ratios=[legend, *HEIGHTS])
    top, middle, bottom = panels = [figure.add_subplot(grid[row]) for row in (1, 2, 3)]
    for panel in (top, middle):
        panel.sharex(bottom)
        panel.tick_params(labelbottom=False)
    draw_densities(top, laws, name)
    _ratios(middle, laws)
    draw_distributions(bottom, laws, name)
    bottom.set(xlim=laws.window.to_numpy()[:, 0], xlabel=axis_name(laws[name]))
    draw_landscape(top, laws, name)
    head = figure.add_subplot(grid[0])
    head.axis("off")
    handles, labels = bottom.get_legend_handles_labels()
    head.legend(handles, labels, loc="center", ncols=columns, borderaxespad=0, borderpad=0)
    figure.suptitle(heading)
    put_below(figure, told)
    figure.align_ylabels(panels)
    return figure


def draw_densities(axes: Axes, laws: xr.Dataset, name: str) -> None:
    """Logarithmic densities, of walkers as steps, on the axis `name`."""
    w = laws[name].to_numpy()
    spacing = float(w[1] - w[0])
    highest, lowest = 0.0, np.inf
    for law in laws.law.to_numpy():
        one = laws.sel(law=law)
        style: dict[str, Any] = {"color": colour_of(law), "linestyle": DASHES.get(law, "-")}
        if law in SAMPLED:
            joined, edges = one.joined_density.to_numpy(), laws.edges.to_numpy()
            seen = joined[joined > 0]
            lowest, highest = (
                min(lowest, float(seen.min(initial=np.inf))),
                max(highest, float(seen.max(initial=0.0))),
            )
            if law == "sgd":
                axes.stairs(joined, edges, baseline=1e-300, fill=True, color=style["color"], alpha=0.35, lw=0)
            else:
                axes.stairs(np.where(joined > 0, joined, np.nan), edges, baseline=None, **style)
            continue
        density = _without_points(axes, laws, law, w, one.density.to_numpy().copy(), spacing)
        highest = max(highest, float(density.max()))
        axes.plot(w, np.where(density > 0, density, np.nan), **style)
    axes.set(yscale="log", ylabel="density")
    least = 0.5 * lowest if np.isfinite(lowest) else 0.0  # where walkers end, the axis does
    axes.set_ylim(max(highest * 10.0**-DECADES, least), highest * 3)


def _without_points(axes: Axes, laws: xr.Dataset, law: str, w: Array, density: Array, spacing: float) -> Array:
    """The density without the point masses of a law, which are drawn as lines with a dot."""
    for position, weight in json.loads(laws.attrs["point_masses"]).get(law, []):
        cell = int(np.argmin(np.abs(w - position)))
        density[cell] = max(density[cell] - weight / spacing, 0.0)
        axes.plot(
            [position, position], [0.0, 0.97], color=colour_of(law), marker="o", markevery=[1], ms=3,
            transform=axes.get_xaxis_transform(),
        )  # fmt: skip
    return density


def _ratios(axes: Axes, laws: xr.Dataset) -> None:
    edges = laws.edges.to_numpy()
    middles, observed = (edges[1:] + edges[:-1]) / 2, laws.sel(law="sgd")
    density, error = observed.joined_density.to_numpy(), observed.joined_density_error.to_numpy()
    known = np.divide(error, density, out=np.full_like(density, np.nan), where=density > 0)
    axes.fill_between(middles, np.exp(-known), np.exp(known), color=colour_of("sgd"), alpha=0.25, lw=0)
    away: list[Array] = []
    for law in laws.law.to_numpy():
        if law == "sgd":
            continue
        ratio = laws.ratio.sel(law=law).to_numpy()
        style: dict[str, Any] = {"color": colour_of(law), "linestyle": DASHES.get(law, "-")}
        axes.plot(middles, np.where(ratio > 0, ratio, np.nan), lw=0.8 * rcParams["lines.linewidth"], **style)
        away.append(np.abs(np.log(np.where(ratio > 0, ratio, np.inf))))
    axes.axhline(1.0, color=colour_of("sgd"), lw=0.6)
    limit = next((limit for limit in RATIOS if _fits(away, density * np.diff(edges), limit)), max(RATIOS))
    axes.set(yscale="log", ylim=(1 / limit**1.1, limit**1.1), ylabel="ratio to SGD")
    axes.yaxis.set_major_locator(FixedLocator(list(RATIOS[limit])))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())


def _fits(away: list[Array], weights: Array, limit: float) -> bool:
    """Whether ratios up to `limit` show nearly all of SGD's law, for each of the others."""
    return all(float(weights[one <= np.log(limit)].sum()) >= MOST_SHOWN * weights.sum() for one in away)


def draw_distributions(axes: Axes, laws: xr.Dataset, name: str) -> None:
    """Distribution functions, labelled with what the laws have lost."""
    w = laws[name].to_numpy()
    spacing = float(w[1] - w[0])
    for law in laws.law.to_numpy():
        distribution = np.cumsum(laws.density.sel(law=law).to_numpy()) * spacing
        lost = 1 - distribution[-1]
        label = NAMES[law] + (f" ({percent(lost)} lost)" if lost > 0.005 else "")
        axes.plot(w + spacing / 2, distribution, color=colour_of(law), linestyle=DASHES.get(law, "-"), label=label)
    axes.set(ylabel="distribution", ylim=(-0.03, 1.03))


def draw_landscape(axes: Axes, laws: xr.Dataset, name: str) -> None:
    """The loss behind the densities, from its minimum up to where nearly all of the window lies below."""
    w, loss = laws[name].to_numpy(), laws.loss.to_numpy()
    left, right = laws.window.to_numpy()[:, 0]
    seen = loss[(w > left) & (w < right)]
    behind = axes.twinx()
    behind.plot(w, loss, color="0.75", lw=0.6 * rcParams["lines.linewidth"], zorder=0)
    low, high = float(seen.min()), float(np.quantile(seen, 0.95))
    behind.set_ylim(low, low + 1.1 * (high - low) or 1.0)
    behind.set_ylabel("loss", color="0.5")
    behind.tick_params(axis="y", colors="0.5")
    behind.spines["right"].set_visible(True)
    behind.spines["right"].set_color("0.75")
    axes.set_zorder(behind.get_zorder() + 1)
    axes.patch.set_visible(False)
