"""Where gradient flow ends."""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require
from theory.landscapes import Landscape
from theory.manifold.frame import FLAT_DIRECTION, retracted
from theory.manifold.point import curvature_scale, length_at, manifold_point

CLOSE = (
    1e-6  # distance, over the length there, from which Newton's method ends the flow: it is wrong by its square
)
DOUBLINGS = 60
FARTHEST = 1e8  # lengths at the start
FLOW_TOLERANCE = 1e-12  # relative, a step
LONGEST_FLOW = 1e9  # times of the largest curvature at the start: slower than any exponential
SLOPE_LEFT = 1e-3  # of the slope that `CLOSE` allows: what Newton's method may leave
ABSOLUTE = 1e-2  # of the tolerance, in lengths at the start


def gradient_flow_limit(landscape: Landscape, w: ArrayLike) -> Array:
    """Phi(w), the point where dw/dt = -grad L ends that starts at w (..., d), shape (..., d).

    Adams and BDF methods (LSODA) with relative tolerance 1e-12 until the point is within 1e-6 of a minimum or a
    manifold of minima, then Newton's method across it; together accurate to about 1e-10 where L varies on the
    scale 1. Nothing is assumed of the manifold but that it is quadratic across.

    Raises
    ------
    InputError
        If the flow diverges, or ends where the Hessian is zero or negative: it then takes for ever, as a power.
    """
    require(isinstance(landscape, Landscape), f"`landscape` must be a Landscape, got {landscape!r}")
    points = np.asarray(w, dtype=np.float64)
    require(
        points.ndim >= 1 and points.shape[-1] == landscape.dim and bool(np.isfinite(points).all()),
        f"`w` must be finite with a last axis of length {landscape.dim}, got shape {points.shape}",
    )
    ends = [_limit(landscape, point) for point in points.reshape(-1, landscape.dim)]
    return np.array(ends).reshape(points.shape)


def _limit(landscape: Landscape, start: Array) -> Array:
    place, scale = start, curvature_scale(landscape, start)
    span, unit = 1.0, length_at(landscape, start)  # of time in 1 / scale, so that no unit of w or L matters
    for _ in range(DOUBLINGS):
        with np.errstate(all="ignore"):
            end = _end(landscape, place, unit)
            if end is not None:
                return end
            run = solve_ivp(
                lambda _, y: -landscape.gradient(unit * y) / (unit * scale),
                (0.0, span),
                place / unit,
                method="LSODA",
                jac=lambda _, y: -landscape.hessian(unit * y) / scale,
                rtol=FLOW_TOLERANCE,
                atol=ABSOLUTE * FLOW_TOLERANCE,
            )
        place = unit * run.y[:, -1]
        if run.status != 0 or not np.isfinite(place).all() or np.linalg.norm(place) > FARTHEST * unit:
            raise InputError(
                f"gradient flow from {start.tolist()} must end at a minimum, got {place.tolist()} at last; start "
                "in the basin of one"
            )
        span *= 2
        if span > LONGEST_FLOW:
            break
    raise InputError(
        f"gradient flow from {start.tolist()} must reach a valley that is quadratic across, got {place.tolist()} "
        f"after time {2 * span / scale:.3g}, where the largest curvature is "
        f"{np.linalg.eigvalsh(landscape.hessian(place))[-1]:.3g}: it approaches as a power of time"
    )


def _end(landscape: Landscape, place: Array, unit: float) -> Array | None:
    """The minimum next to `place` where it is close enough, else None; `unit` is the length at the start."""
    values = np.linalg.eigvalsh(landscape.hessian(place))
    length = length_at(landscape, place, unit)
    codimension = int((values > FLAT_DIRECTION * values[-1]).sum()) if values[-1] > 0 else 0
    if codimension == 0 or values[0] < -FLAT_DIRECTION * values[-1]:
        return None
    end, found = retracted(landscape, place[None], codimension)
    if not found[0] or np.linalg.norm(end[0] - place) > CLOSE * length:
        return None
    left = np.linalg.norm(landscape.gradient(end[0]))
    if left > SLOPE_LEFT * CLOSE * values[-1] * length:
        return None
    if codimension < landscape.dim:
        manifold_point(landscape, end[0])  # a flat direction may belong to a quartic minimum
    return np.asarray(end[0])
