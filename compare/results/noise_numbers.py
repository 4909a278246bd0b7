"""Noise against the Hessian as result files hold it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from compare.comparison import Comparison, NoiseAgainstHessian, limit_as_json
from compare.report import LastHalf
from compare.study import Study
from theory.base.absent import Absent

if TYPE_CHECKING:
    import xarray as xr

FIELDS = ("value", "debiased", "noise_floor", "low", "high", "grid_error")
OBSERVED = "SGD"


def comparison_as_json(comparison: Comparison | None) -> dict[str, Any]:
    """Of every prediction the verdict and the numbers of all distances."""
    if comparison is None:
        return {}
    return {
        name: {
            "verdict": comparison.verdict(name),
            **{
                kind: {key: number for key in FIELDS if (number := getattr(distance, key)) is not None}
                for kind, distance in comparison.distances[name].items()
            },
        }
        for name in comparison.names
    }


def noises_as_json(
    study: Study, noises: Mapping[str, NoiseAgainstHessian | Absent], settled: Mapping[str, LastHalf]
) -> dict[str, Any]:
    """Of every place that the study names what was found and whether its walkers settle, or why nothing was."""
    missing = Absent("interrupted before it was run")
    places = {plan.name: _place(noises.get(plan.name, missing)) for plan in study.noises}
    for name, check in settled.items():
        places[name]["checks"] = {"sgd_last_half": check.as_json()}
    return places


def noises_as_netcdf(study: Study, noises: Mapping[str, NoiseAgainstHessian | Absent]) -> bytes:
    """The bytes of `noises.nc`."""
    return bytes(noises_as_xarray(study, noises).to_netcdf(engine="h5netcdf"))


def noises_as_xarray(study: Study, noises: Mapping[str, NoiseAgainstHessian | Absent]) -> xr.Dataset:
    """Densities on the grid of each place, dims (law0, x_0, y_0) of the first, and distances from SGD's law.

    x and y are the study's own names. SGD's law comes first; it integrates to 1 minus its lost walkers. The
    attribute `places` names those whose walkers stayed on the grid, `reasons` says of each why a noise has no law,
    `point_masses` where limit laws have some, and `failed` why the other places have nothing.
    """
    import numpy as np
    import xarray as xr  # half a second that only files need

    data: dict[str, Any] = {}
    names = [str(variable) for variable in study.landscape.variables]
    found = {name: one for name, one in noises.items() if isinstance(one, NoiseAgainstHessian)}
    for k, one in enumerate(found.values()):
        grid = one.observed.grid
        dims = (f"law{k}", *(f"{name}_{k}" for name in names))
        laws = {OBSERVED: one.observed, **one.laws}
        values = [law.probabilities / grid.cell_volume for law in laws.values()]
        data[dims[0]] = list(laws)
        for dim, centres, variable in zip(dims[1:], grid.axes, names, strict=True):
            data[dim] = (dim, centres, {"long_name": variable})
        data[f"density{k}"] = (dims, np.stack(values), {"cell_averages": 1})
        compared = {} if one.comparison is None else one.comparison.distances
        distances = [compared[name]["total_variation"] for name in one.laws]
        data[f"distance{k}"] = (dims[0], [0.0, *(distance.value for distance in distances)])
        data[f"noise_floor{k}"] = (dims[0], [0.0, *(distance.noise_floor for distance in distances)])
        data[f"verdict{k}"] = (dims[0], ["", *(one.verdict(name) for name in one.laws)])
    masses = {
        place: {
            name: [[*part.position, weight] for part, weight in limit.point_masses]
            for name, limit in one.limits.items()
        }
        for place, one in found.items()
    }
    attributes = {
        "name": study.name,
        "seed": study.seed,
        "variables": json.dumps(names),
        "places": json.dumps(list(found)),
        "reasons": json.dumps({place: dict(one.reasons) for place, one in found.items()}),
        "failed": json.dumps({place: str(one) for place, one in noises.items() if isinstance(one, Absent)}),
        "point_masses": json.dumps(masses),
    }
    return xr.Dataset(data, attrs=attributes)


def _place(found: NoiseAgainstHessian | Absent) -> dict[str, Any]:
    if isinstance(found, Absent):
        return {"status": str(found)}
    numbers = {key: getattr(found, key) for key in ("constant", "angle", "temperature")}
    return {
        "status": "ok",
        **{
            key: {"value": float(number), "error": number.error} | ({"unit": "radians"} if key == "angle" else {})
            for key, number in numbers.items()
        },
        "covariance_ranks": found.covariance_ranks,
        "hessian_ranks": found.hessian_ranks,
        "laws": {
            **{
                name: {
                    "status": "ok",
                    "mean": law.mean.tolist(),
                    "covariance": law.covariance.tolist(),
                    "total_variation_error": law.error,
                    **(limit_as_json(found.limits[name], found.not_unique[name]) if name in found.limits else {}),
                }
                for name, law in found.laws.items()
            },
            **{name: {"status": str(Absent(reason))} for name, reason in found.reasons.items()},
        },
        "comparisons": comparison_as_json(found.comparison),
    }
