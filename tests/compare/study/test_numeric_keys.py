"""The numbers of a study that may be changed one by one: found, put, and refused out of bounds."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from network_studies import is_network
from study_options import LINE, PLANE, STEP, with_sgd

from compare.study import numeric_keys, read_network_study, read_study, shipped_studies
from compare.study.source import study_table
from theory.base.errors import InputError


def test_every_number_of_every_shipped_study_is_found_and_put() -> None:
    for name in shipped_studies():
        table = study_table(name)
        before = copy.deepcopy(table)
        found = numeric_keys(table)
        for key in found.values():
            if key.value is None:
                continue
            changed = key.put(table, key.value)
            assert numeric_keys(changed)[key.name].value == key.value
            assert set(numeric_keys(changed)) >= set(found)
        assert table == before
        read = read_network_study if is_network(name) else read_study
        read(found["sgd.learning_rate"].put(table, 0.999 * table["sgd"]["learning_rate"]))


def test_numbers_that_are_left_out_are_there_where_something_stands_for_them() -> None:
    found = numeric_keys(PLANE)
    assert (found["seed"].value, found["sgd.momentum"].value, found["langevin.substeps"].value) == (1, 0.0, 4)
    assert found["posterior.examples"].value is None
    assert {"posterior.beta", "model.noise_std", "sgd.damping", "sgd.noise.std"}.isdisjoint(found)
    study = read_study(found["posterior.examples"].put(PLANE, 100))
    assert (study.posterior_examples, study.beta) == (100.0, 1.0)
    assert "posterior" not in PLANE


def test_numbers_in_lists_and_in_tables_of_a_kind_are_found() -> None:
    several = [{"kind": "gaussian", "std": 0.5}, {"kind": "stable", "alpha": 1.5, "scale": 0.1}]
    found = numeric_keys(with_sgd(PLANE, noise=several, schedule=STEP, preconditioner=[2.0, 1.0]))
    assert {name for name in found if name.startswith("sgd.noise")} == {
        "sgd.noise.0.std", "sgd.noise.1.alpha", "sgd.noise.1.scale", "sgd.noise.1.skew"
    }  # fmt: skip
    assert {"sgd.schedule.at", "sgd.schedule.factor", "sgd.preconditioner.1", "noise.matrix.1.0"} <= set(found)
    assert found["sgd.noise.1.alpha"].bounds.most == 2
    changed = found["sgd.noise.1.alpha"].put(with_sgd(PLANE, noise=several), 1.25)
    assert changed["sgd"]["noise"][1]["alpha"] == 1.25
    assert several[1]["alpha"] == 1.5  # the study itself stays


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("sgd.learning_rate", 0.0, "`sgd.learning_rate` must be a number > 0, got 0.0"),
        ("sgd.learning_rate", math.nan, "got nan"),
        ("sgd.momentum", 1.0, r"a number in \[0, 1\), got 1.0"),
        ("sgd.batch_size", 2.5, "must be a whole number"),
        ("sgd.batch_size", math.inf, "must be a whole number"),
        ("sgd.batch_size", 0, "must be a whole number"),
        ("langevin.substeps", 3, "must be an even number"),
        ("start.uniform.0.0", math.nan, "must be a number, got nan"),
        ("start.uniform.0.0", -math.inf, "must be a number, got -inf"),
    ],
)
def test_a_number_out_of_bounds_is_refused(name: str, value: float, words: str) -> None:
    key = numeric_keys(LINE)[name]
    with pytest.raises(InputError, match=words):
        key.put(LINE, value)


def test_a_whole_number_stays_one() -> None:
    changed = numeric_keys(LINE)["sgd.batch_size"].put(LINE, 4.0)
    assert (changed["sgd"]["batch_size"], type(changed["sgd"]["batch_size"])) == (4, int)
    assert read_study(changed).sgd.batch_size == 4


@pytest.mark.parametrize("table", [{}, {"sgd": 3, "noise": {"kind": []}}, {"grid": {"cells": [[]], "lower": 1}}])
def test_what_is_no_study_has_few_numbers_and_no_traceback(table: dict[str, Any]) -> None:
    assert "seed" in numeric_keys(table)
    assert "grid.cells.0" not in numeric_keys(table)
