"""What parts of SGD of the user's own must give, and their answers step by step."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

from simulate.noise import AddedNoise
from simulate.preconditioner import PreconditionerField
from simulate.sampling import DataSampling, ExampleSampling
from simulate.schedule import BatchSchedule, RateSchedule, Schedule
from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike, Integers
from theory.base.contracts import Kept, Part
from theory.base.errors import InputError, require
from theory.base.rounding import EPSILON, LEAST_NORMAL
from theory.base.trials import SEED, trial_points

WALKERS: Final = 8  # of a trial
EARLY: Final = 8  # steps that are tried one by one
DRAWS: Final = 4000  # of a noise that tells its variance
FACTOR: Final = 1.6  # between variances, within which heavy tails may mislead a sample
ALIKE = 1e-12  # relative: answers for one walker and for several


def check_schedule(schedule: RateSchedule | BatchSchedule, *, steps: int = 1000) -> Kept:
    """What a schedule keeps of its contract within `steps` steps: positive factors that depend on the step alone.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name, or `steps` is not at least 1.
    """
    require(steps >= 1, f"`steps` must be at least 1, got {steps}")
    part = Part.of("schedule", schedule)
    names = [name for name in ("rate", "batch") if part.has(name)]
    part.require(bool(names), "it must have a method `rate` or `batch`, got neither; define one")
    tried = np.unique(np.concatenate([np.arange(min(EARLY, steps)), np.linspace(0, steps - 1, 32).astype(int)]))
    for name in names:
        together = factors(part, name, tried)
        alone = np.concatenate([factors(part, name, tried[k : k + 1]) for k in range(min(EARLY, len(tried)))])
        again = factors(part, name, tried)
        same = np.array_equal(again, together) and np.allclose(alone, together[: len(alone)], rtol=ALIKE, atol=0)
        part.require(
            same, f"`{name}` must give at each step what it gives there alone, got other numbers; keep no state"
        )
    return Kept(part.name, tuple(f"`{name}` gives positive factors, step by step" for name in names))


def factors(part: Part, name: str, steps: Integers) -> Array:
    """Positive factors at `steps` (n,) of a schedule of the user's own.

    Raises
    ------
    InputError
        If they are not numbers of this shape, finite and positive.
    """
    found, title = as_numbers(part.call(name, steps)), f"`{name}` of {part.name}"
    if found is None or found.shape != steps.shape:
        got = "no numbers" if found is None else found.shape
        raise InputError(
            f"{title} must give finite factors, one for each step, got {got} for steps of shape "
            f"{steps.shape}; vectorise it"
        )
    at_zero = isinstance(part.value, Schedule)  # as `Linear(steps, 0.0)` ends
    bad = np.flatnonzero(~(np.isfinite(found) & ((found >= 0) if at_zero else (found > 0))))
    if len(bad):
        sign = "not negative" if at_zero else "positive"
        raise InputError(
            f"{title} must give finite factors, {sign}, got {found[bad[0]]:g} at "
            f"step {steps[bad[0]]}; mend it there, or stop the run before"
        )
    return found


def check_noise(noise: AddedNoise, points: ArrayLike | None = None, *, dim: int = 1) -> Kept:
    """What added noise keeps of its contract: finite numbers for each walker by itself, from its stream alone.

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
    part = Part.of("noise", noise)
    where, _ = trial_points(dim, points)
    part.reproducible("sample", lambda rng: sampled(part, where, rng))
    copies = np.tile(where[:1], (WALKERS, 1))
    require_own_draws(part, "sample", lambda rng: sampled(part, copies, rng))
    _require_variance(part, where)
    return Kept(part.name, ("`sample` gives finite numbers for each walker by itself, from its stream alone",))


def _require_variance(part: Part, where: Array) -> None:
    """Refuse a `variance` that the noise tells of itself and some thousand draws contradict."""
    told = part.size("variance")
    if told is not None and math.isfinite(told):
        draws = sampled(part, np.tile(where[:1], (DRAWS, 1)), part.stream())
        seen = float((draws**2).mean(axis=0).max())
        part.require(
            told <= FACTOR * seen and seen <= FACTOR * told,
            f"`variance` must be that of each component, got {told:g} and {seen:.4g} in {DRAWS} draws; mend it",
        )


def sampled(part: Part, points: Array, rng: np.random.Generator) -> Array:
    """Numbers (n, d) of added noise of the user's own at `points` (n, d)."""
    found = part.numbers("sample", points, (points.shape[1],), rng)
    part.require_finite_on_the_way("sample", points, found)
    return found


