"""Stochastic gradient descent, as a record of its settings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from simulate.contract import check_schedule, factors
from simulate.momentum import Nesterov
from simulate.noise import NOISES, Noise
from simulate.preconditioner import Preconditioner, checked
from simulate.rules import Rule, ShippedRule, kept_velocity, require_order
from simulate.sampling import SAMPLINGS, Fresh, Sampling
from simulate.schedule import AnySchedule, Schedule
from theory.base.arguments import Given
from theory.base.arguments.answers import is_ours, is_shipped
from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike, Integers, finite
from theory.base.contracts import Part
from theory.base.errors import require
from theory.base.showing import as_call

LARGEST_BATCH = 2**31


@dataclass(frozen=True)
class SGD:
    """w <- w + v with v <- momentum v - learning_rate P u, where u is what rules make of the gradient of a batch.

    Without a rule u is that gradient, g_B, the mean of its examples.

    Parameters
    ----------
    learning_rate
        Positive.
    batch_size
        Examples a step, at least 1.
    momentum
        Heavy-ball momentum in [0, 1), or `Nesterov(mu)`.
    preconditioner
        P: a positive number, d positive numbers (rates of coordinates), a symmetric positive definite matrix,
        `InverseNoise()`, or a `PreconditionerField` of the user's own. None is the identity.
    schedule
        A `Schedule` or several, whose factors multiply: `Step`, `Linear`, `Cosine`, `Exponential`, `BatchGrowth`,
        or a `RateSchedule` or `BatchSchedule` of the user's own.
    sampling
        `Fresh()`, `WithReplacement()` or `WithoutReplacement()`; the last two need data. Of the user's own an
        `ExampleSampling` of data, or a `DataSampling` that makes them.
    noise
        One or several of `LabelNoise`, `GaussianNoise`, `StudentNoise`, `StableNoise`, `SubsampledNoise`, `SVAG`,
        or an `AddedNoise` of the user's own, added to the noise of the batches.
    rule
        One or several step rules, applied in order, the first to the gradient with its noise: `ClipByValue`,
        `ClipByNorm`, `WeightDecay`, `Sign`, `RMSprop`, `Adam`, `AdamW`, `Lion`, of samplers `StochasticLangevin`,
        `PreconditionedLangevin` and `StochasticHamiltonian`, or a `StepRule` of the user's own.

    Raises
    ------
    InputError
        If a number is out of range, an option is none of these, a schedule does not keep its contract, or rules
        have no meaning in their order or with momentum or preconditioner.
    """

    learning_rate: float
    batch_size: int
    momentum: float = 0.0
    preconditioner: Preconditioner = None
    schedule: Annotated[
        AnySchedule | tuple[AnySchedule, ...], Given(AnySchedule | Sequence[AnySchedule] | None)
    ] = ()
    sampling: Sampling = Fresh()  # noqa: RUF009 - frozen
    noise: Annotated[Noise | tuple[Noise, ...], Given(Noise | Sequence[Noise] | None)] = ()
    rule: Annotated[Rule | tuple[Rule, ...], Given(Rule | Sequence[Rule] | None)] = ()

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.learning_rate) and self.learning_rate > 0,
            f"`learning_rate` must be positive and finite, got {self.learning_rate}",
        )
        require(
            self.batch_size >= 1 and self.batch_size % 1 == 0,
            f"`batch_size` must be a whole number, at least 1, got {self.batch_size}",
        )
        require(0 <= self.momentum < 1, f"`momentum` must lie in [0, 1), got {self.momentum}")
        require(
            _is_one_of(self.sampling, Sampling, SAMPLINGS),
            f"`sampling` must be Fresh(), WithReplacement() or WithoutReplacement(), got {shown(self.sampling)}",
        )
        for name, kind, ours, examples in (
            ("schedule", AnySchedule, (Schedule,), "a Schedule such as Cosine(steps, final)"),
            ("noise", Noise, NOISES, "a noise such as GaussianNoise(std)"),
            ("rule", Rule, (ShippedRule,), "a step rule such as Adam()"),
        ):
            given = getattr(self, name)
            several = tuple(given) if isinstance(given, tuple | list) else () if given is None else (given,)
            require(
                all(_is_one_of(part, kind, ours) for part in several),
                f"`{name}` must be {examples}, or several in a tuple, got {shown(given)}",
            )
            object.__setattr__(self, name, several)
        for schedule in self.schedules:
            if not is_shipped(schedule):
                check_schedule(schedule, steps=1)  # how far it goes, a run knows
        object.__setattr__(self, "preconditioner", checked(self.preconditioner))
        keep = Nesterov if isinstance(self.momentum, Nesterov) else float
        for name, number in (("learning_rate", float), ("batch_size", int), ("momentum", keep)):
            object.__setattr__(self, name, number(getattr(self, name)))  # one compiled loop for 1 and 1.0
        require_order(self.rules, self.momentum, self.preconditioner)

    def __repr__(self) -> str:
        return as_call(self)

    @property
    def schedules(self) -> tuple[AnySchedule, ...]:
        """The schedules as a tuple."""
        return self.schedule if isinstance(self.schedule, tuple) else (self.schedule,)

    @property
    def noises(self) -> tuple[Noise, ...]:
        """The added noise as a tuple."""
        return self.noise if isinstance(self.noise, tuple) else (self.noise,)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The step rules as a tuple."""
        return self.rule if isinstance(self.rule, tuple) else (self.rule,)

    @property
    def kept_velocity(self) -> float:
        """Share of the velocity that a step keeps: the momentum, or 1 - friction of `StochasticHamiltonian`."""
        return kept_velocity(self.rules, self.momentum)

    @property
    def variants(self) -> tuple[str, ...]:
        """Names of the options that the plain algorithm, with or without heavy-ball momentum, does not have."""
        found = {
            "Nesterov": isinstance(self.momentum, Nesterov),
            "preconditioner": self.preconditioner is not None,
            "schedule": bool(self.schedules),
            "noise": bool(self.noises),
            "rule": bool(self.rules),
            "heavy-tailed data": isinstance(self.sampling, Fresh) and not self.sampling.normal,
            "a sampling of its own": not isinstance(self.sampling, SAMPLINGS),
        }
        return tuple(name for name, present in found.items() if present)

    @property
    def variants_in_words(self) -> str:
        """The `variants` for a message, rules and noise as they were given."""
        return " and ".join(map(self._in_words, self.variants))

    def _in_words(self, variant: str) -> str:
        given = {"rule": ("rule", self.rules), "noise": ("added noise", self.noises)}
        name, parts = given.get(variant, (variant, ()))
        return f"{name} {', '.join(map(repr, parts))}".rstrip()

    @property
    def time_step(self) -> float:
        """Time of one step in the continuous limit: learning_rate / (1 - momentum).

        Raises
        ------
        InputError
            If the limit of this algorithm is not that of plain SGD; `times` tells the time of any.
        """
        changed = [self._in_words(name) for name in self.variants if name != "Nesterov"]
        require(
            not changed,
            f"the limit in continuous time is that of SGD without {' and '.join(changed)}; take it of plain SGD, "
            "or the times of the ensemble",
        )
        return self.learning_rate / (1 - self.momentum)

    def times(self, steps: ArrayLike) -> Array:
        """Time after so many steps: the sum of the learning rates so far, over 1 - momentum. Shape of `steps`.

        Of `StochasticHamiltonian` over its friction. Other rules leave it as it is, no time of gradient flow where
        they rescale the gradient.

        Raises
        ------
        InputError
            If `steps` are no whole numbers, or a schedule does not fit (`plan`).
        """
        counts = finite(steps, "steps").astype(np.int64)
        require(
            bool((counts >= 0).all() and (counts == steps).all()),
            f"`steps` must be whole numbers, not negative, got {np.ravel(steps)[:5].tolist()}",
        )
        if not self.schedules:
            return np.asarray(counts * (self.learning_rate / (1 - self.kept_velocity)))
        rates, _ = self.plan(0, int(counts.max(initial=0)))
        return np.asarray(np.concatenate([[0.0], np.cumsum(rates)])[counts] / (1 - self.kept_velocity))

    def plan(self, first: int, steps: int) -> tuple[Array, Integers]:
        """Learning rates and batch sizes of `steps` steps from step `first` on. Shape (steps,) each.

        Raises
        ------
        InputError
            If a number is negative, or a schedule gives a factor that is negative or not finite, or the wrong
            number of factors.
        """
        require(first >= 0 and steps >= 0, f"`first` and `steps` must not be negative, got {first} and {steps}")
        numbers = np.arange(first, first + steps)
        rates, batches = np.full(steps, self.learning_rate), np.full(steps, float(self.batch_size))
        for schedule in self.schedules:
            for name, values in (("rate", rates), ("batch", batches)):
                with np.errstate(over="ignore"):  # an infinite batch is the largest one, an infinite rate diverges
                    values *= _factors(schedule, name, numbers)
        return rates, np.clip(np.rint(batches), 1, LARGEST_BATCH).astype(np.int64)


def _factors(schedule: AnySchedule, name: str, steps: Integers) -> Array:
    """Factors at `steps` on the "rate" or the "batch"; 1 where a schedule of the user's own leaves it alone."""
    if not is_shipped(schedule):
        part = Part.of("schedule", schedule)
        return factors(part, name, steps) if part.has(name) else np.ones(len(steps))
    found = np.asarray(getattr(schedule, name)(steps), dtype=np.float64)
    require(
        found.shape == steps.shape and bool(np.isfinite(found).all() and (found >= 0).all()),
        f"`{name}` of {schedule!r} must give finite factors, not negative, one for each step",
    )
    return found


def _is_one_of(part: object, kind: Any, ours: tuple[type, ...]) -> bool:
    """Whether a part is one of `ours`, or of the user's own and keeps a protocol of `kind`."""
    return isinstance(part, ours) or (isinstance(part, kind) and not isinstance(part, type) and not is_ours(part))
