"""Studies that are right: what is read from a table, and the laws that walkers start with."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
from network_studies import is_network

from compare.study import NetworkStudy, Study, load_network_study, load_study, read_study, shipped_studies
from simulate.sampling import Fresh, WithoutReplacement, WithReplacement
from theory.models.noisy_gradient import NoisyGradient
from theory.models.product import ProductModel

LINE = {
    "name": "line",
    "model": {"q": "w - 1/2", "noise_std": 2.0},
    "sgd": {"learning_rate": 0.02, "batch_size": 20, "steps": 50, "walkers": 300},
    "start": {"uniform": [[-1.0, 2.0]]},
    "grid": {"lower": [-1.0], "upper": [2.0], "cells": [60]},
}
PLANE = {
    "name": "plane",
    "model": {"landscape": "x**2/2 + y**2"},
    "sgd": {"learning_rate": 0.01, "batch_size": 10, "momentum": 0.5, "steps": 50, "walkers": 300},
    "start": {"point": [0.5, -0.5]},
    "noise": {"kind": "constant", "matrix": [[0.1, 0.02], [0.02, 0.05]]},
    "grid": {"lower": [-2.0, -3.0], "upper": [2.0, 3.0], "cells": [40, 30]},
}


def changed(table: dict, **sections: object) -> dict:
    """A copy of `table` with whole sections replaced or added."""
    return copy.deepcopy(table) | sections


def test_what_a_study_leaves_out_has_the_documented_defaults() -> None:
    study = read_study(LINE)
    assert (study.seed, study.substeps, study.beta) == (1, 4, 1.0)
    assert (study.posterior_examples, study.data_examples, study.basin) == (None, None, None)
    assert study.sgd.momentum == 0.0
    assert study.sgd.sampling == Fresh()
    assert study.grid.periodic == (False,)
    assert isinstance(study.model, ProductModel)
    assert (study.model.loss_scale, study.model.input_std) == (0.5, (1.0,))
    assert study.source == LINE
    # Minibatch noise: D = eta C / (2 B), here at the minimum, where C = noise_std^2.
    assert study.diffusion.tensor([0.5]) == pytest.approx(np.array([[0.02 * 4 / 40]]))


def test_every_option_of_a_study_is_read() -> None:
    table = changed(
        LINE,
        seed=7,
        sgd=LINE["sgd"] | {"momentum": 0.5, "sampling": "without replacement"},
        data={"examples": 100},
        langevin={"substeps": 6},
        posterior={"examples": 50.5, "beta": 0.25},
        survival={"basin": [-0.5, 1.0]},
    )
    study = read_study(table)
    assert (study.seed, study.substeps, study.data_examples) == (7, 6, 100)
    assert (study.posterior_examples, study.beta, study.basin) == (50.5, 0.25, (-0.5, 1.0))
    assert study.sgd.sampling == WithoutReplacement()
    assert study.sgd.time_step == pytest.approx(0.04)
    sampled = read_study(changed(table, sgd=table["sgd"] | {"sampling": "with replacement"}))
    assert sampled.sgd.sampling == WithReplacement()


def test_sgd_on_a_bare_landscape_has_the_noise_that_its_limit_asks_for() -> None:
    study = read_study(PLANE)
    assert isinstance(study.model, NoisyGradient)
    tensor = np.array([[0.1, 0.02], [0.02, 0.05]])
    assert study.diffusion.tensor([0.3, 0.1]) == pytest.approx(tensor)
    # D = eta C / (2 B) with eta = learning_rate / (1 - momentum) = 0.02 and B = 10.
    assert study.model.gradient_covariance([0.3, 0.1]) == pytest.approx(1000 * tensor)


@pytest.mark.parametrize(
    ("noise", "tensor"),
    [
        ({"kind": "isotropic", "temperature": 0.3}, [[0.3, 0.0], [0.0, 0.3]]),
        ({"kind": "hessian", "scale": 0.1}, [[0.1, 0.0], [0.0, 0.2]]),
        ({"kind": "loss", "scale": 0.1}, [[0.0545, 0.0], [0.0, 0.0545]]),
    ],
)
def test_each_kind_of_noise_is_its_tensor(noise: dict, tensor: list) -> None:
    study = read_study(changed(PLANE, noise=noise))
    assert study.diffusion.tensor([0.3, 0.1]) != pytest.approx(np.zeros((2, 2)))
    assert study.diffusion.tensor([0.3, 0.707106781186547]) == pytest.approx(np.array(tensor))


@pytest.mark.parametrize("indefinite", ["absolute", "positive part"])
def test_an_indefinite_hessian_is_replaced_as_the_study_says(indefinite: str) -> None:
    noise = {"kind": "hessian", "scale": 0.1, "indefinite": indefinite}
    study = read_study(changed(PLANE, model={"landscape": "x**2/2 - y**2 + y**4"}, noise=noise))
    kept = 0.2 if indefinite == "absolute" else 0.0
    assert study.diffusion.tensor([0.0, 0.0]) == pytest.approx(np.diag([0.1, kept]))


@pytest.mark.parametrize(
    "start",
    [
        {"uniform": [[-1.95, 0.35], [0.0, 1.0]]},
        {"normal": {"mean": [0.1, -0.2], "std": [0.3, 0.5]}},
        {"point": [0.52, -0.5]},
    ],
)
def test_walkers_start_with_the_law_that_theory_starts_with(start: dict) -> None:
    study = read_study(changed(PLANE, start=start))
    points = study.start.sample(40_000, np.random.default_rng(3))
    law = study.start.density(study.grid)
    counts, outside = study.grid.count(points)
    assert outside == 0
    expected = law.probabilities * len(points)
    excess = (counts - expected)[expected > 5] ** 2 / expected[expected > 5]
    used = np.count_nonzero(expected > 5)
    assert excess.sum() < used + 5 * np.sqrt(2 * used)  # chi-square
    assert counts[expected == 0].sum() == 0
    moved, _ = study.grid.count(points + study.grid.spacing)  # control: a cell aside
    off = (moved - expected)[expected > 5] ** 2 / expected[expected > 5]
    assert off.sum() > used + 10 * np.sqrt(2 * used)


def test_a_study_can_be_resized_and_keeps_the_rest() -> None:
    study = read_study(LINE)
    other = study.resized(seed=0, walkers=7, steps=None)
    assert (other.seed, other.walkers, other.steps) == (0, 7, 50)
    assert other.model is study.model


def test_a_study_is_read_from_a_file_as_from_a_table(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'name = "größe"\n[model]\nq = "w"\n[sgd]\nlearning_rate = 1e-2\nbatch_size = 2\nsteps = 3\nwalkers = 4\n'
        "[start]\npoint = [0]\n[grid]\nlower = [-1]\nupper = [1]\ncells = [10]\n",
        encoding="utf-8",
    )
    study = load_study(str(path))
    assert (study.name, study.steps, study.grid.lower) == ("größe", 3, (-1.0,))


def test_every_shipped_study_loads_and_has_a_title() -> None:
    titles = shipped_studies()
    assert {"crossing", "degenerate-line", "regular", "sharp-and-flat"} <= set(titles)
    assert {"rotated-noise", "two-temperatures"} <= set(titles)
    for name, title in titles.items():
        study: Study | NetworkStudy = load_network_study(name) if is_network(name) else load_study(name)
        assert study.name == title != ""
