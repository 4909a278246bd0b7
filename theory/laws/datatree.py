"""Chains as a DataTree in the layout that ArviZ reads: groups of variables with dims `chain` and `draw` first."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.base.arrays import Array

if TYPE_CHECKING:
    import xarray as xr

    from theory.laws.ensemble import Ensemble

AXES = ("chain", "draw")
SCHEMA = "https://python.arviz.org/projects/base/en/latest/explanation/schema.html"


def tree_of(groups: Mapping[str, xr.Dataset], kind: str, **facts: Any) -> xr.DataTree:
    """The groups under one root; versions, the class and the `facts` that are not None are attributes of all.

    References
    ----------
    ArviZ developers, InferenceData schema specification.
    """
    import xarray as xr  # half a second that only files need

    version = metadata.version("gibbsgap")
    about = {
        "law": kind,
        "creation_library": "gibbsgap",
        "creation_library_version": version,
        "inference_library": "gibbsgap",
        "inference_library_version": version,
        "numpy_version": np.__version__,
        "xarray_version": metadata.version("xarray"),
        "layout": SCHEMA,
        "sample_dims": list(AXES),
        **{name: fact for name, fact in facts.items() if fact is not None},
    }
    root = xr.Dataset(attrs=about)
    named = {f"/{name}": group.assign_attrs(about | group.attrs) for name, group in groups.items()}
    return xr.DataTree.from_dict({"/": root, **named})


def walkers_as_chains(walkers: Ensemble) -> xr.DataTree:
    """Every walker a chain and every kept time a draw; where one time was kept, one chain of all walkers."""
    import xarray as xr  # half a second that only files need

    kept = slice(None) if len(walkers.positions) == len(walkers.times) else slice(-1, None)
    times, steps = walkers.times[kept], None if walkers.steps is None else walkers.steps[kept]
    several = len(times) > 1
    places = walkers.positions.transpose(1, 0, 2) if several else walkers.positions
    along: dict[str, Any] = {axis: np.arange(size) for axis, size in zip(AXES, places.shape, strict=False)}
    facts: dict[str, Any] = {
        "walkers": walkers.walkers,
        "diverged": walkers.diverged,
        "times_observed": len(walkers.times),
        "times_kept": len(times),
    }
    if several:
        along["time"] = ("draw", times)
        if steps is not None:
            along["step"] = ("draw", steps)
            apart = np.unique(np.diff(steps))
            facts["thinning"] = int(apart[0]) if len(apart) == 1 else "uneven, see `step`"
    else:
        facts |= {"time": float(times[0]), "step": None if steps is None else int(steps[0])}
    variables = (*AXES, "component")
    lost = ~np.isfinite(places).all(axis=-1)
    groups = {
        "posterior": xr.Dataset({"positions": (variables, places)}, along),
        "sample_stats": xr.Dataset({"diverging": (AXES, lost)}, along),
    }
    return tree_of(groups, "Ensemble", **facts)


def chains_of_draws(positions: Array, **facts: Any) -> xr.DataTree:
    """Positions (draws, chains, d) with the chain first."""
    import xarray as xr  # half a second that only files need

    places = positions.transpose(1, 0, 2)
    along = {axis: np.arange(size) for axis, size in zip(AXES, places.shape, strict=False)}
    return tree_of(
        {"posterior": xr.Dataset({"positions": ((*AXES, "component"), places)}, along)}, "Draws", **facts
    )
