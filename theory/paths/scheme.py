"""What a scheme is, and what it is given: an equation, a block of walkers, steps and walls."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.equations import Langevin, Underdamped
from theory.landscapes.compiled import CompiledField
from theory.laws.walkers import Begin, Remembering
from theory.paths.block import PathBlock
from theory.tensors.spectral_field import SpectralField

PathEquation = Langevin | Underdamped
Made = TypeVar("Made")


@dataclass(frozen=True)
class Setting:
    """What is the same for all blocks of a run.

    Parameters
    ----------
    dt
        Step.
    joined
        Normal numbers that are summed into each increment.
    domain, target
        As in `PathBlock`; no target where nobody watches.
    """

    dt: float
    joined: int
    domain: Array = field(repr=False)
    target: Array | None = field(default=None, repr=False)

    @property
    def spread(self) -> float:
        """Standard deviation of one normal number's share of an increment."""
        return math.sqrt(self.dt / self.joined)

    def walk(self, w: Array, rows: int, channels: int, between: bool = True) -> PathBlock:
        """The arrays for a block at w (d, n); `between` says whether arrivals are looked for between steps."""
        dim, walkers = w.shape
        watched = self.target is not None
        target = np.zeros(4) if self.target is None else self.target.copy()
        target[3] *= between
        return PathBlock(
            w,
            np.empty((rows, walkers)),
            np.empty((channels, walkers)),
            self.domain,
            target,
            np.empty((dim, walkers if watched else 0)),
            np.full(walkers, np.nan),
            np.zeros(1),
        )


@runtime_checkable
class Scheme(Protocol):
    """A way to advance a block of paths.

    `strong_order` and `weak_order` hold for every equation that the scheme accepts; `joins` says whether its
    random numbers are Brownian increments alone, so that they can be summed.
    """

    strong_order: ClassVar[float]
    weak_order: ClassVar[float]
    joins: ClassVar[bool]

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """What begins a block: called with positions w (d, n) and a stream, it gives what advances w in place.

        Raises `InputError` where the scheme does not fit the equation.
        """
        ...


@runtime_checkable
class PathStep(Protocol):
    """A way to advance paths by one step, vectorised over the walkers; walls and arrivals are looked after."""

    def step(self, sde: PathEquation, w: Array, dt: float, rng: np.random.Generator) -> Array:
        """Where walkers at w (n, d) are after the time `dt`, their noise drawn from `rng`, shape (n, d)."""
        ...


@dataclass(frozen=True)
class Walking(Remembering):
    """A stepper of a loop, with the arrays that it works on."""

    walk: PathBlock


@dataclass(frozen=True)
class Coefficients:
    """A field for a loop: `kernel` fills `rows` rows, of which the first d are the drift, then d `channels`.

    `compiled` says whether it is machine code; otherwise the loop must run as Python.
    """

    kernel: Any
    rows: int
    channels: int
    compiled: bool

    def loop(self, loop: Any) -> Any:
        """The compiled loop or, for a Python function, the same loop as Python."""
        return loop if self.compiled else loop.py_func

    def with_rows(self, kernel: Any, rows: int) -> Coefficients:
        """The same with another kernel."""
        return replace(self, kernel=kernel, rows=rows)


def coefficients(sde: PathEquation) -> Coefficients:
    """Ito drift and factor of 2 D, as formulas where the equation has them."""
    if sde.loop_field is not None:
        rows = sde.loop_field.rows
        return Coefficients(sde.loop_field.kernel, rows, rows // sde.dim - 1, True)
    channels = int(sde.diffusion.root(np.zeros((1, sde.dim))).shape[-1])

    def evaluate(w: Array, out: Array) -> None:
        with np.errstate(all="ignore"):  # diverged walkers are counted, not hidden
            points = w.T
            out[: sde.dim] = sde.drift(points).T
            factor = math.sqrt(2) * sde.diffusion.root(points)
            out[sde.dim : sde.dim * (1 + channels)] = factor.reshape(len(points), -1).T

    return Coefficients(evaluate, sde.dim * (1 + channels), channels, False)


def factor_alone(sde: PathEquation, whole: Coefficients) -> Coefficients:
    """The factor of 2 D without the drift, d m rows."""
    dim = sde.dim
    if isinstance(sde.loop_field, SpectralField):
        return whole.with_rows(replace(sde.loop_field, drift=()).kernel, whole.rows - dim)
    if sde.compiled is not None:
        formulas = CompiledField(sde.compiled.expressions[dim:], sde.compiled.variables)
        return whole.with_rows(formulas.kernel, whole.rows - dim)

    def evaluate(w: Array, out: Array) -> None:
        with np.errstate(all="ignore"):
            out[:] = (math.sqrt(2) * sde.diffusion.root(w.T)).reshape(w.shape[1], -1).T

    return whole.with_rows(evaluate, whole.rows - dim)


def require_first_order(sde: PathEquation, scheme: object) -> Langevin:
    """`sde` as the `Langevin` equation that it is.

    Raises
    ------
    InputError
        If it is another equation.
    """
    require(
        isinstance(sde, Langevin),
        f"{type(scheme).__name__} needs a Langevin equation, got {type(sde).__name__}; take BAOAB()",
    )
    assert isinstance(sde, Langevin)
    return sde


def once(sde: PathEquation, name: str, build: Callable[[], Made]) -> Made:
    """`build()`, kept with the equation: formulas are compiled once."""
    kept = vars(sde)  # as functools.cached_property does
    if name not in kept:
        kept[name] = build()
    return kept[name]  # type: ignore[no-any-return]
