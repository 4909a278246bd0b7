"""The laws of a network through what is looked at: densities of a number, rings in a plane."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from compare.figures.lines_of_text import in_lines, put_below, text_height
from compare.figures.mathematics import plain, scientific
from compare.figures.palette import DASHES, colour_of
from compare.figures.palette import NAMES as OF_LAWS
from compare.figures.style import figure_width, in_style, is_narrow, new_figure, small_letters

NAMES = {**OF_LAWS, "gibbs": "Gibbs"}  # at the temperature of the noise, which is fitted to nothing
AXES = {
    "loss": (r"$L - L_{\min}$",),
    "log loss": (r"$\log_{10}(L - L_{\min})$",),
    "distance": ("distance from the minimum",),
    "sharpest": ("sharpest direction", "second"),
}
PANEL = 1.95  # inches of height
MOST = 3  # panels side by side
RING = 2.0  # standard deviations
ANGLES = 200
WIDEST = 4.0  # standard deviations of the widest law that a plane shows
OBSERVED = "sgd"
SHOWN = 1e-3  # of the mass of all laws, left out at either end of an axis


@in_style
def draw_observables(laws: xr.Dataset) -> Figure:
    """A panel for each observable: densities, or in a plane draws of SGD and rings of two standard deviations."""
    figure = new_figure(height_of(laws))
    fill_observables(figure, laws)
    return figure


def height_of(laws: xr.Dataset) -> float:
    """Inches of a figure of the width of the style."""
    _, rows, _ = _places(laws)
    return rows * PANEL + 0.35 + text_height(_caption(laws))


def fill_observables(figure: Figure, laws: xr.Dataset) -> list[Axes]:
    """The panels of all observables on an empty figure, with legend and caption."""
    names, rows, columns = _places(laws)
    panels = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for k, panel in enumerate(panels[: len(names)]):
        draw_observable(panel, laws, k)
    for panel in panels[len(names) :]:
        panel.axis("off")
    handles = {
        label: one for panel in panels for one, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    order = [name for name in NAMES.values() if name in handles]
    columns = 3 if is_narrow() else len(order)
    figure.legend([handles[name] for name in order], order, loc="outside upper center", ncols=columns)
    put_below(figure, _caption(laws))
    return panels[: len(names)]


def draw_observable(axes: Axes, laws: xr.Dataset, k: int) -> None:
    """The laws of the k-th observable."""
    (_draw_plane if f"points_{k}" in laws or f"y_{k}" in laws else _draw_line)(axes, laws, k)
    labels = AXES[_places(laws)[0][k]]
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1] if len(labels) > 1 else "density")
    axes.locator_params(axis="x", nbins=5)


def _places(laws: xr.Dataset) -> tuple[list[str], int, int]:
    """The observables, and how many rows and columns of panels."""
    names = json.loads(laws.attrs["observables"])
    columns = 1 if is_narrow() else min(len(names), MOST)
    return names, -(-len(names) // columns), columns


def _laws(laws: xr.Dataset, k: int) -> list[str]:
    return [str(law) for law in laws[f"law_{k}"].to_numpy()]


def _draw_line(axes: Axes, laws: xr.Dataset, k: int) -> None:
    """Densities of one number; SGD's is filled."""
    x, density = laws[f"x_{k}"].to_numpy(), laws[f"density_{k}"].to_numpy()
    for law, values in zip(_laws(laws, k), density, strict=True):
        if law == OBSERVED:
            axes.fill_between(x, values, color=colour_of(law), alpha=0.35, lw=0, label=NAMES[law])
        else:
            axes.plot(x, values, **_look(law))
    mass = density.max(axis=0) / density.max(axis=0).sum()
    inside = np.flatnonzero((np.cumsum(mass) > SHOWN) & (np.cumsum(mass[::-1])[::-1] > SHOWN))
    axes.set_xlim(x[inside[0]], x[inside[-1]])
    axes.set_ylim(bottom=0)


def _draw_plane(axes: Axes, laws: xr.Dataset, k: int) -> None:
    """Draws of SGD, and about the mean of each law a ring that two standard deviations reach."""
    if f"points_{k}" in laws:
        x, y = laws[f"points_{k}"].to_numpy().T
        axes.plot(x, y, ".", ms=1.2, color="0.75", zorder=0)
    angle = np.linspace(0, 2 * np.pi, ANGLES)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    means, spreads = laws[f"mean_{k}"].to_numpy(), laws[f"covariance_{k}"].to_numpy()
    for law, mean, spread in zip(_laws(laws, k), means, spreads, strict=True):
        x, y = mean[:, None] + RING * np.linalg.cholesky(spread) @ circle
        axes.plot(x, y, **_look(law))
    widest = np.sqrt(np.diagonal(spreads, axis1=1, axis2=2)).max(axis=0)
    centre = means[0]
    axes.set_xlim(centre[0] - WIDEST * widest[0], centre[0] + WIDEST * widest[0])
    axes.set_ylim(centre[1] - WIDEST * widest[1], centre[1] + WIDEST * widest[1])


def _look(law: str) -> dict[str, Any]:
    return {"color": colour_of(law), "linestyle": DASHES.get(law, "-"), "label": NAMES[law]}


def _caption(laws: xr.Dataset) -> str:
    """The name and the parameters."""
    told, planes = json.loads(laws.attrs["parameters"]), "sharpest" in json.loads(laws.attrs["observables"])
    parts = plain(f"{laws.attrs['name']}:").split()
    parts += [rf"$\eta = {scientific(told['learning_rate'])}$,", f"$B = {told['batch_size']}$,"]
    parts += [rf"$\mu = {scientific(told['momentum'])}$,"] if told["momentum"] else []
    parts += [rf"$\eta h = {scientific(told['instability'])}$."]
    parts += ["Rings: two standard deviations; dots: SGD."] if planes else []
    return in_lines(parts, small_letters(), 0.92 * figure_width(), " ")
