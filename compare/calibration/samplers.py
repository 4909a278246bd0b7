"""Samplers by name, or from a file or a module of the user's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from compare.calibration.held import held_by
from compare.calibration.scoring import LawSampler
from theory.base.arrays import Array
from theory.base.errors import require
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
    held = held_by(name, OWN, "a sampler", ", ".join(SHIPPED))
    if callable(held) and not isinstance(held, type) and not hasattr(held, "run"):
        return CalledSampler(held)
    require(
        callable(getattr(held, "run", None)) and not isinstance(held, type),
        f"{name!r} must hold `{OWN}` with a method `run(potential, start, stream, *, steps, burn_in, save_every, "
        f"progress)`, got {type(held).__name__}; define it",
    )
    return held  # type: ignore[no-any-return]
