"""Whether the loss falls from a place where its gradient vanishes but its Hessian does not decide."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array
from theory.base.rounding import EPSILON
from theory.base.whole_numbers import doublings
from theory.landscapes import Landscape
from theory.manifold.point import own_length

SEEN = 1e-11  # of the loss differences a length away: below it a difference may be rounding
WITHIN = 1e-3  # of the distance at which the curvature on the axes is seen to change by itself, known roughly
ANOTHER = 0.5  # a change of power that is one
ROUNDINGS = 64.0  # of the loss at the place, and next to it
NULL = 1e-7  # of the largest eigenvalue of the Hessian: below it a direction has no curvature
NEAREST, FARTHEST = -20, 70  # powers of 2 of a length that are looked at
BEYOND = 40  # powers of 2 past the first difference anywhere, farther than which rounding bends a direction
SNAPPED = 1e-15  # a part of a direction that is rounding
TOLD = 9  # powers of 2 up to which a fall is followed, so that it is seen
RING = 1 / 16  # of a length: nearer, a ring of lower places inside no ring of higher ones is a fall
ANGLES = 180  # half of the directions in the plane
OTHERS = 200  # half of those in more dimensions, and of those among directions without curvature
VALLEY_STEPS = 4  # of Newton's method towards the bottom across a direction without curvature


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What the loss does first, outwards from a place: whether it changes at all, and where it falls.

    Parameters
    ----------
    changes
        Whether the loss differs anywhere from that at the place by more than rounding.
    lower
        A place in a direction in which the loss falls before it rises, shape (d,), or None.
    """

    changes: bool
    lower: Array | None = field(default=None, repr=False)


def look_around(model: Landscape, place: Array, lengths: Array) -> Surroundings:
    """What the loss of `model` does about `place`, a point of vanishing gradient.

    Outwards along axes, eigenvectors of the Hessian, directions without curvature and a fixed set of others, each
    up to where the loss first differs from that at the place by more than rounding; also along the valleys whose
    bottoms are curved, such as (y - x^2)(y - 2 x^2), which has a minimum at 0 along every straight line and none
    in the plane. What the gradient left at the place accounts for is no fall. `lengths` is what counts as far
    along each axis.
    """
    loss, gradient = float(model.value(place)), np.asarray(model.gradient(place))
    hessian = np.asarray(model.hessian(place))
    directions, null = _directions(hessian, lengths)
    unit = _unit_of(model, place, loss, directions) or float(np.linalg.norm(place)) or float(np.max(lengths))
    floor = _rounding(model, place, loss, directions, unit)
    ring = doublings(RING) - NEAREST
    distances = unit * 2.0 ** np.arange(NEAREST, FARTHEST)
    rays = place + distances[:, None, None] * directions
    straight = _first(model, loss, gradient, place, rays, floor, ring)
    if straight.lower is not None or not len(null):
        return straight
    near = np.asarray(distances[distances <= unit], dtype=np.float64)
    rays = _into_valleys(model, hessian, place + near[:, None, None] * null, near)
    curved = _first(model, loss, gradient, place, rays, floor, 0)
    return Surroundings(straight.changes or curved.changes, curved.lower)


def _directions(hessian: Array, lengths: Array) -> tuple[Array, Array]:
    """Directions to look along, (n, d), and of them those without curvature where others have some."""
    dim = len(hessian)
    curvatures, vectors = np.linalg.eigh(hessian)
    without = np.abs(curvatures) <= NULL * np.abs(curvatures).max()
    found = [np.eye(dim), np.where(np.abs(vectors.T) < SNAPPED, 0.0, vectors.T)]
    if dim == 2:
        angles = np.pi * np.arange(ANGLES) / ANGLES
        found.append(np.stack([np.cos(angles), np.sin(angles)], axis=1)[angles != np.pi / 2])  # is an axis
    elif dim > 2:
        pairs = [(a, b) for a, b in itertools.combinations(np.eye(dim), 2)]
        found += [np.array([a + b for a, b in pairs]), np.array([a - b for a, b in pairs])]
        found.append(np.random.default_rng(0).normal(size=(OTHERS, dim)))
    among = vectors[:, without].T
    if len(among) > 1 and dim > 2:
        among = np.vstack([among, np.random.default_rng(1).normal(size=(OTHERS, len(among))) @ among])
    both = np.vstack([*found, among])
    scaled = both * (lengths / np.max(lengths))  # axes of other units
    every = np.vstack([both, scaled]) if np.ptp(lengths) > 0 else both
    return _unit(every), (_unit(among) if 0 < without.sum() < dim else np.empty((0, dim)))


