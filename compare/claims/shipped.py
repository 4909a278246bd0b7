"""The claims there are: those that ship, a folder for each source, and those of a user's file."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module, resources
from importlib.resources.abc import Traversable
from pathlib import Path

from compare.claims.definition import Claim
from theory.base.errors import InputError, require
from theory.base.hints import hint

SOURCES = ("sticky", "random_motion", "fine_tuned_noise", "soul_of_sgd", "published", "recent")
MODULE = re.compile(r"(([a-z])(\d+))_\w+\.py")


@cache
def shipped_modules() -> Mapping[str, tuple[str, str]]:
    """The folder and the module of every claim that ships, by identifier, in the order of the sources."""
    found = {}
    for source in SOURCES:
        here = []
        for file in _folder(source).iterdir():
            matched = MODULE.fullmatch(file.name)
            if matched:
                here.append((int(matched[3]), matched[1].upper(), file.name.removesuffix(".py")))
        found.update({identifier: (source, module) for _, identifier, module in sorted(here)})
    return found


def shipped_claim(identifier: str) -> Claim:
    """The claim that ships under this identifier.

    Raises
    ------
    InputError
        If there is none.
    """
    known = shipped_modules()
    name = identifier.upper()
    remedy = hint(name, known, "see gibbsgap claims --list")
    require(name in known, f"there must be a claim {identifier!r}, there is none; {remedy}")
    source, module = known[name]
    home = import_module(f"compare.claims.{source}.{module}")
    found = [value for value in vars(home).values() if isinstance(value, Claim)]
    assert [one.identifier for one in found] == [name], f"{module} holds one claim, {name}"
    return found[0]


def shipped_claims(identifiers: Iterable[str] | None = None) -> dict[str, Claim]:
    """The claims that ship, or those of the identifiers given, by identifier.

    Raises
    ------
    InputError
        If there is no such claim.
    """
    asked = shipped_modules() if identifiers is None else identifiers
    return {one.identifier: one for one in map(shipped_claim, asked)}


def claims_of_file(path: Path) -> dict[str, Claim]:
    """The claims that a Python file of the user's holds, by identifier.

    The file is run once, and again after it was changed; it may import what lies beside it.

    Raises
    ------
    InputError
        If the file cannot be read or run, holds no claim, or one with the identifier of another or of one that
        ships, in whatever letters.
    """
    require(
        path.is_file(),
        f"a file of claims must be a readable Python file, {str(path)!r} is not one; check its name",
    )
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(f"a file of claims must be readable, {str(path)!r} is not: {error.strerror}") from None
    return dict(_held(path.absolute(), text))


@cache
def _held(path: Path, text: bytes) -> Mapping[str, Claim]:
    """The claims of the file at `path` when it holds `text`."""
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        names = runpy.run_path(str(path))
    except (Exception, SystemExit) as error:  # whatever the user's file does wrong
        raise InputError(
            f"{str(path)!r} must be a Python file that runs, it raises {type(error).__name__}: {error}; correct it"
        ) from error
    every = {id(value): value for value in names.values() if isinstance(value, Claim)}.values()
    found = [one for one in every if not one.function.__module__.startswith("compare.claims.")]  # imported ones
    require(len(found) > 0, f"{str(path)!r} must hold a function under @claim, it holds none; write one")
    taken = [one.identifier.upper() for one in found]
    twice = sorted({one.identifier for one in found if taken.count(one.identifier.upper()) > 1})
    require(
        not twice,
        f"{str(path)!r} must give every claim its own identifier, {', '.join(twice)} comes twice; rename one",
    )
    shipped = [one.identifier for one in found if one.identifier.upper() in shipped_modules()]
    require(
        not shipped,
        f"{str(path)!r} must not use identifiers of claims that ship, got {', '.join(shipped)}; choose others",
    )
    return {one.identifier: one for one in found}


def text_of(identifier: str) -> bytes:
    """The source of a claim that ships."""
    source, module = shipped_modules()[identifier]
    return (_folder(source) / f"{module}.py").read_bytes()


def _folder(source: str) -> Traversable:
    return resources.files("compare") / "claims" / source
