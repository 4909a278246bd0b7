"""One definition of studies: the JSON Schema, the documents and the reader say the same."""

from __future__ import annotations

import copy
import dataclasses
import json
import tomllib
import traceback
from importlib import resources
from runpy import run_path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from network_studies import DIAGONAL, LAYERED, LOGISTIC, changed, network
from refused_studies import LINE, PLANE, REFUSED, REFUSED_OPTIONS, with_entry
from repository import ROOT
from slope_studies import power, regression
from study_options import PLANE as OPTIONS
from study_options import with_sgd

from compare.command_line import main
from compare.study import (
    NetworkStudy,
    SlopePlan,
    Study,
    read_network_study,
    read_slope_study,
    read_study,
    shipped_studies,
    study_schema,
)
from compare.study.definition import STUDY, key_table
from compare.study.definition.table import Table
from compare.study.source import study_table
from theory.base.errors import InputError

VALIDATOR = Draft202012Validator(study_schema())
LEFT_TO_THE_READER = ("square matrix", "rows of one length", "got nan", "got [nan", "[[1.0, nan")


def read(table: dict[str, Any]) -> tuple[bool, bool]:
    """Whether the reader refuses `table`, and whether it does so by the definition, which a schema can say too."""
    try:
        kind = read_study if "start" in table or "loss_slope" not in table else read_slope_study
        (read_network_study if "network" in table else kind)(table)
    except InputError as error:
        steps = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.name != "require"]
        by_definition = any(part in steps[-1].filename for part in ("study/definition/", "study/section.py"))
        return True, by_definition and not any(words in str(error) for words in LEFT_TO_THE_READER)
    return False, False


def test_the_schema_is_one_and_ships() -> None:
    Draft202012Validator.check_schema(study_schema())
    shipped = (resources.files("compare") / "studies" / "study.schema.json").read_text("utf-8")
    assert json.loads(shipped) == study_schema()


def test_the_documents_are_as_the_definition_writes_them() -> None:
    written = run_path(str(ROOT / "docs" / "write_tables.py"))["written"]()
    assert {path.name: path.read_text("utf-8") == text for path, text in written.items()} == {
        "studies.md": True, "study.schema.json": True
    }  # fmt: skip
    rows = key_table().splitlines()
    assert len(rows) > 60
    assert {row.count(" | ") for row in rows[2:]} == {4}  # no row is broken by what stands in it


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["studies", "--schema"])
    assert ended.value.code == 0
    assert json.loads(capsys.readouterr().out) == study_schema()


@pytest.mark.parametrize("name", shipped_studies())
def test_every_shipped_study_is_valid_and_names_the_schema(name: str) -> None:
    VALIDATOR.validate(study_table(name))
    text = (resources.files("compare") / "studies" / f"{name}.toml").read_text("utf-8")
    assert text.startswith("#:schema ./study.schema.json\n")


def test_every_example_and_every_table_of_the_documents_is_valid() -> None:
    for path in [*(ROOT / "examples").rglob("*.toml"), *(ROOT / "docs").rglob("*.toml")]:
        VALIDATOR.validate(tomllib.loads(path.read_text("utf-8")))
    for table in (LINE, PLANE, OPTIONS, regression(), power(2)):
        VALIDATOR.validate(table)


CASES = [
    *(with_entry(table, place, value) for table, place, value, _ in REFUSED),
    *(with_sgd(OPTIONS, **keys) for keys, _ in REFUSED_OPTIONS),
]
BY_SCHEMA = [case for case in CASES if not VALIDATOR.is_valid(case)]


def test_what_the_definition_refuses_the_schema_refuses() -> None:
    missed = [case for case in CASES if read(case)[1] and VALIDATOR.is_valid(case)]
    assert missed == []
    assert len(BY_SCHEMA) > 50  # control: most that is wrong is wrong by key, kind or bound


def test_what_the_schema_refuses_the_reader_refuses() -> None:
    assert [case for case in BY_SCHEMA if not read(case)[0]] == []


SLOPES = [
    ({"rates": [0.1, 0.2]}, {}),
    ({"rates": [0.1, 0.2, -0.2]}, {}),
    ({"rates": "all"}, {}),
    ({"methods": ["formla"]}, {}),
    ({"methods": []}, {}),
    ({"methods": ["all", "formula"]}, {}),
    ({"methods": ["formula", "formula"]}, {}),
    ({"walkers": 5}, {}),
    ({"confidence": 95}, {}),
    ({"burnin": 10}, {}),
    ({}, {"posterior": {"examples": 10}}),
    ({}, {"data": {"examples": 10}}),
    ({}, {"noise_against_hessian": {}}),
    ({"sgd": {"steps": 20}}, {}),
]


@pytest.mark.parametrize(("entries", "tables"), SLOPES)
def test_a_wrong_study_of_a_slope_is_refused(entries: dict[str, Any], tables: dict[str, Any]) -> None:
    table = regression(1, **{"methods": "all", **entries}) | tables
    assert not VALIDATOR.is_valid(table)
    with pytest.raises(InputError):
        read_slope_study(table)


