"""What a Python file or a module of the user's holds."""

from __future__ import annotations

import runpy
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from theory.base.errors import InputError, require


def held_by(name: str, own: str, what: str, shipped: str) -> Any:
    """`own` of the Python file, or what `module:name` is; `what` it should be and names that ship are for errors.

    Raises
    ------
    InputError
        If there is no such file or module, or it does not run.
    """
    path, (module, colon, attribute) = Path(name), name.partition(":")
    is_file = path.suffix == ".py" and path.is_file()
    require(
        is_file or bool(module and colon and attribute),
        f"{what} must be {shipped}, a Python file with `{own}`, or module:name, got {name!r}; check its name",
    )
    try:
        if is_file:
            return runpy.run_path(str(path)).get(own)
        return getattr(import_module(module), attribute)
    except (Exception, SystemExit) as error:  # whatever the user's code does wrong
        raise InputError(
            f"{name!r} must be Python that runs, it raises {type(error).__name__}: {error}; correct it"
        ) from error


def source_of(name: str) -> Path | None:
    """The file that holds a sampler or an estimator of the user's; None where it ships, or has no file."""
    if name.endswith(".py"):
        return Path(name)
    module, colon, _ = name.partition(":")
    if not colon:
        return None
    with suppress(ImportError, ValueError):
        found = find_spec(module)
        if found is not None and found.origin is not None and Path(found.origin).is_file():
            return Path(found.origin)
    return None
