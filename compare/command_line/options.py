"""Types of options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from cyclopts import Parameter

MOST_DIGITS = 100


def _whole(_: Any, tokens: Sequence[Any]) -> int:
    """A whole number; the conversion that cyclopts offers would round 1.5."""
    text = str(tokens[0].value)
    if not text.removeprefix("-").isdecimal() or len(text) > MOST_DIGITS:
        raise ValueError(f"must be a whole number, got {text[:MOST_DIGITS]!r}")
    return int(text)


Whole = Annotated[int | None, Parameter(converter=_whole)]
