"""Laws in many dimensions seen through one or two numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from theory.base.arguments.answers import called
from theory.base.arguments.numbers import MISFIT, numbers_of
from theory.base.arguments.words import shown
from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.laws.directions import Directions
from theory.laws.draws import Draws
from theory.laws.ensemble import Ensemble

Observable = Callable[[Array], ArrayLike]
Sample = TypeVar("Sample", Ensemble, Draws)
MOST_AT_ONCE = 100_000  # points that a function is given


def project(walkers: Ensemble | Draws, onto: ArrayLike | Observable | Sequence[Observable]) -> Ensemble | Draws:
    """The law of a few numbers of each walker: an object of the same kind, for all that takes one.

    Times, steps and chains stay. Walkers that diverged stay as NaN, and so does one whose number is not finite.
    What a function of w loses cannot be seen in its law: equal laws of an observable do not make equal laws.

    Parameters
    ----------
    walkers
        Positions in any dimension.
    onto
        Directions (k, d), as an array or `Directions`; `sharpest_directions(model, at)`; the loss, `model.value`;
        `DistanceTo(minimum)`; any function of w (..., d) with results (...) or (..., k); or several of these in a
        sequence, whose numbers stand side by side.

    Raises
    ------
    InputError
        If the dimensions differ, or a function gives no number for each walker.
    """
    parts = _parts(onto, walkers.dim)
    places = walkers.positions
    flat = places.reshape(-1, walkers.dim)
    known = np.isfinite(flat).all(axis=1)
    require(bool(known.any()), "`walkers` must be finite somewhere, all of them diverged")
    columns = [_evaluated(part, flat[known]) for part in parts]
    found = np.full((len(flat), sum(one.shape[1] for one in columns)), np.nan)
    found[known] = np.concatenate(columns, axis=1)
    found[~np.isfinite(found).all(axis=1)] = np.nan
    positions = found.reshape(*places.shape[:-1], -1)
    if isinstance(walkers, Draws):
        return Draws(positions, walkers.acceptance, walkers.step_size)
    kept = slice(None) if len(places) == len(walkers.times) else slice(-1, None)
    steps = None if walkers.steps is None else walkers.steps[kept]
    return Ensemble(walkers.times[kept], positions, steps=steps)


def _parts(onto: ArrayLike | Observable | Sequence[Observable], dim: int) -> list[Observable]:
    if callable(onto):
        return [onto]
    if isinstance(onto, Sequence) and len(onto) > 0 and all(callable(one) for one in onto):
        return list(onto)
    numbers = numbers_of(onto)
    if numbers is MISFIT or numbers.dtype.kind not in "biuf":
        raise InputError(f"`onto` must be directions (k, {dim}) or functions of w, got {shown(onto)}")
    directions = Directions(numbers)
    require(directions.dim == dim, f"`onto` must be directions of dimension {dim}, got shape {np.shape(numbers)}")
    return [directions]


def _evaluated(function: Observable, points: Array) -> Array:
    """The numbers of a function at points (n, d), shape (n, k)."""
    name = getattr(function, "__name__", type(function).__name__)
    blocks = []
    for begin in range(0, len(points), MOST_AT_ONCE):
        some = points[begin : begin + MOST_AT_ONCE]
        found = numbers_of(called(function, some, name))
        fits = found is not MISFIT and found.dtype.kind in "biuf" and found.ndim in (1, 2)
        fits = fits and found.shape[0] == len(some) and found.size > 0
        got = "no numbers" if found is MISFIT else f"shape {found.shape}"
        require(
            fits,
            f"`{name}` must map w {some.shape} to ({len(some)},) or ({len(some)}, k), got {got}; vectorise it",
        )
        blocks.append(found.astype(np.float64).reshape(len(some), -1))
    return np.concatenate(blocks)
