"""First exits and first hits, noted at every step without storing paths."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Unpack

import numpy as np

from simulate.data import DataSet
from simulate.problem import Problem
from simulate.region import RegionLike, read_region
from simulate.run import launch
from simulate.sgd import SGD
from simulate.survival_curve import Survival
from simulate.watch import Watch
from theory.base.arguments import require_known
from theory.base.arrays import Array, ArrayLike, Booleans, Integers
from theory.base.showing import span, told
from theory.laws import Ensemble
from theory.laws.options import DomainOptions, WalkerOptions
from theory.models import NoisyGradient
from theory.models.model import AnyModel


@dataclass(frozen=True, eq=False)
class FirstEvent:
    """The step at which each walker first left a basin or hit a target, and where; it stops there.

    Parameters
    ----------
    steps
        Steps that were run.
    event
        Step of the event, shape (walkers,): 0 at the start, -1 where none was seen.
    diverged_at
        Step at which a walker diverged before its event, shape (walkers,), -1 where it did not.
    positions
        Where the walkers stopped, shape (walkers, d), NaN for diverged ones.
    """

    steps: int
    event: Integers = field(repr=False)
    diverged_at: Integers = field(repr=False)
    positions: Array = field(repr=False)

    def __repr__(self) -> str:
        seen = self.event[self.happened]
        return told(
            "FirstEvent",
            walkers=len(self.event),
            steps=self.steps,
            happened=len(seen),
            diverged=self.diverged,
            event=span(seen) if len(seen) else None,
        )

    @property
    def happened(self) -> Booleans:
        """Whether each walker had its event. Shape (walkers,)."""
        return np.asarray(self.event >= 0)

    @property
    def diverged(self) -> int:
        """Walkers that diverged before their event."""
        return int((self.diverged_at >= 0).sum())

    def survival(self) -> Survival:
        """Walkers without event at every step, those that diverged counted apart."""
        steps = np.arange(self.steps + 1)
        left = np.bincount(self.event[self.event >= 0], minlength=self.steps + 1).cumsum()
        lost = np.bincount(self.diverged_at[self.diverged_at >= 0], minlength=self.steps + 1).cumsum()
        return Survival(steps, len(self.event) - left - lost, lost, len(self.event))


def first_exit(
    model: AnyModel,
    sgd: SGD,
    start: ArrayLike,
    basin: RegionLike,
    *,
    steps: int,
    rng: np.random.Generator,
    data: DataSet | None = None,
    **options: Unpack[DomainOptions],
) -> FirstEvent:
    """The first step at which each walker is outside `basin`, looked at after every step.

    Parameters
    ----------
    basin
        Comparisons of formulas in the variables of the model, such as "w < -0.6 and w > -3", or a function of
        points (n, d) to flags (n,), which is slower.
    steps, data, domain, threads, progress
        As those of `run_sgd`, with the same walks for the same seed.

    Raises
    ------
    InputError
        As `run_sgd`, or if the region does not parse.
    """
    require_known("first_exit", options, DomainOptions)
    problem = Problem(model, sgd, data, options.get("domain"))
    watch = _watch(model, start, basin, True)
    return _first(watch, launch(problem, start, watch, steps=steps, rng=rng, **_running(options)), steps)


def first_hit(
    model: AnyModel,
    sgd: SGD,
    start: ArrayLike,
    target: RegionLike,
    *,
    steps: int,
    rng: np.random.Generator,
    data: DataSet | None = None,
    **options: Unpack[DomainOptions],
) -> FirstEvent:
    """The first step at which each walker is inside `target`; otherwise as `first_exit`.

    `start` has shape (walkers, d).

    Raises
    ------
    InputError
        As `first_exit`.
    """
    require_known("first_hit", options, DomainOptions)
    problem = Problem(model, sgd, data, options.get("domain"))
    watch = _watch(model, start, target, False)
    return _first(watch, launch(problem, start, watch, steps=steps, rng=rng, **_running(options)), steps)


def _running(options: DomainOptions) -> WalkerOptions:
    return {"threads": options.get("threads"), "progress": options.get("progress")}


def _watch(model: AnyModel, start: ArrayLike, region: RegionLike, leaving: bool) -> Watch:
    walkers = np.shape(start)[0] if np.ndim(start) else 0
    return Watch.of(read_region(region, _variables(model)), leaving, walkers)


def _first(watch: Watch, ensemble: Ensemble, steps: int) -> FirstEvent:
    event = np.where(watch.lost >= 0, -1, watch.settled)
    return FirstEvent(int(steps), event, watch.lost, ensemble.final)


def _variables(model: AnyModel) -> tuple[str, ...]:
    """Names of the components of w: those of the formula, else w or w1, w2, ..."""
    bare = model.landscape if isinstance(model, NoisyGradient) else model
    named = getattr(bare, "variables", None)
    if named is not None:
        return tuple(str(v) for v in named)
    return ("w",) if model.dim == 1 else tuple(f"w{i + 1}" for i in range(model.dim))
