"""Names that were changed: the old ones go on, with a warning."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from theory.base.errors import CallError

RENAMED = "__renamed__"
Thing = TypeVar("Thing", bound=Callable[..., Any])


def renamed(**names: str) -> Callable[[Thing], Thing]:
    """Let the keywords `old="new"` of a public function or class be given by their old names, which warn.

    Where arguments are checked (`theory.base.arguments`) they are given on by their new names.
    """

    def mark(thing: Thing) -> Thing:
        setattr(thing, RENAMED, names)
        return thing

    return mark


def warn_renamed(old: str, new: str) -> None:
    """The `DeprecationWarning` of an old name, at the line that used it: two calls above this one."""
    warnings.warn(f"`{old}` is `{new}` now; use that name", DeprecationWarning, stacklevel=3)


def by_new_names(names: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The keywords of a call by their new names.

    Raises
    ------
    InputError
        If both names of one argument are given.
    """
    for old in names.keys() & given.keys():
        new = names[old]
        if new in given:
            raise CallError(f"`{old}` is the old name of `{new}`, got both; give `{new}` only")
        warnings.warn(f"`{old}` is `{new}` now; use that name", DeprecationWarning, stacklevel=3)
    return {names.get(name, name): value for name, value in given.items()}


class OldName:
    """An old name of the attribute `new`, to stand in the class beside it."""

    def __init__(self, new: str) -> None:
        self.new = new

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        warn_renamed(f"{type(instance).__name__}.{self.name}", self.new)
        return getattr(instance, self.new)
