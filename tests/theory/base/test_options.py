"""Keyword options given as a record are arguments like any other."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from typing import TYPE_CHECKING, NotRequired, TypedDict, Unpack

import pytest
from call_objects import GRID, MODEL, SDE, SGD, START, WELL, rng
from sources import TREES
from wrong_calls import may_be_none, options_of

import simulate
import theory
from theory import InputError
from theory.base.arguments.face import checked
from theory.base.errors import CallError

if TYPE_CHECKING:
    from fractions import Fraction

LONG = (
    simulate.run_sgd,
    simulate.first_exit,
    simulate.first_hit,
    simulate.coupled_sensitivity,
    theory.sample_paths,
    theory.first_passage_times,
    theory.local_learning_coefficient,
)


class Plain(TypedDict, total=False):
    often: int


class Richer(Plain, total=False):
    share: NotRequired[float | None]
    part: Fraction  # a name for types only, of another package


@checked
def act(first: float, *, second: bool = True, **options: Unpack[Richer]) -> dict[str, object]:
    return {"first": first, "second": second, **options}


@checked
def take_any(first: float, **anything: object) -> dict[str, object]:
    return {"first": first, **anything}


def test_options_are_brought_into_form():
    assert act(1, often=3.0, share=None) == {"first": 1.0, "second": True, "often": 3, "share": None}
    assert type(act(1, often=3.0)["often"]) is int
    assert take_any(1, whatever=[]) == {"first": 1.0, "whatever": []}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"often": 1.5}, "`often` must be a whole number, got 1.5"),
        ({"share": "half"}, "`share` must be a number or None, got 'half'"),
        (
            {"offen": 1},
            r"unexpected keyword argument 'offen'; did you mean `often`\?; it is called as act\(first, ",
        ),
        ({"secnd": True}, r"did you mean `second`\?"),
        ({"zzz": True}, r"'zzz'; it is called as act\(first, second=..., often=..., share=..., part=...\)"),
    ],
)
def test_wrong_options_are_refused_in_one_line(options, message):
    with pytest.raises(InputError, match=message) as error:
        act(1.0, **options)
    assert "\n" not in str(error.value)


def go(**options: object) -> object:
    return simulate.run_sgd(MODEL, SGD, START, steps=2, rng=rng(), **options)


def follow(**options: object) -> object:
    return theory.sample_paths(SDE, START, dt=0.1, steps=2, rng=rng(), **options)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: go(thread=1), "did you mean `threads`"),
        (lambda: go(save_evry=1), "did you mean `save_every`"),
        (lambda: follow(joins=2), "did you mean `join`"),
        (lambda: follow(grid=WELL), "`grid` must be a Grid"),
        (lambda: follow(progress=2), "`progress` must be True or False or None, got 2"),
        (lambda: simulate.first_exit(MODEL, SGD, START, "w < 1", steps=2, rng=rng(), grid=GRID), "'grid'"),
        (lambda: theory.Grid(0, 1, cell=3), r"argument 'cell'; did you mean `cells`\?"),
        (lambda: WELL.value(points=[[1.0]]), r"argument 'points'; it is called as"),
    ],
)
def test_options_of_public_functions_are_checked(wrong, message):
    with pytest.raises(InputError, match=message):
        wrong()


def test_a_keyword_of_no_such_name_is_still_a_type_error():
    with pytest.raises(TypeError):
        simulate.run_sgd(MODEL, SGD, START, steps=2, rng=rng(), thread=1)
    assert issubclass(CallError, TypeError)


@pytest.mark.parametrize("function", LONG, ids=lambda function: function.__name__)
def test_options_are_documented_in_the_record_and_in_the_function(function):
    options = options_of(function)
    assert {"progress"} <= options.keys()
    words = inspect.getdoc(function).replace(",", " ").split()
    if function.__name__ != "first_hit":  # it says "otherwise as `first_exit`"
        assert {name for name in options if name not in words} == set()


def test_which_options_may_be_none():
    assert may_be_none(simulate.run_sgd) >= {"grid", "domain", "threads", "progress", "rng"}
    assert "join" not in may_be_none(theory.sample_paths)


DEEP = [
    ("simulate.run", "run_sgd"),
    ("simulate.events", "first_exit"),
    ("simulate.events", "first_hit"),
    ("simulate.sensitivity.coupled", "coupled_sensitivity"),
    ("theory.laws.walkers", "run_walkers"),
    ("theory.paths.sample", "sample_paths"),
    ("theory.paths.passage", "first_passage_times"),
    ("theory.learning.measures", "sample_gibbs"),
    ("theory.learning.measures", "sample_posterior"),
    ("theory.learning.sampling", "local_learning_coefficient"),
    ("compare.slope.finite", "finite_rate_slopes"),
    ("compare.slope.measure", "loss_slope"),
]


@pytest.mark.parametrize(("module", "name"), DEEP)
def test_no_option_is_swallowed_past_a_face(module, name):
    function = getattr(import_module(module), name)
    given = {p.name: None for p in inspect.signature(function).parameters.values() if p.default is p.empty}
    given.pop("options")
    with pytest.raises(CallError, match=rf"{name}\(\) got an unexpected keyword argument 'nothing'"):
        function(**given, nothing=1)


def with_options(tree):
    """Names of the functions that take a record of options."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.args.kwarg)
    hints = ((node.name, node.args.kwarg.annotation) for node in functions)
    return {name for name, hint in hints if hint and ast.unparse(hint).startswith("Unpack[")}


def test_every_function_with_options_is_among_them():
    assert with_options(ast.parse("def f(**options: Unpack[Plain]): ...\ndef g(**more: int): ...")) == {"f"}
    found = {(module, name) for module, tree in TREES.items() for name in with_options(tree)}
    found = {one for one in found if not one[0].startswith("compare.figures")}  # `draw` asks for itself
    assert found == {*DEEP, ("simulate.run", "launch")}  # which hands all on to run_walkers
