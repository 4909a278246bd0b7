"""What a docstring says of arrays and of numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from definitions import Defined
from sources import SOURCES, TREES, Function

ARRAYS = {"Array", "ArrayLike", "Integers", "Booleans", "Complexes"}
ENTRY = r"(?:\d+ ?)?(?:\.\.\.|[a-z]\w*|\d+|\*\w+(?:\.\w+)*)(?: [*+-] \d+)?"
TUPLE = rf"\({ENTRY}(?:, {ENTRY})+\)|\({ENTRY},\)"
SHAPE = re.compile(rf"\bshapes?\b|{TUPLE}|of length|\bmatrix\b|\bmatrices\b", re.IGNORECASE)
SCALE = re.compile(r"`(\w+)`")


def told(annotation: ast.expr | None, kinds: set[str]) -> bool:
    """Whether an annotation names one of the types."""
    return annotation is not None and any(isinstance(n, ast.Name) and n.id in kinds for n in ast.walk(annotation))


def fields(of: Defined) -> Iterator[tuple[str, ast.expr, str]]:
    """The public fields of a class with their annotations and the comments beside them."""
    for node in of.node.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            comment = SOURCES[of.module].splitlines()[node.lineno - 1].partition("#")[2]
            if not node.target.id.startswith("_") and "ClassVar" not in ast.unparse(node.annotation):
                yield node.target.id, node.annotation, comment


def arguments(of: Defined) -> Iterator[tuple[str, ast.expr | None]]:
    """The arguments of a function with their annotations."""
    assert isinstance(of.node, Function)
    given = of.node.args
    return ((one.arg, one.annotation) for one in (*given.posonlyargs, *given.args, *given.kwonlyargs))


def shapeless(of: Defined) -> set[str]:
    """Arrays that a function takes or gives, or a class holds, where nothing says a shape."""
    if SHAPE.search(of.docstring):
        return set()
    if of.is_class:
        return {name for name, kind, comment in fields(of) if told(kind, ARRAYS) and not SHAPE.search(comment)}
    assert isinstance(of.node, Function)
    given = {name for name, kind in arguments(of) if told(kind, ARRAYS)}
    return given | ({"return"} if told(of.node.returns, ARRAYS) else set())


@cache
def scales() -> frozenset[str]:
    """The names of numbers that the docstring of `theory` explains once for all."""
    text = ast.get_docstring(TREES["theory"]) or ""
    paragraph = next(part for part in text.split("\n- ") if part.startswith("Scales"))
    return frozenset(SCALE.findall(paragraph))


def unexplained(of: Defined) -> set[str]:
    """Numbers that a function takes, or a class holds, and its docstring does not name."""
    known = scales() | set(re.findall(r"\w+", of.docstring))
    if of.is_class:
        return {name for name, kind, comment in fields(of) if told(kind, {"float"}) and not comment} - known
    return {name for name, kind in arguments(of) if told(kind, {"float"})} - known
