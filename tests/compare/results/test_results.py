"""Result files: reproducible, strict, whole, and what they hold is what was found."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from compare.job import run_study
from compare.report import LAWS, Report, summary
from compare.results import read_results, save_report
from compare.results.study_files import plain, report_as_json, report_as_xarray
from compare.study import read_study

LINE: dict[str, Any] = {
    "name": "line",
    "model": {"q": "w*(w - 1/2)", "noise_std": 1.0},
    "sgd": {
        "learning_rate": 0.05,
        "batch_size": 5,
        "steps": 60,
        "walkers": 3000,
        "sampling": "without replacement",
    },
    "data": {"examples": 52},
    "start": {"normal": {"mean": [0.3], "std": [0.2]}},
    "langevin": {"substeps": 2},
    "grid": {"lower": [-3.0], "upper": [3.0], "cells": [60]},
    "posterior": {"examples": 100},
    "survival": {"basin": [0.25, 1.0]},
}
PLANE: dict[str, Any] = {
    "name": "plane",
    "model": {"landscape": "x**2/2 + y**2"},
    "sgd": {"learning_rate": 0.02, "batch_size": 10, "steps": 60, "walkers": 3000},
    "start": {"uniform": [[-0.4, 1.0], [-0.5, 0.5]]},
    "noise": {"kind": "constant", "matrix": [[0.1, 0.02], [0.02, 0.05]]},
    "grid": {"lower": [-1.05, -1.0], "upper": [1.05, 1.0], "cells": [20, 20]},  # a few of the walkers are lost
}
STUDIES = pytest.mark.parametrize("table", [LINE, PLANE], ids=["line", "plane"])


def run(table: dict[str, Any], *, seed: int = 1, threads: int = 1) -> Report:
    return run_study(read_study(table | {"seed": seed}), threads=threads)


def strict(path: Path) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(path.read_text("utf-8"), parse_constant=refuse)


def numbers(folder: Path) -> bytes:
    assert {"SGD", "Langevin paths", "Fokker-Planck"} < read_results(folder).timings.keys()
    return (folder / "comparison.json").read_bytes()


@STUDIES
def test_a_seed_makes_one_result_whatever_the_threads(table: dict[str, Any], tmp_path: Path) -> None:
    reports = {"one": run(table), "two": run(table, threads=2), "other": run(table, seed=2)}
    for name, report in reports.items():
        (tmp_path / name).mkdir()
        save_report(report, tmp_path / name)
    one, two, other = (numbers(tmp_path / name) for name in reports)
    assert one == two
    assert (tmp_path / "one" / "laws.nc").read_bytes() == (tmp_path / "two" / "laws.nc").read_bytes()
    assert one.replace(b'"seed": 1', b'"seed": 2') != other  # control: it is not the name of the seed alone


@STUDIES
def test_densities_integrate_to_one_less_the_lost(table: dict[str, Any], tmp_path: Path) -> None:
    report = run(table)
    save_report(report, tmp_path)
    volume = report.study.grid.cell_volume
    losses = 0
    with xr.open_dataset(tmp_path / "laws.nc", engine="h5netcdf") as laws:
        assert laws.density.dims[1:] == tuple(str(v) for v in report.study.landscape.variables)
        for name in laws.law.to_numpy():
            found = report.laws[str(name)]
            numbers = found.numbers
            lost = numbers.get("diverged", 0) + numbers.get("outside", 0)
            losses += lost
            expected = 1 - lost / numbers.get("walkers", 1)
            assert float(laws.density.sel(law=name).sum()) * volume == pytest.approx(expected, abs=1e-9)
        assert laws.attrs["seed"] == 1
        centres = np.stack(np.meshgrid(*report.study.grid.axes, indexing="ij"), axis=-1)
        assert laws.loss.to_numpy() == pytest.approx(report.study.landscape.value(centres))
    assert (losses > 0) == (table is PLANE)  # else nothing was tested of them


def test_the_json_holds_every_law_with_its_errors(tmp_path: Path) -> None:
    report = run(PLANE)
    save_report(report, tmp_path)
    found = strict(tmp_path / "comparison.json")
    assert list(found["laws"]) == list(LAWS)
    assert found["complete"]
    assert found["study"] == PLANE | {"seed": 1}
    assert found["versions"].keys() >= {"gibbsgap", "numpy", "python"}
    assert found["laws"]["posterior"]["status"] == "none: the study has no [posterior]"
    for name in ("sgd", "langevin", "fokker_planck", "gibbs"):
        law = found["laws"][name]
        assert law["status"] == "ok"
        assert {"mean", "covariance", "expected_loss"} <= law.keys()
    assert set(found["comparisons"]) == {"langevin", "fokker_planck", "gibbs"}
    for pair in found["comparisons"].values():
        assert pair["verdict"] in {"agrees", "differs", "cannot tell"}
        distance = pair["total_variation"]
        assert 0 <= distance["low"] <= distance["value"] <= distance["high"] <= 1
        assert distance["noise_floor"] > 0


def test_numbers_that_json_lacks_are_text_and_everything_else_is_plain(tmp_path: Path) -> None:
    table = LINE | {"name": "nan", "seed": 3}
    report = run(table)
    assert report.last_half is not None
    report.last_half = replace(report.last_half, moments_shift=np.float64("inf"))
    save_report(report, tmp_path)
    assert strict(tmp_path / "comparison.json")["checks"]["sgd_last_half"]["moments_shift"] == "inf"
    strange = {"a": np.float64("nan"), "b": [np.inf, -np.inf], "c": np.int64(3), 4: np.True_}
    assert plain(strange) == {"a": "nan", "b": ["inf", "-inf"], "c": 3, "4": True}


def test_the_survival_is_what_the_walkers_did() -> None:
    report = run(LINE)
    found = report_as_json(report)["survival"]
    assert found["basin"] == [0.25, 1.0]
    assert found["steps"] == list(range(61))
    assert found["fraction_inside"][0] == pytest.approx(0.5987 - 0.0002, abs=5 * 0.009)  # Phi(1/4) - Phi(-7/2)
    assert len(found["fraction_inside"]) == len(found["fraction_diverged"]) == 61


def test_the_sample_moments_of_the_json_are_those_of_the_laws() -> None:
    report = run(PLANE)
    laws = report_as_xarray(report)
    density = laws.density.sel(law="sgd")
    mean = float((density * laws.x).sum() / density.sum())
    numbers = report.laws["sgd"].numbers
    assert numbers["mean"][0] == pytest.approx(mean, abs=0.01)  # cells of 0.1 against the walkers themselves
    second = float((density * (laws.x - mean) ** 2).sum() / density.sum())
    assert numbers["covariance"][0][0] == pytest.approx(second, rel=0.02)
    loss = float((density * laws.loss).sum() / density.sum())
    assert numbers["expected_loss"] == pytest.approx(loss, rel=0.03)


def test_result_files_are_no_pickles(tmp_path: Path) -> None:
    save_report(run(PLANE), tmp_path)
    assert (tmp_path / "laws.nc").read_bytes()[:4] == b"\x89HDF"
    assert (tmp_path / "comparison.json").read_bytes()[:1] == b"{"


@pytest.mark.parametrize(
    ("change", "law", "words"),
    [
        ({"model": {"q": "w - 1/2", "noise_std": 0.0}, "posterior": None}, "fokker_planck", "none: |ok"),
        (
            {"model": {"q": "max(w, 0)"}},
            "fokker_planck",
            "none: noise and drift must not both vanish on an interval",
        ),
        ({"model": {"q": "w"}}, "sgd_exact", "none: the orders of an epoch must be few"),
    ],
)
def test_a_law_that_fails_leaves_the_others(change: dict[str, Any], law: str, words: str, tmp_path: Path) -> None:
    table = {key: value for key, value in (LINE | change).items() if value is not None}
    report = run(table)
    save_report(report, tmp_path)
    found = strict(tmp_path / "comparison.json")
    assert re.match(words, found["laws"][law]["status"])
    assert found["laws"]["sgd"]["status"] == found["laws"]["langevin"]["status"] == "ok"
    assert found["complete"]
    assert f"{law:14}" in summary(report)
