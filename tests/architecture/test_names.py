"""Names: one noun a class, one home for what rounding is, and no number that decides an answer without a name."""

from __future__ import annotations

import ast
from collections import defaultdict

import pytest
from sources import TREES, is_claim

HOME = "theory.base.rounding"
TWICE = {"Kind"}  # of critical points, and of arguments
DECIDING = (1e-2, 1e3)  # a float beyond is a tolerance, a guard or a limit


def public_classes(trees: dict[str, ast.Module]) -> dict[str, list[str]]:
    """The modules of each class name."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(name)
    return found


def unnamed(tree: ast.Module) -> list[float]:
    """Floats in functions that are so small or large that they decide something."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    numbers = (inner.value for f in functions for part in f.body for inner in ast.walk(part) if is_float(inner))
    return [number for number in numbers if number and not DECIDING[0] <= abs(number) < DECIDING[1]]


def is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def asks_for_limits_of_floats(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "finfo" for node in ast.walk(tree))


def test_two_nouns_have_two_names() -> None:
    several = {name: modules for name, modules in public_classes(TREES).items() if len(modules) > 1}
    assert several.keys() == TWICE, several


def test_what_rounding_is_has_one_home() -> None:
    assert [name for name, tree in TREES.items() if asks_for_limits_of_floats(tree)] == [HOME]


def test_numbers_that_decide_an_answer_have_names() -> None:
    found = {
        name: unnamed(tree)
        for name, tree in TREES.items()
        if not name.startswith("compare.figures") and not is_claim(name)
    }
    assert {name: numbers for name, numbers in found.items() if numbers} == {}


@pytest.mark.parametrize("source", ["def f(x):\n    return x > 1e-9", "def f(x):\n    return min(x, 5e3)"])
def test_a_number_without_a_name_is_seen(source: str) -> None:
    assert unnamed(ast.parse(source))
    assert not unnamed(ast.parse("LEAST = 1e-9\ndef f(x=1e-9):\n    return x > LEAST or x == 0.5"))


def test_a_second_home_and_a_second_noun_are_seen() -> None:
    assert asks_for_limits_of_floats(ast.parse("x = np.finfo(float).eps"))
    twice = public_classes({"a": ast.parse("class Walk: ..."), "b": ast.parse("class Walk: ...")})
    assert twice["Walk"] == ["a", "b"]
