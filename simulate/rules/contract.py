"""What a step rule of the user's own must give, and its answers step by step."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulate.contract import ALIKE, WALKERS, as_numbers, require_own_draws
from simulate.rules.rule import StepRule
from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike
from theory.base.contracts import Kept, Part
from theory.base.trials import SEED, trial_points

RATE: Final = 0.1  # of a trial
STEPS: Final = 3  # of a trial, one after the other


def check_rule(rule: StepRule, points: ArrayLike | None = None, *, dim: int = 1) -> Kept:
    """What a step rule keeps of its contract: finite numbers and states, for each walker by itself.

    Parameters
    ----------
    points
        Where it is tried, shape (n, dim); by default at four places around 0.
    dim
        Dimension d of w.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name.
    """
    part = Part.of("rule", rule)
    where, _ = trial_points(dim, points)
    gradient = np.random.default_rng(SEED).normal(size=where.shape)
    state, again = started(part, where), started(part, where)
    apart = [started(part, where[k : k + 1]) for k in range(len(where))]
    part.require(
        np.array_equal(state, again) and all(one.shape[1:] == state.shape[1:] for one in apart),
        "`start` must give the same states at the same w, of one shape; take the randomness out",
    )
    part.require(
        _same(np.concatenate(apart), state),
        "`start` must give each walker the state that it has alone, got others; vectorise it over the walkers",
    )
    for step in range(STEPS):
        state = _tried(part, gradient, state, where, step)
    slope, kept, place = (np.repeat(one[:1], WALKERS, axis=0) for one in (gradient, state, where))
    require_own_draws(part, "update", lambda rng: updated(part, slope, kept, place, RATE, STEPS, rng))
    clauses = ["`update` gives finite numbers and states for each walker by itself, from its stream alone"]
    return Kept(part.name, (*clauses, *(["`start` gives finite states"] if part.has("start") else [])))


def _tried(part: Part, gradient: Array, state: Array, where: Array, step: int) -> Array:
    """The states after a step of walkers with these gradients and states, which draws from its stream alone."""

    def moved(which: slice, rng: np.random.Generator) -> tuple[Array, Array]:
        return updated(part, gradient[which], state[which], where[which], RATE, step, rng)

    found = part.reproducible("update", lambda rng: moved(slice(None), rng))
    other = moved(slice(None), np.random.default_rng(SEED + 1))
    if all(np.array_equal(one, two) for one, two in zip(found, other, strict=True)):  # nothing is drawn
        apart = [moved(slice(k, k + 1), part.stream()) for k in range(len(where))]
        part.require(
            all(_same(np.concatenate([one[k] for one in apart]), found[k]) for k in (0, 1)),
            f"`update` must give each walker what it gives it alone, got other numbers among {len(where)}; "
            "vectorise it over the walkers",
        )
    return np.asarray(found[1])


def _same(one: Array, other: Array) -> bool:
    return np.allclose(one, other, rtol=ALIKE, atol=0)


def started(part: Part, points: Array) -> Array:
    """The states (n, ...) of walkers at `points` (n, d), as a new array; (n, 0) where the rule has no `start`."""
    if not part.has("start"):
        return np.zeros((len(points), 0))
    found = as_numbers(part.call("start", points))
    if found is None or found.ndim == 0 or len(found) != len(points):
        part.refuse(
            f"`start` must give an array of numbers with a row for each of {len(points)} walkers, got "
            f"{'no numbers' if found is None else found.shape}; take np.zeros((len(w), ...))"
        )
    part.require_finite_on_the_way("start", points, found)
    return np.array(found)


def updated(
    part: Part, gradient: Array, state: Array, points: Array, rate: float, step: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """What a rule of the user's own makes of gradients (n, d) at `points` (n, d), and the next states (n, ...)."""
    found = part.call("update", gradient, state, points, rate, step, rng)
    if not (isinstance(found, tuple | list) and len(found) == 2):  # to show it takes longer than a step
        part.refuse(f"`update` must give what is taken off and the next state, got {shown(found)}; return both")
    moves, states = as_numbers(found[0]), as_numbers(found[1])
    if moves is None or states is None or moves.shape != gradient.shape or states.shape != state.shape:
        part.refuse(
            f"`update` must give numbers of shape {gradient.shape} and states of shape {state.shape}, got "
            f"{'no numbers' if moves is None else moves.shape} and "
            f"{'no numbers' if states is None else states.shape}; vectorise it over the walkers"
        )
    known = np.isfinite(gradient).all(axis=1)
    part.require_finite_on_the_way("update", points[known], moves[known])
    part.require_finite_on_the_way("update", points[known], states[known])
    return moves, states
