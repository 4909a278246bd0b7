"""From an annotation to the kind of value that it asks for."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, NotRequired, Required, Union, Unpack

import numpy as np
import sympy
from numpy.typing import ArrayLike

from theory.base.arguments import kind as kinds
from theory.base.arguments.kind import Kind
from theory.base.packages import module_is_ours


@dataclass(frozen=True)
class Given:
    """In `Annotated[what it becomes, Given(what may be given)]`: a constructor makes the one of the other."""

    hint: Any


PLAIN = {
    float: kinds.NUMBER,
    int: kinds.WHOLE,
    bool: kinds.FLAG,
    str: kinds.TEXT,
    type(None): kinds.NOTHING,
    sympy.Matrix: kinds.instance(sympy.MatrixBase),
}
ARRAY_LIKE = frozenset(
    typing.get_args(getattr(ArrayLike, "__value__", ArrayLike))
)  # a `type` of its own from 3.12 on


def kinds_of(function: Callable[..., Any], owner: type | None = None) -> dict[str, Kind]:
    """The kind of each parameter of `function`, a method of `owner` if that is given.

    `**options: Unpack[Record]` stands for the keywords of the record.
    """
    modules = [function.__module__, *(base.__module__ for base in (owner.__mro__ if owner else ()))]
    names: dict[str, Any] = {}
    for module in reversed(dict.fromkeys(modules)):
        names |= vars(sys.modules[module])
    names |= getattr(inspect.unwrap(function), "__globals__", {}) if owner is None else {}
    found: dict[str, Kind] = {}
    for p in inspect.signature(function).parameters.values():
        if p.annotation is p.empty:
            continue
        holder = type("Holder", (), {"__annotations__": {p.name: p.annotation}})
        hint = _resolved(holder, names)[p.name]
        if p.kind is not p.VAR_KEYWORD:
            found[p.name] = kind_of(hint)
        elif typing.get_origin(hint) is Unpack:
            (record,) = typing.get_args(hint)
            options = _resolved(record, vars(sys.modules[record.__module__]))
            found |= {name: kind_of(option) for name, option in options.items()}
    return found


def _resolved(holder: type, names: Mapping[str, Any]) -> dict[str, Any]:
    """The annotations of a class, perhaps given as text; names may be imported for types only."""
    known = dict(names)
    while True:
        try:
            return typing.get_type_hints(holder, known, known, include_extras=True)
        except NameError as error:
            if error.name is None or error.name in known:
                raise
            known[error.name] = _elsewhere(error.name)


def _elsewhere(name: str) -> Any:
    """What a name that a module imports for types only means: a class of these packages, or xarray."""
    if name == "xr":
        return import_module("xarray")
    for module, content in list(sys.modules.items()):
        found = getattr(content, name, None) if module_is_ours(module) else None
        if isinstance(found, type):
            return found
    return Any


def kind_of(hint: Any) -> Kind:
    """The kind of value that a resolved annotation asks for."""
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(hint, typing.TypeVar) or hint is Any or hint is object:
        return kinds.ANYTHING
    if hasattr(hint, "__value__"):  # a `type` statement
        return kind_of(hint.__value__)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        given = [note.hint for note in arguments[1:] if isinstance(note, Given)]
        return kind_of(given[0] if given else arguments[0])
    if origin is Required or origin is NotRequired:
        return kind_of(arguments[0])
    if origin is Union or origin is types.UnionType:
        return _either(arguments)
    if origin is np.ndarray:
        numbers = typing.get_args(arguments[1])[0]
        return kinds.array_of(numbers) if numbers in kinds.LETTERS else kinds.instance(np.ndarray)
    if origin is Callable or origin is typing.get_origin(Callable[..., Any]):
        return kinds.function(len(arguments[0]) if arguments and isinstance(arguments[0], list) else None)
    if origin is tuple:
        endless = len(arguments) == 2 and arguments[1] is Ellipsis
        return kinds.fixed([kind_of(a) for a in arguments if a is not Ellipsis], endless)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return kinds.mapping(kind_of(arguments[0]), kind_of(arguments[1]))
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return kinds.sequence(kind_of(arguments[0]))
    type_ = origin or hint
    if getattr(type_, "_is_protocol", False):
        return kinds.protocol(type_, _members(type_))
    return kinds.instance(type_) if isinstance(type_, type) else kinds.ANYTHING


def _either(arguments: Sequence[Any]) -> Kind:
    """A union; `ArrayLike` is a long one of its own, in which text would count."""
    rest = [a for a in arguments if a not in ARRAY_LIKE] if set(arguments) >= ARRAY_LIKE else list(arguments)
    if any(
        issubclass(_class(a), Sequence) and _class(a) not in (str, tuple) for a in rest
    ):  # which arrays of one dimension are, too
        rest = [a for a in rest if _class(a) is not np.ndarray]
    found = [kind_of(a) for a in rest]
    without = len(rest) < len(arguments) and set(arguments) >= ARRAY_LIKE
    return kinds.either([kinds.ARRAY_LIKE, *found] if without else found)


def _class(hint: Any) -> type:
    found = typing.get_origin(hint) or hint
    return found if isinstance(found, type) else object


def _members(protocol: type) -> dict[str, bool]:
    """Names that a protocol asks for, and whether each is a method."""
    found: dict[str, bool] = {}
    for base in protocol.__mro__:
        if getattr(base, "_is_protocol", False) and base is not typing.Protocol:
            found |= {name: False for name in getattr(base, "__annotations__", {}) if not name.startswith("_")}
            found |= {
                name: inspect.isfunction(member) for name, member in vars(base).items() if not name.startswith("_")
            }
    return found