def _unit_of(model: Landscape, place: Array, loss: float, directions: Array) -> float:
    """The distance up to which the largest difference of the loss is one power of it, 0 where all are."""
    own = own_length(model, place)
    if own == 0:
        return 0.0
    distances = own * np.append(2.0 ** np.arange(doublings(WITHIN), 0), 1.0)
    with np.errstate(all="ignore"):
        change = np.abs(model.value(place + distances[:, None, None] * directions) - loss)
        powers = np.diff(np.log2(np.where(np.isfinite(change), change, np.inf).max(axis=1)))
        other = ~(np.abs(powers - powers[0]) <= ANOTHER)
    return float(distances[int(np.argmax(other))] if other.any() else own / 2)


def _unit(directions: Array) -> Array:
    """Both signs of directions of length 1, none given twice next to itself."""
    found = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    return np.asarray(np.vstack([found, -found]))


def _rounding(model: Landscape, place: Array, loss: float, directions: Array, unit: float) -> float:
    """Differences of the loss that may be rounding: of the sum that it is, of its terms, of the place."""
    ulps = np.spacing(np.abs(place)) * np.arange(1, 9)[:, None, None] * np.sign(directions)
    with np.errstate(all="ignore"):
        next_to = np.abs(model.value(place + ulps) - loss)
        away = np.abs(model.value(place + unit * directions) - loss)
    local = float(next_to[np.isfinite(next_to)].max(initial=0.0))
    size = float(away[np.isfinite(away)].max(initial=0.0))
    return max(SEEN * size, ROUNDINGS * local, ROUNDINGS * EPSILON * abs(loss))


def _first(
    model: Landscape, loss: float, gradient: Array, place: Array, rays: Array, floor: float, ring: int
) -> Surroundings:
    """The first difference on each of `rays` (distances, n, d); a ray ends where the loss is not finite.

    The first `ring` distances are also judged as wholes: a valley may cross the rays.
    """
    with np.errstate(all="ignore"):
        change = np.asarray(model.value(rays) - loss)
        linear = np.minimum((rays - place) @ gradient, 0.0)
        fallen, risen = (change - linear < -floor) | np.isneginf(change), change > floor
    seen = (fallen | risen).any(axis=1)
    last = min(len(rays), int(np.argmax(seen)) + BEYOND)
    ended = (fallen | risen | ~np.isfinite(change))[:last]
    first, ray = np.argmax(ended, axis=0), np.arange(rays.shape[1])
    down = fallen[first, ray] & ended[first, ray]
    if down.any():
        one = int(np.argmin(np.where(down, first, len(rays))))
        return Surroundings(True, _told(change[:, one], rays[:, one], int(first[one])))
    higher = risen[:ring].all(axis=1)
    inside = fallen[: int(np.argmax(higher)) if higher.any() else ring]
    if inside.any():
        distance, one = np.argwhere(inside)[0]
        return Surroundings(True, _told(change[:, one], rays[:, one], int(distance)))
    return Surroundings(bool(seen.any()))


def _told(change: Array, ray: Array, first: int) -> Array:
    """The place on a ray down to which the loss goes on falling, up to a distance."""
    last = first
    while last + 1 < len(ray) and last < max(first, -NEAREST) + TOLD * (first > -NEAREST):
        if not (np.isfinite(change[last + 1]) and change[last + 1] < change[last]):
            break
        last += 1
    return np.asarray(ray[last])


def _into_valleys(model: Landscape, hessian: Array, rays: Array, distances: Array) -> Array:
    """The rays moved across their directions to where the loss is lowest, by no more than the distance gone."""
    curvatures, vectors = np.linalg.eigh(hessian)
    across = vectors[:, np.abs(curvatures) > NULL * np.abs(curvatures).max()]
    steps = np.zeros((*rays.shape[:-1], across.shape[1]))
    points = rays
    for _ in range(VALLEY_STEPS):
        with np.errstate(all="ignore"):
            slope = model.gradient(points) @ across
            curved = across.T @ np.asarray(model.hessian(points)) @ across
        fine = np.isfinite(slope).all(axis=-1) & np.isfinite(curved).all(axis=(-2, -1))
        curved = np.where(fine[..., None, None], curved, np.eye(across.shape[1]))
        moved = np.where(fine[..., None], slope, 0.0)[..., None]
        steps = steps - (np.linalg.pinv(curved) @ moved)[..., 0]
        size, most = np.linalg.norm(steps, axis=-1, keepdims=True), distances[:, None, None]
        steps = steps * (most / np.maximum(size, most))
        points = rays + steps @ across.T
    return np.asarray(points)
