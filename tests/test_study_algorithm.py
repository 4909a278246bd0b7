"""Options of SGD in studies: what is read, what is refused, and what theory says of them, or why it says none."""

from __future__ import annotations

import copy
import functools
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import observed_order

from compare.command_line import main
from compare.distances import total_variation
from compare.files import report_as_json
from compare.job import run_study
from compare.report import Report
from compare.stability import stability
from compare.study import Study, read_study
from compare.summary import summary
from simulate.momentum import Nesterov
from simulate.noise import GaussianNoise, LabelNoise, StableNoise, StudentNoise
from simulate.preconditioner import InverseNoise
from simulate.run import run_sgd
from simulate.schedule import BatchGrowth, Cosine, Exponential, Linear, Step
from theory.errors import InputError
from theory.fokker_planck import FokkerPlanck
from theory.gaussian import sgd_covariance, stationary_covariance
from theory.langevin import Langevin
from theory.stability import Minimum
from theory.tensors import Constant

LINE: dict[str, Any] = {
    "name": "line",
    "model": {"q": "w - 1/2", "noise_std": 2.0},
    "sgd": {"learning_rate": 0.05, "batch_size": 10, "steps": 100, "walkers": 500},
    "start": {"uniform": [[-1.0, 2.0]]},
    "grid": {"lower": [-4.0], "upper": [5.0], "cells": [90]},
    "survival": {"basin": [0.0, 1.0]},
}
PLANE: dict[str, Any] = {
    "name": "plane",
    "model": {"landscape": "x**2/2 + x*y/4 + y**2"},
    "sgd": {"learning_rate": 0.05, "batch_size": 10, "steps": 60, "walkers": 500},
    "start": {"point": [0.1, 0.2]},
    "noise": {"kind": "constant", "matrix": [[0.1, 0.02], [0.02, 0.05]]},
    "grid": {"lower": [-4.0, -3.0], "upper": [4.0, 3.0], "cells": [30, 30]},
}


def with_sgd(table: dict[str, Any], **keys: Any) -> dict[str, Any]:
    copied = copy.deepcopy(table)
    copied["sgd"] |= keys
    return copied


@functools.cache
def plain_report(name: str) -> Report:
    """What the study of this name finds without options."""
    return run_study(read_study({"line": LINE, "plane": PLANE, "weak": weak(0.02)}[name]))


def weak(rate: float) -> dict[str, Any]:
    """The plane at a learning rate, its D in proportion: gradient noise with the C that it has at any rate."""
    matrix = (rate * np.array(PLANE["noise"]["matrix"])).tolist()
    grid = {"lower": [-0.6, -0.6], "upper": [0.6, 0.6], "cells": [40, 40]}
    return with_sgd(PLANE, learning_rate=rate) | {"noise": {"kind": "constant", "matrix": matrix}, "grid": grid}


def study(table: dict[str, Any], **keys: Any) -> Study:
    return read_study(with_sgd(table, **keys))


def equation(found: Study) -> Langevin:
    assert isinstance(found.equation, Langevin)
    return found.equation


