"""Result files: JSON for numbers, NetCDF for laws."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from compare.report import LAWS, Report, stability
from compare.results.folder import write_files
from compare.results.law_files import report_as_xarray
from compare.results.noise_numbers import comparison_as_json, noises_as_json, noises_as_netcdf
from compare.results.sealed import LAWS as LAWS_FILE
from compare.results.sealed import NOISES, NUMBERS, SLOPES, seal, with_timings
from compare.results.slope_numbers import slopes_as_json, slopes_as_netcdf
from compare.study import NetworkStudy, SlopeStudy, Study
from compare.study.limit import limit_in_words
from simulate.survival_curve import Survival
from theory.base.absent import Absent
from theory.points import Minimum

CONFIDENCE = 0.95  # of the intervals of a survival, one at a time
PACKAGES = ("gibbsgap", "numpy", "scipy", "numba", "sympy")


def result_files(report: Report) -> dict[str, bytes]:
    """The contents of `comparison.json`, `laws.nc` where there are laws, `slope.nc`, `noises.nc` where asked for.

    They are sealed with each other.

    A complete report has `timings.json` beside them: all else depends on the study and its seed alone.
    """
    laws = None
    if any(law.law is not None for law in report.laws.values()):
        laws = bytes(report_as_xarray(report).to_netcdf(engine="h5netcdf"))
    slopes = None if report.slopes is None else slopes_as_netcdf(report.slopes)
    noises = noises_as_netcdf(report.study, report.noises) if report.noises else None
    files = {NUMBERS: seal(report_as_json(report), laws, slopes, noises)}
    files |= {} if laws is None else {LAWS_FILE: laws}
    files |= {} if slopes is None else {SLOPES: slopes}
    files |= {} if noises is None else {NOISES: noises}
    return with_timings(files, report.timings) if report.complete else files


def save_report(report: Report, out: Path) -> None:
    """Write the files of `result_files` into the folder `out`."""
    write_files(out, result_files(report))


def report_as_json(report: Report) -> dict[str, Any]:
    """Everything the study found as plain data, the same in every run of one seed."""
    study = report.study
    sgd = study.sgd
    content: dict[str, Any] = {
        **header(study),
        "steps": study.steps,
        "walkers": study.walkers,
        "complete": report.complete,
        "conversions": {
            "time_per_step": str(Absent("it follows the schedule")) if sgd.schedules else float(sgd.times(1)),
            "time": float(sgd.times(study.steps)),
            "diffusion": "D(w) = learning_rate C(w) / (2 batch_size) / (1 - momentum), Ito"
            if not sgd.variants
            else limit_in_words(study.equation, sgd),
            "learning_rate_over_batch_size": sgd.learning_rate / sgd.batch_size,
        },
        "stability": [_stability(study, minimum) for minimum in report.minima],
        "checks": report.checks,
        "laws": {
            name: {"status": report.laws[name].status, **report.laws[name].numbers}
            if name in report.laws
            else {"status": str(Absent("interrupted before it was computed"))}
            for name in LAWS
        },
        "comparisons": comparison_as_json(report.comparison),
        "second_opinions": {
            name: {"status": str(found)} if isinstance(found, Absent) else found.as_json()
            for name, found in report.second_opinions.items()
        },
        "verdict": None if report.verdict is None else report.verdict.as_json(),
    }
    if report.on_data:
        content["laws_on_data"] = {name: {"status": r.status, **r.numbers} for name, r in report.on_data.items()}
        content["comparisons_on_data"] = comparison_as_json(report.comparison_on_data)
    if report.survival is not None:
        content["survival"] = _survival(study, report.survival)
    if report.slopes is not None:
        content["loss_slope"] = slopes_as_json(report.slopes)
    if study.noises:
        content["noise_against_hessian"] = noises_as_json(study, report.noises, report.settled)
    return plain(content)  # type: ignore[no-any-return]


def _stability(study: Study, minimum: Minimum) -> dict[str, Any]:
    """A minimum, and whether the mean step, of a schedule the first, can stay in it."""
    found = stability(study, minimum)
    names = ("learning_rate_times_preconditioned_sharpness", "largest_stable", "stable")
    if isinstance(found, Absent):
        step: dict[str, Any] = dict.fromkeys(names, str(found))
    else:
        product = found.learning_rate * found.curvature
        step = dict(zip(names, (product, found.limit, product < found.limit), strict=True))
    return {
        "position": list(minimum.position),
        "loss": minimum.loss,
        "sharpness": minimum.sharpness,
        "learning_rate_times_sharpness": minimum.instability(study.sgd.learning_rate),
        **step,
    }


def _survival(study: Study, survival: Survival) -> dict[str, Any]:
    """Fractions with their intervals, the rate, whether it is one, and where the passes through the data end."""
    rate, error = survival.rate()
    low, high = survival.interval(CONFIDENCE)
    return {
        "basin": list(study.basin or ()),
        "steps": survival.steps.tolist(),
        "fraction_inside": survival.fraction.tolist(),
        "fraction_inside_low": low.tolist(),
        "fraction_inside_high": high.tolist(),
        "confidence": CONFIDENCE,
        "fraction_diverged": (survival.diverged / survival.walkers).tolist(),
        "escape_rate_per_step": rate,
        "escape_rate_standard_error": error,
        "escape_rate_halves": [{"value": float(half), "error": half.error} for half in survival.halves()],
        "steps_of_an_epoch": study.epoch,
    }


def header(study: Study | SlopeStudy | NetworkStudy) -> dict[str, Any]:
    """What every result says of where it comes from."""
    return {
        "study": study.source,
        "name": study.name,
        "seed": study.seed,
        "versions": {name: metadata.version(name) for name in PACKAGES} | {"python": platform.python_version()},
    }


def plain(value: Any) -> Any:
    """`value` with NumPy numbers as Python's, and infinite or undefined ones as text, which JSON lacks."""
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
