"""What a key of a study may hold: how it is checked, and how a JSON Schema and a document say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from compare.study.definition.bounds import Bounds

Path = tuple[str | int, ...]


class Leaf(NamedTuple):
    """A number inside a value: the steps that lead to it, its bounds, and whether it is whole, or even."""

    path: Path
    bounds: Bounds
    whole: bool
    even: bool = False


class Value:
    """A kind of value; those below say what they take."""

    def fits(self, value: Any) -> bool:
        """Whether a value is meant to be of this kind, in bounds or not."""
        raise NotImplementedError

    def read(self, value: Any, where: str) -> Any:
        """The value, or a refusal if it is something else or out of bounds; `where` names its key in messages."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        raise NotImplementedError

    def __str__(self) -> str:
        """The same in a document."""
        raise NotImplementedError

    def leaves(self, value: Any) -> Iterator[Leaf]:
        """The numbers that `value` holds; of a key that is left out, `value` is None."""
        yield from ()
