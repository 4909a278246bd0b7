"""The stationary loss of SGD from independent walkers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from compare.slope.control import ControlVariates, controlled_mean
from compare.slope.method import StationaryLoss
from compare.slope.minimum import LossMinimum
from simulate.run import run_sgd
from simulate.sampling import Fresh
from simulate.sgd import SGD
from simulate.sources import Model
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.estimate import Estimate
from theory.laws.ensemble import Ensemble

SETTLED = 5.0  # standard errors by which two halves of the window may differ
WALKERS_PER_VARIATE = 5
LARGEST_SHARE = 0.1  # of one walker in the sum of losses, beyond which the law may have no mean loss
LARGEST_SHARE_OF_FEW = 10.0  # over the number of walkers


@dataclass(frozen=True)
class BySampling:
    """Means over independent walkers of real SGD from the minimum, with control variates (`ControlVariates`).

    A walker's loss is averaged over `observations` equally spaced steps after the burn-in, and the averages are
    regressed on those of what one step leaves unchanged on average. For quadratic losses that determines the loss
    to rounding.

    Parameters
    ----------
    walkers
        Independent walkers, at least 20.
    steps, burn_in
        Steps that are averaged over, and steps before.
    observations
        Looks at every walker, at most `steps` of them.
    control_variates
        Whether they are used; else plain means.
    threads
        As that of `run_sgd`; the result does not depend on it.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    walkers: int = 1000
    steps: int = 1000
    burn_in: int = 1000
    observations: int = 50
    control_variates: bool = True
    threads: int | None = field(default=None, repr=False)  # results do not say it, nor depend on it
    statistical: ClassVar[bool] = True
    jumps: ClassVar[bool] = True
    search_grid: ClassVar[None] = None

    def __post_init__(self) -> None:
        for name, least in (("walkers", 20), ("steps", 2), ("burn_in", 1), ("observations", 2)):
            number = getattr(self, name)
            require(
                number >= least and number % 1 == 0,
                f"`{name}` must be a whole number, at least {least}, got {number}",
            )

    @property
    def words(self) -> str:
        """What it is, after "the loss"."""
        looks = min(self.observations, self.steps)
        return (
            f"by sampling: {self.walkers} walkers, {looks} looks at each over {self.steps} steps after "
            f"{self.burn_in} of burn-in, {'with' if self.control_variates else 'without'} control variates"
        )

    def measure(
        self, model: Model, sgd: SGD, minimum: LossMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss:
        """The stationary loss at the rate of `sgd`, with its standard error.

        Raises
        ------
        InputError
            If a walker diverges or holds much of the sum, none moves, or the walkers are not stationary: the two
            halves of the window differ, or a control variate has a mean that is not 0, by more than 5 standard
            errors.
        """
        require(
            not isinstance(sgd.sampling, Fresh) or sgd.sampling.normal,
            "control variates need the covariance of the model, got heavy-tailed data; take Fresh()",
        )
        most = max(2, self.walkers // WALKERS_PER_VARIATE)
        variates = ControlVariates(model, sgd, minimum.position, minimum.hessian, most)
        start = np.tile(minimum.position, (self.walkers, 1))
        burned = run_sgd(model, sgd, start, steps=self.burn_in, rng=rng, threads=self.threads)
        _refuse_diverged(burned, sgd)
        looks = min(self.observations, self.steps)
        thin = self.steps // looks
        losses = np.zeros((2, self.walkers))
        changes: Array = np.zeros((self.walkers, 0))
        last = burned
        for look in range(looks):
            velocity = None
            if sgd.momentum:
                before = last if thin == 1 else self._on(model, sgd, last, thin - 1)
                last = self._on(model, sgd, before, 1)
                velocity = last.final - before.final
            else:
                last = self._on(model, sgd, last, thin)
            _refuse_diverged(last, sgd)
            losses[2 * look // looks] += model.value(last.final) - minimum.loss
            found = variates(last.final, velocity)
            changes = found if changes.size == 0 else changes + found
        first = (looks + 1) // 2
        return self._judged(sgd, losses, changes / looks, np.array([first, looks - first]))

    def _on(self, model: Model, sgd: SGD, ensemble: Ensemble, steps: int) -> Ensemble:
        assert ensemble.checkpoint is not None
        return run_sgd(model, sgd, ensemble.checkpoint, steps=steps, threads=self.threads)

    def _judged(self, sgd: SGD, losses: Array, changes: Array, looks: Array) -> StationaryLoss:
        """The mean over walkers, once they are seen to be stationary."""
        growth = losses[1] / looks[1] - losses[0] / looks[0]
        columns = np.column_stack([growth, changes])
        means, spreads = columns.mean(axis=0), columns.std(axis=0, ddof=1) / math.sqrt(self.walkers)
        require(
            bool(spreads.any()),
            f"walkers must leave the minimum, none of {self.walkers} moves: the noise vanishes there",
        )
        scores = np.abs(means) / np.where(spreads > 0, spreads, math.inf)
        worst = int(np.argmax(scores))
        require(
            bool(scores[worst] <= SETTLED),
            f"walkers must be stationary, at the rate {sgd.learning_rate:g} "
            f"{'the two halves of the window differ' if worst == 0 else 'a moment still changes'} by "
            f"{scores[worst]:.1f} standard errors; take more than {self.burn_in} steps of burn-in",
        )
        values = losses.sum(axis=0) / looks.sum()
        share, most = float(values.max() / values.sum()), LARGEST_SHARE + LARGEST_SHARE_OF_FEW / self.walkers
        require(
            share <= most,
            f"the mean loss must not hang on one walker, got one with {share:.0%} of the sum at the rate "
            f"{sgd.learning_rate:g}: the law may have no variance; take smaller rates or more walkers",
        )
        found = controlled_mean(values, changes if self.control_variates else np.empty((self.walkers, 0)))
        if not math.isfinite(found.mean):
            raise InputError(f"the mean loss must be finite, got {found.mean}; reduce the rates")
        reduction = found.variance_reduction if self.control_variates else None
        return StationaryLoss(sgd.learning_rate, Estimate(found.mean, found.standard_error), reduction)


def _refuse_diverged(ensemble: Ensemble, sgd: SGD) -> None:
    require(
        ensemble.diverged == 0,
        f"{ensemble.diverged} of {ensemble.walkers} walkers diverged at the rate {sgd.learning_rate:g}, and there "
        "is no stationary law; take smaller rates",
    )