@pytest.mark.parametrize(
    ("keys", "attribute", "value"),
    [
        ({"momentum": 0.5, "nesterov": True}, "momentum", Nesterov(0.5)),
        ({"momentum": 0.5, "nesterov": False}, "momentum", 0.5),
        ({"preconditioner": 2}, "preconditioner", 2.0),
        ({"preconditioner": [2.0, 1]}, "preconditioner", (2.0, 1.0)),
        ({"preconditioner": [[2.0, 0.5], [0.5, 1.0]]}, "preconditioner", ((2.0, 0.5), (0.5, 1.0))),
        ({"preconditioner": "inverse noise"}, "preconditioner", InverseNoise()),
        ({"preconditioner": "inverse noise", "damping": 0.1}, "preconditioner", InverseNoise(0.1)),
        ({"schedule": {"kind": "step", "at": 5, "factor": 0.5}}, "schedule", (Step(5, 0.5),)),
        ({"schedule": {"kind": "step", "at": [0, 9], "factor": 2}}, "schedule", (Step((0, 9), 2.0),)),
        ({"schedule": {"kind": "linear", "steps": 9, "final": 0.0}}, "schedule", (Linear(9, 0.0),)),
        ({"schedule": {"kind": "cosine", "steps": 9, "final": 0.1}}, "schedule", (Cosine(9, 0.1),)),
        ({"schedule": {"kind": "exponential", "steps": 9, "final": 0.1}}, "schedule", (Exponential(9, 0.1),)),
        ({"schedule": {"kind": "batch growth", "every": 4}}, "schedule", (BatchGrowth(4),)),
        (
            {
                "schedule": [
                    {"kind": "batch growth", "every": 4, "factor": 3, "largest": 9},
                    {"kind": "linear", "steps": 9, "final": 0.5},
                ]
            },
            "schedule",
            (BatchGrowth(4, 3.0, 9.0), Linear(9, 0.5)),
        ),
        ({"noise": {"kind": "gaussian", "std": 0.2}}, "noise", (GaussianNoise(0.2),)),
        ({"noise": {"kind": "student", "degrees": 3, "scale": 0.2}}, "noise", (StudentNoise(3.0, 0.2),)),
        ({"noise": {"kind": "stable", "alpha": 1.5, "scale": 0.2}}, "noise", (StableNoise(1.5, 0.2),)),
        (
            {
                "noise": [
                    {"kind": "stable", "alpha": 1.5, "scale": 0.2, "skew": -1},
                    {"kind": "gaussian", "std": 1},
                ]
            },
            "noise",
            (StableNoise(1.5, 0.2, -1.0), GaussianNoise(1.0)),
        ),
    ],
)
def test_every_option_is_read(keys: dict[str, Any], attribute: str, value: Any) -> None:
    found = getattr(study(PLANE, **keys).sgd, attribute)
    assert found == value
    assert type(found) is type(value)
    assert getattr(study(PLANE).sgd, attribute) != value  # control: it is not there by itself


def test_label_noise_is_read_for_models_with_labels() -> None:
    assert study(LINE, noise={"kind": "label", "std": 1.5}).sgd.noise == (LabelNoise(1.5),)


