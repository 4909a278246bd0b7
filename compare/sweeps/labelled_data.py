"""A sweep as one labelled data set: dims named after the ranges, a variable for each number and reason."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from compare.sweeps.about import About
from compare.sweeps.journal import AT_A_TIME, Records
from compare.sweeps.ranges import Range, Value, canonical
from theory.base.arrays import Integers
from theory.base.errors import require

if TYPE_CHECKING:
    import xarray as xr

MISSING = "not run yet"
POINT = "point"  # the dim of a list of points
MOST_EMPTY = 50  # places a record, beyond which a grid holds next to nothing
SMALL = 1_000_000  # places of a grid that is made however empty it is
TEXT = "text "  # before the canonical text of a value that is one
FAILURE = "failure"
Columns: TypeAlias = Mapping[str, Sequence[str]]  # canonical texts of each number, by its name
Axes: TypeAlias = Mapping[tuple[str, ...], list[tuple[str, ...]]]  # rows of values, by the names of a dimension
WORDS = {
    "learning_rate": "learning rate", "batch_size": "batch size", "noise_std": "standard deviation of label noise",
    "input_std": "standard deviation of the inputs", "posterior_examples": "examples of the posterior",
    "data_examples": "examples of the data set", "beta": "inverse temperature of the posterior",
    "momentum": "momentum", "steps": "steps", "walkers": "walkers", "temperature": "temperature",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Layout:
    """Dims and coordinates, and the place of each record among them, -1 where it has none."""

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    coordinates: dict[str, Any]
    places: Integers

    def filled(self, parts: Sequence[tuple[Integers, Any]], empty: Any) -> tuple[tuple[str, ...], Any]:
        """A variable that is `empty` where no record of the parts (rows, values) has its place."""
        values = np.full(self.shape, empty, dtype=object if isinstance(empty, str) else np.float64)
        for rows, found in parts:
            kept = self.places[rows] >= 0
            values.flat[self.places[rows][kept]] = np.asarray(found, dtype=values.dtype)[kept]
        return self.dims, values


def as_dataset(
    records: Records, about: About, ranges: Sequence[Range] | None, *, as_points: bool = False
) -> xr.Dataset:
    """The records on the grid of the ranges, or of all values that are there; with `as_points` one after another.

    Raises
    ------
    InputError
        If a grid would be almost empty.
    """
    import xarray as xr  # half a second that only files need

    columns = _columns(records, about)
    layout = _one_after_another(columns, len(records)) if as_points else _grid(columns, about, ranges)
    data: dict[str, Any] = {}
    for name, numbers in records.floats.items():
        data[name] = (*layout.filled(numbers, math.nan), _label(about, name))
    for name, texts in records.texts.items():
        data[name] = (*layout.filled(texts, ""), _label(about, name))
    data[FAILURE] = (
        *layout.filled(_in_parts(records.failures), MISSING),
        {"long_name": "why the point has no numbers"},
    )
    return xr.Dataset(dict(sorted(data.items())), layout.coordinates, _of_all(about))


def _in_parts(texts: Sequence[str]) -> list[tuple[Integers, Sequence[str]]]:
    """Texts with their rows, a few at a time as other columns come: all at once take memory."""
    firsts = range(0, len(texts), AT_A_TIME)
    return [
        (np.arange(first, min(first + AT_A_TIME, len(texts))), texts[first : first + AT_A_TIME])
        for first in firsts
    ]


def _one_after_another(columns: Columns, points: int) -> _Layout:
    coordinates = {
        name: (POINT, _array([_value(text) for text in column]), _attributes(name))
        for name, column in columns.items()
    }
    return _Layout((POINT,), (points,), coordinates, np.arange(points))


def _grid(columns: Columns, about: About, ranges: Sequence[Range] | None) -> _Layout:
    """The layout on a grid of the ranges, or else of all values in the columns.

    Raises
    ------
    InputError
        If it would be almost empty.
    """
    if ranges is None:
        axes = {names: _axis(names, columns) for names in about.ranges}
    else:
        axes = {one.names: [tuple(map(canonical, row)) for row in one.values] for one in ranges}
    shape, points = tuple(map(len, axes.values())), len(next(iter(columns.values())))
    require(
        ranges is not None or math.prod(shape) <= max(SMALL, MOST_EMPTY * points),
        f"the points of a sweep must fill a grid, {points} of {math.prod(shape)} are there; open it with "
        "as_points=True",
    )
    return _Layout(tuple(names[0] for names in axes), shape, _coordinates(axes), _places(axes, columns))


def _columns(records: Records, about: About) -> Columns:
    """The canonical texts of each number, by name."""
    names = sorted(about.names)
    return dict(zip(names, records.numbers, strict=True)) if len(records) else dict.fromkeys(names, ())


def _axis(names: Sequence[str], columns: Columns) -> list[tuple[str, ...]]:
    """The rows of values that a dimension has, rising."""
    rows = dict.fromkeys(zip(*(columns[name] for name in names), strict=True))
    return sorted(rows, key=lambda row: [_rank(text) for text in row])


def _rank(text: str) -> tuple[bool, float, str]:
    value = _value(text)
    return (True, 0.0, value) if isinstance(value, str) else (False, float(value), "")


def _value(text: str) -> Value:
    if text.startswith(TEXT):
        return text.removeprefix(TEXT)
    return int(text) if text.removeprefix("-").isdecimal() else float(text)


def _places(axes: Axes, columns: Columns) -> Integers:
    """The place (points,) of each point on the grid, -1 where it does not lie on it."""
    total = np.zeros(len(next(iter(columns.values()))), dtype=np.int64)
    inside = np.ones(len(total), dtype=bool)
    for names, axis in axes.items():
        index = {row: place for place, row in enumerate(axis)}
        rows = zip(*(columns[name] for name in names), strict=True)
        found = np.fromiter((index.get(row, -1) for row in rows), np.int64, len(total))
        inside &= found >= 0
        total *= len(axis)
        total += found
    total[~inside] = -1
    return total


def _coordinates(axes: Axes) -> dict[str, Any]:
    return {
        name: (names[0], _array([_value(row[part]) for row in axis]), _attributes(name))
        for names, axis in axes.items()
        for part, name in enumerate(names)
    }


def _array(values: Sequence[Value]) -> NDArray[Any]:
    if any(isinstance(value, str) for value in values):
        return np.array(values, dtype=object)
    return np.array(values, dtype=np.int64 if all(isinstance(value, int) for value in values) else np.float64)


def _attributes(name: str) -> dict[str, str]:
    return {"long_name": WORDS.get(name, name), "units": "1"}


def _label(about: About, name: str) -> dict[str, str]:
    return {"long_name": about.labels.get(name, name.replace("_", " "))}


def _of_all(about: About) -> dict[str, Any]:
    return {
        "title": about.title,
        "seed": about.seed,
        "study": json.dumps(about.study, sort_keys=True),
        "measure": about.measure["name"],
        "versions": json.dumps(dict(about.versions), sort_keys=True),
        "sources": about.sources,
    }
