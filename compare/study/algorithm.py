"""The algorithm of a study: SGD with its options, from the table [sgd]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from compare.study.definition.tables import INVERSE
from compare.study.section import Section
from simulate.momentum import Nesterov
from simulate.noise import GaussianNoise, LabelNoise, Noise, StableNoise, StudentNoise
from simulate.preconditioner import InverseNoise, Preconditioner, checked
from simulate.rules import (
    Adam,
    AdamW,
    ClipByNorm,
    ClipByValue,
    Lion,
    PreconditionedLangevin,
    RMSprop,
    Rule,
    Sign,
    StochasticHamiltonian,
    StochasticLangevin,
    WeightDecay,
)
from simulate.sampling import Fresh, Sampling, WithoutReplacement, WithReplacement
from simulate.schedule import BatchGrowth, Cosine, Exponential, Linear, Schedule, Step
from simulate.sgd import SGD
from theory.base.errors import InputError, require

SAMPLINGS: dict[str, Sampling] = {
    "fresh": Fresh(),
    "with replacement": WithReplacement(),
    "without replacement": WithoutReplacement(),
}
Part = TypeVar("Part")


def _steps(section: Section) -> tuple[int, ...]:
    """One step or a rising list of them."""
    value = section.read("at")
    steps = value if isinstance(value, list) else [value]
    require(
        steps == sorted(set(steps)),
        f"{section.where('at')} must be a step or a rising list of steps, got {value!r}",
    )
    return tuple(steps)


def _ramp(section: Section) -> tuple[int, float]:
    return section.whole("steps"), section.number("final")


SCHEDULES: dict[str, Callable[[Section], Schedule]] = {
    "step": lambda s: Step(_steps(s), s.number("factor")),
    "linear": lambda s: Linear(*_ramp(s)),
    "cosine": lambda s: Cosine(*_ramp(s)),
    "exponential": lambda s: Exponential(s.whole("steps"), s.number("final")),
    "batch growth": lambda s: BatchGrowth(s.whole("every"), s.number("factor"), s.number("largest")),
}
NOISES: dict[str, Callable[[Section], Noise]] = {
    "label": lambda s: LabelNoise(s.number("std")),
    "gaussian": lambda s: GaussianNoise(s.number("std")),
    "student": lambda s: StudentNoise(s.number("degrees"), s.number("scale")),
    "stable": lambda s: StableNoise(s.number("alpha"), s.number("scale"), s.number("skew")),
}
RULES: dict[str, Callable[[Section], Rule]] = {
    "clip by value": lambda s: ClipByValue(s.number("limit")),
    "clip by norm": lambda s: ClipByNorm(s.number("limit")),
    "weight decay": lambda s: WeightDecay(s.number("rate")),
    "sign": lambda s: Sign(),
    "rmsprop": lambda s: RMSprop(s.number("beta"), s.number("epsilon")),
    "adam": lambda s: Adam(*_adam(s)),
    "adamw": lambda s: AdamW(*_adam(s), s.number("weight_decay")),
    "lion": lambda s: Lion(s.number("beta1"), s.number("beta2")),
    "langevin": lambda s: StochasticLangevin(s.number("temperature")),
    "preconditioned langevin": lambda s: PreconditionedLangevin(
        s.number("temperature"), s.number("beta"), s.number("epsilon")
    ),
    "hamiltonian": lambda s: StochasticHamiltonian(s.number("friction"), s.number("temperature")),
}


def _adam(section: Section) -> tuple[float, float, float]:
    return section.number("beta1"), section.number("beta2"), section.number("epsilon")


def read_sgd(section: Section) -> SGD:
    """SGD as the table [sgd] describes it; `steps` and `walkers` are left in the table.

    Raises
    ------
    InputError
        If a number is out of range, or a kind or a key of an inner table is unknown.
    """
    return SGD(
        section.number("learning_rate"),
        section.whole("batch_size"),
        _read_momentum(section),
        _read_preconditioner(section),
        _read_parts(section, "schedule", SCHEDULES),
        SAMPLINGS[section.text("sampling")],
        _read_parts(section, "noise", NOISES),
        _read_parts(section, "rule", RULES),
    )


def read_plain_sgd(section: Section) -> SGD:
    """SGD of a data set, whose table knows no preconditioner, schedule or added noise; the rest as `read_sgd`.

    Raises
    ------
    InputError
        As `read_sgd`.
    """
    return SGD(
        section.number("learning_rate"),
        section.whole("batch_size"),
        _read_momentum(section),
        sampling=SAMPLINGS[section.text("sampling")],
        rule=_read_parts(section, "rule", RULES),
    )


def _read_momentum(section: Section) -> float:
    momentum, nesterov = section.number("momentum"), section.flag("nesterov")
    require(
        not nesterov or momentum != 0,
        f"{section.where('nesterov')} needs a `momentum` above 0, got {momentum:g}; give one or leave it out",
    )
    return Nesterov(momentum) if nesterov else momentum


def _read_preconditioner(section: Section) -> Preconditioner:
    """A number, a list of numbers, a matrix, or the inverse of the noise with its `damping`."""
    value = section.read("preconditioner")
    damped = "damping" in section
    require(
        not damped or value == INVERSE,
        f'{section.where("damping")} needs preconditioner = "{INVERSE}", got {value!r}; leave it out',
    )
    if value is None:
        return None
    if value == INVERSE:
        return InverseNoise(section.number("damping"))
    try:
        return checked(value)
    except InputError as error:
        raise InputError(f"{section.where('preconditioner')} must be positive definite: {error}") from None


def _read_parts(section: Section, key: str, kinds: Mapping[str, Callable[[Section], Part]]) -> tuple[Part, ...]:
    """One table [sgd.key] or an array of them, each read by its `kind`."""
    found = []
    for part in section.several(key):
        read = kinds[part.own_kind()]
        try:
            found.append(read(part))
        except InputError as error:
            named = f"[{part.name}]" in str(error)
            raise InputError(str(error) if named else f"[{part.name}] does not fit: {error}") from None
        part.close()
    return tuple(found)
