"""Classes of the user's that extend one of these packages': what they override, nobody would call."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import TypeVar

from theory.base.arguments.answers import class_is_ours
from theory.base.errors import InputError

OPEN = "__open__"
Type = TypeVar("Type", bound=type)


def open_to_overrides(type_: Type) -> Type:
    """Declare that the methods of a class are called wherever its instances are taken, whoever overrides them."""
    setattr(type_, OPEN, True)
    return type_


@cache
def overridden(type_: type, methods: frozenset[str] = frozenset()) -> tuple[str, str] | None:
    """A member that a class of the user's overrides, and the class of these packages that it extends; else None.

    `methods` are those that an object of the user's own would be called with: nobody calls them of a class that
    extends one of these packages.
    """
    shipped = [base for base in type_.__mro__ if class_is_ours(base)]
    if not shipped or shipped[0] is type_ or getattr(type_, OPEN, False):
        return None
    known = methods.union(*(_members(base) for base in shipped))
    for base in type_.__mro__[: type_.__mro__.index(shipped[0])]:
        for name in vars(base):
            if name in known:
                return name, shipped[0].__name__
    return None


def _members(type_: type) -> set[str]:
    """Names in a class but those that Python gives a meaning, and settings: an instance has its own."""
    settings = [field.name for field in fields(type_)] if is_dataclass(type_) else []
    return {name for name in vars(type_) if name not in settings and not _is_inherent(name)}


def _is_inherent(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name != "__call__"


def refuse_overrides(value: object, methods: frozenset[str] = frozenset()) -> None:
    """Refuse an instance whose class overrides what compiled loops take from the class that it extends.

    Raises
    ------
    InputError
        If there is such a member (`overridden`).
    """
    found = overridden(type(value), methods)  # type: ignore[arg-type] # a class has a hash
    if found is not None:
        name, parent = found
        raise InputError(
            f"`{type(value).__name__}` must leave the methods of {parent} as they are, it has a `{name}` of its "
            f"own, which compiled loops do not call; write a class that does not extend {parent}, as "
            "docs/extending.md shows"
        )
