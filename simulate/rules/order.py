"""Several rules in order, and which options of SGD have a meaning with them."""

from __future__ import annotations

from typing import Any, TypeAlias

from simulate.rules.rule import ShippedRule, StepRule
from simulate.rules.samplers import StochasticHamiltonian
from theory.base.errors import require

Rule: TypeAlias = ShippedRule | StepRule


def require_order(rules: tuple[Rule, ...], momentum: float, preconditioner: Any) -> None:
    """Require that the rules have a meaning in this order, with this momentum and preconditioner.

    Raises
    ------
    InputError
        If they have none.
    """
    shipped, listed = [rule for rule in rules if isinstance(rule, ShippedRule)], ", ".join(map(repr, rules))
    for rule in (one for one in shipped if one.samples):
        require(rule is rules[-1], f"`rule` must end with {rule!r}, which samples, got {listed}; put it last")
        before = [repr(one) for one in shipped[:-1] if one.rescales]
        require(
            not before,
            f"`rule` must leave {rule!r} a gradient to sample with, got {' and '.join(before)} before it; take "
            "PreconditionedLangevin(temperature) alone",
        )
        require(
            rule.has_momentum or not momentum,
            f"`momentum` must be 0 with {rule!r}, whose temperature it would change, got {momentum}; take "
            f"StochasticHamiltonian(friction={1 - momentum:g}, temperature)",
        )
        require(
            preconditioner is None,
            f"`preconditioner` must be None with {rule!r}, which its noise would not fit, got {preconditioner}; "
            "leave it out",
        )
    own = [repr(rule) for rule in shipped if rule.has_momentum]
    require(
        not own or not momentum,
        f"`momentum` must be 0 with {' and '.join(own)}, which has its own, got {momentum}; leave it out",
    )
    require(
        not rules or not hasattr(preconditioner, "applied"),
        f"`preconditioner` must not follow the batches' noise, which a rule changes, got {preconditioner} and "
        f"{listed}; give numbers, or leave the rule out",
    )


def kept_velocity(rules: tuple[Rule, ...], momentum: float) -> float:
    """The share of the velocity that a step keeps: the momentum as it is, or that of a sampler with a velocity."""
    last = rules[-1] if rules else None
    return last.momentum if isinstance(last, StochasticHamiltonian) else momentum
