"""Whether walkers converge to a silent point of a line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ndtri

from simulate.transition.step import LineStep, PlaneStep
from theory.base.arrays import Array

NORMALS = 400  # numbers of equal chance that stand for a normal one


def converges(outcomes: Callable[[Array], tuple[Array, Array]], point: float, apart: float) -> bool:
    """Whether the mean of log|w' - point| / |w - point| is negative for walkers that stand `apart` on either side.

    What a point repels on average comes back to it again and again and stays a law. `outcomes` gives the places
    (n, k, axes) that points (n, axes) are led to, and their chances (n, k), or (1, k) for all.
    """
    places, chances = outcomes(point + apart * np.array([[-1.0], [1.0]]))
    with np.errstate(divide="ignore"):
        folds = np.log(np.abs(places[..., 0] - point) / apart)
    weights = np.broadcast_to(chances, folds.shape)
    return float((weights * folds)[weights > 0].sum()) < 0


def line_outcomes(read: Callable[[Array], LineStep | PlaneStep], points: Array) -> tuple[Array, Array]:
    """Places (n, k, 1) that stand for where a step with fresh data leads from `points`, and chances (1, k)."""
    step = read(points)
    assert isinstance(step, LineStep)
    stop = step.rule.starts[1]
    r, weights = step.rule.nodes[:stop, None], step.rule.weights[:stop, None]
    z = ndtri((np.arange(NORMALS) + 0.5) / NORMALS)
    pushes = step.alpha[:, None, None] * r**2 + step.beta[:, None, None] * r * z
    places = step.base[:, :1] + step.direction[:, :1] * pushes.reshape(len(pushes), -1)
    return places[..., None], np.repeat(weights / NORMALS, NORMALS, axis=1).reshape(1, -1)
