"""Where parts of the user's own are tried."""

from __future__ import annotations

from typing import Final

import numpy as np

from theory.base.arrays import Array, ArrayLike, finite
from theory.base.errors import require

MANY: Final = 4096  # points, at which a matrix is looked at without more ado
TRIED: Final = 4  # points: enough for a stack of stacks
SEED: Final = 20_230_517  # of the streams that trials have for themselves


def trial_points(dim: int, points: ArrayLike | None) -> tuple[Array, bool]:
    """Where a part of dimension `dim` is tried, shape (n, d), and whether its numbers must be finite there.

    Raises
    ------
    InputError
        If `points` have another shape or are not finite.
    """
    if points is None:
        return np.random.default_rng(SEED).normal(size=(TRIED, dim)), False
    given = np.atleast_1d(finite(points, "points"))
    given = given[:, None] if given.ndim == 1 and dim == 1 else np.atleast_2d(given)
    require(
        given.ndim == 2 and given.shape[1] == dim and len(given) > 0,
        f"`points` must have shape (points, {dim}), got {np.shape(points)}",
    )
    return given, True


def some_of(positions: Array, number: int = TRIED) -> Array:
    """Up to so many of the positions (n, d), spread over them."""
    finite_ones = positions[np.isfinite(positions).all(axis=1)]
    chosen = np.unique(np.linspace(0, len(finite_ones) - 1, min(number, len(finite_ones))).astype(int))
    return np.array(finite_ones[chosen], dtype=np.float64)
