"""First exits and first hits, noted at every step without storing paths."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from simulate.data import DataSet
from simulate.region import RegionLike, read_region
from simulate.run import launch
from simulate.sgd import SGD
from simulate.sources import Model
from simulate.survival_curve import Survival
from simulate.watch import Watch
from theory.base.arrays import Array, ArrayLike, Booleans, Integers
from theory.laws.grid import Grid
from theory.models.noisy_gradient import NoisyGradient


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

    @property
    def happened(self) -> Booleans:
        """Whether each walker had its event."""
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
    model: Model,
    sgd: SGD,
    start: ArrayLike,
    basin: RegionLike,
    *,
    steps: int,
    rng: np.random.Generator,
    data: DataSet | None = None,
    domain: Grid | None = None,
    threads: int | None = None,
) -> FirstEvent:
    """The first step at which each walker is outside `basin`, looked at after every step.

    Parameters
    ----------
    basin
        Comparisons of formulas in the variables of the model, such as "w < -0.6 and w > -3", or a function of
        points (n, d) to flags (n,), which is slower.
    steps, data, domain, threads
        As those of `run_sgd`, with the same walks for the same seed.

    Raises
    ------
    InputError
        As `run_sgd`, or if the region does not parse.
    """
    return _first(model, sgd, start, basin, True, steps, rng, data, domain, threads)


def first_hit(
    model: Model,
    sgd: SGD,
    start: ArrayLike,
    target: RegionLike,
    *,
    steps: int,
    rng: np.random.Generator,
    data: DataSet | None = None,
    domain: Grid | None = None,
    threads: int | None = None,
) -> FirstEvent:
    """The first step at which each walker is inside `target`; otherwise as `first_exit`."""
    return _first(model, sgd, start, target, False, steps, rng, data, domain, threads)


def _first(
    model: Model,
    sgd: SGD,
    start: ArrayLike,
    region: RegionLike,
    leaving: bool,
    steps: int,
    rng: np.random.Generator,
    data: DataSet | None,
    domain: Grid | None,
    threads: int | None,
) -> FirstEvent:
    watch = Watch.of(read_region(region, _variables(model)), leaving, np.shape(start)[0] if np.ndim(start) else 0)
    ensemble = launch(model, sgd, start, steps, rng, data, domain, threads, watch=watch)
    event = np.where(watch.lost >= 0, -1, watch.settled)
    return FirstEvent(int(steps), event, watch.lost, ensemble.final)


def _variables(model: Model) -> tuple[str, ...]:
    """Names of the components of w: those of the formula, else w or w1, w2, ..."""
    bare = model.landscape if isinstance(model, NoisyGradient) else model
    named = getattr(bare, "variables", None)
    if named is not None:
        return tuple(str(v) for v in named)
    return ("w",) if model.dim == 1 else tuple(f"w{i + 1}" for i in range(model.dim))
