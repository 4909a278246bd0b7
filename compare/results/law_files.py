"""The laws of a study as `laws.nc` holds them: all that their figures show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from compare.comparison import LawWindow, common_window, deviation_of, join, joined_cells
from compare.report import Law, Report
from compare.results.coordinates import coordinate_names
from compare.study import Study
from theory.base.arrays import Array
from theory.laws import Histogram, LimitLaw

if TYPE_CHECKING:
    import xarray as xr

Labelled: TypeAlias = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
OBSERVED = "sgd"
LEAST_PARTS = 40  # of the window on a line, however few walkers there are


def report_as_xarray(report: Report) -> xr.Dataset:
    """The densities of all laws on the study's grid: dims (law, x, y, ...) with the study's own names.

    A sampled law integrates to 1 minus its lost walkers; a point mass is spread over its cell, and `point_masses`
    names it. All are averages over the cells, as the attribute `cell_averages` says. `difference` is each law less
    that of SGD and `difference_error` its standard error; on a line `joined_density`, `ratio` to SGD's and their
    errors are those of cells joined between `edges`; in a plane `current` is that of the Fokker-Planck law.
    Figures show the `window`, outside which each law has the share `outside_window`.
    """
    import xarray as xr  # half a second that only files need

    return xr.Dataset(*report_as_arrays(report))


def report_as_arrays(report: Report) -> Labelled:
    """Variables, coordinates and attributes of `report_as_xarray`: of arrays, text and numbers alone."""
    study, grid = report.study, report.study.grid
    laws = {name: r.law for name, r in report.laws.items() if r.law is not None}
    names = coordinate_names(study)
    values = np.stack([_cell_probabilities(law) / grid.cell_volume for law in laws.values()])
    axes = {
        name: (name, centres, {"long_name": str(variable)})
        for name, centres, variable in zip(names, grid.axes, study.landscape.variables, strict=True)
    }
    window = common_window(list(laws.values()))
    minima = np.reshape([m.position for m in report.minima], (-1, grid.dim))
    data: dict[str, Any] = {
        "density": (("law", *names), values, {"cell_averages": 1}),
        "loss": (tuple(names), study.landscape.value(grid.centers)),
        "minimum": (("minimum_number", "coordinate"), minima),
        "window": (("side", "coordinate"), np.stack([window.lower, window.upper])),
        "outside_window": ("law", window.outside),
        "minimum_loss": ("minimum_number", [m.loss for m in report.minima]),
        "instability": ("minimum_number", [m.instability(study.sgd.learning_rate) for m in report.minima]),
    }
    if OBSERVED in laws:
        data |= _beside(laws, names, window)
    if report.current is not None:
        for name, part in (("current", np.asarray(report.current)), ("current_error", report.current.error)):
            data[name] = ((*names, "coordinate"), part)
    coordinates = {"law": list(laws), **axes, "coordinate": [str(v) for v in study.landscape.variables]}
    return data, coordinates, _attributes(study, laws, names)


def _beside(laws: dict[str, Law], names: tuple[str, ...], window: LawWindow) -> dict[str, Any]:
    """Every law less SGD's with the error of counting; on a line also joined, with the ratio."""
    observed = laws[OBSERVED]
    found = [deviation_of(observed, law) for law in laws.values()]
    dims = ("law", *names)
    data: dict[str, Any] = {
        "difference": (dims, np.stack([one.difference for one in found])),
        "difference_error": (dims, np.stack([one.error for one in found])),
    }
    grid = observed.grid
    if grid.dim > 1:
        return data
    longest = (window.upper[0] - window.lower[0]) / grid.spacing[0] / LEAST_PARTS
    firsts = joined_cells([law for law in laws.values() if isinstance(law, Histogram)], int(longest))
    joined = [join(observed, law, firsts) for law in laws.values()]
    for name, field in (
        ("joined_density", "values"),
        ("joined_density_error", "errors"),
        ("ratio", "ratios"),
        ("ratio_error", "ratio_errors"),
    ):
        data[name] = (("law", "part"), np.stack([getattr(one, field) for one in joined]))
    return data | {"edges": ("edge", grid.edges[0][firsts])}


def _attributes(study: Study, laws: dict[str, Law], names: tuple[str, ...]) -> dict[str, Any]:
    atoms = {
        name: [[*part.position, weight] for part, weight in law.point_masses]
        for name, law in laws.items()
        if isinstance(law, LimitLaw)
    }
    model = study.source.get("model", {})
    letter = "q" if "q" in model else "L"
    formula = model.get("q", model.get("landscape", ""))
    parts = [formula] if isinstance(formula, str) else list(formula)
    return {
        "name": study.name,
        "seed": study.seed,
        "variables": json.dumps(names),
        "point_masses": json.dumps(atoms),
        "formula": json.dumps({"letter": letter, "parts": parts}),
        "parameters": json.dumps(
            {
                "learning_rate": study.sgd.learning_rate,
                "batch_size": study.sgd.batch_size,
                "momentum": float(study.sgd.momentum),
                "rule": [repr(rule) for rule in study.sgd.rules],
                "steps": study.steps,
                "walkers": {name: law.walkers for name, law in laws.items() if isinstance(law, Histogram)},
            }
        ),
    }


def _cell_probabilities(law: Law) -> Array:
    return law.density.probabilities if isinstance(law, LimitLaw) else law.probabilities
