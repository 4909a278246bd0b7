"""The mean loss of SGD once it is stationary, from independent walkers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simulate.run import run_sgd
from simulate.sampling import Fresh
from simulate.sgd import SGD
from simulate.stationary.control import Controlled, ControlVariates, controlled_mean
from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.progress import progress_bar
from theory.base.shares import percent
from theory.laws import Ensemble
from theory.laws.walkers import FEWEST_WALKERS
from theory.models import Model

SETTLED = 5.0  # standard errors by which two halves of the window may differ
WALKERS_PER_VARIATE = 5
LARGEST_SHARE = 0.1  # of one walker in the sum of losses, beyond which the law may have no mean loss
LARGEST_SHARE_OF_FEW = 10.0  # over the number of walkers


@dataclass(frozen=True, eq=False)
class Valley:
    """Where walkers start (d,), the loss there, above which losses are counted, and the Hessian (d, d) or None."""

    place: Array = field(repr=False)
    loss: float
    hessian: Array | None = field(repr=False)


@dataclass(frozen=True)
class Window:
    """How many walkers are looked at, when and how often.

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

    walkers: int
    steps: int
    burn_in: int
    observations: int
    control_variates: bool = True
    threads: int | None = None
    progress: bool | None = None

    def __post_init__(self) -> None:
        for name, least in (("walkers", FEWEST_WALKERS), ("steps", 2), ("burn_in", 1), ("observations", 2)):
            number = getattr(self, name)
            require(
                number >= least and number % 1 == 0,
                f"`{name}` must be a whole number, at least {least}, got {number}",
            )

    @property
    def looks(self) -> int:
        """Looks at every walker."""
        return min(self.observations, self.steps)


def stationary_loss(
    model: Model, sgd: SGD, valley: Valley, window: Window, rng: np.random.Generator | None
) -> Controlled:
    """The mean loss above that of the valley under the stationary law of `sgd`, with its standard error.

    A walker's loss is averaged over equally spaced looks after the burn-in, and the averages are regressed on
    those of what one step leaves unchanged on average (`ControlVariates`). For quadratic losses that determines
    the loss to rounding.

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
    require(
        not sgd.rules,
        f"control variates need the law of a plain step, got {', '.join(map(repr, sgd.rules))}; leave that out",
    )
    most = max(2, window.walkers // WALKERS_PER_VARIATE)
    variates: Callable[[Array, Array | None], Array] = ControlVariates(
        model, sgd, valley.place, valley.hessian, most
    )
    if valley.hessian is None and not window.control_variates:
        variates = _none_of_them  # those of the lengths would need the gradients of all examples
    start = np.tile(valley.place, (window.walkers, 1))
    looks = window.looks
    thin = window.steps // looks
    losses = np.zeros((2, window.walkers))
    changes: Array = np.zeros((window.walkers, 0))
    with progress_bar(window.burn_in + looks * thin, window.progress) as count:
        last = run_sgd(model, sgd, start, steps=window.burn_in, rng=rng, threads=window.threads, progress=False)
        count(window.burn_in)
        _refuse_diverged(last, sgd)
        for look in range(looks):
            velocity = None
            if sgd.momentum:
                before = last if thin == 1 else _on(model, sgd, last, thin - 1, window)
                last = _on(model, sgd, before, 1, window)
                velocity = last.final - before.final
            else:
                last = _on(model, sgd, last, thin, window)
            count(thin)
            _refuse_diverged(last, sgd)
            losses[2 * look // looks] += model.value(last.final) - valley.loss
            found = variates(last.final, velocity)
            changes = found if changes.size == 0 else changes + found
    first = (looks + 1) // 2
    return _judged(sgd, window, losses, changes / looks, np.array([first, looks - first]))


def _none_of_them(w: Array, _: Array | None) -> Array:
    return np.empty((len(w), 0))


def _on(model: Model, sgd: SGD, ensemble: Ensemble, steps: int, window: Window) -> Ensemble:
    assert ensemble.checkpoint is not None
    return run_sgd(model, sgd, ensemble.checkpoint, steps=steps, threads=window.threads, progress=False)


def _judged(sgd: SGD, window: Window, losses: Array, changes: Array, looks: Array) -> Controlled:
    """The mean over walkers, once they are seen to be stationary."""
    growth = losses[1] / looks[1] - losses[0] / looks[0]
    columns = np.column_stack([growth, changes])
    means, spreads = columns.mean(axis=0), columns.std(axis=0, ddof=1) / math.sqrt(window.walkers)
    require(
        bool(spreads.any()),
        f"walkers must leave the minimum, none of {window.walkers} moves: the noise vanishes there",
    )
    scores = np.abs(means) / np.where(spreads > 0, spreads, math.inf)
    worst = int(np.argmax(scores))
    require(
        bool(scores[worst] <= SETTLED),
        f"walkers must be stationary, at the rate {sgd.learning_rate:g} "
        f"{'the two halves of the window differ' if worst == 0 else 'a moment still changes'} by "
        f"{scores[worst]:.1f} standard errors; take more than {window.burn_in} steps of burn-in",
    )
    values = losses.sum(axis=0) / looks.sum()
    share, most = float(values.max() / values.sum()), LARGEST_SHARE + LARGEST_SHARE_OF_FEW / window.walkers
    require(
        share <= most,
        f"the mean loss must not hang on one walker, got one with {percent(share)} of the sum at the rate "
        f"{sgd.learning_rate:g}: the law may have no variance; take smaller rates or more walkers",
    )
    found = controlled_mean(values, changes if window.control_variates else np.empty((window.walkers, 0)))
    if not math.isfinite(found.mean):
        raise InputError(f"the mean loss must be finite, got {found.mean}; reduce the rates")
    return found


def _refuse_diverged(ensemble: Ensemble, sgd: SGD) -> None:
    require(
        ensemble.diverged == 0,
        f"{ensemble.diverged} of {ensemble.walkers} walkers diverged at the rate {sgd.learning_rate:g}, and there "
        "is no stationary law; take smaller rates",
    )
