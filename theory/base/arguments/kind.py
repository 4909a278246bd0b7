"""Kinds of values: what an argument must be, in words, and the value brought into the form that code expects."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Final

import numpy as np

from theory.base.arguments.answers import held
from theory.base.arguments.numbers import BYTES, LARGEST, MISFIT, NO_WHOLE, number, numbers_of, whole
from theory.base.arguments.overriding import refuse_overrides
from theory.base.arguments.words import REMEDIES, article, instance_of, plural, shown
from theory.base.errors import InputError


@dataclass(frozen=True)
class Kind:
    """What a value must be.

    Parameters
    ----------
    words
        What to say after "must be".
    take
        The value in the form that code expects, or MISFIT.
    why
        What to add about a value that does not fit: what it lacks, or what would fit.
    methods
        Of a protocol: what an object of the user's own is called with.
    """

    words: str
    take: Callable[[Any], Any]
    why: Callable[[Any], str] = lambda value: ""
    methods: frozenset[str] = frozenset()


def _flag(value: Any) -> Any:
    return bool(value) if isinstance(value, bool | np.bool_) else MISFIT


def _array_like(value: Any) -> Any:
    array = value if type(value) is np.ndarray else numbers_of(value)
    if array is not MISFIT and array.ndim == 0 and array.dtype.kind == "b":
        return MISFIT
    if array is MISFIT or array.dtype.kind not in "biuf":
        return MISFIT if array is MISFIT or array.dtype.kind != "O" else _array_like(numbers_of(value))
    return value


LETTERS: Final = {  # of NumPy's types that are taken for the one asked for
    np.float64: ("biuf", "numbers"),
    np.int64: ("biuf", "whole numbers"),
    np.uint64: ("u", "whole numbers"),
    np.bool_: ("b", "True and False"),
}


def array_of(dtype: type) -> Kind:
    """Arrays of one type of number; lists of them are made arrays."""
    letters, words = LETTERS[dtype]

    def take(value: Any) -> Any:
        array = value if type(value) is np.ndarray and value.dtype.kind != "O" else numbers_of(value)
        if array is MISFIT or array.dtype.kind not in letters:
            return MISFIT
        if dtype is np.int64 and array.dtype.kind == "f":
            return array.astype(dtype) if np.isfinite(array).all() and (array == np.trunc(array)).all() else MISFIT
        return array if type(value) is np.ndarray and dtype is not np.float64 else array.astype(dtype, copy=False)

    return Kind(f"an array of {words}", take)


ANYTHING = Kind("anything", lambda value: value)
NUMBER = Kind("a number", number, lambda value: "" if not _too_large(value) else "a float goes to 1.8e308")
WHOLE = Kind("a whole number", whole, lambda value: "" if not _too_large(value) else f"at most {LARGEST}")
FLAG = Kind("True or False", _flag)
TEXT = Kind("text", lambda value: value if isinstance(value, str) else MISFIT)
NOTHING = Kind("None", lambda value: value if value is None else MISFIT)
ARRAY_LIKE = Kind("an array of numbers", _array_like)


def _too_large(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, NO_WHOLE) and abs(int(value)) > LARGEST


def function(places: int | None) -> Kind:
    """Functions that can be called with so many arguments; None is any number."""

    def misfits(value: Any) -> str:
        if places is None:
            return ""
        try:
            inspect.signature(value).bind(*[None] * places)
        except TypeError:
            return f"it must take {places} argument{'s' * (places != 1)}"
        except ValueError:  # a function of C without a signature
            return ""
        return ""

    def take(value: Any) -> Any:
        return MISFIT if not callable(value) or isinstance(value, type) or misfits(value) else value

    return Kind(
        "a function", take, lambda value: instance_of(value) or (misfits(value) if callable(value) else "")
    )


def instance(type_: type) -> Kind:
    """Instances of a class."""
    settings = getattr(type_, "__dataclass_fields__", None)
    words = f"{type_.__name__}()" if settings == {} else article(type_.__name__)

    def take(value: Any) -> Any:
        if not isinstance(value, type_):
            return MISFIT
        refuse_overrides(value)
        return value

    return Kind(
        "a numpy Generator" if type_ is np.random.Generator else words,
        take,
        lambda value: instance_of(value) or REMEDIES.get(type_.__name__, ""),
    )


def protocol(type_: type, members: Mapping[str, bool]) -> Kind:
    """Instances of any class with the members of a protocol; `members` says which are methods."""
    known: set[type] = set()

    def has(value: Any, name: str, method: bool) -> bool:
        try:
            return callable(getattr(value, name)) or not method
        except InputError:  # it has its own words
            raise
        except Exception:  # an attribute of the user's may fail in its own way
            return False

    def lacks(value: Any) -> list[str]:
        return [name for name, method in members.items() if not has(value, name, method)]

    def take(value: Any) -> Any:
        if type(value) in known:
            return held(value, members)
        if isinstance(value, type) or lacks(value):
            return MISFIT
        refuse_overrides(value)
        if not lacks(type(value)):  # what a class has, all its instances have
            known.add(type(value))
        return held(value, members)

    def why(value: Any) -> str:
        missing = [] if isinstance(value, type) else lacks(value)
        needed = f"it has no {', '.join(f'`{name}`' for name in missing)}" if missing else ""
        remedy = REMEDIES.get(type_.__name__, "")
        return instance_of(value) or "; ".join(part for part in (needed, remedy) if part)

    return Kind(article(type_.__name__), take, why, frozenset(members))


def sequence(item: Kind) -> Kind:
    """Lists, tuples and arrays of values of one kind."""

    def take(value: Any) -> Any:
        if isinstance(value, str) and item is TEXT:  # one letter each
            return value
        if not _is_list(value):
            return MISFIT
        if isinstance(value, np.ndarray) and item is NUMBER:
            return value if value.ndim == 1 and value.dtype.kind in "iuf" else MISFIT
        return MISFIT if any(item.take(x) is MISFIT for x in value) else value

    return Kind(f"a list of {plural(item.words)}", take)


def fixed(items: Sequence[Kind], endless: bool) -> Kind:
    """Tuples with a kind for each place, or of any length with one kind; lists and arrays are made tuples."""

    def take(value: Any) -> Any:
        if not _is_list(value) or not (endless or len(value) == len(items)):
            return MISFIT
        places = [items[0]] * len(value) if endless else items
        taken = [kind.take(x) for kind, x in zip(places, value, strict=True)]
        if any(x is MISFIT for x in taken):
            return MISFIT
        return value if isinstance(value, tuple) and all(map(_same, value, taken)) else tuple(taken)

    if endless:
        return Kind(f"a tuple of {plural(items[0].words)}", take)
    return Kind(f"a tuple of {' and '.join(kind.words for kind in items)}", take)


def _same(first: object, second: object) -> bool:
    return first is second


def _is_list(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim > 0 and not isinstance(value, np.ma.MaskedArray)
    return isinstance(value, Sequence) and not isinstance(value, (str, *BYTES))


def mapping(key: Kind, item: Kind) -> Kind:
    """Mappings from values of one kind to values of another."""

    def take(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return MISFIT
        wrong = any(key.take(k) is MISFIT or item.take(v) is MISFIT for k, v in value.items())
        return MISFIT if wrong else value

    def why(value: Any) -> str:
        if not isinstance(value, Mapping):
            return ""
        wrong = [k for k, v in value.items() if item.take(v) is MISFIT]
        return f"{shown(wrong[0])} names {shown(value[wrong[0]])}" if wrong else ""

    return Kind(f"a mapping from {key.words} to {item.words}", take, why)


def either(kinds: Sequence[Kind]) -> Kind:
    """Values of any of several kinds."""
    methods = frozenset[str]().union(*(kind.methods for kind in kinds))

    def take(value: Any) -> Any:
        for kind in kinds:
            taken = kind.take(value)
            if taken is not MISFIT:
                if methods:
                    refuse_overrides(value, methods)
                return taken
        return MISFIT

    def why(value: Any) -> str:
        return next((said for kind in kinds if (said := kind.why(value))), "")

    words = list(dict.fromkeys(kind.words for kind in kinds))
    return Kind(" or ".join(words), take, why, methods)
