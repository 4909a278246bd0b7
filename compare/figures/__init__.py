"""Figures: drawn from result files, computing nothing; the only place that imports matplotlib."""

from __future__ import annotations

import json
from pathlib import Path

import xarray as xr
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from compare.figures.line import draw_line
from compare.figures.plane import draw_plane
from compare.figures.style import use_style
from compare.figures.survival import draw_survival
from compare.files import write_whole

__all__ = ["draw_line", "draw_plane", "draw_results", "draw_survival"]


def draw_results(folder: Path) -> list[Path]:
    """Draw what the result files in `folder` hold, as PNG and PDF beside them; returns the files."""
    use_style()
    found = json.loads((folder / "comparison.json").read_text("utf-8"))
    figures: dict[str, Figure] = {}
    with xr.open_dataset(folder / "laws.nc", engine="h5netcdf") as laws:
        if laws.density.ndim == 2:
            figures["laws"] = draw_line(laws)
        elif laws.density.ndim == 3:
            pairs = {name: pair["total_variation"] for name, pair in found["comparisons"].items()}
            figures["laws"] = draw_plane(laws, {n: (p["value"], p["noise_floor"]) for n, p in pairs.items()})
    if "survival" in found:
        figures["survival"] = draw_survival(found["survival"])
    written = []
    for name, figure in figures.items():
        for suffix in ("png", "pdf"):
            path = folder / f"{name}.{suffix}"
            write_whole(path, figure.savefig)
            written.append(path)
        plt.close(figure)
    return written