def check_preconditioner(
    preconditioner: PreconditionerField, points: ArrayLike | None = None, *, dim: int = 1
) -> Kept:
    """What a preconditioner keeps of its contract: symmetric positive definite matrices, vectorised.

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
    part = Part.of("preconditioner", preconditioner)
    where, _ = trial_points(dim, points)
    part.covariance("matrix", where, definite=True)
    return Kept(part.name, ("`matrix` is symmetric, positive definite and vectorised",))


def turned(part: Part, points: Array, gradient: Array) -> Array:
    """P(w) g for gradients (n, d) at `points` (n, d), of a preconditioner of the user's own."""
    dim = points.shape[1]
    matrices = part.numbers("matrix", points, (dim, dim))
    part.require_finite_on_the_way("matrix", points, matrices)
    step = np.einsum("nij,nj->ni", matrices, gradient)
    with np.errstate(all="ignore"):  # where P is definite, g' P g > 0
        along, most = (step * gradient).sum(axis=1), np.abs(step * gradient).sum(axis=1)
        stays = (step == 0).all(axis=1) & (np.abs(gradient) > LEAST_NORMAL).any(axis=1)
    up = np.flatnonzero((along < -points.shape[1] * EPSILON * most) | stays)
    if len(up):
        part.refuse(
            f"`matrix` must be positive definite, got {matrices[up[0]].tolist()} at w = {points[up[0]].tolist()}; "
            "add a positive number to the diagonal"
        )
    return np.asarray(step)


def check_sampling(
    sampling: ExampleSampling | DataSampling, *, examples: int = 100, batch_size: int = 10, inputs: int = 1
) -> Kept:
    """What a sampling keeps of its contract: whole numbers of examples in range, or finite data, for each walker.

    Parameters
    ----------
    examples
        Size of the data set.
    batch_size
        Examples of a batch.
    inputs
        Components m of an input, for fresh data.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name, or a number is not at least 1.
    """
    for argument, given in (("examples", examples), ("batch_size", batch_size), ("inputs", inputs)):
        require(given >= 1, f"`{argument}` must be at least 1, got {given}")
    part = Part.of("sampling", sampling)
    if part.has("indices"):
        name, words = "indices", "`indices` gives whole numbers in range, from its stream alone"

        def draw(step: int, rng: np.random.Generator) -> Any:
            return chosen(part, examples, (WALKERS, batch_size), step, rng)
    else:
        name, words = "examples", "`examples` gives finite data of the right shape, from its stream alone"

        def draw(step: int, rng: np.random.Generator) -> Any:
            return drawn_data(part, inputs, (WALKERS, batch_size), step, rng)

    for step in (0, 1, examples):
        part.reproducible(name, partial(draw, step))
    require_own_draws(part, name, lambda rng: draw(0, rng))
    return Kept(part.name, (words,))


def chosen(part: Part, examples: int, shape: tuple[int, int], step: int, rng: np.random.Generator) -> Integers:
    """Numbers of the examples that a sampling of the user's own takes, for `shape` walkers and examples."""
    walkers, batch = shape
    found = as_numbers(part.call("indices", examples, batch, walkers, step, rng), "iuf")
    if found is None or found.ndim != 2 or len(found) != walkers or not 1 <= found.shape[1] <= batch:
        part.refuse(
            f"`indices` must give whole numbers of shape ({walkers}, at most {batch}), got "
            f"{'no numbers' if found is None else found.shape}; take a row for each walker"
        )
    with np.errstate(invalid="ignore"):
        wrong = ~((found >= 0) & (found <= examples - 1) & (found == np.trunc(found)))
    if wrong.any():
        part.refuse(
            f"`indices` must be whole numbers from 0 to {examples - 1}, got {found[wrong][0]:g} at step {step}; "
            "take rng.integers(examples, size=...)"
        )
    return found.astype(np.int64)


def drawn_data(
    part: Part, inputs: int, shape: tuple[int, int], step: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Inputs (walkers, batch, m) and labels (walkers, batch) that a sampling of the user's own makes."""
    walkers, batch = shape
    found = part.call("examples", batch, walkers, step, rng)
    if not (isinstance(found, tuple | list) and len(found) == 2):  # to show it takes longer than a step
        part.refuse(f"`examples` must give inputs and labels, got {shown(found)}; return x, y")
    x, y = as_numbers(found[0]), as_numbers(found[1])
    if x is not None and x.ndim == 2 and inputs == 1:
        x = x[..., None]
    wanted = (walkers, batch, inputs)
    if x is None or y is None or x.shape != wanted or y.shape != wanted[:2]:
        part.refuse(
            f"`examples` must give inputs {wanted} and labels {wanted[:2]}, got "
            f"{'no numbers' if x is None else x.shape} and {'no numbers' if y is None else y.shape}; draw a batch "
            "for each walker"
        )
    part.require(
        bool(np.isfinite(x).all() and np.isfinite(y).all()),
        f"`examples` must be finite, got data that are not at step {step}; mend the draw",
    )
    return x, y


def as_numbers(found: Any, letters: str = "biuf") -> Array | None:
    """What was found as floats, or None where it is no array of numbers of these kinds."""
    array = numbers_of(found)
    return None if array is MISFIT or array.dtype.kind not in letters else array.astype(np.float64, copy=False)


def require_own_draws(part: Part, name: str, draw: Callable[[np.random.Generator], Any]) -> None:
    """Refuse one random draw for all walkers: walkers of a block would not be independent."""
    first, second = (draw(np.random.default_rng(SEED + k)) for k in range(2))
    pairs = zip(first, second, strict=True) if isinstance(first, tuple) else [(first, second)]
    for one, other in pairs:
        shared = bool((one == one[:1]).all() and (other == other[:1]).all())
        part.require(
            not shared or np.array_equal(one, other),
            f"`{name}` must draw for each walker by itself, got one draw for all {len(one)}; draw a row for each",
        )
