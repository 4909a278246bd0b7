"""Ensembles as labelled arrays, with all that a run kept beside the positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from theory.laws.checkpoint import Checkpoint
from theory.laws.histogram import Histogram
from theory.laws.moments import Moments
from theory.laws.stored import described, grid_of

if TYPE_CHECKING:
    import xarray as xr

    from theory.laws.ensemble import Ensemble

PARTS = ("count", "mean", "covariance", "covariance_error")  # of moments


def labelled_positions(walkers: Ensemble) -> xr.DataArray:
    """The positions that were kept, with axes (time, walker, component)."""
    import xarray as xr  # half a second that only files need

    kept = slice(None) if len(walkers.positions) == len(walkers.times) else slice(-1, None)
    places: dict[str, Any] = {"time": walkers.times[kept]}
    if walkers.steps is not None:
        places["step"] = ("time", walkers.steps[kept])
    axes = ["time", "walker", "component"]
    return xr.DataArray(walkers.positions, places, axes, name="positions", attrs=described("Ensemble"))


def labelled_run(walkers: Ensemble, moments: Moments | None) -> xr.Dataset:
    """Everything: beside the positions the counts, the streamed moments, and where the run goes on."""
    import xarray as xr  # half a second that only files need

    arrays: dict[str, Any] = {
        "positions": (("kept", "walker", "component"), walkers.positions),
        "times": ("time", walkers.times),
    }
    facts: dict[str, Any] = {}
    if walkers.steps is not None:
        arrays["steps"] = ("time", walkers.steps)
    if walkers.histograms:
        counted = walkers.histograms
        axes = [f"w{axis}" for axis in range(walkers.dim)]
        arrays["counts"] = (("time", *axes), np.array([one.counts for one in counted]))
        arrays["outside"] = ("time", np.array([one.outside for one in counted], dtype=np.int64))
        arrays["lost"] = ("time", np.array([one.diverged for one in counted], dtype=np.int64))
        facts["grid"] = counted[0].grid
    if moments is not None:
        shapes = (("time",), ("time", "component"), *[("time", "component", "other")] * 2)
        arrays |= {
            f"moments_{part}": (axes, getattr(moments, part)) for part, axes in zip(PARTS, shapes, strict=True)
        }
    if walkers.checkpoint is not None:
        end = walkers.checkpoint
        arrays["end_positions"] = (("walker", "component"), end.positions)
        arrays["end_streams"] = (("block", "word"), end.streams)
        for block, kept in enumerate(end.memory):
            for number, array in enumerate(kept):
                name = f"end_memory_{block}_{number}"
                arrays[name] = ([f"{name}_{axis}" for axis in range(array.ndim)], array)
        facts |= {"end_steps": end.steps, "end_time": end.time, "end_memory": [len(kept) for kept in end.memory]}
    grid = facts.pop("grid", None)
    return xr.Dataset(arrays, attrs=described("Ensemble", grid, **facts))


def parts_of(data: xr.Dataset) -> dict[str, Any]:
    """What makes the ensemble of `labelled_positions` or `labelled_run`."""
    if "times" not in data.variables:  # of `labelled_positions`
        steps = data["step"].values if "step" in data.variables else None
        return {"times": data["time"].values, "positions": data["positions"].values, "steps": steps}
    parts: dict[str, Any] = {"times": data["times"].values, "positions": data["positions"].values}
    parts["steps"] = data["steps"].values if "steps" in data.variables else None
    if "counts" in data.variables:
        counts, outside, lost = (data[name].values for name in ("counts", "outside", "lost"))
        grid = grid_of(data.attrs, counts.shape[1:])
        rows = zip(counts, outside.tolist(), lost.tolist(), strict=True)
        parts["histograms"] = tuple(Histogram(grid, *row) for row in rows)
    if "moments_count" in data.variables:
        parts["moments"] = Moments(*(data[f"moments_{part}"].values for part in PARTS))
    if "end_positions" in data.variables:
        numbers = np.atleast_1d(data.attrs["end_memory"]).tolist()
        memory = tuple(
            tuple(data[f"end_memory_{block}_{number}"].values for number in range(kept))
            for block, kept in enumerate(numbers)
        )
        parts["checkpoint"] = Checkpoint(
            data["end_positions"].values,
            data["end_streams"].values,
            memory,
            steps=int(data.attrs["end_steps"]),
            time=float(data.attrs["end_time"]),
        )
    return parts
