"""Densities seen from outside: in a line, in a notebook, as labelled arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from theory.base.arrays import Array
from theory.base.html import sketch, table, vector
from theory.base.showing import place, told
from theory.laws.stored import axes_of, described, grid_of

if TYPE_CHECKING:
    import xarray as xr

    from theory.laws.density import Density


def in_one_line(law: Density) -> str:
    """The grid, the error, and where the law is largest."""
    top = np.unravel_index(int(law.values.argmax()), law.grid.shape)
    peak = f"{law.values[top]:.6g} at {place(law.grid.centers[top])}"
    return told("Density", grid=law.grid, error=law.error, samples=law.samples, peak=peak)


def in_html(law: Density) -> str:
    """A table of the grid, the error and the moments with their errors; on a line with a sketch."""
    moments, grid = law.moments, law.grid
    variances = np.diag(moments.covariance)
    chance = 0.0 if law.samples is None else np.sqrt(np.maximum(variances, 0.0) / law.samples)
    rows = {
        "cells": " x ".join(map(str, grid.cells)),
        "from": place(np.array(grid.lower)),
        "to": place(np.array(grid.upper)),
        "error in total variation": law.error,
        "samples": law.samples,
        "mean": vector(moments.mean, np.hypot(moments.mean_error, chance)),
        "variance": vector(variances, np.diag(moments.covariance_error)),
        "beware": "; ".join(doubt for doubts in moments.doubts for doubt in doubts) or None,
    }
    return table("Density", rows, sketch(grid.axes[0], law.values) if grid.dim == 1 else "")


def labelled_density(law: Density, **more: Array) -> xr.DataArray:
    """The values with their coordinates `w0`, `w1`, ..., and all else of the law, and `more`, as attributes."""
    import xarray as xr  # half a second that only files need

    axes = axes_of(law.grid)
    attributes = described(
        type(law).__name__,
        law.grid,
        cell_averages=None if law.cell_averages is None else int(law.cell_averages),  # files hold no booleans
        total_variation_error=law.error,
        samples=law.samples,
        walls=[int(wall) for pair in law.walls for wall in pair] or None,
        reading_counted=int(law.reading_counted),
    )
    return xr.DataArray(law.values, axes, list(axes), name="density", attrs=attributes | more)


def parts_of(data: xr.Dataset) -> dict[str, Any]:
    """What makes the law of a data set with a variable `density`."""
    values, held = data["density"], data["density"].attrs | data.attrs
    kind, samples, walls = (held.get(name) for name in ("cell_averages", "samples", "walls"))
    pairs = () if walls is None else np.reshape(walls, (-1, 2))
    return {
        "grid": grid_of(held, values.shape),
        "values": values.values,
        "error": None if "total_variation_error" not in held else float(held["total_variation_error"]),
        "samples": None if samples is None else int(samples),
        "cell_averages": None if kind is None else bool(kind),
        "walls": tuple((bool(lower), bool(upper)) for lower, upper in pairs),
        "reading_counted": bool(held["reading_counted"]),
    }
