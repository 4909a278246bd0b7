"""Whether a point lies on a manifold of minima, and what kind of point it is otherwise."""

from __future__ import annotations

import math

import numpy as np

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.base.whole_numbers import decade
from theory.landscapes import Landscape
from theory.manifold.frame import FLAT_DIRECTION, Frame, frame_at, retracted

ON = 1e-6  # distance from the manifold, over the length there, within which a point lies on it
FINEST = 1e-30  # a millionth of it is the shortest length that is looked at
ANOTHER = 0.3  # difference of two powers of the distance
FLAT_REACH = 0.1  # of that length: how far a flat direction is followed to see whether it is a manifold
SHORTEST = 1e-3  # of that reach: where the manifold bends more it does not go on


def manifold_point(landscape: Landscape, w: ArrayLike) -> Frame:
    """The frame at one point w (d,) of a manifold of minima.

    The gradient vanishes there, the Hessian has positive and zero eigenvalues and no others, and it keeps its rank
    a tenth of the `length_at` the point along every flat direction, both ways, less where the manifold bends more.

    Raises
    ------
    InputError
        If the gradient does not vanish, an eigenvalue is negative, the Hessian is zero (a valley of higher order),
        has full rank (an isolated minimum), or changes its rank.
    """
    require(isinstance(landscape, Landscape), f"`landscape` must be a Landscape, got {landscape!r}")
    point = np.asarray(w, dtype=np.float64)
    require(
        point.shape == (landscape.dim,) and bool(np.isfinite(point).all()),
        f"a point of the manifold must have {landscape.dim} finite numbers, got {point.tolist()}",
    )
    length, scale = length_at(landscape, point), curvature_scale(landscape, point)
    slope = float(np.linalg.norm(landscape.gradient(point)))
    require(
        slope <= ON * scale * length,
        f"the gradient must vanish on a manifold of minima, got |grad L| = {slope:.3g} at {point.tolist()}; take "
        "theory.manifold.gradient_flow_limit(landscape, w)",
    )
    values = np.linalg.eigvalsh(landscape.hessian(point))
    at = f"{point.tolist()} (eigenvalues {', '.join(f'{v:.3g}' for v in values)})"
    require(
        values[0] >= -FLAT_DIRECTION * scale,
        f"a minimum has no negative curvature, got a saddle or a maximum at {at}",
    )
    require(
        values[-1] > FLAT_DIRECTION * scale,
        f"the reduced dynamics needs a valley that is quadratic across the manifold, got zero curvature at {at}; "
        "where the noise vanishes too see theory.collapse.collapse_rate, else solve the FokkerPlanck equation",
    )
    codimension = int((values > FLAT_DIRECTION * values[-1]).sum())
    require(
        codimension < landscape.dim,
        f"there must be a manifold of minima to drift along, got an isolated minimum at {at}; take "
        "stationary_covariance",
    )
    floor = curvature_floor(landscape, point)
    frame = frame_at(landscape, point[None], codimension, floor)
    moved = float(np.linalg.norm(frame.points[0] - point))
    require(
        moved <= ON * length,
        f"the point must lie on the manifold of minima, got one that is {moved:.3g} away, {point.tolist()}; take "
        f"{frame.points[0].tolist()}",
    )
    _require_manifold(landscape, frame, length, floor)
    return frame


def length_at(landscape: Landscape, point: Array, default: float = 0.0) -> float:
    """|w| or, where that is longer, the `own_length`, or `default` where there is none; 1 where all are 0."""
    return max(float(np.linalg.norm(point)), own_length(landscape, point) or default) or 1.0


def own_length(landscape: Landscape, point: Array) -> float:
    """The distance on which the curvature changes by itself, to a power of ten; 0 where it never does.

    Further off, the curvature along the axes no longer follows the power of the distance that it does nearby.
    """
    size = float(np.linalg.norm(point))
    unit = size or FINEST  # a point at 0 has no rounding
    distances = unit * 10.0 ** np.arange(-6, 17 if unit > 1 else 17 - decade(unit))
    axes = np.vstack([np.eye(landscape.dim), -np.eye(landscape.dim)])
    first, before = None, 0.0
    for distance in distances:
        with np.errstate(all="ignore"):
            curvature = float(np.abs(landscape.hessian(point + distance * axes)).max())
        if not (np.isfinite(curvature) and curvature > 0):
            before = 0.0
            continue
        power = math.log10(curvature / before) if before else None
        if first is not None and power is not None and abs(power - first) > ANOTHER:
            return float(distance)
        first, before = power if first is None else first, curvature
    return 0.0


def curvature_scale(landscape: Landscape, point: Array) -> float:
    """The largest curvature at the point and a tenth of a length around it: what a zero is compared with.

    Raises
    ------
    InputError
        If the loss is flat there.
    """
    shift = FLAT_REACH * length_at(landscape, point) * np.eye(landscape.dim)
    with np.errstate(all="ignore"):
        around = np.abs(landscape.hessian(np.vstack([point[None], point + shift, point - shift])))
    seen = around[np.isfinite(around)]
    scale = float(seen.max(initial=0.0))
    require(
        scale > 0,
        f"a manifold of minima needs a loss that is not flat, got zero curvature around {point.tolist()}",
    )
    return scale


def curvature_floor(landscape: Landscape, point: Array) -> float:
    """The curvature below which a valley counts as no longer quadratic: 1e-12 of the largest around."""
    return FLAT_DIRECTION * FLAT_DIRECTION * curvature_scale(landscape, point)


def _require_manifold(landscape: Landscape, frame: Frame, length: float, floor: float) -> None:
    """Follow each flat direction both ways: a flat direction of a quartic minimum is no manifold."""
    codimension = frame.curvatures.shape[-1]
    flat = np.linalg.svd(frame.tangent[0])[0][:, : landscape.dim - codimension]
    for way in (*flat.T, *-flat.T):
        reach = FLAT_REACH * length
        while True:
            trial = frame.points + reach * way
            place, found = retracted(landscape, trial, codimension)
            values = np.linalg.eigvalsh(landscape.hessian(place))[0] if found[0] else np.zeros(landscape.dim)
            near = np.linalg.norm(place - trial) <= reach / 2
            if near and values[-codimension] > max(FLAT_DIRECTION * values[-1], floor):
                break
            reach /= 2
            if reach < SHORTEST * FLAT_REACH * length:
                raise InputError(
                    "the manifold of minima must continue along every flat direction, got one of codimension "
                    f"{codimension} at {frame.points[0].tolist()} that cannot be followed along {way.tolist()}"
                )
        try:
            frame_at(landscape, place, codimension, floor)
        except InputError as error:
            raise InputError(
                f"the flat directions at {frame.points[0].tolist()} must belong to a manifold of minima: {error}"
            ) from None
