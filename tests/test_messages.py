"""Messages advise what there is, and docstrings say what is raised."""

from __future__ import annotations

import ast
import importlib
import inspect
import re

import pytest
import sources
from repository import ROOT

import compare
import simulate
import theory
from theory.base.errors import InputError

FACES = (*sources.FACES, "compare")


def public(face):
    module = importlib.import_module(face)
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == face]
    return {name: getattr(module, name) for name in getattr(module, "__all__", own) if not name.startswith("_")}


NAMES = {name: value for face in reversed(FACES) for name, value in public(face).items()}


def advised(text):
    """Names of classes that a message tells to call: `Name(` in text."""
    return set(re.findall(r"(?<![\w.])([A-Z][A-Za-z]*[a-z][A-Za-z]*)\(", text))


def messages(tree):
    """All text of a module but docstrings."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


def test_messages_advise_names_that_a_face_exports():
    unknown = {
        f"{module}: {name}"
        for module, tree in sources.TREES.items()
        for text in messages(tree)
        for name in advised(text)
        if name not in NAMES
    }
    assert unknown == set()


def test_such_a_name_is_seen():
    tree = ast.parse("require(x, f'... take NoSuchThing(1)')")
    assert [advised(text) for text in messages(tree)] == [{"NoSuchThing"}]


def raises(function):
    """Whether the body of a function raises or requires by itself."""
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name == "require" or name.startswith(("_require", "_refuse", "require_", "check_", "_check")):
                return True
    return False


def silent():
    """Public functions, methods and classes that raise without a word of it in their docstring."""
    for face in FACES:
        for name, value in public(face).items():
            if inspect.isfunction(value):
                if raises(inspect.unwrap(value)) and "Raises" not in (value.__doc__ or ""):
                    yield f"{face}.{name}"
            elif inspect.isclass(value) and not issubclass(value, BaseException):
                for method, member in vars(value).items():
                    function = inspect.unwrap(getattr(member, "__func__", member))
                    if not inspect.isfunction(function) or (method.startswith("_") and "init" not in method):
                        continue
                    if "init" in method and not function.__code__.co_filename.startswith(str(ROOT)):
                        continue  # written by dataclasses
                    home = value if "init" in method else function
                    if raises(function) and "Raises" not in (home.__doc__ or ""):
                        yield f"{face}.{name}.{method}"


def test_what_raises_says_so():
    assert sorted(set(silent())) == []


def test_what_is_silent_is_seen():
    def quiet(x):
        """A number."""
        if x < 0:
            raise InputError("no")

    assert raises(quiet)
    assert not raises(messages)


@pytest.mark.parametrize("face", [theory, simulate, compare])
def test_every_face_says_what_its_arguments_raise(face):
    assert "InputError" in face.__doc__
