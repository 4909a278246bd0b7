"""The code of a function: its source and that of what it calls in the same module, and what it imports."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from compare.tasks.fingerprint import whole
from compare.tasks.imported import imported_by
from theory.base.packages import module_is_ours

CONSTANTS = (int, float, complex, str, bytes, bool, tuple, frozenset, type(None))


def code_of(function: Callable[..., Any]) -> str:
    """The SHA-256 of the code that a function runs, as far as its module and its imports show.

    That of a function of these packages is its name: their sources count as a whole. What else stands in its
    module does not count, so that the script which holds it may change.
    """
    found: dict[str, str] = {}
    files: set[Path] = set()
    _gather(function, found, files)
    for file in sorted(files):
        found |= imported_by(file)
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _gather(value: Any, found: dict[str, str], files: set[Path]) -> None:
    """Put the source of `value`, and of what it names, into `found`, and the files they stand in into `files`."""
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, partial):
        found["partial"] = whole((value.args, value.keywords))
        _gather(value.func, found, files)
        return
    name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    if name in found:
        return
    if isinstance(value, FunctionType | type):
        found[name] = "ours" if module_is_ours(value.__module__) else _source(value)
        if found[name] == "ours":
            return
        place = inspect.getsourcefile(value) if value.__module__ != "__main__" or _has_file(value) else None
        if place is not None and Path(place).is_file():
            files.add(Path(place))
        for function in _functions(value):
            _gather_named(function, found, files)
    else:  # an object that is called, or a method of one
        owner = getattr(value, "__self__", value)
        found[name] = whole(vars(owner)) if hasattr(owner, "__dict__") else ""
        if type(owner).__module__ != "builtins":
            _gather(type(owner), found, files)


def _gather_named(function: FunctionType, found: dict[str, str], files: set[Path]) -> None:
    """What a function names in its own module, and holds of the functions around it."""
    for name in _names(function.__code__):
        value = function.__globals__.get(name)
        if isinstance(value, FunctionType | type):
            if value.__module__ == function.__module__:
                _gather(value, found, files)
        elif name in function.__globals__ and isinstance(value, CONSTANTS):
            found[f"{function.__module__}.{name}"] = whole(value)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        value = cell.cell_contents
        if callable(value):
            _gather(value, found, files)
        else:
            found[f"{function.__qualname__}.{name}"] = whole(value)


def _functions(value: FunctionType | type) -> list[FunctionType]:
    if isinstance(value, FunctionType):
        return [value]
    return [member for member in vars(value).values() if isinstance(member, FunctionType)]


def _names(code: CodeType) -> list[str]:
    inner = [name for part in code.co_consts if isinstance(part, CodeType) for name in _names(part)]
    return [*code.co_names, *inner]


def _has_file(value: Any) -> bool:
    try:
        return inspect.getsourcefile(value) is not None
    except TypeError:
        return False


def _source(value: FunctionType | type) -> str:
    """The source, or where nobody kept it the byte code."""
    try:
        return inspect.getsource(value)
    except (OSError, TypeError):
        return "".join(function.__code__.co_code.hex() for function in _functions(value))
