"""The Langevin equation with inertia."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy

from theory.base.arrays import Array, ArrayLike, points_of
from theory.base.contracts import require_dimension
from theory.base.errors import require
from theory.base.showing import as_call
from theory.landscapes import Landscape, SymbolicLandscape
from theory.landscapes.compiled import CompiledField
from theory.tensors import Constant


@dataclass(frozen=True)
class Underdamped:
    """dq = p dt, dp = -grad L dt - friction p dt + sqrt(2 friction temperature) dW, in phase space (q, p).

    Its stationary density is exp(-(L(q) + |p|^2/2) / temperature) / Z; at large friction q moves as the
    `Langevin` equation at that temperature in time t / friction.

    Parameters
    ----------
    landscape
        L, of dimension d; the equation has dimension 2 d.
    friction, temperature
        Rate at which momentum is lost, and the temperature of the bath.

    Raises
    ------
    InputError
        If `landscape` is no landscape, or a number is not positive and finite.

    References
    ----------
    Pavliotis (2014), Stochastic Processes and Applications, chapter 6.
    """

    landscape: Landscape
    friction: float
    temperature: float

    def __post_init__(self) -> None:
        require(isinstance(self.landscape, Landscape), f"`landscape` must be a Landscape, got {self.landscape!r}")
        require_dimension("landscape", self.landscape)
        for name in ("friction", "temperature"):
            number = getattr(self, name)
            require(math.isfinite(number) and number > 0, f"`{name}` must be positive and finite, got {number}")

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def dim(self) -> int:
        """Dimension 2 d of phase space."""
        return 2 * self.landscape.dim

    @cached_property
    def diffusion(self) -> Constant:
        """D = friction * temperature on the momenta, zero on the positions."""
        zeros, ones = np.zeros(self.landscape.dim), np.ones(self.landscape.dim)
        return Constant(self.friction * self.temperature * np.diag(np.concatenate([zeros, ones])))

    def drift(self, w: ArrayLike) -> Array:
        """(p, -grad L(q) - friction p) at w = (q, p), shape (..., 2 d).

        Raises
        ------
        InputError
            If the last axis of `w` is not of length 2 d.
        """
        q, p = np.split(points_of(w, self.dim), 2, axis=-1)
        return np.concatenate([p, -self.landscape.gradient(q) - self.friction * p], axis=-1)

    def tensor(self, w: ArrayLike) -> Array:
        """D, shape (..., 2 d, 2 d)."""
        return self.diffusion.tensor(w)

    def divergence(self, w: ArrayLike) -> Array:
        """Zero, shape (..., 2 d)."""
        return self.diffusion.divergence(w)

    def potential(self, w: ArrayLike) -> None:
        """None: there is no Phi with b - div D = -D grad Phi, since D has no inverse. `w` has shape (..., 2 d)."""
        return

    @cached_property
    def force(self) -> CompiledField | None:
        """-grad L as a formula of q, d components, or None."""
        if not isinstance(self.landscape, SymbolicLandscape):
            return None
        return CompiledField(tuple(-g for g in self.landscape.gradient_expressions), self.landscape.variables)

    @cached_property
    def compiled(self) -> CompiledField | None:
        """Drift and sqrt(2) times the factor of D row by row, as `Langevin.compiled`, or None."""
        if self.force is None:
            return None
        q = self.force.variables
        p = tuple(sympy.Dummy(f"p_{i}", real=True) for i in range(len(q)))
        drift = [f - self.friction * momentum for f, momentum in zip(self.force.expressions, p, strict=True)]
        root = self.diffusion.root_expressions(q + p)
        return CompiledField((*p, *drift, *(math.sqrt(2) * root)), q + p)

    @property
    def loop_field(self) -> CompiledField | None:
        """What compiled loops evaluate, as `Langevin.loop_field`."""
        return self.compiled
