"""How far from a minimum the loss has risen, along the axes and on the sides of a box."""

from __future__ import annotations

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.landscapes import Landscape
from theory.points.loss_minimum import LossMinimum

LOWEST_FACE = 0.75  # of a rise, that the loss must have anywhere on a side
SIZES = np.geomspace(1e-6, 1e6, 2401)  # tried, in lengths of the minimum
ROUNDS, GROWTH = 40, 1.15
PLACES = 41  # on a side, where the loss is looked at
HARDLY = "the width of the law is not known next to this minimum, next to which the loss hardly rises"


def first_rise(landscape: Landscape, minimum: LossMinimum, sign: float, rise: float) -> Array:
    """The first distance along each axis (d,) at which the loss is higher by `rise`, infinite where none is.

    `sign` is the side, -1 or 1.
    """
    found = []
    for axis, length in enumerate(minimum.lengths):
        points = np.tile(minimum.position, (len(SIZES), 1))
        points[:, axis] += sign * SIZES * length
        high = _excess(landscape, minimum, points) >= rise
        found.append(SIZES[np.argmax(high)] * length if high.any() else np.inf)
    return np.array(found)


def risen_box(landscape: Landscape, minimum: LossMinimum, rise: float) -> Array:
    """How far to go down and up each axis, (2, d), until the loss is higher by `rise`, nearly so on whole sides.

    Raises
    ------
    InputError
        If the loss does not rise so far along every axis, or on a side of the box.
    """
    dim = landscape.dim
    reach = np.array([first_rise(landscape, minimum, sign, rise) for sign in (-1.0, 1.0)])
    require(bool(np.isfinite(reach).all()), HARDLY)
    sides = [(side, axis) for side in (0, 1) for axis in range(dim)]
    for _ in range(ROUNDS if dim > 1 else 0):
        low = [one for one in sides if _lowest(landscape, minimum, reach, one) < LOWEST_FACE * rise]
        if not low:
            break
        for one in low:
            reach[one] *= GROWTH
    else:
        require(dim == 1, HARDLY)
    return reach


def _lowest(landscape: Landscape, minimum: LossMinimum, reach: Array, side: tuple[int, int]) -> float:
    """The lowest loss on one side of the box, (lower or upper, axis), above that of the minimum."""
    (upper, axis), place = side, np.asarray(minimum.position)
    ends = [np.linspace(place[k] - reach[0, k], place[k] + reach[1, k], PLACES) for k in range(len(place))]
    ends[axis] = np.array([place[axis] + (reach[1, axis] if upper else -reach[0, axis])])
    points = np.stack(np.meshgrid(*ends, indexing="ij"), axis=-1).reshape(-1, len(place))
    return float(np.nan_to_num(_excess(landscape, minimum, points), nan=-np.inf).min())


def _excess(landscape: Landscape, minimum: LossMinimum, points: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(landscape.value(points) - minimum.loss)
