"""Result files of a study of a network: JSON for numbers, NetCDF for the laws of what is looked at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from compare.comparison import Comparison
from compare.report import NETWORK_LAWS, NetworkReport, View
from compare.results.noise_numbers import comparison_as_json
from compare.results.sealed import NUMBERS, OBSERVABLES, seal, with_timings
from compare.results.study_files import header, plain
from theory.base.absent import Absent
from theory.laws import sample_grid

if TYPE_CHECKING:
    import xarray as xr

MOST_POINTS = 1000  # of SGD's draws in a plane that files hold
STEP = ("value", "debiased", "noise_floor", "low", "high")
LABELS = {
    "loss": ("loss above its minimum",),
    "log loss": ("decimal logarithm of the loss above its minimum",),
    "distance": ("distance from the minimum",),
    "sharpest": ("along the sharpest direction", "along the second"),
}


def network_files(report: NetworkReport) -> dict[str, bytes]:
    """The contents of `comparison.json` and `observables.nc`, sealed with each other.

    Once complete there is `timings.json` beside them: all else depends on the study and its seed alone.
    """
    seen = {name: view for name, view in report.views.items() if view.found}
    laws = bytes(views_as_xarray(report).to_netcdf(engine="h5netcdf")) if seen else None
    files = {NUMBERS: seal(network_as_json(report), None, observables=laws)}
    files |= {} if laws is None else {OBSERVABLES: laws}
    return with_timings(files, report.timings) if report.complete else files


def network_as_json(report: NetworkReport) -> dict[str, Any]:
    """Everything that the study found as plain data, the same in every run of one seed."""
    study, found = report.study, report.minimum
    return plain(  # type: ignore[no-any-return]
        {
            **header(study),
            "steps": study.steps,
            "walkers": study.walkers,
            "complete": report.complete,
            "weights": study.model.dim,
            "examples": len(study.model),
            "minimum": {
                "position": list(found.position),
                "loss": found.loss,
                "sharpness": found.sharpness,
                "learning_rate_times_sharpness": found.instability(study.sgd.learning_rate),
            },
            "temperature": report.temperature,
            "posterior_beta": study.beta,
            "laws": {law: {"status": report.status(law), **report.numbers(law)} for law in NETWORK_LAWS},
            "comparisons": {name: _view(view) for name, view in report.views.items()},
            "verdict": {"sentences": list(report.sentences)} if report.sentences else None,
        }
    )


def _view(view: View) -> dict[str, Any]:
    """The distances through an observable, the laws that it lacks, and the error of the step of paths."""
    error = view.step_error
    return {
        "status": "ok" if isinstance(view.comparison, Comparison) else str(view.comparison),
        "laws": comparison_as_json(view.comparison if isinstance(view.comparison, Comparison) else None),
        "none": {name: law.reason for name, law in view.laws.items() if isinstance(law, Absent)},
        "langevin_step": None if error is None else {key: getattr(error, key) for key in STEP},
    }


def views_as_xarray(report: NetworkReport) -> xr.Dataset:
    """Of the k-th observable in the attribute `observables` densities of its laws, dims (law_k, x_k) or with y_k.

    They are averages over the cells of `sample_grid`, and integrate to 1 less what lies off the grid. `mean_k` and
    `covariance_k` are those of the draws; in a plane `points_k` are some of SGD's.
    """
    import xarray as xr  # half a second that only files need

    data: dict[str, Any] = {}
    seen = {name: view for name, view in report.views.items() if view.found}
    for k, (name, view) in enumerate(seen.items()):
        grid = sample_grid(list(view.found.values()))
        axes = [f"{letter}_{k}" for letter in "xy"[: grid.dim]]
        dims = (f"law_{k}", *axes)
        counted = [law.histogram(grid).probabilities / grid.cell_volume for law in view.found.values()]
        data[dims[0]] = list(view.found)
        for axis, centres, label in zip(axes, grid.axes, LABELS[name], strict=True):
            data[axis] = (axis, centres, {"long_name": label})
        data[f"density_{k}"] = (dims, np.stack(counted), {"cell_averages": 1})
        own = [law.all for law in view.found.values()]
        data[f"mean_{k}"] = ((dims[0], f"number_{k}"), np.stack([one.mean(axis=0) for one in own]))
        spread = np.stack([np.atleast_2d(np.cov(one.T)) for one in own])
        data[f"covariance_{k}"] = ((dims[0], f"number_{k}", f"other_{k}"), spread)
        if grid.dim == 2 and "sgd" in view.found:
            points = view.found["sgd"].all
            every = -(-len(points) // MOST_POINTS)
            data[f"points_{k}"] = ((f"point_{k}", f"number_{k}"), points[::every])
    attributes = {
        "name": report.study.name,
        "seed": report.study.seed,
        "observables": json.dumps(list(seen)),
        "parameters": json.dumps(
            {
                "weights": report.study.model.dim,
                "examples": len(report.study.model),
                "learning_rate": report.study.sgd.learning_rate,
                "batch_size": report.study.sgd.batch_size,
                "momentum": float(report.study.sgd.momentum),
                "instability": report.minimum.instability(report.study.sgd.learning_rate),
            }
        ),
    }
    return xr.Dataset(data, attrs=attributes)
