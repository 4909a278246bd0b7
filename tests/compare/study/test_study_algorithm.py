"""Options of SGD in studies: what is read, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from refused_studies import REFUSED_OPTIONS
from study_options import LINE, PLANE, STEP, study

from simulate.momentum import Nesterov
from simulate.noise import GaussianNoise, LabelNoise, StableNoise, StudentNoise
from simulate.preconditioner import InverseNoise
from simulate.rules import (
    Adam,
    AdamW,
    ClipByNorm,
    ClipByValue,
    Lion,
    PreconditionedLangevin,
    RMSprop,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
)
from simulate.schedule import BatchGrowth, Cosine, Exponential, Linear, Step
from theory.base.errors import InputError

RULES: list[tuple[Any, Any]] = [
    ("sign", (Sign(),)),
    ("rmsprop", (RMSprop(),)),
    ("adam", (Adam(),)),
    (["adamw"], (AdamW(),)),
    ({"kind": "lion"}, (Lion(),)),
    ({"kind": "rmsprop", "beta": 0.5, "epsilon": 0.1}, (RMSprop(0.5, 0.1),)),
    ({"kind": "adam", "beta1": 0.8, "beta2": 0.9}, (Adam(0.8, 0.9),)),
    ({"kind": "adamw", "beta1": 0.8, "weight_decay": 0}, (AdamW(0.8, weight_decay=0.0),)),
    ({"kind": "lion", "beta1": 0.8, "beta2": 0.9}, (Lion(0.8, 0.9),)),
    (
        [{"kind": "clip by value", "limit": 2}, {"kind": "weight decay", "rate": 0.1}, "adam"],
        (ClipByValue(2.0), WeightDecay(0.1), Adam()),
    ),
    (
        [{"kind": "clip by norm", "limit": 2}, {"kind": "langevin", "temperature": 0.1}],
        (ClipByNorm(2.0), StochasticLangevin(0.1)),
    ),
    ({"kind": "preconditioned langevin", "temperature": 0.1}, (PreconditionedLangevin(0.1),)),
    ({"kind": "hamiltonian", "friction": 0.1, "temperature": 0.2}, (StochasticHamiltonian(0.1, 0.2),)),
]


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
        *(({"rule": keys}, "rule", rules) for keys, rules in RULES),
    ],
)
def test_every_option_is_read(keys: dict[str, Any], attribute: str, value: Any) -> None:
    found = getattr(study(PLANE, **keys).sgd, attribute)
    assert found == value
    assert type(found) is type(value)
    assert getattr(study(PLANE).sgd, attribute) != value  # control: it is not there by itself


def test_label_noise_is_read_for_models_with_labels() -> None:
    assert study(LINE, noise={"kind": "label", "std": 1.5}).sgd.noise == (LabelNoise(1.5),)


@pytest.mark.parametrize(("keys", "words"), REFUSED_OPTIONS)
def test_what_cannot_be_is_refused_in_one_line(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        study(PLANE, **keys)
    assert "\n" not in str(caught.value)


def test_a_schedule_keeps_its_limit_on_steps_when_resized() -> None:
    found = study(LINE, schedule=STEP)
    with pytest.raises(InputError, match="`steps` must be at most 10000000"):
        found.resized(seed=None, walkers=None, steps=10**9)
    assert replace(found, sgd=study(LINE).sgd).resized(seed=None, walkers=None, steps=10**9).steps == 10**9
