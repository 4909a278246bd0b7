"""Code of the user's, whose errors are told in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from theory.base.arguments.words import shown
from theory.base.errors import InputError

LOSS: Final = "loss of the network"  # what messages call it
Result = TypeVar("Result")


def attempt(what: str, call: Callable[[], Result]) -> Result:
    """What `call` gives, in which the network runs on `what`.

    Raises
    ------
    InputError
        If it raises anything.
    """
    try:
        return call()
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"the {LOSS} must run on {what}, it raised {type(error).__name__}({shown(str(error))}); mend it there"
        ) from error
