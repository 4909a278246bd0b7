"""What to advise for a name that is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of the known names that looks most like `name`, None where none does."""
    return next(iter(get_close_matches(name, list(known), n=1)), None)


def hint(name: str, known: Iterable[str], otherwise: str) -> str:
    """The question whether the nearest of the known names is meant; `otherwise` where none looks like it."""
    close = nearest(name, known)
    return otherwise if close is None else f"did you mean {close!r}?"
