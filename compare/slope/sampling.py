"""The stationary loss of SGD from independent walkers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from compare.slope.method import StationaryLoss
from simulate.sgd import SGD
from simulate.stationary import Valley, Window, stationary_loss
from theory.models import Model
from theory.points import LargeMinimum, LossMinimum


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
    threads, progress
        As those of `run_sgd`; the result does not depend on them.

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
    threads: int | None = field(default=None, repr=False)  # results say neither of the two, nor depend on them
    progress: bool | None = field(default=None, repr=False)
    statistical: ClassVar[bool] = True
    jumps: ClassVar[bool] = True
    search_grid: ClassVar[None] = None

    def __post_init__(self) -> None:
        self._window()  # refuses numbers out of range

    @property
    def words(self) -> str:
        """What it is, after "the loss"."""
        return (
            f"by sampling: {self.walkers} walkers, {self._window().looks} looks at each over {self.steps} steps "
            f"after {self.burn_in} of burn-in, {'with' if self.control_variates else 'without'} control variates"
        )

    def measure(
        self, model: Model, sgd: SGD, minimum: LossMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss:
        """The stationary loss at the rate of `sgd`, with its standard error.

        Raises
        ------
        InputError
            As `stationary_loss`.
        """
        return self._measured(model, sgd, Valley(minimum.position, minimum.loss, minimum.hessian), rng)

    def measure_large(
        self, model: Model, sgd: SGD, minimum: LargeMinimum, rng: np.random.Generator | None
    ) -> StationaryLoss:
        """The same of a minimum of many weights; the control variate is that of |w - w*|^2.

        Raises
        ------
        InputError
            As `stationary_loss`.
        """
        return self._measured(model, sgd, Valley(minimum.position, minimum.loss, None), rng)

    def _measured(self, model: Model, sgd: SGD, valley: Valley, rng: np.random.Generator | None) -> StationaryLoss:
        found = stationary_loss(model, sgd, valley, self._window(), rng)
        reduction = found.variance_reduction if self.control_variates else None
        return StationaryLoss(sgd.learning_rate, found.mean, reduction)

    def _window(self) -> Window:
        looks = self.observations, self.control_variates
        return Window(self.walkers, self.steps, self.burn_in, *looks, self.threads, self.progress)
