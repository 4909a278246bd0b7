"""Single values of a study: numbers, texts, choices and flags."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from compare.study.definition.bounds import ANY, POSITIVE, Bounds
from compare.study.definition.value import Leaf, Value
from theory.base.errors import InputError, require
from theory.base.hints import hint

LARGEST = 1e50  # squares and products of sizes from 1 / LARGEST to LARGEST neither overflow nor vanish
SIZES = f"of size {1 / LARGEST:g} to {LARGEST:g}"
MOST_WHOLE = 10**12


def is_number(value: Any) -> bool:
    """Whether `value` is a finite number whose size, if not 0, can be computed with."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == 0 or 1 / LARGEST <= abs(value) <= LARGEST


def is_extreme(value: Any) -> bool:
    """Whether `value` is a number, but of a size that cannot be computed with."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and not is_number(value) and abs(value) < math.inf


def is_whole(value: Any) -> bool:
    """Whether `value` is a whole number, written as one."""
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True)
class Number(Value):
    """A finite number within `bounds`."""

    bounds: Bounds = ANY

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return is_number(value)

    def read(self, value: Any, where: str) -> float:
        """See `Value`. Raises `InputError`."""
        bounds = self.bounds
        if bounds.closed and is_number(value):
            lie = f"between {bounds.least:g} and {bounds.most:g}" if bounds.above and bounds.below else str(bounds)
            require(value in bounds, f"{where} must lie {lie}, got {value!r}")
        wanted = "positive and finite" if bounds == POSITIVE else "a finite number"
        wanted += f", at least {bounds.least:g}" if bounds.least > -math.inf and not bounds.above else ""
        wanted += f", {SIZES}" if is_extreme(value) else ""
        require(is_number(value) and value in bounds, f"{where} must be {wanted}, got {value!r}")
        return float(value)

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        return {"type": "number", "minimum": -LARGEST, "maximum": LARGEST} | self.bounds.schema()

    def __str__(self) -> str:
        return f"number {self.bounds}".strip()

    def leaves(self, value: Any) -> Iterator[Leaf]:
        """See `Value`."""
        yield Leaf((), self.bounds, whole=False)


@dataclass(frozen=True)
class Whole(Value):
    """A whole number from `least` to `most`; even where `even`."""

    least: int = 1
    most: int = MOST_WHOLE
    even: bool = False

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return is_whole(value)

    def read(self, value: Any, where: str) -> int:
        """See `Value`. Raises `InputError`."""
        fine = is_whole(value) and value >= self.least
        require(fine, f"{where} must be a whole number, at least {self.least}, got {value!r}")
        require(value <= self.most, f"{where} must be at most {self.most}, got {value}; reduce it")
        require(not self.even or value % 2 == 0, f"{where} must be even, got {value}")
        return int(value)

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        found = {"type": "integer", "minimum": self.least, "maximum": self.most}
        return found | ({"multipleOf": 2} if self.even else {})

    def __str__(self) -> str:
        kind = "even number" if self.even else "whole number"
        return f"{kind} ≥ {self.least}" if self.most == MOST_WHOLE else f"{kind}, {self.least} to {self.most}"

    def leaves(self, value: Any) -> Iterator[Leaf]:
        """See `Value`."""
        yield Leaf((), Bounds(self.least, self.most), whole=True, even=self.even)


@dataclass(frozen=True)
class Flag(Value):
    """True or false."""

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return isinstance(value, bool)

    def read(self, value: Any, where: str) -> bool:
        """See `Value`. Raises `InputError`."""
        require(isinstance(value, bool), f"{where} must be true or false, got {value!r}")
        return bool(value)

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        return {"type": "boolean"}

    def __str__(self) -> str:
        return "true or false"


@dataclass(frozen=True)
class Text(Value):
    """A text; one line with something on it where `line`."""

    line: bool = False

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return isinstance(value, str)

    def read(self, value: Any, where: str) -> str:
        """See `Value`. Raises `InputError`."""
        require(isinstance(value, str), f"{where} must be a text, got {value!r}")
        fine = not self.line or (value.strip() != "" and value.isprintable())
        require(fine, f"{where} must be a line of text, got {value!r}")
        return str(value)

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        return {"type": "string"} | ({"pattern": r"^[^\n]*\S[^\n]*$"} if self.line else {})

    def __str__(self) -> str:
        return "text"


@dataclass(frozen=True)
class Choice(Value):
    """One of `options`; the nearest is offered for a misspelt one."""

    options: tuple[str, ...]

    def fits(self, value: Any) -> bool:
        """See `Value`."""
        return value in self.options

    def read(self, value: Any, where: str) -> str:
        """See `Value`. Raises `InputError`."""
        text = Text().read(value, where)
        if text not in self.options:
            remedy = hint(text, self.options, f"choose among {', '.join(self.options)}")
            raise InputError(f"{where} is {text!r}, which is unknown; {remedy}")
        return text

    def schema(self) -> dict[str, Any]:
        """See `Value`."""
        return {"type": "string", "enum": list(self.options)}

    def __str__(self) -> str:
        return ", ".join(f'`"{option}"`' for option in self.options)
