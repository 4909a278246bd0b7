"""What numbers depend on beside their parameters: the sources that may make them, and the versions."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import compare
import simulate
import theory

PACKAGES = ("gibbsgap", "numpy", "scipy", "numba", "sympy", "mpmath", "POT")
NO_PART = ("compare/figures/", "compare/command_line/", "compare/studies/", "compare/page/")  # of any number


@cache
def versions() -> Mapping[str, str]:
    """The versions of the packages whose numbers a result may follow, and of Python."""
    return {name: metadata.version(name) for name in PACKAGES} | {"python": platform.python_version()}


@cache
def sources_digest(spared: Callable[[str], bool]) -> str:
    """The SHA-256 of all sources that numbers can come from, but for those whose names are `spared`."""
    found = hashlib.sha256()
    for package in (theory, simulate, compare):
        assert package.__file__ is not None
        root = Path(package.__file__).parent
        for path in sorted(root.rglob("*.py")):
            name = path.relative_to(root.parent).as_posix()
            if name.startswith(NO_PART) or spared(name):
                continue
            found.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def forget() -> None:
    """Read the sources again when they are asked for next: somebody may have changed them meanwhile."""
    sources_digest.cache_clear()


def whole(value: Any) -> str:
    """A value as text that leaves nothing out, as `repr` does of long arrays and of hidden fields."""
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):
        return repr(_parts(value))


def _parts(value: Any) -> Any:
    """A value, where it has parts with these and their names."""
    if isinstance(value, Mapping):
        return {repr(key): _parts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(_parts, value)]
    if isinstance(value, float):
        return float(value).hex(), getattr(value, "error", None)
    if callable(value) or not getattr(value, "__dict__", None):
        return value
    return type(value).__qualname__, _parts(vars(value))
