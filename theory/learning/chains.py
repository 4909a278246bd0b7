"""What chains of energies say of a mean: the mean with its error, and cumulants."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from theory.base.arrays import Array
from theory.base.estimate import Estimate


@dataclass(frozen=True, eq=False)
class Chains:
    """Chains of energies X = n beta (L - L(w*)) and of the localising prior's U.

    Parameters
    ----------
    energies, tethers
        X and U after the burn-in, shape (times, chains).
    acceptance
        Share of proposals accepted after the burn-in; None where all are.
    step_size
        Step of the sampler after the burn-in.
    save_every, burn_in
        How many steps made one that was kept, and steps before them.
    """

    energies: Array = field(repr=False)
    tethers: Array = field(repr=False)
    acceptance: float | None
    step_size: float
    save_every: int = 1
    burn_in: int = 0

    @property
    def number(self) -> int:
        """Number of independent chains."""
        return int(self.energies.shape[1])

    def estimate(self, terms: Array) -> Estimate:
        """The mean of `terms` (times, chains), its standard error from the spread of the chains' means."""
        means = terms.mean(axis=0)
        return Estimate(float(means.mean()), float(means.std(ddof=1) / math.sqrt(self.number)))

    def moments(self) -> tuple[Array, Array]:
        """Two series (times, chains) whose means are the energy without the prior's pull and its slope in log n.

        The first is E[X] + Cov(X, U): its derivative in the strength is that of E[X] at strength 0, so that what
        the localization does to first order is gone. The second is its derivative in log t at fixed prior,
        k1 - k2 + Cov(X, U) - k(X, X, U), with k the joint cumulants. Each term is the cumulant plus its influence
        function, so that the mean is the estimate and the spread of the chains' means its error.
        """
        mean, tether = self.energies.mean(), self.tethers.mean()
        x, u = self.energies - mean, self.tethers - tether
        square, product = x * x, x * u
        variance, covariance = square.mean(), product.mean()
        mixed = square * u - 2 * covariance * x - variance * u
        energy = self.energies + product
        return energy, energy - square - mixed
