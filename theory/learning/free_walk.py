"""Langevin chains about a point of many weights: no axes, all steps as sums over whole arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array
from theory.learning.chains import Chains
from theory.learning.large_target import LargeTarget
from theory.learning.steps import IDEAL

Ask = Callable[[Array, Array, bool], None]  # fills L, where it is asked for, and its gradient at w (d, n)


@dataclass(eq=False)
class FreeWalk:
    """n chains that begin at w*, and what is kept of them.

    Parameters
    ----------
    target
        Their law.
    chains, steps, burn_in, save_every
        As those of a sampler.
    log_step
        Logarithm of the step.
    """

    target: LargeTarget
    chains: int
    steps: int
    burn_in: int
    save_every: int
    log_step: float
    kept: list[tuple[Array, Array]] = field(default_factory=list)

    def metropolis(self, stream: np.random.Generator, adapt: bool, count: Callable[[int], None]) -> Chains:
        """Chains of proposals that are accepted by Metropolis and Hastings, as `MALA` says."""
        target, limit, radius = self.target, math.sqrt(self.target.landscape.dim), self.target.localization.radius
        w, accepted = np.zeros((target.landscape.dim, self.chains)), 0.0
        here, there = np.empty((2, len(w) + 1, self.chains))
        target.evaluate(self._places(w), here)
        for step in range(-self.burn_in, self.steps):
            h = math.exp(self.log_step)
            drift = self._drift(w, here, h, limit)
            trial = w - drift + math.sqrt(h) * stream.standard_normal(w.shape)
            target.evaluate(self._places(trial), there)
            back = self._drift(trial, there, h, limit)
            with np.errstate(all="ignore"):
                ratio = target.sharpness * (here[0] - there[0])
                ratio += target.strength * (_squares(w) - _squares(trial)) / 2
                ratio += (_squares(trial - w + drift) - _squares(w - trial + back)) / (2 * h)
                chance = np.exp(np.minimum(ratio, 0.0))
            chance = np.where((_squares(trial) < radius**2) & np.isfinite(chance), chance, 0.0)
            taken = stream.random(self.chains) < chance
            w[:, taken], here[:, taken] = trial[:, taken], there[:, taken]
            if step >= 0:
                accepted += float(chance.mean())
                self._keep(step, w, here[0])
            elif adapt:
                self.log_step += (float(chance.mean()) - IDEAL) / math.sqrt(step + self.burn_in + 1)
            count(1)
        return self.chains_kept(accepted / self.steps)

    def plain(self, stream: np.random.Generator, ask: Ask, count: Callable[[int], None]) -> Array:
        """Langevin steps without acceptance, as `SGLD` says; where they end, shape (d, n)."""
        w, h = np.zeros((self.target.landscape.dim, self.chains)), math.exp(self.log_step)
        answer = np.empty((len(w) + 1, self.chains))
        for step in range(-self.burn_in, self.steps):
            keeps = step >= 0 and (step + 1) % self.save_every == 0
            ask(self._places(w), answer, keeps)
            if keeps:
                self._keep(step, w, answer[0])
            w = w - self._drift(w, answer, h, math.inf) + math.sqrt(h) * stream.standard_normal(w.shape)
            count(1)
        return w

    @property
    def losses(self) -> Array:
        """L as it was kept, shape (times, n)."""
        return np.array([losses for losses, _ in self.kept])

    def chains_kept(self, acceptance: float | None = None) -> Chains:
        """What was kept.

        Raises
        ------
        InputError
            If a chain found a loss below that of w*.
        """
        tethers = np.array([tether for _, tether in self.kept])
        step = math.exp(self.log_step)
        return Chains(self.target.scaled(self.losses), tethers, acceptance, step, self.save_every, self.burn_in)

    def _places(self, w: Array) -> Array:
        return self.target.centre[:, None] + w

    def _drift(self, w: Array, answer: Array, h: float, limit: float) -> Array:
        """(h/2) times the slope of minus the log density, not longer than the limit in units of sqrt(h)."""
        pull = self.target.sharpness * answer[1:] + self.target.strength * w
        if math.isinf(limit):
            return np.asarray(h / 2 * pull)
        with np.errstate(all="ignore"):
            return np.asarray(h / 2 * pull * np.minimum(1.0, limit / (math.sqrt(h) / 2 * np.sqrt(_squares(pull)))))

    def _keep(self, step: int, w: Array, losses: Array) -> None:
        if (step + 1) % self.save_every == 0:
            self.kept.append((losses.copy(), self.target.strength / 2 * _squares(w)))


def _squares(w: Array) -> Array:
    """Squared lengths of the columns."""
    return np.asarray(np.einsum("dn,dn->n", w, w))
