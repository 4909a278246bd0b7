"""What the package says when it refuses."""

from __future__ import annotations


class InputError(ValueError):
    """A mistake in what the user gave: one line with the requirement, the value found and the remedy."""


def require(condition: bool, message: str) -> None:
    """Raise `InputError` with `message` unless `condition` holds."""
    if not condition:
        raise InputError(message)
