"""The definition as the table of keys in docs/studies.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compare.study.definition.scalars import Choice
from compare.study.definition.table import NEEDED, Key, Several, Table
from compare.study.definition.tables import STUDY

HEAD = "| table | key | meaning | value | default |\n|---|---|---|---|---|\n"


def key_table() -> str:
    """Every key of a study, in Markdown: what it means, what it may be, what stands for it by default."""
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in _rows(STUDY, "", set()))


def _rows(table: Table, path: str, seen: set[str]) -> Iterator[tuple[str, ...]]:
    head = f"`[{path}]`" if path else ""
    inner: list[tuple[str, Table]] = []
    for key, kinds in table.everything():
        below = key.value.table if isinstance(key.value, Several) else key.value
        if isinstance(below, Table):
            here = f"{path}.{key.name}".lstrip(".")
            if below.meaning not in seen:
                seen.add(below.meaning)
                inner.append((here, below))
            if not path:
                continue
        yield head, f"`{key.name}`", _meaning(key, kinds), _value(key), _default(table, key, kinds)
        head = ""
    for here, below in inner:
        yield from _rows(below, here, seen)


def _meaning(key: Key, kinds: tuple[str, ...]) -> str:
    of = f"of {', '.join(f'`{kind}`' for kind in kinds)}: " if kinds and key.name not in kinds else ""
    only = f'with `{key.only_if[0]} = "{key.only_if[1]}"`: ' if key.only_if else ""
    unit = f" ({key.unit})" if key.unit and key.unit not in f"{key.name} {key.meaning}" else ""
    return f"{of}{only}{key.meaning}{unit}"


def _value(key: Key) -> str:
    if isinstance(key.value, Several):
        named = f"{Choice(key.value.names)}, " if key.value.named else ""
        return f"{named}table, or several" if key.value.most is None else f"table, or up to {key.value.most}"
    return "table" if isinstance(key.value, Table) else str(key.value).replace("|", "\\|")


def _default(table: Table, key: Key, kinds: tuple[str, ...]) -> str:
    if key.default is NEEDED:
        return "one of " + ", ".join(f"`{kind}`" for kind in table.kinds) if key.name in kinds else "needed"
    return key.otherwise if key.default is None else _shown(key.default)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{value}`".lower()
    return (
        f'`"{value}"`'
        if isinstance(value, str)
        else f"{value:g}".replace("e+0", "e")
        if isinstance(value, float)
        else str(value)
    )
