"""What theory says of options of SGD in studies, or why it says none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checks import observed_order
from study_options import LINE, PLANE, STEP, equation, plain_report, study, weak, with_sgd

from compare.command_line import main
from compare.distances import total_variation
from compare.job import run_study
from compare.report import SampledFigures, stability, summary
from compare.results.study_files import report_as_json
from compare.stages.exact import exact_law
from compare.study import read_study
from simulate.run import run_sgd
from theory.base.absent import Absent
from theory.base.errors import InputError
from theory.equations.langevin import Langevin
from theory.fokker_planck import FokkerPlanck
from theory.formulas.quadratic import sgd_covariance, stationary_covariance
from theory.points.minima import Minimum
from theory.tensors import Constant

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


def test_samplers_add_their_temperature_to_the_exact_covariance() -> None:
    nobody = SampledFigures(0, 0, 0, 0, None)
    plain = study(weak(0.02)).model.gradient_covariance(np.zeros(2)) / 10
    for keys, heat, momentum in (
        ({"kind": "langevin", "temperature": 0.01}, 0.01, 0.0),
        ({"kind": "hamiltonian", "friction": 0.4, "temperature": 0.01}, 0.4 * 0.01, 0.6),
    ):
        found = exact_law(study(weak(0.02), rule=keys), nobody).numbers["stationary_covariance"]
        sampled = (
            plain * (1 - momentum) if momentum else plain
        )  # the tensor of [noise] is that of the time of a step
        exact = sgd_covariance(HESSIAN, sampled + 2 * heat / 0.02 * np.eye(2), 0.02, momentum)
        np.testing.assert_allclose(found, exact, rtol=1e-12)


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
    assert isinstance(found, Absent)
    assert str(found).startswith("none: label noise joins that of the batches")
    rank_one = LINE | {
        "model": {"q": "x*y - 1"}, "start": {"point": [0.5, 0.5]},
        "grid": {"lower": [-2.0, -2.0], "upper": [3.0, 3.0], "cells": [20, 20]},
    }  # fmt: skip
    del rank_one["survival"]
    singular = study(rank_one, preconditioner="inverse noise").equation
    assert isinstance(singular, Absent)
    assert str(singular).startswith("none: the noise has no inverse")
    with pytest.raises(InputError, match="give a `damping`"):
        run_study(study(rank_one, preconditioner="inverse noise"))
    assert isinstance(study(rank_one, preconditioner="inverse noise", damping=1.0).equation, Langevin)
    bent = PLANE | {"noise": {"kind": "hessian", "scale": 0.1}}
    twice = study(bent, preconditioner=2.0).equation  # 2 D 2 with D = .1 H
    assert isinstance(twice, Langevin)
    np.testing.assert_allclose(twice.tensor([0.3, 0.1]), 0.4 * np.array([[1, 0.25], [0.25, 2]]), rtol=1e-14)
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
