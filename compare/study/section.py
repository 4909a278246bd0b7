"""Tables of a study file, read key by key so that nothing is misspelt, missing or left over in silence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from theory.base.errors import InputError, require
from theory.base.hints import hint, nearest

REQUIRED = object()
LARGEST = 1e50  # squares and products of sizes from 1 / LARGEST to LARGEST neither overflow nor vanish


def is_number(value: Any) -> bool:
    """Whether `value` is a finite number whose size, if not 0, can be computed with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == 0 or 1 / LARGEST <= abs(value) <= LARGEST


def _is_extreme(value: Any) -> bool:
    """Whether `value` is a number, but of a size that cannot be computed with."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and not is_number(value) and abs(value) < math.inf


class Section:
    """One table of a study; every reader takes a key away, and `close` refuses what is left.

    Raises
    ------
    InputError
        If the entries are no table.
    """

    def __init__(self, entries: Any, name: str) -> None:
        require(isinstance(entries, Mapping), f"[{name}] of a study must be a table, got {entries!r}")
        self._entries = dict(entries)
        self._known: list[str] = []
        self.name = name

    def where(self, key: str) -> str:
        """The key with its table, for messages."""
        return f"`{key}`" if self.name == "study" else f"`{key}` in [{self.name}]"

    def __contains__(self, key: str) -> bool:
        self._known.append(key)
        return key in self._entries

    def take(self, key: str, default: Any = REQUIRED) -> Any:
        """The raw value of `key`.

        Raises
        ------
        InputError
            If it is missing and has no default.
        """
        self._known.append(key)
        if key in self._entries:
            return self._entries.pop(key)
        require(default is not REQUIRED, f"a study needs {self.where(key)}, it is missing{self._near(key)}")
        return default

    def _near(self, key: str) -> str:
        close = nearest(key, self._entries)
        return "" if close is None else f"; is {close!r} misspelt?"

    def number(
        self, key: str, default: Any = REQUIRED, *, positive: bool = False, least: float = -math.inf
    ) -> float:
        """A finite number, above 0 if `positive`, at least `least`.

        Raises
        ------
        InputError
            If it is missing or something else.
        """
        value = self.take(key, default)
        fine = is_number(value) and value >= least and (value > 0 or not positive)
        wanted = "positive and finite" if positive else "a finite number"
        wanted += f", at least {least:g}" if least > -math.inf else ""
        wanted += f", of size {1 / LARGEST:g} to {LARGEST:g}" if _is_extreme(value) else ""
        require(fine, f"{self.where(key)} must be {wanted}, got {value!r}")
        return float(value)

    def whole(self, key: str, default: Any = REQUIRED, *, least: int = 1, most: int = 10**12) -> int:
        """A whole number, at least `least` and at most `most`.

        Raises
        ------
        InputError
            If it is missing or something else.
        """
        value = self.take(key, default)
        fine = isinstance(value, int) and not isinstance(value, bool) and value >= least
        require(fine, f"{self.where(key)} must be a whole number, at least {least}, got {value!r}")
        require(value <= most, f"{self.where(key)} must be at most {most}, got {value}; reduce it")
        return int(value)

    def text(self, key: str, default: Any = REQUIRED) -> str:
        """A text.

        Raises
        ------
        InputError
            If it is missing or something else.
        """
        value = self.take(key, default)
        require(isinstance(value, str), f"{self.where(key)} must be a text, got {value!r}")
        return str(value)

    def choice(self, key: str, options: Sequence[str], default: Any = REQUIRED) -> str:
        """One of `options`; the nearest is offered for a misspelt one.

        Raises
        ------
        InputError
            If it is missing or none of them.
        """
        value = self.text(key, default)
        if value not in options:
            remedy = hint(value, options, f"choose among {', '.join(options)}")
            raise InputError(f"{self.where(key)} is {value!r}, which is unknown; {remedy}")
        return value

    def numbers(self, key: str, default: Any = REQUIRED) -> list[float]:
        """A list of finite numbers.

        Raises
        ------
        InputError
            If it is missing or something else.
        """
        value = self.take(key, default)
        fine = isinstance(value, list) and len(value) > 0
        fine = fine and all(map(is_number, value))
        extreme = isinstance(value, list) and any(map(_is_extreme, value))
        sizes = f" of size {1 / LARGEST:g} to {LARGEST:g}" if extreme else ""
        require(fine, f"{self.where(key)} must be a list of finite numbers{sizes}, got {value!r}")
        return [float(v) for v in value]

    def rows(self, key: str, default: Any = REQUIRED) -> list[list[float]]:
        """A list of lists of finite numbers, all of one length.

        Raises
        ------
        InputError
            If it is missing or something else.
        """
        value = self.take(key, default)
        require(
            isinstance(value, list) and len(value) > 0, f"{self.where(key)} must be a list of lists, got {value!r}"
        )
        rows = [Section({key: row}, self.name).numbers(key) for row in value]
        require(
            len({len(row) for row in rows}) == 1, f"{self.where(key)} must have rows of one length, got {value!r}"
        )
        return rows

    def texts(self, key: str) -> str | list[str] | None:
        """A text, a list of texts, or nothing.

        Raises
        ------
        InputError
            If it is something else.
        """
        value = self.take(key, None)
        fine = value is None or isinstance(value, str)
        fine = fine or (isinstance(value, list) and len(value) > 0 and all(isinstance(v, str) for v in value))
        require(fine, f"{self.where(key)} must be a text or a list of texts, got {value!r}")
        return value  # type: ignore[no-any-return]

    def section(self, key: str) -> Section | None:
        """The table `key`, or None; within a table it is named as TOML does, [table.key]."""
        entries = self.take(key, None)
        return None if entries is None else Section(entries, self._inner(key))

    def needed(self, key: str) -> Section:
        """The table `key`, which must be there."""
        return Section(self.take(key), self._inner(key))

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
            remedy = hint(key, self._known, f"known are {', '.join(sorted(set(self._known)))}")
            raise InputError(f"a study has no key {self.where(key)}; {remedy}")
