"""Keywords that a record of options holds, where a function is called past the face of its package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from theory.base.errors import CallError
from theory.base.hints import nearest


def unexpected(function: str, name: str, known: Iterable[str]) -> str:
    """What to say of a keyword that a function does not know: in Python's words, with the nearest that it does."""
    close = nearest(name, known)
    return f"{function}() got an unexpected keyword argument {name!r}" + (
        "" if close is None else f"; did you mean `{close}`?"
    )


def require_known(function: str, options: Mapping[str, object], record: type) -> None:
    """Refuse options that are not in their record, which Python itself would take.

    Raises
    ------
    CallError
        If there is one of no such name.
    """
    for name in options:
        if name not in record.__annotations__:
            raise CallError(unexpected(function, name, record.__annotations__))
