"""What the package says when it refuses."""

from __future__ import annotations


class InputError(ValueError):
    """A mistake in what the user gave: one line with the requirement, the value found and the remedy."""

    def __init__(self, message: str = "") -> None:
        super().__init__(" ".join(message.split()))  # an array in a message may have brought line breaks


class CallError(InputError, TypeError):
    """A call with too few arguments, too many, or one of another name."""


class MomentWarning(UserWarning):
    """A moment of a law that the box decides, as the law reaches a side like a power of the distance."""


def require(condition: bool, message: str) -> None:
    """Raise `InputError` with `message` unless `condition` holds."""
    if not condition:
        raise InputError(message)
