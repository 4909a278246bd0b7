"""The journal of a sweep: what was found at each point, as records that are there whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from sys import intern
from typing import Any

import numpy as np

from compare.sweeps.about import About
from compare.sweeps.point_record import PointRecord
from compare.sweeps.ranges import Numbers, canonical
from theory.base.arrays import Array, Integers

FILE = "journal.sqlite"
TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, content TEXT);
CREATE TABLE IF NOT EXISTS layout (number INTEGER PRIMARY KEY, floats TEXT, texts TEXT, UNIQUE (floats, texts));
CREATE TABLE IF NOT EXISTS record (point TEXT PRIMARY KEY, layout INTEGER, floats BLOB, texts TEXT, failure TEXT);
"""
PUT = "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)"
ALL = "SELECT point, floats, texts, failure FROM record WHERE layout = ? ORDER BY rowid"
DOUBLE = "<f8"
AT_A_TIME = 5000  # rows that are read together


@dataclass(frozen=True, eq=False)
class Records:
    """All records of a journal, column by column.

    Parameters
    ----------
    numbers
        A column of canonical texts for each number that names a point, in the order of the sorted names; none
        where there are no records.
    floats, texts
        Of each variable the values with the rows that have one; float values are arrays of shape (rows,).
    failures
        Of each why it failed, empty where it did not.
    """

    numbers: list[list[str]] = field(default_factory=list)
    floats: dict[str, list[tuple[Integers, Array]]] = field(default_factory=dict)
    texts: dict[str, list[tuple[Integers, list[str]]]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.failures)


class Journal:
    """Records of a sweep by point, in a file or in memory; one transaction a `put`."""

    def __init__(self, file: str, about: About | None = None) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._layouts: dict[tuple[str, str], int] = {}
        if about is not None:
            self._connection.execute("PRAGMA journal_mode = TRUNCATE")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA cache_size = -500")  # kB, a quarter of what it takes by itself
            self._connection.executescript(TABLES)
            if self.about is None:
                self._connection.execute("INSERT INTO about VALUES ('about', ?)", (about.as_json(),))

    @property
    def about(self) -> About | None:
        """What its records depend on, None in a new one."""
        found = self._connection.execute("SELECT content FROM about WHERE name = 'about'").fetchone()
        return None if found is None else About.from_json(found[0])

    def put(self, outcomes: Iterable[tuple[str, PointRecord]]) -> None:
        """Record what was found at points by their keys, all of it or, if that cannot be, nothing."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                cursor.executemany(PUT, [self._row(key, one) for key, one in outcomes])
                cursor.execute("COMMIT")
            except BaseException:
                self._layouts.clear()
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise

    def keys(self, *, failed: bool) -> set[str]:
        """The keys of all points that are there; those that failed only if asked for."""
        where = "" if failed else " WHERE failure = ''"
        return {key for (key,) in self._connection.execute(f"SELECT point FROM record{where}")}

    def records(self) -> Records:
        """All that was recorded."""
        found = Records()
        for number, floats, texts in self._connection.execute(
            "SELECT number, floats, texts FROM layout"
        ).fetchall():
            cursor = self._connection.execute(ALL, (number,))
            while rows := cursor.fetchmany(AT_A_TIME):
                _add(found, json.loads(floats), json.loads(texts), rows)
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _row(self, key: str, outcome: PointRecord) -> tuple[Any, ...]:
        names = (json.dumps(list(outcome.numbers)), json.dumps(list(outcome.texts)))
        if names not in self._layouts:
            self._connection.execute("INSERT OR IGNORE INTO layout (floats, texts) VALUES (?, ?)", names)
            found = self._connection.execute("SELECT number FROM layout WHERE floats = ? AND texts = ?", names)
            self._layouts[names] = found.fetchone()[0]
        values = np.array(list(outcome.numbers.values()), DOUBLE).tobytes()
        return key, self._layouts[names], values, json.dumps(list(outcome.texts.values())), outcome.failure


def key_of(numbers: Numbers) -> str:
    """The key of a point in a journal: its numbers, whatever their order."""
    return json.dumps([canonical(numbers[name]) for name in sorted(numbers)])


def _add(
    found: Records, floats: Sequence[str], texts: Sequence[str], rows: Sequence[tuple[str, bytes, str, str]]
) -> None:
    """Put the rows of one layout at the end of the columns."""
    places = np.arange(len(found), len(found) + len(rows))
    points = list(zip(*_parsed(row[0] for row in rows), strict=True))
    found.numbers.extend([] for _ in points[len(found.numbers) :])
    for kept, texts_of_one in zip(found.numbers, points, strict=True):
        kept.extend(map(intern, texts_of_one))
    found.failures.extend(intern(row[3]) for row in rows)
    numbers = np.frombuffer(b"".join(row[1] for row in rows), DOUBLE).reshape(len(rows), len(floats))
    for name, column in zip(floats, numbers.T, strict=True):
        found.floats.setdefault(name, []).append((places, column))
    if texts:
        for name, words in zip(texts, zip(*_parsed(row[2] for row in rows), strict=True), strict=True):
            found.texts.setdefault(name, []).append((places, list(map(intern, words))))


def _parsed(texts: Iterable[str]) -> list[Any]:
    return json.loads(f"[{','.join(texts)}]")  # type: ignore[no-any-return]
