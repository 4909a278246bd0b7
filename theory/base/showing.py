"""How objects show themselves: by the call that makes them again, or by their numbers in one line."""

from __future__ import annotations

import math
from dataclasses import MISSING, fields
from enum import Enum
from typing import Any, Final

import numpy as np

from theory.base.arguments.words import repr_of
from theory.base.errors import in_one_line
from theory.base.estimate import Estimate

WIDEST: Final = 160  # characters of one fact of an object that tells
MOST: Final = 6  # numbers of an array that are shown one by one


def as_call(value: Any) -> str:
    """`Name(field=...)` of a dataclass, without fields at their defaults: it evaluates to an equal object."""
    parts = [
        f"{one.name}={argument(getattr(value, one.name))}"
        for one in fields(value)
        if one.init and one.repr and not _at_default(one, getattr(value, one.name))
    ]
    return f"{type(value).__name__}({', '.join(parts)})"


def told(name: str, **facts: Any) -> str:
    """`Name(fact=number, ...)`: one line with the numbers that matter; facts that are None are left out."""
    parts = [f"{key}={_fact(fact)}" for key, fact in facts.items() if fact is not None]
    return f"{name}({', '.join(parts)})"


def span(values: Any) -> str:
    """The least and the largest of an array, as `0 to 2.5`; NaN only where there is nothing else."""
    array = np.asarray(values, dtype=np.float64)
    known = array[~np.isnan(array)]
    ends = [f"{end:.6g}" for end in (known.min(), known.max())] if known.size else ["nan"]
    return " to ".join(dict.fromkeys(ends))


def place(point: Any) -> str:
    """A point of the line as a number, another as `(x, y)`."""
    numbers = ", ".join(f"{x:.6g}" for x in np.atleast_1d(point))
    return numbers if np.size(point) == 1 else f"({numbers})"


def argument(value: Any) -> str:
    """A value as it stands in a call: arrays as lists of all their digits, functions by their names."""
    if isinstance(value, np.ndarray | np.generic):
        return argument(value.tolist())
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        inner = ", ".join(map(argument, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, Estimate):
        return f"Estimate({', '.join(map(argument, value))})"
    if type(value) is float:
        return repr(value) if math.isfinite(value) else f"float('{value}')"
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if callable(value) and hasattr(value, "__qualname__") and not isinstance(value, type):
        return str(value.__qualname__).rpartition("<locals>.")[2]
    return in_one_line(repr_of(value))


def _at_default(one: Any, value: Any) -> bool:
    default = one.default if one.default_factory is MISSING else one.default_factory()
    return default is value or (type(default) is type(value) and bool(np.all(default == value)))


def _fact(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Estimate):
        return repr(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        return _numbers(value)
    text = argument(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def _numbers(values: Any) -> str:
    if values.size > MOST:
        return f"{span(values.real)} of shape {values.shape}"
    if values.ndim == 0:
        return f"{values.item():.6g}"
    return f"[{', '.join(_numbers(value) for value in np.asarray(values))}]"
