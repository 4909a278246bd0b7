"""The algorithm of a study: SGD with its options, from the table [sgd]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from compare.study.section import Section, is_number
from simulate.momentum import Nesterov
from simulate.noise import GaussianNoise, LabelNoise, Noise, StableNoise, StudentNoise
from simulate.preconditioner import InverseNoise, Preconditioner, checked
from simulate.sampling import Fresh, Sampling, WithoutReplacement, WithReplacement
from simulate.schedule import BatchGrowth, Cosine, Exponential, Linear, Schedule, Step
from simulate.sgd import SGD
from theory.base.errors import InputError, require

SAMPLINGS: dict[str, Sampling] = {
    "fresh": Fresh(),
    "with replacement": WithReplacement(),
    "without replacement": WithoutReplacement(),
}
INVERSE = "inverse noise"
Part = TypeVar("Part")


def _steps(section: Section) -> tuple[int, ...]:
    """One step or a rising list of them."""
    value = section.take("at")
    steps = value if isinstance(value, list) else [value]
    fine = len(steps) > 0 and all(isinstance(s, int) and not isinstance(s, bool) and s >= 0 for s in steps)
    require(
        fine and steps == sorted(set(steps)),
        f"{section.where('at')} must be a step or a rising list of steps, whole numbers from 0 on, got {value!r}",
    )
    return tuple(steps)


def _ramp(section: Section) -> tuple[int, float]:
    return section.whole("steps"), section.number("final", least=0.0)


SCHEDULES: dict[str, Callable[[Section], Schedule]] = {
    "step": lambda s: Step(_steps(s), s.number("factor", least=0.0)),
    "linear": lambda s: Linear(*_ramp(s)),
    "cosine": lambda s: Cosine(*_ramp(s)),
    "exponential": lambda s: Exponential(s.whole("steps"), s.number("final", positive=True)),
    "batch growth": lambda s: BatchGrowth(
        s.whole("every"), s.number("factor", 2.0, least=1.0), s.number("largest", 1e6, least=1.0)
    ),
}
NOISES: dict[str, Callable[[Section], Noise]] = {
    "label": lambda s: LabelNoise(s.number("std", positive=True)),
    "gaussian": lambda s: GaussianNoise(s.number("std", positive=True)),
    "student": lambda s: StudentNoise(s.number("degrees", positive=True), s.number("scale", positive=True)),
    "stable": lambda s: StableNoise(
        s.number("alpha", positive=True), s.number("scale", positive=True), s.number("skew", 0.0)
    ),
}


def read_sgd(section: Section) -> SGD:
    """SGD as the table [sgd] describes it; `steps` and `walkers` are left in the table.

    Raises
    ------
    InputError
        If a number is out of range, or a kind or a key of an inner table is unknown.
    """
    return SGD(
        section.number("learning_rate", positive=True),
        section.whole("batch_size"),
        _read_momentum(section),
        _read_preconditioner(section),
        _read_parts(section, "schedule", SCHEDULES),
        SAMPLINGS[section.choice("sampling", tuple(SAMPLINGS), "fresh")],
        _read_parts(section, "noise", NOISES),
    )


def _read_momentum(section: Section) -> float:
    momentum = section.number("momentum", 0.0)
    nesterov = section.take("nesterov", False)
    require(isinstance(nesterov, bool), f"{section.where('nesterov')} must be true or false, got {nesterov!r}")
    require(
        not nesterov or momentum != 0,
        f"{section.where('nesterov')} needs a `momentum` above 0, got {momentum:g}; give one or leave it out",
    )
    return Nesterov(momentum) if nesterov else momentum


def _read_preconditioner(section: Section) -> Preconditioner:
    """A number, a list of numbers, a matrix, or the inverse of the noise with its `damping`."""
    value = section.take("preconditioner", None)
    damped = "damping" in section
    require(
        not damped or value == INVERSE,
        f'{section.where("damping")} needs preconditioner = "{INVERSE}", got {value!r}; leave it out',
    )
    if value is None:
        return None
    if value == INVERSE:
        return InverseNoise(section.number("damping", 0.0, least=0.0))
    where = section.where("preconditioner")
    rows = value if isinstance(value, list) else [value]
    matrix = len(rows) > 0 and all(isinstance(row, list) and len(row) > 0 for row in rows)
    numbers = [number for row in rows for number in row] if matrix else rows
    even = not matrix or {len(row) for row in rows} == {len(rows)}
    require(
        len(numbers) > 0 and all(map(is_number, numbers)) and even,
        f'{where} must be a positive number, a list of them, a square matrix or "{INVERSE}", got {value!r}',
    )
    try:
        return checked(value)
    except InputError as error:
        raise InputError(f"{where} must be positive definite: {error}") from None


def _read_parts(section: Section, key: str, kinds: Mapping[str, Callable[[Section], Part]]) -> tuple[Part, ...]:
    """One table [sgd.key] or an array of them, each read by its `kind`."""
    value: Any = section.take(key, ())
    tables = value if isinstance(value, list) else [] if value == () else [value]
    require(len(tables) > 0 or value == (), f"[{section.name}.{key}] must be a table or several, got {value!r}")
    found = []
    for table in tables:
        part = Section(table, f"{section.name}.{key}")
        read = kinds[part.choice("kind", tuple(kinds))]
        try:
            found.append(read(part))
        except InputError as error:
            named = f"[{part.name}]" in str(error)
            raise InputError(str(error) if named else f"[{part.name}] does not fit: {error}") from None
        part.close()
    return tuple(found)
