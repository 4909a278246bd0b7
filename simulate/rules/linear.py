"""What step rules leave of a small gradient, and the variance of what samplers add to it."""

from __future__ import annotations

import numpy as np

from simulate.rules.order import Rule
from simulate.rules.rule import CLIP_NORM, CLIP_VALUE, DECAY, HEAT, ShippedRule
from theory.base.arrays import Array
from theory.base.errors import InputError, require


def kept_slope(rules: tuple[Rule, ...], w: Array, gradient: Array, hessian: Array) -> Array:
    """The derivative (d, d) at w (d,) of what the rules make of the mean gradient (d,), whose own is `hessian`.

    Raises
    ------
    InputError
        If a rule does more than to clip, to decay and to add noise, or clips this gradient.
    """
    passing, slope = np.array(gradient, dtype=np.float64), np.array(hessian, dtype=np.float64)
    for rule in rules:
        for kind, size, *_ in _linear_rows(rule):
            if kind == DECAY:
                passing, slope = passing + size * w, slope + size * np.eye(len(w))
            elif kind in (CLIP_VALUE, CLIP_NORM):
                found = float(np.linalg.norm(passing, np.inf if kind == CLIP_VALUE else 2))
                require(
                    found <= size,
                    f"a step has a linear part where {rule!r} lets the mean gradient pass, got one of size "
                    f"{found:.3g} at w = {w.tolist()}; take a place nearer to a minimum",
                )
    return slope


def _linear_rows(rule: Rule) -> tuple[tuple[float, ...], ...]:
    """Rows of a rule that leaves small gradients as they are."""
    rows = rule.rows if isinstance(rule, ShippedRule) else ()
    if not rows or any(kind not in (CLIP_VALUE, CLIP_NORM, DECAY, HEAT) for kind, *_ in rows):
        raise InputError(
            f"whether a step is stable is known of rules that leave small gradients as they are, got {rule!r}; "
            "run walkers from there"
        )
    return rows


def added_heat(rules: tuple[Rule, ...], rate: float) -> float | None:
    """Variance that samplers add to each component of the gradient, None where rules do anything else.

    `rate` is the learning rate.
    """
    rows = [row for rule in rules for row in (rule.rows if isinstance(rule, ShippedRule) else ((-1.0, 0.0),))]
    return sum(2 * row[1] / rate for row in rows) if all(row[0] == HEAT for row in rows) else None
