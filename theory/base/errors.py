"""What the package says when it refuses."""

from __future__ import annotations

import re
from typing import Final

LONGEST_MESSAGE = 900  # characters of a message
ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")  # where an object lies in memory: it tells nobody anything


class InputError(ValueError):
    """A mistake in what the user gave: one line with the requirement, the value found and the remedy."""

    def __init__(self, message: str = "") -> None:
        super().__init__(_one_line(message))


def _one_line(message: str) -> str:
    """`message` without the line breaks, the addresses and the length that a value in it may have brought."""
    line = in_one_line(message)
    return (
        line
        if len(line) <= LONGEST_MESSAGE
        else f"{line[: LONGEST_MESSAGE // 2]} ... {line[-LONGEST_MESSAGE // 3 :]}"
    )


def in_one_line(text: str) -> str:
    """`text` without line breaks, and without the addresses that Python shows objects by."""
    return re.sub(r"\s+", " ", ADDRESS.sub("", text)).strip()


class CallError(InputError, TypeError):
    """A call with too few arguments, too many, or one of another name."""


class MomentWarning(UserWarning):
    """A moment of a law that the box decides, as the law reaches a side like a power of the distance."""


def require(condition: bool, message: str) -> None:
    """Raise `InputError` with `message` unless `condition` holds.

    Raises
    ------
    InputError
        If it does not.
    """
    if not condition:
        raise InputError(message)
