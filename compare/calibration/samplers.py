"""Samplers by name, or from a file or a module of the user's."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from compare.calibration.scoring import LawSampler
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.packages import optional_package
from theory.learning import HMC, NUTS, UnadjustedLangevin

OWN = "sampler"  # name in a file of the user's
STEP = 0.1  # of samplers without acceptance
SHIPPED: dict[str, Any] = {
    "hmc": HMC(),
    "mala": HMC(1),
    "nuts": NUTS(),
    "sgld": UnadjustedLangevin(STEP / 10),
    "psgld": UnadjustedLangevin(STEP, preconditioned=True),
    "unadjusted": UnadjustedLangevin(1.0),  # a control: steps that are too long
}


@dataclass(frozen=True)
class CalledSampler:
    """A function of the user's with the arguments of `run`."""

    function: Callable[..., Any]

    def run(self, potential: Any, start: Array, stream: np.random.Generator, **numbers: Any) -> Any:
        """What the function gives."""
        return self.function(potential, start, stream, **numbers)


def sampler_named(name: str) -> LawSampler:
    """One that ships, `sampler` of a Python file, or `module:name`.

    Of the latter two an object with a method `run`, or a function with its arguments.

    Raises
    ------
    InputError
        If there is no such sampler, what it needs is not installed, or the file does not run or holds none.
    """
    if name in SHIPPED:
        for package in getattr(SHIPPED[name], "packages", ()):
            optional_package(package, f"the sampler {name}")
        return SHIPPED[name]  # type: ignore[no-any-return]
    held = _held(name)
    if callable(held) and not isinstance(held, type) and not hasattr(held, "run"):
        return CalledSampler(held)
    require(
        callable(getattr(held, "run", None)) and not isinstance(held, type),
        f"{name!r} must hold `{OWN}` with a method `run(potential, start, stream, *, steps, burn_in, save_every, "
        f"progress)`, got {type(held).__name__}; define it",
    )
    return held  # type: ignore[no-any-return]


def source_of(name: str) -> Path | None:
    """The file that holds a sampler of the user's; None where it ships, or has no file."""
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


def _held(name: str) -> Any:
    """What a file or a module of the user's holds by this name."""
    path, (module, colon, attribute) = Path(name), name.partition(":")
    is_file = path.suffix == ".py" and path.is_file()
    require(
        is_file or bool(module and colon and attribute),
        f"a sampler must be {', '.join(SHIPPED)}, a Python file with a `{OWN}`, or module:name, got {name!r}; "
        "check its name",
    )
    try:
        if is_file:
            return runpy.run_path(str(path)).get(OWN)
        return getattr(import_module(module), attribute)
    except (Exception, SystemExit) as error:  # whatever the user's code does wrong
        raise InputError(
            f"{name!r} must be Python that runs, it raises {type(error).__name__}: {error}; correct it"
        ) from error
