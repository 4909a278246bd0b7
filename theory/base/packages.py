"""The packages that are ours: what comes from elsewhere is the user's or a library's."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from theory.base.errors import InputError

OURS: Final = ("theory", "simulate", "compare")


def module_is_ours(name: object) -> bool:
    """Whether the module of this name belongs to them; None, which objects without a module have, does not."""
    return str(name).partition(".")[0] in OURS


def install_line(extra: str) -> str:
    """How to install what this `extra` names: no registry has gibbsgap, a checkout does."""
    return f"`pip install '.[{extra}]'` in a checkout of gibbsgap"


def optional_package(name: str, what: str) -> Any:
    """A package that not everybody has; `what` needs it, and an extra of its name installs it.

    Raises
    ------
    InputError
        If it is not there.
    """
    try:
        return import_module(name)
    except ImportError:
        raise InputError(f"{what} needs the package {name}; {install_line(name)}") from None
