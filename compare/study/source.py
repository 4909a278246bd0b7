"""The text of a study: one that ships with the package, or a file of the user's, read with limits."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from theory.base.errors import InputError, require
from theory.base.hints import hint

MOST_BYTES = 1_000_000
MOST_PARTS = 50  # of a dotted key; the parser's work grows with their square
PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
DOTTED = re.compile(rf"(?<![\w-]){PART}(?:[ \t]*\.[ \t]*{PART}){{{MOST_PARTS},}}")


def shipped_studies() -> dict[str, str]:
    """Names and titles of the studies that ship with the package."""
    folder = resources.files("compare") / "studies"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    return {f.name.removesuffix(".toml"): tomllib.loads(f.read_text("utf-8"))["name"] for f in files}


def study_table(name_or_path: str) -> dict[str, Any]:
    """The table of the study that ships under this name, or that a TOML file holds.

    Raises
    ------
    InputError
        If there is none, or the file is no regular file of moderate size that holds TOML.
    """
    text = _own(name_or_path) if name_or_path.endswith(".toml") else _shipped(name_or_path)
    require(
        DOTTED.search(text) is None,
        f"a key of a study may have {MOST_PARTS} dotted parts, {name_or_path!r} has one with more; shorten it",
    )
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a ValueError that is no TOMLDecodeError: thousands of digits
        raise InputError(f"a study must be TOML, {name_or_path!r} is not: {error}; correct it") from None


def unblocking(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _shipped(name: str) -> str:
    names = tuple(shipped_studies())
    remedy = hint(name, names, f"choose among {', '.join(names)}")
    require(name in names, f"a study must be a name that ships or a file ending in .toml, got {name!r}; {remedy}")
    return (resources.files("compare") / "studies" / f"{name}.toml").read_text("utf-8")


def _own(path: str) -> str:
    require(
        "\0" not in path, f"a study must be a readable file, {path!r} has a NUL in its name; see gibbsgap studies"
    )
    try:
        with open(Path(path), "rb", opener=unblocking) as file:
            require(
                stat.S_ISREG(os.fstat(file.fileno()).st_mode),
                f"a study must be a regular file, {path!r} is a pipe or a device; write it to a file",
            )
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"a study must be a readable file, {path!r} is not: {error.strerror}; see gibbsgap studies"
        ) from None
    require(
        len(content) <= MOST_BYTES,
        f"a study may have {MOST_BYTES} bytes, {path!r} has more; is it the file you mean?",
    )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"a study must be text in UTF-8, {path!r} is not: {error}; save it as UTF-8") from None
