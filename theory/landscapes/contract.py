"""What a landscape of the user's own must give."""

from __future__ import annotations

from typing import Final

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.contracts import Kept, Part
from theory.base.trials import some_of, trial_points
from theory.landscapes.differences import slopes_with_error
from theory.landscapes.function import CallableLandscape
from theory.landscapes.protocol import Landscape

APART: Final = 1e-3  # relative difference of a derivative from differences, beyond their own error
NOISE: Final = 10  # times the error of differences


def check_landscape(landscape: Landscape, points: ArrayLike | None = None) -> Kept:
    """What `landscape` keeps of its contract: numbers of the right shape, at each point those it has alone.

    Gradient and Hessian are compared with fourth-order differences of value and gradient at two steps.

    Parameters
    ----------
    points
        Where it is tried, shape (n, d), and must be finite; by default at four places around 0, where it may not.

    Raises
    ------
    InputError
        If it does not keep it, in one line with its name.
    """
    part = Part.of("landscape", landscape)
    dim = part.dimension()
    where, finite = trial_points(dim, points)
    value = part.field("value", where, (), finite=finite)
    gradient = part.field("gradient", where, (dim,), finite=finite)
    hessian = part.field("hessian", where, (dim, dim), finite=finite)
    slopes_fit(part, "value", "gradient", where, gradient)
    slopes_fit(part, "gradient", "hessian", where, hessian)
    part.somewhere("value", value)
    part.somewhere("gradient", gradient)
    clauses = ("`value`, `gradient` and `hessian` are vectorised", "each derivative is that of the one before")
    return Kept(part.name, clauses)


def try_landscape(landscape: Landscape, positions: Array) -> None:
    """Refuse a landscape of the user's own whose value or gradient break its contract next to `positions` (n, d).

    Raises
    ------
    InputError
        As `check_landscape`.
    """
    part = Part.of("landscape", landscape)
    if part.ours and not _of_functions(part.value):
        return
    dim = part.dimension()
    where = _nearby(some_of(positions))
    if not len(where):
        return
    value = part.field("value", where, (), finite=False)
    gradient = part.field("gradient", where, (dim,), finite=False)
    if part.ours and (value == value[0]).all() and not np.isnan(value).any():
        return  # a force without a loss
    slopes_fit(part, "value", "gradient", where, gradient)


def slopes_fit(part: Part, function: str, derivative: str, points: Array, given: Array) -> None:
    """Refuse a `derivative`, `given` at `points` (n, d), that differences of `function` contradict."""
    tail = given.shape[1:-1]

    def evaluated(w: Array) -> Array:
        return part.numbers(function, w, tail)

    with np.errstate(all="ignore"):
        found, error = slopes_with_error(evaluated, points)
        size = np.maximum(np.abs(found), np.abs(given)).max(axis=tuple(range(1, given.ndim)), keepdims=True)
        wrong = np.isfinite(error) & np.isfinite(given) & (np.abs(found - given) > APART * size + NOISE * error)
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        part.refuse(
            f"`{derivative}` must be the derivative of `{function}`, got {given[place]:.6g} where differences "
            f"give {found[place]:.6g}, at w = {points[place[0]].tolist()}; mend one of the two"
        )


def _of_functions(landscape: object) -> bool:
    return isinstance(landscape, CallableLandscape) and landscape.gradient_function is not None


def _nearby(points: Array) -> Array:
    """The points, moved a little: at a symmetric one a wrong slope may be right."""
    if not len(points):
        return points
    spread = np.maximum(points.max(axis=0) - points.min(axis=0), 0.1 * np.maximum(1.0, np.abs(points)))
    shares = np.resize([0.031, -0.043, 0.057, -0.029, 0.037], points.shape)
    return np.asarray(points + shares * spread)
