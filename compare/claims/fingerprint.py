"""What a judgement depends on: the claim's code, the code it runs, its parameters and the versions."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import compare
import simulate
import theory
from compare.claims.shipped import MODULE, SOURCES

PACKAGES = ("gibbsgap", "numpy", "scipy", "numba", "sympy", "mpmath", "POT")
NO_PART = ("compare/figures/", "compare/command_line/", "compare/studies/", "compare/page/")  # of any number
FOLDERS = tuple(f"compare/claims/{source}/" for source in SOURCES)


@cache
def versions() -> Mapping[str, str]:
    """The versions of the packages whose numbers a judgement may follow, and of Python."""
    return {name: metadata.version(name) for name in PACKAGES} | {"python": platform.python_version()}


def fingerprint(text: bytes, size: str, parameters: Mapping[str, Any], seed: int) -> str:
    """The SHA-256 of all that a judgement depends on; `text` is the source of its claim."""
    content = {
        "claim": hashlib.sha256(text).hexdigest(),
        "sources": _sources(),
        "size": size,
        "parameters": {name: _whole(value) for name, value in parameters.items()},
        "seed": seed,
        "versions": dict(versions()),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def forget() -> None:
    """Read the sources again when they are asked for next: somebody may have changed them meanwhile."""
    _sources.cache_clear()


def _whole(value: Any) -> str:
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


@cache
def _sources() -> str:
    """The SHA-256 of all sources that numbers can come from, but for the claims, each of which counts its own.

    What several claims share, in a folder of a source, counts for all.
    """
    found = hashlib.sha256()
    for package in (theory, simulate, compare):
        assert package.__file__ is not None
        root = Path(package.__file__).parent
        for path in sorted(root.rglob("*.py")):
            name = path.relative_to(root.parent).as_posix()
            if name.startswith(NO_PART) or (name.startswith(FOLDERS) and MODULE.fullmatch(path.name)):
                continue
            found.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
