"""What the package says when it refuses."""

from __future__ import annotations

LONGEST = 900  # characters of a message


class InputError(ValueError):
    """A mistake in what the user gave: one line with the requirement, the value found and the remedy."""

    def __init__(self, message: str = "") -> None:
        super().__init__(_one_line(message))


def _one_line(message: str) -> str:
    """`message` without the line breaks and the length that a value in it may have brought."""
    line = " ".join(message.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST // 2]} ... {line[-LONGEST // 3 :]}"


class CallError(InputError, TypeError):
    """A call with too few arguments, too many, or one of another name."""


class MomentWarning(UserWarning):
    """A moment of a law that the box decides, as the law reaches a side like a power of the distance."""


def require(condition: bool, message: str) -> None:
    """Raise `InputError` with `message` unless `condition` holds."""
    if not condition:
        raise InputError(message)
