"""Euler's method that stays on the manifold of minima."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws.walkers import Begin, Stepper
from theory.manifold.drift import flow_curvature
from theory.manifold.dynamics import SlowDynamics
from theory.paths import PathEquation
from theory.paths.block import draw, finish
from theory.paths.scheme import Setting, Walking


@dataclass(frozen=True)
class OnManifold:
    """Euler's step of `SlowDynamics`, then Newton's method back to the manifold: weak order 1, strong order 1/2.

    The way back is across the manifold, so that the Ito drift along it is kept. Starts are brought to the
    manifold too, by the shortest way; for a start farther off take `gradient_flow_limit`.

    Raises
    ------
    InputError
        For another equation or a bounded domain, and where a step ends next to no minimum.
    """

    strong_order: ClassVar[float] = 0.5
    weak_order: ClassVar[float] = 1.0
    joins: ClassVar[bool] = True

    def prepare(self, sde: PathEquation, setting: Setting) -> Begin:
        """See `Scheme`.

        Raises
        ------
        InputError
            If the equation or the setting is not one of this scheme.
        """
        require(
            isinstance(sde, SlowDynamics),
            f"OnManifold() needs SlowDynamics, got {type(sde).__name__}; take EulerMaruyama()",
        )
        require(not setting.domain[2].any(), "OnManifold() needs an open domain; leave `domain` and `sides` out")
        assert isinstance(sde, SlowDynamics)
        dynamics = sde
        dt, loud = setting.dt, math.sqrt(2 * setting.dt / setting.joined)

        def begin(w: Array, stream: np.random.Generator) -> Stepper:
            channels = dynamics.noise.root(w.T[:1]).shape[-1]
            walk = setting.walk(w, dynamics.dim * (1 + channels), channels)
            frame = dynamics.frame(w.T)
            w[:] = frame.points.T

            def advance(steps: int) -> None:
                nonlocal frame
                for _ in range(steps):
                    draw(stream, walk, setting.joined)
                    root = frame.tangent @ dynamics.noise.root(frame.points)
                    walk.field[dynamics.dim :] = math.sqrt(2) * root.reshape(len(root), -1).T
                    push = np.einsum("nik,nk->ni", root, walk.noise.T)
                    drift = flow_curvature(dynamics.model, frame, dynamics.noise.tensor(frame.points))
                    frame = dynamics.frame(frame.points + dt * drift + loud * push)
                    w[:] = frame.points.T
                    finish(stream, walk, dt)

            return Walking(advance, (), walk)

        return begin
