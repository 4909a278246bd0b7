"""Schemes that integrate a Langevin equation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from theory.arrays import Array
from theory.errors import require
from theory.langevin import Ito, Langevin, Stratonovich
from theory.paths.kernels import euler_maruyama
from theory.walkers import Stepper


class Scheme(Protocol):
    """A way to advance a block of paths."""

    strong_order: ClassVar[float]
    weak_order: ClassVar[float]

    def begin(self, sde: Langevin, w: Array, dt: float, stream: np.random.Generator, torus: Array) -> Stepper:
        """A function that advances positions w (d, n) in place; `torus` (2, d) is (lower, period or 0)."""
        ...


@dataclass(frozen=True)
class EulerMaruyama:
    """w <- w + b dt + sqrt(2 D) dW with the Ito drift b: strong order 1/2, weak order 1.

    Where D is constant the strong order is 1. It is a map in discrete time: where dt times the curvature
    exceeds 2 it leaves minima that the equation never leaves, so compare two step sizes.

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, section 10.2.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0

    def begin(self, sde: Langevin, w: Array, dt: float, stream: np.random.Generator, torus: Array) -> Stepper:
        """See `Scheme`: compiled where the equation is a formula, through NumPy otherwise."""
        if sde.compiled is None:
            return _numpy_euler_maruyama(sde, w, dt, stream, torus)
        field = sde.compiled.kernel
        components = len(sde.compiled.expressions)
        channels = components // sde.dim - 1
        scratch = np.empty((components, w.shape[1]))
        noise = np.empty((channels, w.shape[1]))

        def advance(steps: int) -> None:
            euler_maruyama(field, stream, w, scratch, noise, torus, steps, dt)

        return advance


def _numpy_euler_maruyama(
    sde: Langevin, w: Array, dt: float, stream: np.random.Generator, torus: Array
) -> Stepper:
    """The same steps from the same stream through the vectorised functions of the equation."""
    lower, period = torus

    def advance(steps: int) -> None:
        with np.errstate(over="ignore", invalid="ignore"):  # diverged walkers are counted, not hidden
            for _ in range(steps):
                points = w.T
                root = sde.diffusion.root(points)
                noise = stream.standard_normal((root.shape[-1], w.shape[1])).T
                push = np.einsum("nik,nk->ni", root, noise)
                w[:] = (points + dt * sde.drift(points) + math.sqrt(2 * dt) * push).T
                for axis in np.flatnonzero(period):
                    w[axis] -= period[axis] * np.floor((w[axis] - lower[axis]) / period[axis])

    return advance


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

    def __post_init__(self) -> None:
        known = ("itoEuler", "itoSRI2", "stratHeun", "stratSRS2")
        require(self.name in known, f"an sdeint scheme must be one of {', '.join(known)}, got {self.name!r}")

    def begin(self, sde: Langevin, w: Array, dt: float, stream: np.random.Generator, torus: Array) -> Stepper:
        """See `Scheme`."""
        require(not torus[1].any(), "sdeint has no periodic domain; take EulerMaruyama()")
        reading = Ito if self.name.startswith("ito") else Stratonovich
        require(
            isinstance(sde.interpretation, reading),
            f"sdeint's {self.name} solves the {reading.__name__} equation, "
            f"got {type(sde.interpretation).__name__}; choose the scheme that fits",
        )
        require(
            reading is Ito or sde.dim == 1,
            f"sdeint's {self.name} needs one dimension, got {sde.dim}: beyond, Stratonovich's equation depends on "
            "the factor of D, and the package's reading is another; take EulerMaruyama()",
        )
        try:
            import sdeint
        except ImportError:
            require(False, "the scheme Sdeint needs the package sdeint; pip install 'gibbsgap[sdeint]'")
        integrate = getattr(sdeint, self.name)
        ordinary = Langevin(sde.landscape, sde.diffusion, Ito(), sde.extra_drift)

        def drift(point: Array, _: float) -> Array:
            return ordinary.drift(point)

        def spread(point: Array, _: float) -> Array:
            return math.sqrt(2) * sde.diffusion.root(point)

        def advance(steps: int) -> None:
            channels = sde.diffusion.root(w.T[:1]).shape[-1]
            increments = math.sqrt(dt) * stream.standard_normal((steps, channels, w.shape[1]))
            times = np.arange(steps + 1) * dt
            extra = np.random.Generator(stream.bit_generator)  # iterated integrals, after the increments
            for walker in range(w.shape[1]):
                path = integrate(drift, spread, w[:, walker], times, dW=increments[:, :, walker], generator=extra)
                w[:, walker] = path[-1]

        return advance
