"""What the shipped studies promise, against formulas, each with a control that must fail."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student

from compare.distances import total_variation
from compare.job import run_study
from compare.report import summary
from compare.study import Study, load_study, read_study
from simulate.run import run_sgd
from simulate.sgd import SGD
from theory.equations import nearest_gibbs
from theory.equations.gibbs_measure import gibbs
from theory.equations.langevin import Langevin
from theory.equations.limit import langevin_limit
from theory.fokker_planck import FokkerPlanck
from theory.formulas.quadratic import gaussian, linear_regression_covariance, stationary_covariance
from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.paths import sample_paths


def stationary(study: Study, grid: Grid) -> Density:
    return FokkerPlanck(Langevin(study.landscape, study.diffusion), grid).stationary()


def l1(p: Density, q: Density) -> float:
    return float(np.abs(p.values - q.values).sum() * p.grid.cell_volume)


def test_label_noise_gives_students_law() -> None:
    study = load_study("regular")
    centred = study.grid.centers[..., 0] - 0.5
    # p ~ (sigma^2 + 2 a w^2)^-(1 + B/(2 eta a)) with a = 1: Student's t with nu = 1 + B/eta degrees of freedom.
    freedom = 1 + study.sgd.batch_size / study.sgd.learning_rate
    scale = study.model.noise_std / np.sqrt(2 * freedom)
    exact = Density.normalised(study.grid, student.pdf(centred / scale, freedom))
    found = stationary(study, study.grid)
    assert l1(found, exact) < 1e-6
    variance = stationary_covariance([[1.0]], study.diffusion.tensor([0.5]))
    assert l1(found, gaussian([0.5], variance, study.grid)) > 1e-4  # control: constant noise misses


def test_sgd_at_a_large_rate_meets_its_own_variance_and_not_the_diffusion_limit() -> None:
    study = load_study("regular").resized(seed=2, walkers=100_000, steps=200)
    sgd = SGD(0.3, 2)
    start = np.full((study.walkers, 1), 0.5)
    final = run_sgd(study.model, sgd, start, steps=study.steps, rng=np.random.default_rng(2)).final[:, 0]
    squares = (final - final.mean()) ** 2
    error = squares.std() / np.sqrt(len(final))
    exact = linear_regression_covariance(study.model, 0.3, 2)[0, 0]
    assert exact == pytest.approx(0.3 * 4 / (2 * (2 - 0.3 * 2)), rel=1e-12)
    assert abs(final.var() - exact) < 4 * error
    grid = Grid(-19.5, 20.5, 4000)
    limit = FokkerPlanck(langevin_limit(study.model, sgd), grid).stationary()
    assert abs(final.var() - limit.covariance[0, 0]) > 10 * error  # control: the diffusion limit is rejected


def test_rotated_noise_is_met_to_second_order() -> None:
    study = load_study("rotated-noise")
    exact = stationary_covariance(np.diag([1.0, 3.0]), study.diffusion.tensor([0.0, 0.0]))
    assert exact == pytest.approx(0.1 * np.array([[1, 0.3], [0.3, 1 / 3]]))
    sizes = np.array([40, 80, 160])
    errors = []
    for cells in sizes:
        grid = Grid(study.grid.lower, study.grid.upper, (cells, cells))
        errors.append(l1(stationary(study, grid), gaussian([0, 0], exact, grid)))
    assert -np.polyfit(np.log(sizes), np.log(errors), 1)[0] > 1.9
    assert errors[-1] < 2e-3
    assert l1(gaussian([0, 0], np.diag(np.diag(exact)), grid), gaussian([0, 0], exact, grid)) > 0.1  # control


@pytest.mark.parametrize("cells", [30, 60, 120])
def test_two_temperatures_are_met_on_every_grid(cells: int) -> None:
    study = load_study("two-temperatures")
    grid = Grid(study.grid.lower, study.grid.upper, (cells, cells))
    exact = stationary_covariance(np.diag([1.0, 2.0]), study.diffusion.tensor([0.0, 0.0]))
    assert exact == pytest.approx(np.diag([0.1, 0.01]))
    # Exponential fitting is exact for quadratic loss and noise along the axes: far better than second order.
    assert l1(stationary(study, grid), gaussian([0, 0], exact, grid)) < 1e-9
    assert l1(stationary(study, grid), gibbs(study.landscape, 0.06, grid)) > 0.1  # control: one temperature


@pytest.mark.parametrize("name", ["two-temperatures", "rotated-noise"])
def test_langevin_paths_meet_fokker_planck_within_the_noise(name: str) -> None:
    study = load_study(name)
    sde = Langevin(study.landscape, study.diffusion)
    start = study.start.sample(50_000, np.random.default_rng(3))
    paths = sample_paths(sde, start, dt=0.005, steps=1500, rng=np.random.default_rng(4)).histogram(study.grid)
    law = stationary(study, study.grid.refined(3)).coarsen(3)
    distance = total_variation(paths, law)
    assert distance.value < 1.5 * distance.noise_floor
    wrong = total_variation(paths, nearest_gibbs(paths, study.landscape).density)  # control: the best Gibbs law
    assert wrong.value > 3 * wrong.noise_floor


def test_isotropic_noise_at_the_crossing_is_gibbs_in_every_cell() -> None:
    study = load_study("crossing")
    found, exact = stationary(study, study.grid), gibbs(study.landscape, 1.0, study.grid)
    assert found.values == pytest.approx(exact.values, rel=1e-10)
    assert not np.allclose(found.values, gibbs(study.landscape, 1.0001, study.grid).values, rtol=1e-5)  # control
    # Normalisation and the mass near the crossing against numbers computed on their own (c = 100, T = 1).
    fine = Grid(study.grid.lower, study.grid.upper, (400, 400), True)
    weights = np.exp(-study.landscape.value(fine.centers))
    assert weights.sum() * fine.cell_volume == pytest.approx(0.66898, abs=2e-5)
    near = gibbs(study.landscape, 1.0, fine).mass(lambda w: (np.abs(w) < 0.05).all(axis=-1))
    assert near == pytest.approx(0.01435, abs=2e-5)


def test_the_sharp_minimum_is_left_by_instability_only() -> None:
    study = load_study("sharp-and-flat").resized(seed=1, walkers=4000, steps=None)
    report = run_study(replace(study, substeps=32))
    sharp, flat = report.minima
    assert sharp.instability(study.sgd.learning_rate) == pytest.approx(3.36, abs=0.005)
    assert flat.instability(study.sgd.learning_rate) < 1e-6
    assert report.survival is not None
    assert report.survival.fraction[-1] < 0.02  # SGD has left
    law = report.laws["fokker_planck"]
    assert [part["weight"] for part in law.numbers["limit_law"]] == pytest.approx([5 / 12, 7 / 12], abs=1e-9)
    assert "point mass at 1.8" in law.numbers["limit_law"][1]["class"]
    # Control: at a learning rate below the threshold 2/h = .00595 nobody leaves.
    slow = replace(study, sgd=replace(study.sgd, learning_rate=0.004))
    kept = run_study(slow).survival
    assert kept is not None
    assert kept.fraction[-1] > 0.25
    assert abs(kept.rate()[0]) < 1e-3


def test_paths_that_step_over_a_gate_are_told() -> None:
    """|H| of a double well vanishes at 1/sqrt(3), where the drift leads out: the equation never passes back."""
    table: dict[str, Any] = {
        "name": "gate",
        "model": {"landscape": "(w**2 - 1)**2/4"},
        "sgd": {"learning_rate": 0.02, "batch_size": 4, "steps": 200, "walkers": 1000},
        "start": {"point": [1.0]},
        "noise": {"kind": "hessian", "scale": 0.3, "indefinite": "absolute"},
        "grid": {"lower": [-2.5], "upper": [2.5], "cells": [150]},
    }
    report = run_study(read_study(table))
    told = report.laws["langevin"].numbers["never_crossed"]
    assert told["point"] == pytest.approx(1 / math.sqrt(3))
    assert 0.02 < told["share_past_it"] < 0.5
    assert "lets nobody pass: the step is too long" in summary(report)
    table["noise"] = {"kind": "hessian", "scale": 0.03, "indefinite": "absolute"}
    assert "never_crossed" not in run_study(read_study(table)).laws["langevin"].numbers  # control: none gets there