STEP = {"kind": "step", "at": 5, "factor": 0.5}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"nesterv": True}, "no key `nesterv` in [sgd]; did you mean 'nesterov'?"),
    ({"preconditoner": 2.0}, "did you mean 'preconditioner'?"),
    ({"schedul": STEP}, "did you mean 'schedule'?"),
    ({"nois": {"kind": "gaussian", "std": 1}}, "did you mean 'noise'?"),
    ({"dampin": 1}, "did you mean 'damping'?"),
    ({"nesterov": 1, "momentum": 0.5}, "`nesterov` in [sgd] must be true or false, got 1"),
    ({"nesterov": True}, "needs a `momentum` above 0, got 0"),
    ({"momentum": 1.0}, "`momentum` must lie in [0, 1), got 1.0"),
    ({"preconditioner": "inverse nois"}, "got 'inverse nois'"),
    ({"preconditioner": True}, "`preconditioner` in [sgd] must be a positive number"),
    ({"preconditioner": 0.0}, "positive and finite, got 0.0"),
    ({"preconditioner": []}, "got []"),
    ({"preconditioner": [1.0, -1.0]}, "positive and finite, got [1.0, -1.0]"),
    ({"preconditioner": [1.0]}, "must fit the dimension 2 of the model, got 1 rows"),
    ({"preconditioner": [[1.0, 0.0]]}, "a square matrix"),
    ({"preconditioner": [[1.0, 2.0], [2.0, 1.0]]}, "`preconditioner` in [sgd] must be positive definite"),
    ({"preconditioner": [[1.0, 0.5], [0.0, 1.0]]}, "symmetric"),
    ({"preconditioner": [[1.0, math.nan], [math.nan, 1.0]]}, "a square matrix"),
    ({"preconditioner": {"kind": "inverse noise"}}, "must be a positive number, a list of them"),
    ({"damping": 0.1}, '`damping` in [sgd] needs preconditioner = "inverse noise", got None'),
    ({"damping": 0.1, "preconditioner": 2.0}, "got 2.0; leave it out"),
    (
        {"damping": -1.0, "preconditioner": "inverse noise"},
        "`damping` in [sgd] must be a finite number, at least 0",
    ),
    ({"schedule": "cosine"}, "[sgd.schedule] of a study must be a table, got 'cosine'"),
    ({"schedule": []}, "[sgd.schedule] must be a table or several, got []"),
    ({"schedule": [3]}, "must be a table, got 3"),
    ({"schedule": {"at": 5, "factor": 0.5}}, "`kind` in [sgd.schedule], it is missing"),
    ({"schedule": STEP | {"kind": "cosin"}}, "'cosin', which is unknown; did you mean 'cosine'?"),
    ({"schedule": STEP | {"factr": 1}}, "no key `factr` in [sgd.schedule]; did you mean 'factor'?"),
    ({"schedule": STEP | {"at": [5, 3]}}, "a rising list of steps"),
    ({"schedule": STEP | {"at": []}}, "got []"),
    ({"schedule": STEP | {"at": -1}}, "whole numbers from 0 on, got -1"),
    ({"schedule": STEP | {"at": 2.0}}, "got 2.0"),
    (
        {"schedule": STEP | {"factor": -1}},
        "`factor` in [sgd.schedule] must be a finite number, at least 0, got -1",
    ),
    ({"schedule": {"kind": "exponential", "steps": 5, "final": 0}}, "`final` in [sgd.schedule] must be positive"),
    ({"schedule": {"kind": "linear", "steps": 0, "final": 0}}, "`steps` in [sgd.schedule] must be a whole number"),
    ({"schedule": {"kind": "linear", "step": 9, "final": 0}}, "is 'step' misspelt?"),
    ({"schedule": {"kind": "batch growth", "every": 2, "factor": 0.5}}, "at least 1, got 0.5"),
    ({"schedule": STEP, "steps": 10**8}, "`steps` must be at most 10000000, got 100000000"),
    ({"noise": {"kind": "gausian", "std": 1}}, "did you mean 'gaussian'?"),
    ({"noise": {"kind": "gaussian", "scale": 1}}, "needs `std` in [sgd.noise], it is missing"),
    ({"noise": {"kind": "gaussian", "std": 0}}, "`std` in [sgd.noise] must be positive"),
    ({"noise": {"kind": "gaussian", "std": 1, "skw": 1}}, "no key `skw` in [sgd.noise]"),
    ({"noise": {"kind": "student", "degrees": 0, "scale": 1}}, "`degrees` in [sgd.noise] must be positive"),
    (
        {"noise": {"kind": "stable", "alpha": 3, "scale": 1}},
        "[sgd.noise] does not fit: `alpha` must lie in (0, 2]",
    ),
    ({"noise": {"kind": "stable", "alpha": 1, "scale": 1, "skew": 0.5}}, "`skew` must be 0 where alpha is 1"),
    ({"noise": {"kind": "label", "std": 1}}, "needs a model with `q`, a bare landscape has no labels"),
    ({"sampling": "frsh"}, "did you mean 'fresh'?"),
]


