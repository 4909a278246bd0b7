"""The laws of a study in two dimensions."""

from __future__ import annotations

import numpy as np
import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from compare.figures.style import NAMES, PAGE_WIDTH, axis_name

SAMPLED = {"sgd", "langevin"}
DECADES = 4  # below the highest density that are shown


def draw_plane(laws: xr.Dataset, distances: dict[str, tuple[float, float]]) -> Figure:
    """The densities side by side on one logarithmic scale, each with its total variation from SGD's.

    `distances` are total variations by name.
    """
    names = [str(name) for name in laws.law.to_numpy()]
    height = PAGE_WIDTH / len(names) * _aspect(laws) + 1.05
    figure, panels = plt.subplots(
        1, len(names), figsize=(PAGE_WIDTH, min(height, 3.4)), sharex=True, sharey=True, squeeze=False
    )
    w0, w1 = laws.w0.to_numpy(), laws.w1.to_numpy()
    highest = float(laws.density.max())
    lowest = highest * 10.0**-DECADES
    norm = LogNorm(lowest, highest)
    for panel, name in zip(panels[0], names, strict=True):
        density = laws.density.sel(law=name).to_numpy()
        empty = np.nan if name in SAMPLED else lowest  # cells without walkers stay white
        shown = np.where(density > 0, np.maximum(density, lowest), empty)
        image = panel.pcolormesh(w0, w1, shown.T, norm=norm, shading="nearest", rasterized=True)
        title = NAMES[name]
        if name in distances:
            value, floor = distances[name]
            title += f"\nTV {value:.3f}\nfloor {floor:.3f}"
        panel.set_title(title)
        panel.set_xlabel(axis_name(laws.w0))
        panel.set_aspect("equal")
    panels[0][0].set_ylabel(axis_name(laws.w1))
    figure.colorbar(image, ax=panels[0].tolist(), label="density", shrink=0.7)
    figure.suptitle(str(laws.attrs["name"]), fontsize=9)
    return figure


def _aspect(laws: xr.Dataset) -> float:
    w0, w1 = laws.w0.to_numpy(), laws.w1.to_numpy()
    return float((w1[-1] - w1[0]) / (w0[-1] - w0[0]))
