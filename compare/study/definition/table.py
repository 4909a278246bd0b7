"""The keys of a study and the tables that hold them, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from compare.study.definition.scalars import Choice
from compare.study.definition.value import Value

NEEDED: Final = object()  # the default of a key that has none


@dataclass(frozen=True)
class Key:
    """A key: what it holds, what it means, and what stands for it where it is left out.

    Parameters
    ----------
    default
        NEEDED where it cannot be left out; None where nothing stands for it, as `otherwise` says in words.
    unit
        Of its numbers; nothing where they have none.
    only_if
        Another key of the table and the value of it that this one needs; with any other it is unknown.
    """

    name: str
    value: Value | Table | Several
    meaning: str
    default: Any = NEEDED
    otherwise: str = ""
    unit: str = ""
    only_if: tuple[str, str] | None = None


@dataclass(frozen=True)
class Table:
    """A table: its `keys`, and those that only some `kinds` of it have.

    Parameters
    ----------
    by
        The key that says the kind. None: the first key of each kind does, of which a table has exactly one.
    """

    meaning: str
    keys: tuple[Key, ...] = ()
    kinds: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    by: Key | None = None

    def kind_of(self, entries: Mapping[str, Any]) -> str | None:
        """The kind that `entries` are of; None where they do not say one that there is."""
        if self.by is not None:
            kind = entries.get(self.by.name, self.by.default)
            return kind if isinstance(kind, str) and kind in self.kinds else None
        return next((kind for kind, keys in self.kinds.items() if keys[0].name in entries), None)

    def of(self, kind: str | None) -> tuple[Key, ...]:
        """All keys of a table of this kind, the one that says it included."""
        return (*(() if self.by is None else (self.by,)), *self.keys, *self.kinds.get(kind or "", ()))

    def key(self, name: str, kind: str | None = None) -> Key:
        """The key called `name` of a table of this kind; of any, where a table does not say its kind."""
        kinds = (kind,) if kind is not None else tuple(self.kinds) or (None,)
        return next(key for one in kinds for key in self.of(one) if key.name == name)

    def kinds_with(self, name: str) -> tuple[str, ...]:
        """The kinds that have a key `name`; none where no kind has, or all do."""
        return tuple(kind for kind, keys in self.kinds.items() if any(key.name == name for key in keys))

    def everything(self) -> Iterator[tuple[Key, tuple[str, ...]]]:
        """Every key with the kinds that have it, none where all have; keys that kinds share come once."""
        yield from ((key, ()) for key in self.of(None))
        shared: dict[str, list[tuple[Key, list[str]]]] = {}
        for kind, keys in self.kinds.items():
            for key in keys:
                same = shared.setdefault(key.name, [])
                known = next((kinds for one, kinds in same if one == key), None)
                if known is None:
                    same.append((key, [kind]))
                else:
                    known.append(kind)
        yield from ((key, tuple(kinds)) for same in shared.values() for key, kinds in same)


@dataclass(frozen=True)
class Several:
    """One table or an array of up to `most`, any number where that is None.

    Where they may be `named`, the name of a kind stands for a table that says nothing else.
    """

    table: Table
    most: int | None = None
    named: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The kinds whose name may stand for a table: those that need no key."""
        plain = {kind: all(key.default is not NEEDED for key in keys) for kind, keys in self.table.kinds.items()}
        return tuple(kind for kind, alone in plain.items() if alone and self.named)


def by_kind(meaning: str, said: str, kinds: Mapping[str, tuple[Key, ...]], default: Any = NEEDED) -> Table:
    """A table whose key `kind` says which keys it has; `said` is what that key means."""
    return Table(meaning, kinds=kinds, by=Key("kind", Choice(tuple(kinds)), said, default))