@pytest.mark.parametrize(("keys", "words"), REFUSED)
def test_what_cannot_be_is_refused_in_one_line(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        study(PLANE, **keys)
    assert "\n" not in str(caught.value)


OPTIONS: dict[str, dict[str, Any]] = {
    "Nesterov": {"momentum": 0.5, "nesterov": True},
    "number": {"preconditioner": 2.0},
    "rates": {"preconditioner": [2.0, 0.5]},
    "matrix": {"preconditioner": [[1.0, 0.2], [0.2, 2.0]], "momentum": 0.3},
    "inverse": {"preconditioner": "inverse noise"},
    "damped": {"preconditioner": "inverse noise", "damping": 1.0},
    "gaussian": {"noise": {"kind": "gaussian", "std": 0.5}},
    "student": {"noise": {"kind": "student", "degrees": 5, "scale": 0.5}, "preconditioner": [0.5, 1.0]},
    "stable": {"noise": {"kind": "stable", "alpha": 2, "scale": 0.2}, "preconditioner": "inverse noise"},
}
HESSIAN = np.array([[1.0, 0.25], [0.25, 2.0]])


@pytest.mark.parametrize("name", OPTIONS)
def test_the_limit_is_met_by_the_exact_covariance_to_first_order_in_the_rate(name: str) -> None:
    keys = OPTIONS[name]
    rates = np.array([0.02, 0.01, 0.005])
    gaps, wrong = [], []
    for rate in rates:
        found = study(weak(float(rate)), **keys)
        limit = equation(found)
        slope = -np.stack([limit.drift(e) for e in np.eye(2)], axis=-1)  # the drift is -F w
        law = stationary_covariance(slope, limit.tensor(np.zeros(2)))
        noise = found.model.gradient_covariance(np.zeros(2)) / 10 + ADDED.get(name, 0.0) * np.eye(2)
        matrix = np.array(found.sgd.preconditioner) if name in {"matrix"} else MATRICES[name](noise)
        exact = sgd_covariance(HESSIAN, noise, rate * matrix, float(found.sgd.momentum))
        gaps.append(np.abs(law - exact).max() / np.abs(exact).max())
        plain = stationary_covariance(HESSIAN, found.diffusion.tensor(np.zeros(2)))
        wrong.append(np.abs(plain - exact).max() / np.abs(exact).max())
    if name == "Nesterov":
        assert gaps == pytest.approx(wrong)  # heavy ball and Nesterov have one limit
    else:
        assert min(wrong) > 0.1  # control: the limit of plain SGD is rejected
    assert 0.85 < observed_order(rates, gaps) < 1.15


ADDED = {"gaussian": 0.25, "student": 0.25 * 5 / 3, "stable": 2 * 0.2**2}
MATRICES: dict[str, Any] = {
    "Nesterov": lambda c: np.eye(2),
    "number": lambda c: 2 * np.eye(2),
    "rates": lambda c: np.diag([2.0, 0.5]),
    "inverse": np.linalg.inv,
    "damped": lambda c: np.linalg.inv(c + 0.1 * np.eye(2)),  # B (C + 1)^-1 with B = 10
    "gaussian": lambda c: np.eye(2),
    "student": lambda c: np.diag([0.5, 1.0]),
    "stable": lambda c: np.linalg.inv(c - 0.08 * np.eye(2)),
}
CUBIC = LINE | {
    "model": {"q": "w + w**3/4", "noise_std": 1.5},
    "start": {"normal": {"mean": [0.0], "std": [0.1]}},
    "grid": {"lower": [-1.5], "upper": [1.5], "cells": [60]},
    "sgd": {"learning_rate": 0.02, "batch_size": 10, "steps": 250, "walkers": 15_000},
}


@pytest.mark.parametrize(
    "keys",
    [
        {"preconditioner": "inverse noise", "damping": 2.0, "noise": {"kind": "gaussian", "std": 0.5}},
        {"preconditioner": 0.5, "noise": {"kind": "label", "std": 2.0}, "momentum": 0.5},
        {"noise": {"kind": "student", "degrees": 6, "scale": 1.0}, "momentum": 0.3, "nesterov": True},
    ],
    ids=["inverse noise that depends on w", "label noise", "Student"],
)
def test_sampled_sgd_at_a_small_rate_has_the_law_of_its_limit(keys: dict[str, Any]) -> None:
    found = study(CUBIC, **keys)
    start = found.start.sample(found.walkers, np.random.default_rng(1))
    seen = run_sgd(found.model, found.sgd, start, steps=found.steps, rng=np.random.default_rng(2))
    counts = seen.histogram(found.grid)
    law = FokkerPlanck(equation(found), found.grid.refined(3)).stationary().coarsen(3)
    distance = total_variation(counts, law)
    assert distance.value < 1.8 * distance.noise_floor
    plain = Langevin(found.landscape, found.diffusion)
    wrong = total_variation(counts, FokkerPlanck(plain, found.grid.refined(3)).stationary().coarsen(3))
    assert wrong.value > 4 * wrong.noise_floor  # control: the limit of plain SGD is rejected


def test_mcallesters_preconditioner_makes_gibbs_at_half_the_rate() -> None:
    limit = equation(study(PLANE, preconditioner="inverse noise"))
    found = stationary_covariance(
        -np.stack([limit.drift(e) for e in np.eye(2)], axis=-1), limit.tensor(np.zeros(2))
    )
    np.testing.assert_allclose(found, 0.05 / 2 * np.linalg.inv(HESSIAN), rtol=1e-10)
    assert isinstance(limit.diffusion, Constant)
    damped = equation(study(PLANE, preconditioner="inverse noise", damping=10.0))  # control
    assert not np.allclose(damped.drift(np.ones(2)), limit.drift(np.ones(2)), rtol=0.1)


SILENT: dict[str, tuple[dict[str, Any], str]] = {
    "step": ({"schedule": STEP}, "none: under a schedule"),
    "linear": ({"schedule": {"kind": "linear", "steps": 80, "final": 0.0}}, "none: under a schedule"),
    "cosine": ({"schedule": {"kind": "cosine", "steps": 80, "final": 0.0}}, "none: under a schedule"),
    "exponential": ({"schedule": {"kind": "exponential", "steps": 80, "final": 0.1}}, "none: under a schedule"),
    "batch growth": ({"schedule": {"kind": "batch growth", "every": 30}}, "none: under a schedule"),
    "stable": (
        {"noise": {"kind": "stable", "alpha": 1.5, "scale": 0.01}},
        "none: the added noise has no variance",
    ),
    "student": (
        {"noise": {"kind": "student", "degrees": 2, "scale": 0.01}},
        "none: the added noise has no variance",
    ),
}


@pytest.mark.parametrize(
    ("name", "table"),
    [*((name, LINE) for name in SILENT), ("cosine", PLANE), ("stable", PLANE)],
    ids=lambda part: part if isinstance(part, str) else part["name"],
)
def test_where_no_limit_is_known_the_laws_say_so_and_the_rest_goes_on(name: str, table: dict[str, Any]) -> None:
    keys, words = SILENT[name]
    found = study(table, **keys)
    report = run_study(found)
    assert report.complete
    statuses = {law: found.status for law, found in report.laws.items()}
    assert statuses["langevin"].startswith(words)
    assert statuses["fokker_planck"] == statuses["langevin"]
    assert statuses["sgd_exact"].startswith("none: ")
    assert statuses["gibbs"] == "ok"
    assert words in summary(report)
    conversions = report_as_json(report)["conversions"]
    assert conversions["time"] == pytest.approx(found.sgd.times(found.steps))
    assert conversions["diffusion"].startswith(words)
    if report.survival is not None:
        assert report.survival.steps[-1] == found.steps
        assert (np.diff(report.survival.steps) == 1).all()  # though times stand still where the rate is 0
    plain = plain_report(table["name"])  # control: these laws are there without the option
    assert {plain.laws[law].status for law in ("langevin", "fokker_planck", "sgd_exact")} == {"ok"}


@pytest.mark.parametrize("name", [*OPTIONS, "label"])
def test_where_the_limit_is_known_every_law_is_there_and_agrees(name: str) -> None:
    keys = {"noise": {"kind": "label", "std": 1.0}} if name == "label" else OPTIONS[name]
    table = with_sgd(LINE if name == "label" else weak(0.02), steps=800, walkers=1000)
    report = run_study(study(table, **keys))
    assert report.laws["langevin"].status == report.laws["fokker_planck"].status == "ok"
    assert report.comparison is not None
    assert report.comparison.agrees("langevin")
    exact = report.laws["sgd_exact"]
    if name == "Nesterov":
        assert exact.status.startswith("none: ")
    else:
        assert exact.numbers["no_law"].startswith("none: ")
        assert exact.numbers["sample_standard_errors_off"] < 5
        matrix = np.array(exact.numbers["stationary_covariance"])
        plain = plain_report("line" if name == "label" else "weak")
        other = np.array(plain.laws["sgd_exact"].numbers["stationary_covariance"])
        assert np.abs(matrix - other).max() > 0.1 * np.abs(other).max()  # control: plain SGD has another
    assert "options: " in summary(report)


def test_where_no_law_is_left_the_study_still_ends() -> None:
    still = with_sgd(PLANE, schedule={"kind": "step", "at": 0, "factor": 0.0})
    still["start"] = {"point": [3.5, 2.5]}  # so high that no temperature fits
    report = run_study(read_study(still))
    assert report.complete
    assert {law.status[:4] for name, law in report.laws.items() if name != "sgd"} == {"none"}
    assert report_as_json(report)["comparisons"] == {}
    assert "distance of SGD's law from each" in summary(report)


def test_noise_that_is_given_leaves_label_noise_without_a_limit() -> None:
    table = LINE | {"noise": {"kind": "isotropic", "temperature": 0.1}}
    found = study(table, noise={"kind": "label", "std": 1.0}).equation
    assert isinstance(found, str)
    assert found.startswith("none: label noise joins that of the batches")
    rank_one = LINE | {
        "model": {"q": "x*y - 1"}, "start": {"point": [0.5, 0.5]},
        "grid": {"lower": [-2.0, -2.0], "upper": [3.0, 3.0], "cells": [20, 20]},
    }  # fmt: skip
    del rank_one["survival"]
    singular = study(rank_one, preconditioner="inverse noise").equation
    assert isinstance(singular, str)
    assert singular.startswith("none: the noise has no inverse")
    with pytest.raises(InputError, match="give a `damping`"):
        run_study(study(rank_one, preconditioner="inverse noise"))
    assert isinstance(study(rank_one, preconditioner="inverse noise", damping=1.0).equation, Langevin)
    bent = PLANE | {"noise": {"kind": "hessian", "scale": 0.1}}
    assert str(study(bent, preconditioner=2.0).equation).startswith("none: with a preconditioner")
    assert isinstance(study(bent).equation, Langevin)


@pytest.mark.parametrize(
    ("keys", "limit", "curvature"),
    [
        ({}, 2.0, 2.0606602),
        ({"momentum": 0.5}, 3.0, 2.0606602),
        ({"momentum": 0.5, "nesterov": True}, 1.5, 2.0606602),
        ({"preconditioner": 3.0}, 2.0, 3 * 2.0606602),
    ],
)
def test_stability_counts_the_options(keys: dict[str, Any], limit: float, curvature: float) -> None:
    curvature = curvature if curvature != 2.0606602 else float(np.linalg.eigvalsh(HESSIAN)[-1])
    found = stability(study(PLANE, **keys), Minimum((0.0, 0.0), 0.0, float(np.linalg.eigvalsh(HESSIAN)[-1])))
    assert found is not None
    assert found.limit == pytest.approx(limit)
    assert found.curvature == pytest.approx(
        3 * np.linalg.eigvalsh(HESSIAN)[-1] if "preconditioner" in keys else curvature
    )


def test_the_command_runs_a_study_with_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        'name = "options"\n[model]\nlandscape = "x**2/2"\n[start]\npoint = [0.1]\n[noise]\nkind = "isotropic"\n'
        "temperature = 0.1\n[grid]\nlower = [-3.0]\nupper = [3.0]\ncells = [40]\n[sgd]\nlearning_rate = 0.05\n"
        "batch_size = 4\nsteps = 40\nwalkers = 300\nmomentum = 0.2\nnesterov = true\npreconditioner = [0.5]\n"
        '[sgd.schedule]\nkind = "cosine"\nsteps = 40\nfinal = 0.1\n'
        '[[sgd.noise]]\nkind = "gaussian"\nstd = 0.1\n[[sgd.noise]]\nkind = "stable"\nalpha = 1.9\nscale = 0.01\n'
    )
    path = tmp_path / "options.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(path), "--out", str(tmp_path / "out")])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert "momentum Nesterov(0.2); preconditioner (0.5,); schedule Cosine(steps=40, final=0.1)" in printed
    assert "langevin       none: under a schedule" in printed
    found = json.loads((tmp_path / "out" / "comparison.json").read_text("utf-8"))
    assert found["laws"]["sgd"]["status"] == "ok"
    assert found["conversions"]["time_per_step"].startswith("none")
    path.write_text(text.replace("final", "finl"), encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["compare", str(path), "--out", str(tmp_path / "other")])
    assert "is 'finl' misspelt?" in capsys.readouterr().err


def test_a_schedule_keeps_its_limit_on_steps_when_resized() -> None:
    found = study(LINE, schedule=STEP)
    with pytest.raises(InputError, match="`steps` must be at most 10000000"):
        found.resized(seed=None, walkers=None, steps=10**9)
    assert replace(found, sgd=study(LINE).sgd).resized(seed=None, walkers=None, steps=10**9).steps == 10**9
