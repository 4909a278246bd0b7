"""Options of SGD in studies: what is read, and what is refused."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest
from study_options import LINE, PLANE, STEP, study

from simulate.momentum import Nesterov
from simulate.noise import GaussianNoise, LabelNoise, StableNoise, StudentNoise
from simulate.preconditioner import InverseNoise
from simulate.schedule import BatchGrowth, Cosine, Exponential, Linear, Step
from theory.base.errors import InputError


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


def test_a_schedule_keeps_its_limit_on_steps_when_resized() -> None:
    found = study(LINE, schedule=STEP)
    with pytest.raises(InputError, match="`steps` must be at most 10000000"):
        found.resized(seed=None, walkers=None, steps=10**9)
    assert replace(found, sgd=study(LINE).sgd).resized(seed=None, walkers=None, steps=10**9).steps == 10**9
