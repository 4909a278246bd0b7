"""The laws of three noises beside that of SGD, a row for each place."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from compare.figures.style import COLOURS, PAGE_WIDTH, axis_name

OBSERVED = "SGD"
NAMES = {
    OBSERVED: OBSERVED,
    "own noise C(w)": "own noise $C(w)$",
    "noise c H": "noise $cH$",
    "isotropic noise": "isotropic noise",
}
LINES = {
    "own noise C(w)": (COLOURS["fokker_planck"], "-"),
    "noise c H": (COLOURS["gibbs"], (0, (5, 2))),
    "isotropic noise": (COLOURS["posterior"], (0, (3, 1, 1, 1))),
}
DECADES = 3  # below the highest density that are shown
LARGEST = 8.5  # inches: no figure is higher


def draw_noises(noises: xr.Dataset) -> Figure | None:
    """Densities of SGD, own, Hessian and isotropic noise at every place, with distances and verdicts.

    None where there are more than two variables, or no place with walkers on its grid.
    """
    names = [axis_name(noises[f"w{axis}_0"]) for axis in range(3) if f"w{axis}_0" in noises]
    places = json.loads(noises.attrs["places"])
    if not places or len(names) > 2:
        return None
    columns = len(NAMES) if len(names) == 2 else 1
    heights = [_height(noises, k) if columns > 1 else 2.4 for k in range(len(places))]
    figure, panels = plt.subplots(
        len(places), columns, figsize=(PAGE_WIDTH, min(sum(heights), LARGEST)), squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )  # fmt: skip
    for k, (place, row) in enumerate(zip(places, panels, strict=True)):
        if columns > 1:
            _planes(noises, k, place, row, names)
        else:
            _lines(noises, k, place, row[0], names[0])
    return figure


def _height(noises: xr.Dataset, k: int) -> float:
    """Inches of a row of panels whose axes have one unit, with its titles."""
    x, y = (noises[f"w{axis}_{k}"].to_numpy() for axis in range(2))
    return float(np.clip((y[-1] - y[0]) / (x[-1] - x[0]), 0.4, 2.5)) * PAGE_WIDTH / 5 + 0.85


def _verdict(noises: xr.Dataset, k: int, index: int) -> str:
    value, verdict = float(noises[f"distance{k}"][index]), str(noises[f"verdict{k}"].to_numpy()[index])
    return f"TV {value:.3f}, {verdict}"


def _planes(noises: xr.Dataset, k: int, place: str, row: np.ndarray, names: list[str]) -> None:
    """The densities of one place on one logarithmic scale; a law that is missing is said to be."""
    density, laws = noises[f"density{k}"].to_numpy(), [str(law) for law in noises[f"law{k}"].to_numpy()]
    x, y = noises[f"w0_{k}"].to_numpy(), noises[f"w1_{k}"].to_numpy()
    lowest = float(density.max()) * 10.0**-DECADES
    norm = LogNorm(lowest, float(density.max()))
    for panel, (law, label) in zip(row, NAMES.items(), strict=True):
        panel.set_title(label)
        if law in laws:
            index = laws.index(law)
            empty = np.nan if law == OBSERVED else lowest  # cells without walkers stay white
            shown = np.where(density[index] > 0, np.maximum(density[index], lowest), empty)
            panel.pcolormesh(x, y, shown.T, norm=norm, shading="nearest", rasterized=True)
            panel.set_title(f"{label}\n{place}" if index == 0 else f"{label}\n{_verdict(noises, k, index)}")
        else:
            panel.set_title(f"{label}\nno law")
        panel.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), xlabel=names[0], aspect="equal")
        panel.tick_params(labelleft=panel is row[0])
    row[0].set_ylabel(names[1])


def _lines(noises: xr.Dataset, k: int, place: str, axes: Axes, name: str) -> None:
    """The densities of one place on a line."""
    w = noises[f"w0_{k}"].to_numpy()
    for index, law in enumerate(str(law) for law in noises[f"law{k}"].to_numpy()):
        density = noises[f"density{k}"].to_numpy()[index]
        if law == OBSERVED:
            axes.fill_between(w, density, step="mid", color=COLOURS["sgd"], alpha=0.35, lw=0, label=NAMES[law])
            continue
        colour, dashes = LINES[law]
        label = f"{NAMES[law]}: {_verdict(noises, k, index)}"
        axes.plot(w, density, color=colour, linestyle=dashes, label=label)
    for law, (colour, dashes) in LINES.items():
        if law not in noises[f"law{k}"].to_numpy():
            axes.plot([], [], color=colour, linestyle=dashes, label=f"{NAMES[law]}: no law")
    axes.set(title=place, xlabel=name, ylabel="density", xlim=(w[0], w[-1]))
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")
