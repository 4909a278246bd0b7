"""What a study asks of the slope of the loss, from the table [loss_slope]."""

from __future__ import annotations

from dataclasses import dataclass

from compare.slope.allowed import METHODS, allowed, why_not
from compare.slope.measure import checked_rates
from compare.slope.method import require_plain
from compare.study.definition.networks import ALL
from compare.study.section import Section
from simulate.sampling import Fresh
from simulate.sgd import SGD
from theory.base.errors import InputError, require
from theory.laws import Grid
from theory.models import FreshModel


@dataclass(frozen=True)
class SlopePlan:
    """The learning rates, increasing, and the methods by which the slope of the loss is to be found.

    Parameters
    ----------
    rates, methods
        `methods` are those that model and algorithm allow; `refused` the others of "all" with their reasons.
    minimum
        Where the minimum is, or a place next to it; None: the lowest on [grid], or what Newton finds from 0.
    walkers, steps, burn_in
        Of the method "sampling"; a burn-in of None is as long as the law takes to settle at the lowest rate.
    confidence
        Of all intervals.
    """

    rates: tuple[float, ...]
    methods: tuple[str, ...]
    walkers: int = 1000
    steps: int = 1000
    burn_in: int | None = None
    minimum: tuple[float, ...] | None = None
    confidence: float = 0.95
    refused: tuple[tuple[str, str], ...] = ()


def read_slope_plan(section: Section, model: FreshModel, sgd: SGD, grid: Grid | None) -> SlopePlan:
    """The plan that the table [loss_slope] describes.

    Raises
    ------
    InputError
        If rates or methods are none, model or algorithm allow no slope or not this method, or a number is out of
        range.
    """
    try:
        require_plain(sgd)
    except InputError as error:
        raise InputError(f"[loss_slope] does not fit: {error}") from None
    require(
        isinstance(sgd.sampling, Fresh),
        "[loss_slope] needs fresh data, this study has a fixed data set; leave out [data] and `sampling`",
    )
    given = section.numbers("rates")
    try:
        rates = checked_rates(given)
    except InputError as error:
        raise InputError(f"[loss_slope] does not fit: {error}") from None
    require(
        list(given) == rates.tolist(),
        f"{section.where('rates')} must increase, got {list(given)}; write {rates.tolist()}",
    )
    methods, refused = _read_methods(section, model, sgd, grid)
    minimum = section.numbers("minimum") if "minimum" in section else None
    require(
        minimum is None or len(minimum) == model.dim,
        f"{section.where('minimum')} must have as many numbers as the model has variables, {model.dim}, got "
        f"{minimum}",
    )
    numbers = {key: section.whole(key) for key in ("walkers", "steps", "burn_in") if key in section}
    require(
        not numbers or "sampling" in methods,
        f"{section.where(next(iter(numbers), ''))} is of the method sampling, which is not run; leave it out",
    )
    confidence = section.number("confidence")
    section.close()
    place = None if minimum is None else tuple(minimum)
    return SlopePlan(
        tuple(rates.tolist()), methods, minimum=place, confidence=confidence, refused=refused, **numbers
    )


def _read_methods(
    section: Section, model: FreshModel, sgd: SGD, grid: Grid | None
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The methods to run, in their usual order, and those of "all" that are refused with the reasons."""
    names, where = section.read("methods"), section.where("methods")
    reasons = {name: why_not(name, model, sgd, grid) for name in METHODS}
    possible = allowed(model, sgd, grid)
    if ALL in names:
        require(len(possible) > 0, f"{where}: none is for this study, {reasons}; leave out [loss_slope]")
        return possible, tuple((name, reason) for name, reason in reasons.items() if reason is not None)
    for name in names:
        reason = reasons[name]
        other = f"take {possible[-1]}" if possible else "leave out [loss_slope]"
        require(reason is None, f"{where} holds {name!r}, but {reason}; {other}")
    return tuple(name for name in METHODS if name in names), ()
