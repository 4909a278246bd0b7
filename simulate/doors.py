"""The door of SGD: parts of the user's own are tried before a run."""

from __future__ import annotations

from simulate.contract import check_noise, check_preconditioner, check_schedule
from simulate.noise import AddedNoise
from simulate.rules import ShippedRule, check_rule
from simulate.sgd import SGD
from theory.base.arguments.answers import is_ours, is_shipped
from theory.base.arrays import Array
from theory.base.contracts import Part
from theory.base.trials import some_of


def try_parts(sgd: SGD, positions: Array, steps: int) -> None:
    """Refuse SGD of which a part of the user's own breaks its contract, at some `positions` (n, d).

    Samplings are tried where their data are known.

    Raises
    ------
    InputError
        As the checks of the parts.
    """
    where = some_of(positions)
    if not len(where):
        return
    for schedule in sgd.schedules:
        if not is_shipped(schedule):
            check_schedule(schedule, steps=max(steps, 1))
    for noise in sgd.noises:
        if isinstance(noise, AddedNoise) and not is_ours(noise):
            check_noise(noise, where, dim=where.shape[1])
    part = Part.of("preconditioner", sgd.preconditioner)
    if not part.ours and part.has("matrix"):
        check_preconditioner(part.value, where, dim=where.shape[1])
    for rule in sgd.rules:
        if not isinstance(rule, ShippedRule):
            check_rule(rule, where, dim=where.shape[1])
