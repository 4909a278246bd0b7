"""The laws of three noises beside that of SGD, a row for each place."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from compare.figures.lines_of_text import in_lines, text_height
from compare.figures.mathematics import axis_name, plain
from compare.figures.palette import DASHES, colour_of
from compare.figures.plane import HIGHEST, ROOT
from compare.figures.style import figure_width, in_style, is_narrow, new_figure, small_letters

OBSERVED = "SGD"
NAMES = {
    OBSERVED: OBSERVED,
    "own noise C(w)": "own noise $C(w)$",
    "noise c H": "noise $cH$",
    "isotropic noise": "isotropic noise",
}
LOOKS = {"own noise C(w)": "fokker_planck", "noise c H": "gibbs", "isotropic noise": "posterior"}
LARGEST = 8.5  # inches: no figure is higher
LINES = 1.7  # inches of a panel of lines


@in_style
def draw_noises(noises: xr.Dataset) -> Figure | None:
    """Densities of SGD, own, Hessian and isotropic noise at every place, with distances and verdicts.

    None where there are more than two variables, or no place with walkers on its grid.
    """
    names, places = json.loads(noises.attrs["variables"]), json.loads(noises.attrs["places"])
    if not places or len(names) > 2:
        return None
    return _planes(noises, names, places) if len(names) == 2 else _lines(noises, names[0], places)


def _planes(noises: xr.Dataset, names: list[str], places: list[str]) -> Figure:
    columns = 2 if is_narrow() else len(NAMES)
    rows = len(NAMES) // columns
    width = (figure_width() - 0.5) / columns - 0.08
    heights = [min(width * _aspect(noises, names, k), HIGHEST) + 0.75 for k in range(len(places))]
    figure = new_figure(min(rows * sum(heights), LARGEST))
    parts = figure.subfigures(len(places), 1, squeeze=False, height_ratios=heights)
    for k, (place, part) in enumerate(zip(places, parts[:, 0], strict=True)):
        part.suptitle(plain(place))
        panels = part.subplots(rows, columns, squeeze=False)
        density, laws = noises[f"density{k}"].to_numpy(), [str(law) for law in noises[f"law{k}"].to_numpy()]
        x, y = (noises[f"{name}_{k}"] for name in names)
        shades = PowerNorm(ROOT, 0.0, float(density.max()))
        for index, (panel, (law, label)) in enumerate(zip(panels.ravel(), NAMES.items(), strict=True)):
            told = "" if law == OBSERVED else "no law"
            if law in laws:
                values = density[laws.index(law)]
                panel.pcolormesh(
                    x, y, values.T, norm=shades, cmap=rcParams["image.cmap"], shading="nearest", rasterized=True
                )  # fmt: skip
                told = "" if law == OBSERVED else _verdict(noises, k, laws.index(law))
            panel.set_title("\n".join(filter(None, (label, told))), fontsize=small_letters())
            panel.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), aspect="equal")
            panel.locator_params(nbins=4)
            lower, first = index >= len(NAMES) - columns, index % columns == 0
            panel.tick_params(labelleft=first, labelbottom=lower)
            panel.set(xlabel=axis_name(x) if lower else "", ylabel=axis_name(y) if first else "")
    return figure


def _aspect(noises: xr.Dataset, names: list[str], k: int) -> float:
    """Height of the panels of a place over their width, where its axes have one unit."""
    x, y = (noises[f"{name}_{k}"].to_numpy() for name in names)
    return float(np.clip((y[-1] - y[0]) / (x[-1] - x[0]), 0.4, 2.5))


def _verdict(noises: xr.Dataset, k: int, index: int) -> str:
    value, verdict = float(noises[f"distance{k}"][index]), str(noises[f"verdict{k}"].to_numpy()[index])
    return f"TV {value:.3f}, {verdict}"


def _lines(noises: xr.Dataset, name: str, places: list[str]) -> Figure:
    legend = (len(NAMES) + 1) * text_height("")
    figure = new_figure(min(len(places) * (LINES + legend + 0.4), LARGEST))
    for k, (place, axes) in enumerate(
        zip(places, figure.subplots(len(places), 1, squeeze=False)[:, 0], strict=True)
    ):
        _line(noises, k, place, axes, f"{name}_{k}")
    return figure


def _line(noises: xr.Dataset, k: int, place: str, axes: Axes, name: str) -> None:
    """The densities of one place on a line, named above it."""
    w = noises[name].to_numpy()
    laws = [str(law) for law in noises[f"law{k}"].to_numpy()]
    for law, label in NAMES.items():
        if law == OBSERVED:
            density = noises[f"density{k}"].to_numpy()[laws.index(law)]
            axes.fill_between(w, density, step="mid", color=colour_of("sgd"), alpha=0.35, lw=0, label=label)
            continue
        colour, dashes = colour_of(LOOKS[law]), DASHES.get(LOOKS[law], "-")
        known = law in laws
        density = noises[f"density{k}"].to_numpy()[laws.index(law)] if known else np.full(len(w), np.nan)
        told = _verdict(noises, k, laws.index(law)) if known else "no law"
        axes.plot(w, density, color=colour, linestyle=dashes, label=f"{label}: {told}")
    axes.set(xlabel=axis_name(noises[name]), ylabel="density", xlim=(w[0], w[-1]))
    axes.set_ylim(bottom=0)
    heading = in_lines(plain(place).split(), small_letters(), 0.8 * figure_width(), " ")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), title=heading, alignment="left")
