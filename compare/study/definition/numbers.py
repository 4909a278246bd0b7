"""The numbers of a study that may be changed one by one, as by a sweep."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from compare.study.definition.bounds import Bounds
from compare.study.definition.scalars import is_number
from compare.study.definition.table import NEEDED, Key, Several, Table
from compare.study.definition.tables import of_a_network, of_laws
from compare.study.definition.value import Path, Value
from theory.base.errors import require


@dataclass(frozen=True)
class NumericKey:
    """A number of a study.

    Parameters
    ----------
    path
        The steps to it: names of tables and keys, and places in lists and arrays of tables, from 0.
    value
        What the study has there, by default where it leaves it out; None where nothing stands for it.
    bounds, whole, even
        Between what it may lie, and whether it must be a whole number, an even one.
    meaning, unit
        As in docs/studies.md.
    """

    path: Path
    value: float | None
    bounds: Bounds
    whole: bool
    even: bool = False
    meaning: str = field(default="", repr=False)
    unit: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The path with dots, such as `sgd.noise.std` or `grid.lower.0`."""
        return ".".join(map(str, self.path))

    def put(self, table: Mapping[str, Any], value: float) -> dict[str, Any]:
        """A copy of the study `table` with `value` there; a whole number may come as a float without a fraction.

        Raises
        ------
        InputError
            If `value` is out of bounds, or not whole where it must be.
        """
        number = value.item() if isinstance(value, np.generic) else value
        ends = f" {self.bounds}" if str(self.bounds) else ""
        wanted = f"{'an even' if self.even else 'a whole' if self.whole else 'a'} number{ends}"
        fine = (
            is_number(number)
            and number in self.bounds
            and (not self.whole or number % (2 if self.even else 1) == 0)
        )
        require(fine, f"`{self.name}` must be {wanted}, got {number!r}")
        changed = copy.deepcopy(dict(table))
        inner: Any = changed
        *way, last = self.path
        for step in way:
            inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[step]
        inner[last] = int(number) if self.whole else float(number)
        return changed


def numeric_keys(table: Mapping[str, Any]) -> dict[str, NumericKey]:
    """Every number of the study `table` that may be changed, by its name.

    Those that it leaves out are there where a default stands for them, and where a table that it does not have
    needs nothing else, such as `posterior.examples`. Numbers in formulas are none of its own.
    """
    whole = of_a_network() if "network" in table else of_laws()
    return {found.name: found for found in _within(table, whole, ())}


def _within(entries: Mapping[str, Any], table: Table, path: Path) -> Iterator[NumericKey]:
    for key in table.of(table.kind_of(entries)):
        here = (*path, key.name)
        if isinstance(key.value, Value):
            yield from _of_value(entries, key, here)
            continue
        inner = key.value.table if isinstance(key.value, Several) else key.value
        given = entries.get(key.name)
        if isinstance(given, Mapping):
            yield from _within(given, inner, here)
        elif isinstance(given, list):
            tables = [(place, one) for place, one in enumerate(given) if isinstance(one, Mapping)]
            for place, one in tables:
                yield from _within(one, inner, (*here, place))
        elif isinstance(key.value, Table):
            yield from _alone(inner, here)


def _of_value(entries: Mapping[str, Any], key: Key, path: Path) -> Iterator[NumericKey]:
    default = None if key.default is NEEDED else key.default
    given = entries.get(key.name, default)
    if key.only_if is not None and entries.get(key.only_if[0]) != key.only_if[1]:
        return
    assert isinstance(key.value, Value)
    for leaf in key.value.leaves(given):
        value = given
        for step in leaf.path:
            value = value[step]
        if value is None or is_number(value):
            yield NumericKey((*path, *leaf.path), value, leaf.bounds, leaf.whole, leaf.even, key.meaning, key.unit)


def _alone(table: Table, path: Path) -> Iterator[NumericKey]:
    """Numbers of a table that is not there which make it whole alone."""
    if table.kinds or any(not isinstance(key.value, Value) for key in table.keys):
        return
    for key in table.keys:
        if all(other is key or other.default is not NEEDED for other in table.keys):
            yield from _of_value({}, key, (*path, key.name))
