"""Wrong calls, made of right ones by spoiling one argument at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Unpack, get_args, get_origin, get_type_hints

import numpy as np
from call_objects import Call

from theory import (
    Constant,
    Density,
    Grid,
    Isotropic,
    Langevin,
    ProductModel,
    SymbolicLandscape,
    Underdamped,
    gibbs,
)

Wrong = Iterator[tuple[str, Any]]  # labels and values


class Stranger:
    """An object that no function knows."""


def spoilt(call: Call) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pairs of a label and keyword arguments of a call of which one is wrong."""
    nothing = may_be_none(call.function)
    for name, value in call.arguments.items():
        also = call.also.get(name, "").split()
        optional = value is None or name in nothing or "none" in also
        seen = list(wrong_values(value, also, optional))
        for label, wrong in seen:
            yield f"{call.name}({name}={label})", {name: wrong}
    for name in options_of(call.function):
        yield f"{call.name}({name}, misspelt)", {f"{name}_": call.arguments.get(name)}
    names = list(call.arguments)
    for first, second in () if call.also.get("swap") else pairwise(names):
        a, b = call.arguments[first], call.arguments[second]
        if kind(a) != kind(b) and a is not None and b is not None:
            yield f"{call.name}({first} and {second} swapped)", {first: b, second: a}


def options_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The keywords, with their types, that a function takes as `**options: Unpack[...]`."""
    function = inspect.unwrap(function)
    rest = [
        p.name
        for p in inspect.signature(function).parameters.values()
        if p.kind is p.VAR_KEYWORD and "Unpack" in str(p.annotation)
    ]
    for name in rest:
        hint = get_type_hints(function)[name]
        if get_origin(hint) is Unpack:
            return get_type_hints(get_args(hint)[0])
    return {}


def may_be_none(function: Callable[..., Any]) -> set[str]:
    """The keywords of a function for which None stands: by default, or by their type as options."""
    parameters = inspect.signature(function).parameters.items()
    options = options_of(function).items()
    return {name for name, p in parameters if p.default is None} | {
        name for name, hint in options if type(None) in get_args(hint)
    }


def kind(value: Any) -> Any:
    """What a value counts as where arguments are swapped: numbers and arrays may stand for each other."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, int | float | np.ndarray | list | tuple):
        return "numbers"
    return type(value)


def wrong_values(value: Any, also: Sequence[str], optional: bool) -> Wrong:
    """Values of a wrong type, sign, size or shape in place of a right one."""
    yield from strangers(value, also, optional)
    if isinstance(value, bool):
        yield from [("2", 2), ("'yes'", "yes"), ("0.5", 0.5)]
    elif isinstance(value, int):
        yield from numbers(value, also, whole=True)
    elif isinstance(value, float):
        yield from numbers(value, also, whole=False)
    elif isinstance(value, np.ndarray) or (isinstance(value, list | tuple) and is_numeric(value)):
        yield from arrays(np.asarray(value), also)
    elif isinstance(value, Mapping):
        yield from [("values of another type", dict.fromkeys(value, 3)), ("a list", list(value.values()))]
        if "empty" not in also:
            yield "{}", {}
    elif inspect.isfunction(value) and "later" not in also:
        yield from [
            ("a function with text", lambda *w: "text"),
            ("a function of another shape", lambda *w: np.zeros((3, 7))),
            ("a function with None", lambda *w: None),
        ]
    elif value is not None and not isinstance(value, str | Sequence):
        if "dimension" not in also:
            yield from of_another_dimension(value)
        yield "its class", type(value)
        yield "a list of it", [value, 3]


def of_another_dimension(value: Any) -> Wrong:
    """The like of a one-dimensional object in the plane."""
    grid, bowl = Grid((-2.0, -2.0), (2.0, 2.0), (8, 8)), SymbolicLandscape("(x**2 + y**2)/2")
    like = {
        Grid: grid,
        SymbolicLandscape: bowl,
        Density: gibbs(bowl, 0.5, grid),
        Langevin: Langevin(bowl, Isotropic(0.3, 2)),
        Underdamped: Underdamped(bowl, 1.0, 0.1),
        ProductModel: ProductModel(["x", "y"]),
        Isotropic: Isotropic(0.1, 2),
        Constant: Constant(np.eye(2)),
    }
    if type(value) in like and like[type(value)] != value:
        yield "of another dimension", like[type(value)]


def is_numeric(value: Any) -> bool:
    return np.asarray(value, dtype=object).ravel().size > 0 and all(
        isinstance(x, int | float) for x in np.asarray(value, dtype=object).ravel()
    )


def strangers(value: Any, also: Sequence[str], optional: bool) -> Wrong:
    """Values of types that fit nowhere."""
    yield "an object", Stranger()
    yield "a class", Stranger
    yield "complex", 1j
    yield "bytes", b"w"
    yield "a set", {1.5}
    yield "NotImplemented", NotImplemented
    if not optional:
        yield "None", None
    if not isinstance(value, Mapping):
        yield "a dict", {"a": 1}
    if not isinstance(value, str):
        yield "text", "some text"
    if not inspect.isfunction(value) and value is not None and "function" not in also:
        yield "a function", lambda *arguments: 1.0
    if not isinstance(value, int | float | np.ndarray | list | tuple) and value is not None:
        yield "a number", 3.5
        yield "an array", np.zeros(3)
    if not isinstance(value, np.ndarray | list | tuple):
        yield "a list", [None, "a"]


def numbers(value: Any, also: Sequence[str], whole: bool) -> Wrong:
    yield "True", True
    yield "text of a number", str(value)
    if "nan" not in also:
        yield "NaN", float("nan")
        yield "NaN of NumPy", np.float32("nan")
    if "infinite" not in also:
        yield "inf", float("inf")
    if "negative" not in also:
        yield "negative", -abs(value) or -1
        yield "very negative", -(10**9)
    if "zero" not in also:
        yield "zero", 0
    if whole:
        yield "half", value + 0.5
        yield "huge", 10**30
        yield "huge and negative", -(10**30)
    else:
        yield "too large", 10**400
    if "list" not in also:
        yield from [("a list of one", [value]), ("an array of two", np.array([value, value]))]


def arrays(value: np.ndarray[Any, Any], also: Sequence[str]) -> Wrong:
    shape = value.shape or (1,)
    yield "an array of text", np.full(shape, "a")
    yield "a list with None", [None] * max(1, len(value.ravel()))
    yield "an array of objects", np.full(shape, None)
    yield "a ragged list", [[1.0], [1.0, 2.0]]
    yield "complex numbers", np.full(shape, 1j)
    yield "dates", np.full(shape, np.datetime64("2020-01-01"))
    yield "masked", np.ma.array(np.zeros(shape), mask=True)
    if "shape" not in also:
        yield "another shape", np.zeros((2, 3, 7))
    if "nan" not in also:
        yield "NaN inside", np.full(shape, np.nan)
    if "infinite" not in also:
        yield "inf inside", np.full(shape, np.inf)
    if "empty" not in also:
        yield "an empty list", []
