"""Stochastic gradient Langevin steps preconditioned as RMSProp does."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.progress import progress_bar
from theory.learning.chains import Chains
from theory.learning.samplers import SGLD, as_chains, blank_walk, run_loop
from theory.learning.steps import COUNT
from theory.learning.target import Target


@dataclass(frozen=True)
class PreconditionedSGLD(SGLD):
    """SGLD whose directions have steps h G, G = 1 / (damping + sqrt V), V a running mean of squared gradients.

    V is that of all chains, along the eigenvectors of the Hessian, and is followed during the burn-in alone. Then
    it is frozen: the law is that of SGLD in other units of w, wrong by first order in the step only, which the two
    runs at h and h/2 take out. Where V goes on with the chain, as published, the law needs the divergence of G as
    a drift, which is left out there and is an error that no smaller step removes.

    Parameters
    ----------
    step_size
        h, well below 1 / (G n beta times the curvature) in each direction; G is about the root of a variance.
    batch_size
        As of `SGLD`.
    smoothing
        Share of V that a step keeps, from 0 to below 1.
    damping
        Added to sqrt V.

    Raises
    ------
    InputError
        If a number is out of range.

    References
    ----------
    Li, Chen, Carlson & Carin (2016), Preconditioned stochastic gradient Langevin dynamics, AAAI.
    """

    smoothing: float = 0.99
    damping: float = 1e-5

    def __post_init__(self) -> None:
        super().__post_init__()
        require(0 <= self.smoothing < 1, f"`smoothing` must be from 0 to below 1, got {self.smoothing}")
        require(
            math.isfinite(self.damping) and self.damping > 0,
            f"`damping` must be positive and finite, got {self.damping}",
        )

    def halved(self) -> PreconditionedSGLD:
        """The same with half the step."""
        return replace(self, step_size=self.step_size / 2)

    def run(
        self,
        target: Target,
        stream: np.random.Generator,
        *,
        chains: int,
        steps: int,
        burn_in: int,
        save_every: int,
        progress: bool | None = None,
    ) -> Chains:
        """Chains from w*, kept every so many steps after the burn-in.

        Raises
        ------
        InputError
            If the batch does not fit the model, or the chains diverge.
        """
        self.refuse_walls(target)
        loop, kernel = self.ways(target, stream)
        with np.errstate(over="ignore", invalid="ignore"), progress_bar(burn_in + steps, progress) as count:
            z, scale = self._followed(target, stream, chains, burn_in)
            count(burn_in)
            axes = target.curvatures[1] * scale
            walk = blank_walk(
                target, chains, (axes, scale, np.zeros_like(axes)), math.log(self.step_size), math.inf,
                steps // save_every,
            )  # fmt: skip
            walk.w[:] = z / scale[:, None]
            run_loop(loop, kernel, stream, walk, steps, save_every, COUNT, count)
        self.refuse_lost(walk.w, walk.losses)
        return as_chains(target, walk, None, save_every, burn_in)

    def _followed(
        self, target: Target, stream: np.random.Generator, chains: int, steps: int
    ) -> tuple[Array, Array]:
        """Positions (d, chains) along the eigenvectors after the burn-in, and the roots of G (d,)."""
        axes, holds = target.curvatures[1], target.strengths
        square = target.sharpness * np.abs(target.curvatures[0]) + holds  # as of a normal law
        z, out = np.zeros((len(holds), chains)), np.empty((1 + len(holds), chains))
        for _ in range(steps):
            points = np.ascontiguousarray(target.centre[:, None] + axes @ z)
            if self.batch_size is None:
                target.kernel[0](points, out)
            else:
                self.batches(target, stream)(points, out, False)
            pull = target.sharpness * (axes.T @ out[1:]) + holds[:, None] * z
            square = self.smoothing * square + (1 - self.smoothing) * (pull**2).mean(axis=1)
            gain = (1 / (self.damping + np.sqrt(square)))[:, None]
            noise = stream.standard_normal(z.shape)
            z = z - self.step_size / 2 * gain * pull + np.sqrt(self.step_size * gain) * noise
        return z, 1 / np.sqrt(self.damping + np.sqrt(square))
