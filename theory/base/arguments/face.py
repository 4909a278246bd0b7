"""Arguments are checked where they come in: at the public names of a package, once.

Classes are checked in place. Functions are replaced at the face only, so that the packages' own calls of each
other's functions pay nothing. The same place holds linear algebra to one thread (`theory.base.threads`).
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, wraps
from types import FunctionType
from typing import Any

from theory.base.arguments.kind import ANYTHING, Kind
from theory.base.arguments.numbers import MISFIT
from theory.base.arguments.options import unexpected
from theory.base.arguments.reading import kinds_of
from theory.base.arguments.words import shown
from theory.base.errors import CallError, InputError
from theory.base.packages import module_is_ours
from theory.base.renamed import RENAMED, by_new_names
from theory.base.threads import in_one_thread, multiplies, one_thread

CHECKED = "__checked__"
MAKERS = ("__init__", "__new__")  # of a class, whose renamed keywords are theirs
_wrapped: dict[Callable[..., Any], Callable[..., Any]] = {}


def check_faces(*modules: str) -> None:
    """Check the arguments of all public functions and classes of `modules`."""
    for module in modules:
        names = vars(sys.modules[module])
        own = [name for name, value in names.items() if getattr(value, "__module__", "") == module]
        for name in names.get("__all__", [name for name in own if not name.startswith("_")]):
            names[name] = at_face(names[name], module)


def at_face(value: Any, module: str) -> Any:
    """What the face `module` shows of a function or class: the same with its arguments checked."""
    if isinstance(value, FunctionType) and not hasattr(value, CHECKED):
        if value not in _wrapped:
            _wrapped[value] = checked(value)
            _wrapped[value].__module__ = module
        return _wrapped[value]
    if isinstance(value, type):
        for base in (*value.__mro__, *_below(value)):
            if module_is_ours(base.__module__) and CHECKED not in vars(base):
                _check_class(base)
    return value


def _below(type_: type) -> list[type]:
    """The kinds of a class that a face does not show, but answers may be of."""
    direct: list[type] = type_.__subclasses__()
    return direct + [one for kind in direct for one in _below(kind)]


def _check_class(type_: type) -> None:
    """Check what makes instances of a class, and its public methods."""
    if getattr(type_, "_is_protocol", False) or issubclass(type_, BaseException | Enum):
        return
    setattr(type_, CHECKED, True)
    for name, member in list(vars(type_).items()):
        if isinstance(member, property) and multiplies(member):
            assert member.fget is not None
            setattr(type_, name, property(in_one_thread(member.fget), member.fset, member.fdel, member.__doc__))
        elif isinstance(member, cached_property) and multiplies(member):
            member.func = in_one_thread(member.func)
        if name == "__new__":
            setattr(type_, name, checked(member.__func__, type_, skipped=1))
        elif isinstance(member, staticmethod) and not name.startswith("_"):
            setattr(type_, name, staticmethod(checked(member.__func__, type_)))
        elif isinstance(member, classmethod) and not name.startswith("_"):
            setattr(type_, name, classmethod(checked(member.__func__, type_, skipped=1)))
        elif isinstance(member, FunctionType) and (name == "__init__" or not name.startswith("_")):
            setattr(type_, name, checked(member, type_, skipped=1))


def checked(function: Callable[..., Any], owner: type | None = None, skipped: int = 0) -> Callable[..., Any]:
    """`function` with its arguments checked against its annotations and brought into their form.

    Parameters
    ----------
    owner
        The class of a method.
    skipped
        How many first parameters are no arguments: `self`.

    Raises
    ------
    InputError
        From the function returned, if an argument is not what its annotation says.
    """
    kinds: list[_Face] = []
    old: dict[str, str] | None = getattr(
        owner if owner and function.__name__ in MAKERS else function, RENAMED, None
    )

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True  # pytest shows who called
        if not kinds:  # not before the first call: by then every name in an annotation has its meaning
            kinds.append(_Face.of(function, owner, skipped))
        face = kinds[0]
        given = list(args)
        for index, (name, kind) in enumerate(face.by_place[: len(args) - skipped], skipped):
            given[index] = _taken(name, kind, args[index])
        if old is not None and not old.keys().isdisjoint(kwargs):
            kwargs = by_new_names(old, kwargs)
        for name in kwargs:
            if name in face.by_name:
                kwargs[name] = _taken(name, face.by_name[name], kwargs[name])
            elif not face.open:
                raise CallError(face.unknown(name))
        try:
            if not face.shared:
                return function(*given, **kwargs)
            with one_thread:
                return function(*given, **kwargs)
        except TypeError as error:
            inner = error.__traceback__ and error.__traceback__.tb_next
            if inner is None:  # the call itself: arguments missing, too many, or of another name
                raise CallError(f"{error}; it is called as {face.shown}") from None
            raise

    setattr(call, CHECKED, True)
    return call


@dataclass(frozen=True)
class _Face:
    """How a function is called.

    Parameters
    ----------
    by_place, by_name
        The kinds of what is given by place and by name.
    open
        Whether it takes keywords of any name.
    shared
        Whether linear algebra may follow.
    name, shown
        Its own name, and the call in a message.
    """

    by_place: tuple[tuple[str, Kind], ...]
    by_name: dict[str, Kind]
    open: bool
    shared: bool
    name: str
    shown: str

    @staticmethod
    def of(function: Callable[..., Any], owner: type | None, skipped: int) -> _Face:
        """That of `function`, a method of `owner` if that is given, without its first `skipped` parameters."""
        kinds = kinds_of(function, owner)
        parameters = list(inspect.signature(function).parameters.values())[skipped:]
        named = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        places = [(p.name, kinds.get(p.name, ANYTHING)) for p in named if p.kind is not p.KEYWORD_ONLY]
        by_name = {p.name: ANYTHING for p in named if p.kind is not p.POSITIONAL_ONLY} | kinds
        rest = [p for p in parameters if p.kind is p.VAR_KEYWORD]
        options = [name for name in by_name if name not in {p.name for p in parameters}]
        shown = [str(p.name) if p.default is p.empty else f"{p.name}=..." for p in parameters if p not in rest]
        shown += [f"{name}=..." for name in options] or [f"**{p.name}" for p in rest]
        name = owner.__name__ if owner else function.__name__
        return _Face(
            tuple(places), by_name, bool(rest) and not options, multiplies(owner or function),
            function.__qualname__, f"{name}({', '.join(shown)})",
        )  # fmt: skip

    def unknown(self, name: str) -> str:
        """What to say of a keyword that there is not."""
        return f"{unexpected(self.name, name, self.by_name)}; it is called as {self.shown}"


def _taken(name: str, kind: Kind, value: Any) -> Any:
    taken = kind.take(value)
    if taken is MISFIT:
        why = kind.why(value)
        raise InputError(f"`{name}` must be {kind.words}, got {shown(value)}{'; ' if why else ''}{why}")
    return taken
