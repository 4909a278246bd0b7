"""The laws of a study in one dimension."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from compare.figures.style import COLOURS, DASHES, NAMES, PAGE_WIDTH, axis_name
from theory.base.arrays import Array

DECADES = 7  # below the highest density that are shown


def draw_line(laws: xr.Dataset) -> Figure:
    """Logarithmic densities over the landscape, and distribution functions, in which a point mass is a jump."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(PAGE_WIDTH, 4.4), sharex=True)
    w = laws.w0.to_numpy()
    width = float(w[1] - w[0])
    atoms = json.loads(laws.attrs["point_masses"])
    highest = 0.0
    for name in laws.law.to_numpy():
        density = laws.density.sel(law=name).to_numpy().copy()
        distribution = np.cumsum(density) * width
        label = NAMES[name] + (f" ({1 - distribution[-1]:.0%} lost)" if distribution[-1] < 0.995 else "")
        style = {"color": COLOURS[name], "linestyle": DASHES.get(name, "-")}
        for position, weight in atoms.get(name, []):
            cell = int(np.argmin(np.abs(w - position)))
            density[cell] = max(density[cell] - weight / width, 0.0)
            top.annotate(
                f"{weight:.2f} at {position:.3g}",
                (position, 1.0), (0, 2), xycoords=("data", "axes fraction"), textcoords="offset points",
                ha="center", color=COLOURS[name], fontsize=7,
            )  # fmt: skip
            top.axvline(position, **style)
        shown = np.where(density > 0, density, np.nan)
        if name == "sgd":
            top.fill_between(w, shown, 1e-300, step="mid", color=COLOURS[name], alpha=0.35, lw=0, label=label)
        else:
            top.plot(w, shown, label=label, **style)
        bottom.plot(w + width / 2, distribution, label=label, **style)
        highest = max(highest, float(np.nanmax(shown)))
    top.set(yscale="log", ylim=(highest * 10.0**-DECADES, highest * 3), ylabel="density", xlim=(w[0], w[-1]))
    bottom.set(xlabel=axis_name(laws.w0), ylabel="distribution function", ylim=(-0.02, 1.02))
    _landscape(top, w, laws.loss.to_numpy())
    bottom.legend(loc="best")
    figure.suptitle(str(laws.attrs["name"]), fontsize=9)
    return figure


def _landscape(axes: Axes, w: Array, loss: Array) -> None:
    """The loss behind the densities, from its minimum to four times its median above it."""
    behind = axes.twinx()
    behind.plot(w, loss, color="0.75", lw=0.8, zorder=0)
    low = float(loss.min())
    behind.set_ylim(low, low + 4 * float(np.median(loss - low)))
    behind.set_ylabel("loss", color="0.6")
    behind.tick_params(axis="y", colors="0.6")
    behind.spines["right"].set_visible(True)
    behind.spines["right"].set_color("0.75")
    axes.set_zorder(behind.get_zorder() + 1)
    axes.patch.set_visible(False)
