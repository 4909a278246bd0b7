"""A study with a data set: SGD's exact law on it, and theory with its loss, noise and posterior."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from sgd_models import seeded

from compare.job import run_study
from compare.report import ExactFigures, Report, summary
from compare.results.study_files import report_as_json
from compare.study import StudyOnData, read_study
from simulate import SGD, WithoutReplacement, WithReplacement, draw_data
from theory import Density, InputError, ProductModel, langevin_limit
from theory.base.absent import Absent
from theory.equations import Langevin
from theory.models import ProductOnData, on_data

LINE: dict[str, Any] = {
    "name": "line",
    "seed": 1,
    "model": {"q": "w - 1/2", "noise_std": 1.0},
    "sgd": {
        "learning_rate": 0.05, "batch_size": 5, "steps": 60, "walkers": 3000, "sampling": "with replacement",
    },
    "data": {"examples": 30},
    "start": {"uniform": [[0.0, 1.0]]},
    "langevin": {"substeps": 2},
    "grid": {"lower": [-3.0], "upper": [3.0], "cells": [40]},
    "posterior": {"examples": 100},
}  # fmt: skip
ISOTROPIC = {"noise": {"kind": "isotropic", "temperature": 0.5}}
Q = ProductModel("w - 1/2")
DATA = draw_data(Q, 30, seeded(3))


@pytest.fixture(scope="module")
def report() -> Report:
    return run_study(read_study(LINE), threads=1)


def test_sgd_agrees_with_its_exact_law_on_the_data_and_with_the_limit_of_that(report: Report) -> None:
    assert report.comparison is not None
    assert report.comparison_on_data is not None
    assert report.comparison.agrees("sgd_exact")
    assert report.comparison_on_data.agrees("langevin")
    assert not report.comparison.agrees("langevin")  # control: that of the population
    words = summary(report)
    assert "with the loss, the noise and the posterior of the 30 examples at hand" in words


def test_label_noise_and_momentum_reach_the_laws_of_the_data() -> None:
    keys = {"momentum": 0.5, "noise": {"kind": "label", "std": 2.0}}
    found = run_study(read_study({**LINE, "sgd": {**LINE["sgd"], **keys}}), threads=1)
    assert found.comparison_on_data is not None
    assert found.comparison_on_data.agrees("langevin")
    exact = found.laws["sgd_exact"].figures
    assert isinstance(exact, ExactFigures)
    assert exact.off is not None
    assert exact.off < 5
    quiet = StudyOnData.of(read_study({**LINE, "sgd": {**LINE["sgd"], "momentum": 0.5}}), DATA)
    noisy = StudyOnData.of(found.study, DATA)
    tensors = [one.equation.diffusion.tensor(np.array([[0.3]])).item() for one in (quiet, noisy)]  # type: ignore[union-attr]
    assert tensors[1] - tensors[0] == pytest.approx(0.1 / 10 * 4 * float((DATA.x**2).mean()), rel=1e-12)


def test_the_laws_of_the_data_stand_beside_those_of_the_population(report: Report) -> None:
    found = report_as_json(report)
    assert list(found["laws_on_data"]) == ["langevin", "fokker_planck", "gibbs", "posterior"]
    assert set(found["comparisons_on_data"]) == set(found["laws_on_data"])
    assert found["laws_on_data"]["posterior"]["examples"] == 30  # its own, the study's posterior has seen 100
    assert found["laws"]["posterior"]["examples"] == 100
    data = report.on_data["posterior"].law
    assert isinstance(data, Density)
    law = StudyOnData.of(report.study, DATA)
    assert law.posterior_examples == 30


def test_the_posterior_of_the_data_is_that_of_normal_labels() -> None:
    empirical = ProductOnData(Q, DATA.x, DATA.y)
    square, product = (DATA.x[:, 0] ** 2).sum(), (DATA.x[:, 0] * DATA.y).sum()
    w = np.linspace(-1, 1, 5)
    energy = 30 * empirical.kl(w[:, None])
    q = w - 0.5
    exact = square * (q - product / square) ** 2 / 2
    assert energy - energy[0] == pytest.approx(exact - exact[0], rel=1e-12)


def test_the_formula_of_the_empirical_loss_is_that_of_the_examples() -> None:
    model = ProductModel("x*y - x**2", loss_scale=1.0)
    data = draw_data(model, 20, seeded(4))
    formula, examples = ProductOnData(model, data.x, data.y), on_data(model, data.x, data.y)
    points = seeded(5).uniform(-1, 1, (7, 2))
    assert formula.value(points) == pytest.approx(examples.value(points), rel=1e-12)
    assert formula.gradient(points) == pytest.approx(examples.gradient(points), rel=1e-10, abs=1e-12)
    assert formula.gradient_covariance(points) == pytest.approx(examples.gradient_covariance(points), rel=1e-9)
    assert model.value(points) != pytest.approx(examples.value(points), rel=0.01)  # control: the population
    with pytest.raises(InputError, match="the formula is that of a scalar q, got 2"):
        ProductOnData(ProductModel(["x", "y"]), np.ones((3, 2)), np.ones(3))


@pytest.mark.parametrize(
    ("option", "factor"), [({"preconditioner": 3.0}, 3.0), ({"momentum": 0.5}, 1.0), ({}, 1.0)]
)
def test_options_reach_the_equation_of_the_data_with_its_noise(option: dict[str, Any], factor: float) -> None:
    study = read_study({**LINE, **ISOTROPIC, "sgd": {**LINE["sgd"], **option}})
    law, point = StudyOnData.of(study, DATA), np.array([[0.3]])
    assert isinstance(law.equation, Langevin)
    assert isinstance(study.equation, Langevin)
    assert law.equation.drift(point) == pytest.approx(-factor * law.empirical.gradient(point), rel=1e-12)
    own, population = (one.diffusion.tensor(point) for one in (law.equation, study.equation))
    assert own == pytest.approx(population, rel=1e-12)  # that of [noise], not of the data


@pytest.mark.parametrize("noise", [{}, ISOTROPIC])
def test_rules_reach_the_equation_of_the_data_or_its_refusal(noise: dict[str, Any]) -> None:
    signs, squares = (
        StudyOnData.of(read_study({**LINE, **noise, "sgd": {**LINE["sgd"], "rule": rule}}), DATA)
        for rule in ("sign", "rmsprop")
    )
    assert isinstance(signs.equation, Langevin)
    assert abs(signs.equation.drift(np.array([[2.5]]))[0, 0]) <= 1  # that of signs; the gradient is larger
    assert abs(signs.empirical.gradient(np.array([[2.5]]))[0, 0]) > 1.5
    assert isinstance(squares.equation, Absent)
    assert "lives on more than w: on w, " in squares.equation.reason


@pytest.mark.parametrize("batch", [1, 2, 6])
def test_without_replacement_the_noise_of_the_limit_is_that_of_the_rest_of_the_data(batch: int) -> None:
    few, point = draw_data(Q, 6, seeded(7)), np.array([[0.3]])
    model = ProductOnData(Q, few.x, few.y)
    ordered, replaced = (
        float(langevin_limit(model, SGD(0.1, batch, sampling=one)).diffusion.tensor(point)[0, 0, 0]) * 2 / 0.1
        for one in (WithoutReplacement(), WithReplacement())
    )
    gradients = on_data(Q, few.x, few.y).examples(point[:, None])[0, :, 0]
    batches = [gradients[list(some)].mean() for some in combinations(range(6), batch)]
    assert ordered == pytest.approx(np.var(batches), rel=1e-12, abs=1e-15)
    assert replaced == pytest.approx(np.var(gradients) / batch, rel=1e-12)
    assert batch == 1 or ordered < 0.9 * replaced  # control: with replacement there is more
