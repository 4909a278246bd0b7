"""Files that are read in one go, functions whose calls are read in one line."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from sources import SOURCES, TESTS, TREES, Function

LONGEST_FILE = 300  # lines
MOST_PARAMETERS = 8  # of a public function, one for all its **options
MOST_OF_KERNEL = 14


def functions(tree: ast.AST) -> Iterator[Function]:
    """All functions and methods, inner ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def is_kernel(function: Function) -> bool:
    """Whether a function is compiled by `kernel`."""
    decorators = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    return "kernel" in {ast.unparse(decorator) for decorator in decorators}


def count(function: Function) -> int:
    """How many arguments a call may give: `self` is none, *more and **options are one each."""
    given = function.args
    named = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in named if name not in {"self", "cls"}]) + bool(given.vararg) + bool(given.kwarg)


def too_many(tree: ast.AST) -> dict[str, int]:
    """Functions with more parameters than they may have, with their number."""
    found = {}
    for function in functions(tree):
        public = not function.name.startswith("_") or function.name == "__init__"
        most = MOST_OF_KERNEL if is_kernel(function) else MOST_PARAMETERS if public else 1000
        if count(function) > most:
            found[function.name] = count(function)
    return found


def test_files_are_short():
    lengths = {name: len(source.splitlines()) for name, source in {**SOURCES, **TESTS}.items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_have_few_parameters():
    assert {name: found for name, tree in TREES.items() if (found := too_many(tree))} == {}


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("def f(a, b, c, d, e, f, g, h): pass", False),
        ("def f(a, b, c, d, e, f, g, h, i): pass", True),
        ("def f(a, b, c, d, *, e, f, g, h, **options: Unpack[Options]): pass", True),
        ("class A:\n    def f(self, a, b, c, d, e, f, g, h): pass", False),
        ("class A:\n    def __init__(self, a, b, c, d, e, f, g, h, i): pass", True),
        ("def _f(a, b, c, d, e, f, g, h, i): pass", False),
        ("@kernel\ndef _f(a, b, c, d, e, f, g, h, i, j, k, l, m, n): pass", False),
        ("@kernel(error_model='python')\ndef _f(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o): pass", True),
    ],
)
def test_a_long_list_of_parameters_is_seen(source, seen):
    assert bool(too_many(ast.parse(source))) == seen
