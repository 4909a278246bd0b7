"""Samplers by name, or from a file of the user's."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from compare.calibration.scoring import LawSampler
from theory.base.errors import InputError, require
from theory.learning import HMC, UnadjustedLangevin

OWN = "sampler"  # name in a file of the user's
STEP = 0.1  # of samplers without acceptance
SHIPPED: dict[str, Any] = {
    "hmc": HMC(),
    "mala": HMC(1),
    "sgld": UnadjustedLangevin(STEP / 10),
    "psgld": UnadjustedLangevin(STEP, preconditioned=True),
    "unadjusted": UnadjustedLangevin(1.0),  # a control: steps that are too long
}


def sampler_named(name: str) -> LawSampler:
    """One that ships, or `sampler` of a Python file.

    Raises
    ------
    InputError
        If there is no such sampler, or the file does not run or holds none.
    """
    if name in SHIPPED:
        return SHIPPED[name]  # type: ignore[no-any-return]
    path = Path(name)
    require(
        path.suffix == ".py" and path.is_file(),
        f"a sampler must be {', '.join(SHIPPED)} or a Python file with a `{OWN}`, got {name!r}; check its name",
    )
    try:
        held: Any = runpy.run_path(str(path)).get(OWN)
    except (Exception, SystemExit) as error:  # whatever the user's file does wrong
        raise InputError(
            f"{name!r} must be a Python file that runs, it raises {type(error).__name__}: {error}; correct it"
        ) from error
    require(
        callable(getattr(held, "run", None)),
        f"{name!r} must hold `{OWN}` with a method `run(potential, start, stream, *, steps, burn_in, save_every, "
        f"progress)`, got {type(held).__name__}; define it",
    )
    return held  # type: ignore[no-any-return]
