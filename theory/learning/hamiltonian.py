"""Hamiltonian Monte Carlo."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.progress import progress_bar
from theory.base.showing import as_call
from theory.laws import Draws
from theory.learning.potential import PotentialFunction
from theory.learning.steps import IDEAL

WINDOWS = (8, 4, 2)  # the burn-in over these: when the metric is read from the draws since the last time
MOST_DENSE = 200  # dimensions, up to which the metric is a whole covariance
ENOUGH = 10  # draws a dimension for that
BELIEF = 5.0  # draws, as which a multiple of the identity counts beside those seen
NARROW = 1e-3  # of the mean variance: that multiple


@dataclass(frozen=True)
class HMC:
    """Hamiltonian trajectories, accepted by Metropolis and Hastings: the law is kept exactly, at any step.

    Parameters
    ----------
    leaps
        Most leapfrog steps of a trajectory, whose number is uniform from 1 to that; 1 is MALA.
    step_size
        Of a leap, in units of w. By default coordinates are measured in their own standard deviations, or along
        their whole covariance, and the step is adapted; both during the burn-in alone, and then frozen.

    Raises
    ------
    InputError
        If a number is out of range.

    References
    ----------
    Duane, Kennedy, Pendleton & Roweth (1987), Hybrid Monte Carlo; Neal (2011), MCMC using Hamiltonian dynamics;
    Beskos, Pillai, Roberts, Sanz-Serna & Stuart (2013), Optimal tuning of the hybrid Monte Carlo algorithm.
    """

    leaps: int = 10
    step_size: float | None = None

    ideal: ClassVar[float] = 0.75  # acceptance that the step is adapted to; .574 where there is one leap

    def __post_init__(self) -> None:
        require(
            self.leaps >= 1 and self.leaps % 1 == 0,
            f"`leaps` must be a whole number, at least 1, got {self.leaps}",
        )
        require(
            self.step_size is None or (math.isfinite(self.step_size) and self.step_size > 0),
            f"`step_size` must be positive and finite, got {self.step_size}",
        )

    def __repr__(self) -> str:
        return as_call(self)

    def run(
        self,
        potential: PotentialFunction,
        start: Array,
        stream: np.random.Generator,
        *,
        steps: int,
        burn_in: int,
        save_every: int,
        progress: bool | None = None,
    ) -> tuple[Draws, Array]:
        """The draws of chains from `start` (chains, d), and the potential at them, shape (draws, chains).

        Raises
        ------
        InputError
            If the potential is not finite at the start.
        """
        walk = _Walk.at(potential, start, self)
        ends = {burn_in // part for part in WINDOWS} if self.step_size is None else set()
        kept, energies = np.empty((steps // save_every, *start.shape)), np.empty((steps // save_every, len(start)))
        accepted = 0.0
        with progress_bar(burn_in + steps, progress) as count:
            for step in range(burn_in):
                if step in ends:
                    walk.measure()
                walk.adapt(walk.move(potential, stream))
                count(1)
            for step in range(steps):
                accepted += walk.move(potential, stream)
                if (step + 1) % save_every == 0:
                    kept[step // save_every], energies[step // save_every] = walk.w, walk.energy
                count(1)
        return Draws(kept, accepted / steps, walk.step), energies


@dataclass
class _Walk:
    """Chains on their way: positions w (n, d), the potential and its slope there, and what has been adapted.

    `metric` is a factor (d, d) of the covariance that coordinates are measured by, or its diagonal (d,).
    """

    w: Array
    energy: Array
    slope: Array
    sampler: HMC
    step: float
    metric: Array = field(repr=False)
    clock: int = 0
    seen: list[Array] = field(default_factory=list, repr=False)

    @staticmethod
    def at(potential: PotentialFunction, start: Array, sampler: HMC) -> _Walk:
        energy, slope = potential(start)
        bad = np.flatnonzero(~(np.isfinite(energy) & np.isfinite(slope).all(axis=1)))
        require(
            len(bad) == 0,
            f"loss, prior and gradient must be finite at the start, they are not for {len(bad)} of {len(start)} "
            "chains; start elsewhere",
        )
        return _Walk(
            start.copy(), energy, slope, sampler, sampler.step_size or 1.0, np.ones(start.shape[1])
        )  # fmt: skip

    def move(self, potential: PotentialFunction, stream: np.random.Generator) -> float:
        """One trajectory of every chain; the mean probability to accept it."""
        push = stream.standard_normal(self.w.shape)
        before = self.energy + (push**2).sum(axis=1) / 2
        w, slope, energy = self.w, self.slope, self.energy
        with np.errstate(all="ignore"):  # a trajectory that leaves for infinity is not accepted
            for _ in range(int(stream.integers(1, self.sampler.leaps + 1))):
                push = push - self.step / 2 * self._down(slope)
                w = w + self.step * self._up(push)
                energy, slope = potential(w)
                push = push - self.step / 2 * self._down(slope)
            gain = before - energy - (push**2).sum(axis=1) / 2
            chance = np.where(np.isfinite(gain), np.exp(np.minimum(gain, 0.0)), 0.0)
        chance[~np.isfinite(slope).all(axis=1)] = 0.0
        taken = stream.random(len(w)) < chance
        self.w = np.where(taken[:, None], w, self.w)
        self.slope = np.where(taken[:, None], slope, self.slope)
        self.energy = np.where(taken, energy, self.energy)
        return float(chance.mean())

    def adapt(self, acceptance: float) -> None:
        """A step of Robbins and Monro towards the ideal acceptance, and a draw for the metric."""
        if self.sampler.step_size is None:
            self.clock += 1
            ideal = self.sampler.ideal if self.sampler.leaps > 1 else IDEAL
            self.step *= math.exp((acceptance - ideal) / math.sqrt(self.clock))
            self.seen.append(self.w)

    def measure(self) -> None:
        """The metric from the second half of the draws since the last time, and a fresh search for the step."""
        draws = np.concatenate(self.seen[len(self.seen) // 2 :] or [self.w])
        number, dim = draws.shape
        centred = draws - draws.mean(axis=0)
        if dim <= MOST_DENSE and number >= ENOUGH * dim:
            covariance = centred.T @ centred / number
            mean = float(np.trace(covariance)) / dim
            covariance = (number * covariance + BELIEF * NARROW * mean * np.eye(dim)) / (number + BELIEF)
            self.metric = np.linalg.cholesky(covariance) if mean > 0 else self.metric
        else:
            variances = (centred**2).mean(axis=0)
            mean = float(variances.mean())
            variances = (number * variances + BELIEF * NARROW * mean) / (number + BELIEF)
            self.metric = np.sqrt(variances) if mean > 0 else self.metric
        self.step, self.clock, self.seen = 1.0, 0, []

    def _up(self, push: Array) -> Array:
        return push * self.metric if self.metric.ndim == 1 else push @ self.metric.T

    def _down(self, slope: Array) -> Array:
        return slope * self.metric if self.metric.ndim == 1 else slope @ self.metric
