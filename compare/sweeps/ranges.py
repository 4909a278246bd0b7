"""Ranges of numbers of a study: their names, their values, and the table of the study at one point of them."""

from __future__ import annotations

import copy
import itertools
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from theory.base.errors import InputError, require
from theory.base.hints import hint

Value: TypeAlias = float | int | str
Numbers: TypeAlias = Mapping[str, Value]

SHORT = {
    **{name: f"sgd.{name}" for name in ("learning_rate", "batch_size", "steps", "walkers", "momentum", "damping")},
    **{name: f"model.{name}" for name in ("noise_std", "input_std", "loss_scale")},
    "seed": "seed",
    "data_examples": "data.examples",
    "temperature": "noise.temperature",
    "substeps": "langevin.substeps",
    "cells": "grid.cells",
    "posterior_examples": "posterior.examples",
    "beta": "posterior.beta",
}
TABLES = ("model", "sgd", "data", "start", "noise", "langevin", "grid", "posterior", "survival")
LONG = {path: name for name, path in SHORT.items()}
TOGETHER = "+"  # between names whose numbers go together
LARGEST_WHOLE = 2**53  # a float beyond is no whole number that anybody wrote
MOST_POINTS = 10_000_000


@dataclass(frozen=True)
class Range:
    """The values of one number of a study, or of several that go together, each a row of `values`.

    Parameters
    ----------
    names
        Short names, or dotted paths; the first is that of the dimension.
    """

    names: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]

    @property
    def name(self) -> str:
        """The name of the dimension."""
        return self.names[0]


def read_ranges(given: Mapping[str, Any]) -> tuple[Range, ...]:
    """The ranges that keywords give: ``learning_rate=[...]``, or ``**{"learning_rate+steps": [(0.1, 20), ...]}``.

    Raises
    ------
    InputError
        If there is none, a name is unknown or given twice, or values are none, not finite, or do not rise.
    """
    require(len(given) > 0, "a sweep needs a range, such as learning_rate=[0.01, 0.02], got none")
    ranges = tuple(_read_range(key, values) for key, values in given.items())
    names = [name for one in ranges for name in one.names]
    twice = [name for name in names if names.count(name) > 1]
    require(not twice, f"each number of a sweep may have one range, {twice[:1]} has several; leave one out")
    points = math.prod(len(one.values) for one in ranges)
    require(points <= MOST_POINTS, f"a sweep may have {MOST_POINTS} points, got {points}; take fewer values")
    return ranges


def points_of(ranges: Sequence[Range]) -> Iterator[dict[str, Value]]:
    """The numbers of every point, the last range running fastest."""
    for rows in itertools.product(*(one.values for one in ranges)):
        yield {
            name: value
            for one, row in zip(ranges, rows, strict=True)
            for name, value in zip(one.names, row, strict=True)
        }


def path_of(name: str) -> str:
    """The dotted path of a number in the table of a study."""
    return SHORT.get(name, name)


def with_numbers(table: Mapping[str, Any], numbers: Numbers) -> dict[str, Any]:
    """The table of a study with other numbers in their places; one number fills a list of them.

    Raises
    ------
    InputError
        If there is no such place.
    """
    filled = copy.deepcopy(dict(table))
    for name, value in numbers.items():
        _put(filled, path_of(name), value)
    return filled


def without(table: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The table of a study without the numbers that are ranged over, as far as they are plain keys."""
    left = copy.deepcopy(dict(table))
    for name in names:
        *tables, key = path_of(name).split(".")
        place: Any = left
        for part in tables:
            place = place.get(part) if isinstance(place, dict) else None
        if isinstance(place, dict) and not isinstance(place.get(key), list):
            place.pop(key, None)
    return left


def canonical(value: Value) -> str:
    """A value as text, the same for 1 and 1.0."""
    if isinstance(value, str):
        return f"text {value}"
    return str(int(value)) if _is_whole(value) else repr(float(value))


def _is_whole(value: float | int) -> bool:
    return isinstance(value, int) or (value.is_integer() and abs(value) < LARGEST_WHOLE)


def _read_range(key: str, values: Any) -> Range:
    names = tuple(_read_name(part.strip()) for part in key.split(TOGETHER))
    if isinstance(values, np.ndarray):
        values = values.tolist()
    require(
        isinstance(values, Sequence) and not isinstance(values, str | bytes | bytearray),
        f"`{key}` must be a list of values, got {values!r}",
    )
    require(len(values) > 0, f"`{key}` must have at least one value, got none")
    rows = tuple(_read_row(key, names, value) for value in values)
    for before, after in itertools.pairwise(rows):
        first, second = before[0], after[0]
        if isinstance(first, str) or isinstance(second, str):
            continue
        require(
            first < second,
            f"values of `{key}` must rise, got {second!r} after {first!r}; sort them, each one once",
        )
    texts = [row[0] for row in rows if isinstance(row[0], str)]
    require(len(texts) in (0, len(rows)), f"values of `{key}` must be all numbers or all texts, got both")
    require(len(set(texts)) == len(texts), f"values of `{key}` must differ, got one twice")
    return Range(names, rows)


def _read_name(name: str) -> str:
    """The name of a number: the short one where there is one.

    Raises
    ------
    InputError
        If it is unknown, with the nearest.
    """
    name = LONG.get(name, name)
    known = name in SHORT or (name.partition(".")[0] in TABLES and "." in name and all(name.split(".")))
    remedy = hint(name, [*SHORT, *LONG], f"give one of {', '.join(SHORT)}, or a path such as sgd.noise.std")
    require(known, f"a study has no number `{name}` to range over; {remedy}")
    return name


def _read_row(key: str, names: tuple[str, ...], given: Any) -> tuple[Value, ...]:
    parts = (
        tuple(given) if len(names) > 1 and isinstance(given, Sequence) and not isinstance(given, str) else (given,)
    )
    require(len(parts) == len(names), f"each value of `{key}` must have {len(names)} parts, got {given!r}")
    return tuple(_read_value(key, part) for part in parts)


def _read_value(key: str, given: Any) -> Value:
    value = given.item() if isinstance(given, np.generic) else given
    if isinstance(value, str):
        return value
    fine = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    require(fine, f"values of `{key}` must be finite numbers, got {value!r}")
    return int(value) if _is_whole(value) else float(value)


def _put(table: dict[str, Any], path: str, value: Value) -> None:
    *tables, key = path.split(".")
    place: Any = table
    for part in tables:
        place = place.setdefault(part, {}) if isinstance(place, dict) else place[_index(place, part, path)]
    if isinstance(place, dict):
        old = place.get(key)
        flat = isinstance(old, list) and all(not isinstance(part, list | dict) for part in old)
        require(
            flat or not isinstance(old, list | dict),
            f"`{path}` must be one number of a study, it holds several; name one, such as {path}.0",
        )
        place[key] = [value] * len(old) if isinstance(old, list) else value
    else:
        place[_index(place, key, path)] = value


def _index(place: Any, part: str, path: str) -> int:
    """The index of a component in a list.

    Raises
    ------
    InputError
        If there is no list, or it has no such component.
    """
    if not isinstance(place, list):
        raise InputError(f"`{path}` must be a number of a study, before {part!r} there is no table; see the study")
    fine = part.isdecimal() and int(part) < len(place)
    require(fine, f"`{path}` must name a component from 0 to {len(place) - 1}, got {part!r}")
    return int(part)
