"""The slow motion where noise has no part along the manifold: a differential equation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.integrate import solve_ivp

from theory.base.arrays import Array, ArrayLike, read_only
from theory.base.errors import InputError, require
from theory.base.showing import span, told
from theory.manifold.dynamics import SlowDynamics
from theory.manifold.frame import Frame
from theory.manifold.point import length_at

ALONG = 1e-12  # of the noise: what a part along the manifold may be by rounding
FINE, COARSE = 1e-11, 1e-8  # relative tolerances of the two solutions
LOOKS_AT_TERMS = 65  # points at which the size of the terms left out is looked at
ABSOLUTE = 1e-3  # of the tolerance, in lengths at the start


@dataclass(frozen=True, eq=False)
class SlowPath:
    """Positions along a manifold of minima at `times`.

    Parameters
    ----------
    times
        t = eta k, shape (t,).
    positions
        Shape (t, d).
    solver_error
        Difference of two solutions with tolerances 1e-11 and 1e-8, shape (t,): an upper estimate for the first,
        which is the one given.
    model_error
        Estimated distance of SGD's mean, shape (t,): the length of the path times `SlowDynamics.neglected`, plus
        |drift| / (2 h) for a start without fluctuations across the manifold, which take the time 1 / (2 h) to
        build up at the smallest curvature h. An order of magnitude on the large side, no bound.
    """

    times: Array
    positions: Array = field(repr=False)
    solver_error: Array = field(repr=False)
    model_error: Array = field(repr=False)

    def __repr__(self) -> str:
        return told(
            "SlowPath",
            times=span(self.times),
            start=self.positions[0],
            end=self.positions[-1],
            solver_error=float(self.solver_error.max()),
            model_error=float(self.model_error.max()),
        )


def slow_path(dynamics: SlowDynamics, start: ArrayLike, times: ArrayLike) -> SlowPath:
    """The solution of dY/dt = slow drift from `start` (d,) on the manifold at increasing `times` from 0 on.

    Runge-Kutta of order 8 (SciPy). The noise must have no part along the manifold, as label noise of a
    `ProductModel` has none: then the slow motion is this path for eta -> 0 and fixed eta^2 k.

    Raises
    ------
    InputError
        If the noise has a part along the manifold, times are not increasing, or the path leaves the manifold or
        reaches a point where the rank of the Hessian changes.
    """
    require(isinstance(dynamics, SlowDynamics), f"`dynamics` must be SlowDynamics, got {dynamics!r}")
    at = np.atleast_1d(np.asarray(times, dtype=np.float64))
    require(
        at.ndim == 1 and at.size > 0 and bool(np.isfinite(at).all() and at[0] >= 0 and (np.diff(at) > 0).all()),
        f"`times` must be finite, increasing and not negative, got {at.tolist()}",
    )
    point = np.asarray(start, dtype=np.float64)
    require(point.shape == (dynamics.dim,), f"`start` must have shape ({dynamics.dim},), got {point.shape}")
    first = dynamics.frame(point)
    _require_deterministic(dynamics, first)
    fine, coarse = (_solved(dynamics, first.points[0], at, tolerance) for tolerance in (FINE, COARSE))
    _require_deterministic(dynamics, dynamics.frame(fine[: len(at)]))
    positions = dynamics.frame(fine).points
    slips = np.linalg.norm(fine - dynamics.frame(coarse).points, axis=-1)
    looks = np.linspace(0.0, at[-1], LOOKS_AT_TERMS)
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(positions[len(at) :], axis=0), axis=-1))])
    worst = np.maximum.accumulate(dynamics.neglected(positions[len(at) :]))
    lag = float(np.linalg.norm(dynamics.slow_drift(first.points[0])) / (2 * first.curvatures[0, 0]))
    omitted = np.interp(at, looks, lag + lengths * worst)
    kept = slice(None, len(at))
    return SlowPath(*(read_only(part) for part in (at, positions[kept], slips[kept], omitted)))


def _solved(dynamics: SlowDynamics, start: Array, times: Array, tolerance: float) -> Array:
    """Positions at `times`, then at `LOOKS_AT_TERMS` equal steps from 0 to the last of them."""
    if times[-1] == 0:
        return np.repeat(start[None], len(times) + LOOKS_AT_TERMS, axis=0)
    unit, last = length_at(dynamics.model, start), times[-1]  # so that no unit of w or of time matters
    run = solve_ivp(
        lambda _, y: dynamics.slow_drift(unit * y) * last / unit,
        (0.0, 1.0),
        start / unit,
        method="DOP853",
        dense_output=True,
        rtol=tolerance,
        atol=ABSOLUTE * tolerance,
    )
    if run.status != 0 or run.sol is None:
        raise InputError(
            f"the slow path must reach time {times[-1]:g}, got to {run.t[-1] * last:g}: {run.message}"
        )
    return np.asarray(unit * run.sol(np.concatenate([times / last, np.linspace(0.0, 1.0, LOOKS_AT_TERMS)])).T)


def _require_deterministic(dynamics: SlowDynamics, frame: Frame) -> None:
    tensors = dynamics.noise.tensor(frame.points)
    along = np.linalg.norm(frame.tangent @ tensors @ frame.tangent, axis=(1, 2))
    size = np.linalg.norm(tensors, axis=(1, 2))
    worst = int(np.argmax(along - ALONG * size))
    require(
        bool(along[worst] <= ALONG * size[worst]),
        f"a slow path needs noise without a part along the manifold, got {along[worst]:.3g} of {size[worst]:.3g} "
        f"at {frame.points[worst].tolist()}; take sample_paths with OnManifold()",
    )
