"""What a user's file of claims imports: files beside it, whose content counts, and packages, whose versions do."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

INSTALLED = {"site-packages", "dist-packages"}  # where packages with a version lie
OURS = {"theory", "simulate", "compare"}


def imported_by(path: Path) -> dict[str, str]:
    """The SHA-256 of every file of one's own that the file at `path` imports, and the versions of the packages.

    Imports are read and not run: those in functions count, names made up at run time do not.
    """
    found: dict[str, str] = {}
    waiting, seen = [path], {path}
    while waiting:
        for name in _names(waiting.pop().read_bytes()):
            place = _place(name)
            if place is None or place in seen:
                continue
            seen.add(place)
            if INSTALLED & set(place.parts):
                found |= {one: metadata.version(one) for one in _distributions().get(name, ())}
                continue
            files = sorted(place.parent.rglob("*.py")) if place.name == "__init__.py" else [place]
            found |= {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
            waiting += files
    return found


def _names(text: bytes) -> Iterator[str]:
    """The first parts of all modules that a source imports."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _place(name: str) -> Path | None:
    """The source of a module that is neither Python's nor counted elsewhere."""
    if name in OURS or name in sys.stdlib_module_names:
        return None
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec is not None and spec.origin and spec.origin.endswith(".py") else None


@cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()
