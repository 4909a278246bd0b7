"""Tables of a study file, read key by key so that nothing is misspelt, missing or left over in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compare.study.definition.table import NEEDED, Key, Several, Table
from compare.study.definition.value import Value
from theory.base.errors import InputError, require
from theory.base.hints import hint, nearest


class Section:
    """One table of a study as `table` defines it; every reader takes a key away, and `close` refuses what is left.

    Raises
    ------
    InputError
        If the entries are no table.
    """

    def __init__(self, entries: Any, table: Table, name: str = "study") -> None:
        require(isinstance(entries, Mapping), f"[{name}] of a study must be a table, got {entries!r}")
        self._entries = dict(entries)
        self._table = table
        self._kind = table.kind_of(entries) if table.by is not None else None
        self._known: list[str] = []
        self.name = name

    def where(self, key: str) -> str:
        """The key with its table, for messages."""
        return f"`{key}`" if self.name == "study" else f"`{key}` in [{self.name}]"

    def __contains__(self, key: str) -> bool:
        self._known.append(key)
        return key in self._entries

    def own_kind(self) -> str:
        """The kind that the table says it is of.

        Raises
        ------
        InputError
            If it says none, or one that is unknown.
        """
        assert self._table.by is not None
        return str(self.read(self._table.by.name))

    def read(self, key: str) -> Any:
        """What the table has under `key`, checked, or what stands for it by definition.

        Raises
        ------
        InputError
            If it is missing and needed, something else, or out of bounds.
        """
        defined = self._defined(key)
        assert isinstance(defined.value, Value)
        found = self._take(defined)
        return found if found is None or found is defined.default else defined.value.read(found, self.where(key))

    def _defined(self, key: str) -> Key:
        return self._table.key(key, self._kind)

    def _take(self, key: Key) -> Any:
        self._known.append(key.name)
        if key.name in self._entries:
            return self._entries.pop(key.name)
        needed = key.default is NEEDED
        require(not needed, f"a study needs {self.where(key.name)}, it is missing{self._near(key.name)}")
        return key.default

    def _near(self, key: str) -> str:
        close = nearest(key, self._entries)
        return "" if close is None else f"; is {close!r} misspelt?"

    def number(self, key: str) -> float:
        """A number."""
        return float(self.read(key))

    def whole(self, key: str) -> int:
        """A whole number."""
        return int(self.read(key))

    def text(self, key: str) -> str:
        """A text, or one of several."""
        return str(self.read(key))

    def flag(self, key: str) -> bool:
        """True or false."""
        return bool(self.read(key))

    def numbers(self, key: str) -> list[float]:
        """A list of numbers."""
        return list(self.read(key))

    def rows(self, key: str) -> list[list[float]]:
        """A list of lists of numbers, all of one length."""
        return list(self.read(key))

    def section(self, key: str) -> Section | None:
        """The table `key`, or None; within a table it is named as TOML does, [table.key]."""
        entries = self._take(self._defined(key))
        return None if entries is None else self._below(key, entries)

    def needed(self, key: str) -> Section:
        """The table `key`, which must be there.

        Raises
        ------
        InputError
            If it is missing.
        """
        found = self.section(key)
        if found is None:
            raise InputError(f"a study needs {self.where(key)}, it is missing{self._near(key)}")
        return found

    def several(self, key: str) -> list[Section]:
        """The table `key`, or those of an array of tables, or of names of kinds; none where there is no such key.

        Raises
        ------
        InputError
            If it is something else, or there are too many.
        """
        defined, name = self._defined(key), self._inner(key)
        assert isinstance(defined.value, Several)
        value, most = self._take(defined), defined.value.most
        if value is None:
            return []
        tables = value if isinstance(value, list) else [value]
        by = defined.value.table.by
        if defined.value.named and by is not None:
            fine = all(isinstance(one, str | Mapping) for one in tables)
            require(fine, f"[{name}] must be a table or a name such as {defined.value.names[0]!r}, got {value!r}")
            tables = [{by.name: one} if isinstance(one, str) else one for one in tables]
        many, got = ("several", value) if most is None else (f"up to {most}", len(tables))
        fine = len(tables) > 0 and (most is None or len(tables) <= most)
        require(fine, f"[{name}] must be a table or {many}, got {got}")
        return [self._below(key, table) for table in tables]

    def _below(self, key: str, entries: Any) -> Section:
        value = self._defined(key).value
        table = value.table if isinstance(value, Several) else value
        assert isinstance(table, Table)
        return Section(entries, table, self._inner(key))

    def _inner(self, key: str) -> str:
        return key if self.name == "study" else f"{self.name}.{key}"

    def close(self) -> None:
        """Refuse keys that nobody asked for, naming the nearest that means something.

        Raises
        ------
        InputError
            If there is such a key.
        """
        for key in self._entries:
            kinds = self._table.kinds_with(key)
            if kinds:
                what = "tables with" if self._table.by is None else f"{self._table.by.name}"
                told = f"{what} {' or '.join(f'`{kind}`' for kind in kinds)}, this one is another"
                raise InputError(f"a study has no key {self.where(key)} here; it belongs to {told}")
            remedy = hint(key, self._known, f"known are {', '.join(sorted(set(self._known)))}")
            raise InputError(f"a study has no key {self.where(key)}; {remedy}")
