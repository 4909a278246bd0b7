"""A second opinion: the package sdeint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.packages import install_line
from theory.equations import Ito, Langevin, Stratonovich
from theory.laws.walkers import Begin, Stepper
from theory.paths.scheme import PathEquation, Setting, require_first_order


@dataclass(frozen=True)
class Sdeint:
    """A scheme of the package sdeint by its name, on the increments that `EulerMaruyama` would draw.

    Ito schemes `itoEuler`, `itoSRI2`, Stratonovich schemes `stratHeun`, `stratSRS2`; one path at a time in plain
    Python, as a second opinion on the kernels. sdeint is an optional extra (GPL).

    Raises
    ------
    InputError
        If the name is unknown, sdeint is missing, or the scheme's reading of the noise is not the equation's.
    """

    name: str

    strong_order: ClassVar[float] = 0.5  # at least; sdeint's schemes differ
    weak_order: ClassVar[float] = 1.0
    joins: ClassVar[bool] = True

    def __post_init__(self) -> None:
        known = ("itoEuler", "itoSRI2", "stratHeun", "stratSRS2")
        require(self.name in known, f"an sdeint scheme must be one of {', '.join(known)}, got {self.name!r}")

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme, or sdeint is not installed.
        """
        require(setting.target is None, "sdeint does not look for arrivals; take EulerMaruyama()")
        require(not setting.domain[2].any(), "sdeint has no periodic domain and no walls; take EulerMaruyama()")
        langevin = require_first_order(sde, self)
        reading = Ito if self.name.startswith("ito") else Stratonovich
        require(
            isinstance(langevin.interpretation, reading),
            f"sdeint's {self.name} solves the {reading.__name__} equation, "
            f"got {type(langevin.interpretation).__name__}; choose the scheme that fits",
        )
        require(
            reading is Ito or sde.dim == 1,
            f"sdeint's {self.name} needs one dimension, got {sde.dim}: beyond, Stratonovich's equation depends on "
            "the factor of D, and the package's reading is another; take EulerMaruyama()",
        )
        try:
            import sdeint
        except ImportError:
            require(False, f"the scheme Sdeint needs the package sdeint; {install_line('sdeint')}")
        integrate = getattr(sdeint, self.name)
        ordinary = Langevin(langevin.landscape, sde.diffusion, Ito(), langevin.extra_drift)

        def drift(point: Array, _: float) -> Array:
            return ordinary.drift(point)

        def spread(point: Array, _: float) -> Array:
            return math.sqrt(2) * sde.diffusion.root(point)

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            def advance(steps: int) -> None:
                channels = sde.diffusion.root(w.T[:1]).shape[-1]
                numbers = stream.standard_normal((steps, setting.joined, channels, w.shape[1])).sum(axis=1)
                increments = setting.spread * numbers
                times = np.arange(steps + 1) * setting.dt
                extra = np.random.Generator(stream.bit_generator)  # iterated integrals, after the increments
                with np.errstate(all="ignore"):  # diverged walkers are counted, not hidden
                    for walker in range(w.shape[1]):
                        own = increments[:, :, walker]
                        w[:, walker] = integrate(drift, spread, w[:, walker], times, dW=own, generator=extra)[-1]

            return advance

        return begin
