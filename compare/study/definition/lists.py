"""Values of a study that are lists, or one of several kinds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from compare.study.definition.bounds import ANY, POSITIVE, Bounds
from compare.study.definition.scalars import SIZES, Choice, Number, Text, Whole, is_extreme, is_number, is_whole
from compare.study.definition.value import Leaf, Value
from theory.base.errors import InputError, require
from theory.base.hints import hint


@dataclass(frozen=True)
class Numbers(Value):
    """A list of `fewest` to `most` finite numbers within `bounds`, which say POSITIVE or nothing."""

    bounds: Bounds = ANY
    fewest: int = 1
    most: int | None = None

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return isinstance(value, list) and len(value) > 0 and all(map(is_number, value))

    def read(self, value: Any, where: str) -> list[float]:
        """See `Value`. Raises `InputError`."""
        extreme = isinstance(value, list) and any(map(is_extreme, value))
        sizes = f" {SIZES}" if extreme else ""
        require(self.fits(value), f"{where} must be a list of finite numbers{sizes}, got {value!r}")
        inside = all(number in self.bounds for number in value)
        require(inside, f"{where} must be positive and finite, got {value!r}")
        require(
            len(value) >= self.fewest and (self.most is None or len(value) <= self.most),
            f"{where} must have {self._length}, got {len(value)}",
        )
        return [float(number) for number in value]

    @property
    def _length(self) -> str:
        if self.most == self.fewest:
            return f"{self.fewest} numbers"
        return f"{self.fewest} or more numbers" if self.most is None else f"{self.fewest} to {self.most} numbers"

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        found = {"type": "array", "items": Number(self.bounds).schema(), "minItems": self.fewest}
        return found if self.most is None else found | {"maxItems": self.most}

    def __str__(self) -> str:
        items = "positive numbers" if self.bounds == POSITIVE else "numbers"
        many = "" if self.fewest == 1 and self.most is None else f"{self.fewest} "
        more = (
            "" if not many or self.most == self.fewest else "or more " if self.most is None else f"to {self.most} "
        )
        return f"list of {many}{more}{items}"

    def leaves(self, value: Any) -> Iterator[Leaf]:
        """See `Value`."""
        for place in range(len(value) if isinstance(value, list) else 0):
            yield Leaf((place,), self.bounds, whole=False)


@dataclass(frozen=True)
class Rows(Value):
    """A list of lists of finite numbers, all of one length: `columns`, or as many as rows where `square`."""

    columns: int | None = None
    square: bool = False

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return isinstance(value, list) and len(value) > 0 and all(map(Numbers().fits, value))

    def read(self, value: Any, where: str) -> list[list[float]]:
        """See `Value`. Raises `InputError`."""
        fine = isinstance(value, list) and len(value) > 0
        require(fine, f"{where} must be a list of lists, got {value!r}")
        rows = [Numbers().read(row, where) for row in value]
        lengths = {len(row) for row in rows}
        require(len(lengths) == 1, f"{where} must have rows of one length, got {value!r}")
        require(not self.square or lengths == {len(rows)}, f"{where} must be a square matrix, got {value!r}")
        if self.columns is not None:
            require(lengths == {self.columns}, f"{where} must have rows of {self.columns} numbers, got {value!r}")
        return rows

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        row = Numbers(fewest=self.columns or 1, most=self.columns)
        return {"type": "array", "items": row.schema(), "minItems": 1}

    def __str__(self) -> str:
        if self.square:
            return "square matrix"
        return "rows of numbers" if self.columns is None else f"rows of {self.columns} numbers"

    def leaves(self, value: Any) -> Iterator[Leaf]:
        """See `Value`."""
        for place, row in enumerate(value if isinstance(value, list) else []):
            for leaf in Numbers().leaves(row):
                yield leaf._replace(path=(place, *leaf.path))


@dataclass(frozen=True)
class Wholes(Value):
    """A list of whole numbers from `least` on."""

    least: int = 1

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return isinstance(value, list) and len(value) > 0 and all(map(is_whole, value))

    def read(self, value: Any, where: str) -> list[int]:
        """See `Value`. Raises `InputError`."""
        require(self.fits(value), f"{where} must be a list of whole numbers, got {value!r}")
        require(min(value) >= self.least, f"{where} must be at least {self.least} each, got {value!r}")
        return list(value)

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        return {"type": "array", "items": {"type": "integer", "minimum": self.least}, "minItems": 1}

    def __str__(self) -> str:
        return f"list of whole numbers ≥ {self.least}"

    def leaves(self, value: Any) -> Iterator[Leaf]:
        """See `Value`."""
        for place in range(len(value) if isinstance(value, list) else 0):
            yield from (leaf._replace(path=(place,)) for leaf in Whole(self.least).leaves(None))


@dataclass(frozen=True)
class Items(Value):
    """A list, not empty, of values of one kind: texts or flags."""

    item: Value

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return isinstance(value, list) and len(value) > 0 and all(map(self.item.fits, value))

    def read(self, value: Any, where: str) -> list[Any]:
        """See `Value`. Raises `InputError`."""
        require(self.fits(value), f"{where} must be a {self}, got {value!r}")
        return list(value)

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        return {"type": "array", "items": self.item.schema(), "minItems": 1}

    def __str__(self) -> str:
        return "list of texts" if isinstance(self.item, Text) else "list of them"


@dataclass(frozen=True)
class Either(Value):
    """A value of one of several kinds, in `words`."""

    kinds: tuple[Value, ...]
    words: str

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return any(kind.fits(value) for kind in self.kinds)

    def read(self, value: Any, where: str) -> Any:
        """See `Value`. Raises `InputError`."""
        for kind in self.kinds:
            if kind.fits(value):
                return kind.read(value, where)
        raise InputError(f"{where} must be {self.words}, got {value!r}")

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        return {"anyOf": [kind.schema() for kind in self.kinds]}

    def __str__(self) -> str:
        return self.words

    def leaves(self, value: Any) -> Iterator[Leaf]:
        """See `Value`."""
        for kind in self.kinds:
            if kind.fits(value):
                yield from kind.leaves(value)
                return


@dataclass(frozen=True)
class Names(Value):
    """A list of different `options`, one of them, or `everything`, which stands for them all."""

    options: tuple[str, ...]
    everything: str

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        names = value if isinstance(value, list) else [value]
        return len(names) > 0 and all(isinstance(name, str) for name in names)

    def read(self, value: Any, where: str) -> list[str]:
        """See `Value`. Raises `InputError`."""
        among, every = (*self.options, self.everything), self.everything
        listed = ", ".join(self.options)
        require(self.fits(value), f"{where} must be a list among {listed}, or {every!r}, got {value!r}")
        names: list[str] = value if isinstance(value, list) else [value]
        for name in names:
            if name not in among:
                remedy = hint(name, among, f"choose among {', '.join(among)}")
                raise InputError(f"{where} holds {name!r}, which is unknown; {remedy}")
        require(len(set(names)) == len(names), f"{where} must be different, got {value!r}")
        alone = every not in names or len(names) == 1
        require(alone, f"{where} must be {every!r} alone or a list of methods, got {value!r}")
        return list(names)

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        several = {"type": "array", "items": Choice(self.options).schema(), "minItems": 1, "uniqueItems": True}
        alone = {"type": "array", "items": {"const": self.everything}, "minItems": 1, "maxItems": 1}
        return {"anyOf": [Choice((*self.options, self.everything)).schema(), several, alone]}

    def __str__(self) -> str:
        return f'list among {Choice(self.options)}, or `"{self.everything}"`'
