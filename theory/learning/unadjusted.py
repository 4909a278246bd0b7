"""Langevin steps without acceptance, plain and preconditioned, for any potential."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.progress import progress_bar
from theory.base.showing import as_call
from theory.laws import Draws
from theory.learning.potential import PotentialFunction

SMOOTHING = 0.99  # share of the mean square that a step keeps
DAMPING = 1e-5  # added to its root


@dataclass(frozen=True)
class UnadjustedLangevin:
    """w - (h/2) G grad U + sqrt(h G) z: what SGLD is with all examples; wrong by first order in the step.

    Parameters
    ----------
    step_size
        h.
    preconditioned
        Whether G is that of RMSProp, 1 / (1e-5 + root of a running mean square of all chains' slopes), followed
        during the burn-in and then frozen; else G = 1.

    Raises
    ------
    InputError
        If the step is not positive.

    References
    ----------
    Welling & Teh (2011), Bayesian learning via stochastic gradient Langevin dynamics; Li, Chen, Carlson & Carin
    (2016), Preconditioned stochastic gradient Langevin dynamics, AAAI.
    """

    step_size: float
    preconditioned: bool = False

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.step_size) and self.step_size > 0,
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

        A chain that is lost has draws that are not finite.
        """
        w, square = start.copy(), np.ones(start.shape[1])
        kept, energies = np.empty((steps // save_every, *start.shape)), np.empty((steps // save_every, len(start)))
        with np.errstate(all="ignore"), progress_bar(burn_in + steps, progress) as count:
            for step in range(-burn_in, steps):
                energy, slope = potential(w)
                if step >= 0 and (step + 1) % save_every == 0:
                    kept[step // save_every], energies[step // save_every] = w, energy
                if self.preconditioned and step < 0:
                    seen = (slope**2).mean(axis=0)
                    square = seen if step == -burn_in else SMOOTHING * square + (1 - SMOOTHING) * seen
                gain = 1 / (DAMPING + np.sqrt(square)) if self.preconditioned else np.ones(start.shape[1])
                noise = stream.standard_normal(w.shape)
                w = w - self.step_size / 2 * gain * slope + np.sqrt(self.step_size * gain) * noise
                count(1)
        return Draws(kept, None, self.step_size), energies