NETWORKS = [
    changed("network", kind="two-layer"),
    changed("network", data="iris"),
    changed("network", hiden=3),
    changed("network", label_noise=-1.0),
    changed("sgd", sampling="fresh"),
    changed("sgd", preconditioner=2.0),
    changed("posterior", examples=10),
    changed("observables", names=["los"]),
    network(grid={"lower": [0.0], "upper": [1.0], "cells": [5]}),
    network(model={"q": "w"}),
]


@pytest.mark.parametrize("table", NETWORKS)
def test_a_wrong_study_of_a_network_is_refused(table: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(table)
    with pytest.raises(InputError):
        read_network_study(table)
    VALIDATOR.validate(network())  # control


PLACES = [3, [], {"nane": "a"}, {"name": " "}, {"indefinite": "absolut"}, {"width": 0.1}, [{}] * 21, {"start": {}}]


@pytest.mark.parametrize("place", PLACES)
def test_a_wrong_place_is_refused_by_the_schema(place: Any) -> None:
    table = PLANE | {"noise_against_hessian": place}
    assert not VALIDATOR.is_valid(table)
    assert read(table)[0]
    VALIDATOR.validate(PLANE | {"noise_against_hessian": [{}, {"indefinite": "smooth", "width": 0.1}]})  # control


def test_what_a_study_leaves_out_is_what_the_definition_says() -> None:
    for kind, table, names in (
        (SlopePlan, "loss_slope", ("walkers", "steps", "confidence")),
        (Study, "langevin", ("substeps",)),
        (Study, "posterior", ("beta",)),
        (NetworkStudy, "network", ("searches", "spread", "scatter")),
        (NetworkStudy, "langevin", ("substeps",)),
        (NetworkStudy, "observables", ("every",)),
    ):
        own = {field.name: field.default for field in dataclasses.fields(kind)}
        defined = STUDY.key(table).value
        assert isinstance(defined, Table)
        assert {name: own[name] for name in names} == {name: defined.key(name).default for name in names}


FULL = [
    LINE,
    PLANE,
    PLANE | {"noise": {"kind": "hessian", "scale": 0.1, "indefinite": "smooth", "width": 0.1}},
    PLANE | {"noise_against_hessian": [{"name": "a"}, {"start": {"point": [0.0, 0.5]}}]},
    with_sgd(OPTIONS, momentum=0.5, nesterov=True, preconditioner="inverse noise", damping=0.5),
    with_sgd(
        OPTIONS, schedule=[{"kind": "step", "at": [2, 5], "factor": 0.5}], noise={"kind": "gaussian", "std": 1}
    ),
    with_sgd(OPTIONS, schedule={"kind": "batch growth", "every": 4}, preconditioner=[1.5, 2.5]),
    regression(1, "all", walkers=200),
    power(2, ["sampling"], grid={"lower": [-1.5], "upper": [1.5], "cells": [20]}),
    network(LAYERED, posterior={"beta": 2.0}, gibbs={"temperature": 0.1}, langevin={"substeps": 2}),
    network(DIAGONAL, posterior={}, observables={"names": ["loss", "sharpest"]}),
    network(LOGISTIC),
]
WORDS = ("kind", "steps", "std", "scale", "walkers", "basin", "start", "minimum", "stepz", "$schema", "")
POOL: list[Any] = [
    0.5,
    -1,
    0,
    3,
    10**13,
    1e60,
    -1e60,
    True,
    "x",
    "all",
    "minibatch",
    [],
    {},
    [0.5],
    [1, 2],
    [True],
]
POOL += [["x"], [[0.5, 1.5]], {"kind": "step"}, {"point": [0.5]}, {"point": [0.5, 0.5]}]


@st.composite
def changed_studies(draw: st.DrawFn) -> dict[str, Any]:
    """A study in which an entry or two are replaced, taken out, renamed or added."""
    table = copy.deepcopy(draw(st.sampled_from(FULL)))
    for _ in range(draw(st.integers(0, 2))):
        inner: Any = table
        while True:
            parts = [part for one in inner.values() for part in (one if isinstance(one, list) else [one])]
            below = [part for part in parts if isinstance(part, dict)]
            if not below or draw(st.booleans()):
                break
            inner = draw(st.sampled_from(below))
        name = draw(st.sampled_from([*inner, *WORDS]))
        what = draw(st.sampled_from(("replace", "remove", "rename")))
        if what == "replace" or name not in inner:
            inner[name] = copy.deepcopy(draw(st.sampled_from(POOL)))
        elif what == "remove":
            del inner[name]
        else:
            inner[draw(st.sampled_from(WORDS))] = inner.pop(name)
    return table


@settings(max_examples=60, deadline=None)
@given(changed_studies())
def test_schema_and_reader_agree_where_the_schema_can_decide(table: dict[str, Any]) -> None:
    refused, by_definition = read(table)
    valid = VALIDATOR.is_valid(table)
    assert refused or valid, "the schema refuses what is read"
    assert not (by_definition and valid), "the schema lets pass what the definition refuses"


def test_a_schema_that_lacks_a_bound_is_seen() -> None:
    weaker = study_schema()
    del weaker["$defs"]["sgd"]["properties"]["momentum"]["exclusiveMaximum"]
    case = with_sgd(PLANE, momentum=1.5)
    assert Draft202012Validator(weaker).is_valid(case)
    assert read(case) == (True, True)
    assert not VALIDATOR.is_valid(case)
