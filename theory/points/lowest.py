"""The lowest of many local minima, in any dimension."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import minimize

from theory.base.arrays import Array, ArrayLike, finite
from theory.base.errors import require
from theory.base.matrices import MOST_DENSE
from theory.base.rounding import EPSILON
from theory.landscapes import Landscape
from theory.models import DatasetModel
from theory.noise import extreme_eigenvalues, hessian_operator, spectral_density
from theory.points.minima import Minimum

PROBES, LANCZOS_STEPS = 4, 100  # by which a curvature below 0 is looked for beyond these
NEWTON_STEPS = 20
FLAT = 1e-7  # of the largest curvature: below it a direction has none
AT_REST = 1e-6  # of a length: a step of Newton's method beyond which a place is no minimum
SLOPE = 1e-6  # of the gradients where the searches start: below it a gradient is 0
SLOPE_SOUGHT = 1e-9  # of the same, where a search ends
MOST_STEPS = 5_000  # of a search
ROUNDINGS = 64.0  # of the loss, by which it may seem to rise at its minimum


def lowest_minimum(
    landscape: Landscape | DatasetModel,
    starts: ArrayLike | int,
    *,
    rng: np.random.Generator,
    spread: float = 1.0,
) -> Minimum:
    """The lowest minimum that descent from many places finds; that there is no lower one nobody knows.

    Descent by BFGS from each start, beyond 600 dimensions by its form with little memory. The lowest place is
    polished by Newton's method, and is a minimum where that comes to rest and no curvature is below 0. Beyond 600
    dimensions its gradient is asked, and Lanczos' method from four vectors whether a curvature is below 0, a
    hundred steps each; what these may miss, `SpectralDensity.ends` says. Units of w and of L do not matter.

    Parameters
    ----------
    landscape
        A `Landscape`, or any model.
    starts
        Places (n, d), or how many are drawn from a normal law about 0.
    spread
        Standard deviation of each component of a place that is drawn.

    Raises
    ------
    InputError
        If the starts do not fit, the loss is finite at none, or the lowest place that is found is no minimum:
        where a loss falls for ever, `with_weight_decay` gives it one.

    References
    ----------
    Nocedal & Wright (2006), Numerical optimization, chapters 6 and 7.
    """
    places = _places(starts, landscape.dim, spread, rng)
    with np.errstate(all="ignore"):
        losses, slopes = landscape.value(places), np.abs(landscape.gradient(places)).max(axis=1)
    fine = np.isfinite(losses) & np.isfinite(slopes)
    require(bool(fine.any()), "the loss must be finite at one of the `starts`, it is at none; take others")
    unit = float(slopes[fine].max())
    found = [_descended(landscape, place, unit) for place in places[fine]]
    lowest = min(found, key=lambda place: _loss(landscape, place))
    apart = float(np.linalg.norm(places[fine] - lowest, axis=1).max())
    if landscape.dim > MOST_DENSE:
        sharpness = _curvatures_at(landscape, lowest, unit, rng)
    else:
        lowest, sharpness = _polished(landscape, lowest, apart)
    return Minimum(tuple(lowest.tolist()), float(landscape.value(lowest)), sharpness)


def _places(starts: ArrayLike | int, dim: int, spread: float, rng: np.random.Generator) -> Array:
    """Where the searches start, shape (n, d)."""
    require(math.isfinite(spread) and spread > 0, f"`spread` must be positive and finite, got {spread}")
    if isinstance(starts, int | np.integer) and not isinstance(starts, bool):
        require(bool(starts >= 1), f"`starts` must be places, or how many, at least 1, got {starts}")
        return spread * rng.standard_normal((int(starts), dim))
    places = finite(starts, "starts")
    places = places[:, None] if places.ndim == 1 and dim == 1 else np.atleast_2d(places)
    require(
        places.ndim == 2 and places.shape[1] == dim and len(places) > 0,
        f"`starts` must be places (n, {dim}), or how many, got shape {np.shape(starts)}",
    )
    return places


def _loss(landscape: Landscape | DatasetModel, place: Array) -> float:
    with np.errstate(all="ignore"):
        value = float(landscape.value(place))
    return value if math.isfinite(value) else math.inf


def _descended(landscape: Landscape | DatasetModel, start: Array, unit: float) -> Array:
    """Where descent from a place ends, with losses and gradients in units of the largest gradient."""
    if unit == 0:
        return start
    method = "BFGS" if landscape.dim <= MOST_DENSE else "L-BFGS-B"
    with np.errstate(all="ignore"):
        ended = minimize(  # type: ignore[call-overload]
            lambda w: _loss(landscape, w) / unit,
            start,
            jac=lambda w: np.asarray(landscape.gradient(w)) / unit,
            method=method,
            options={"gtol": SLOPE_SOUGHT, "maxiter": MOST_STEPS} | ({} if method == "BFGS" else {"ftol": 0.0}),
        )
    place = np.asarray(ended.x, dtype=np.float64)
    return place if np.isfinite(place).all() else start


def _polished(landscape: Landscape | DatasetModel, place: Array, apart: float) -> tuple[Array, float]:
    """The minimum next to a place by Newton's method, with its largest curvature."""
    slope = np.asarray(landscape.gradient(place))
    for _ in range(NEWTON_STEPS):
        step, curvatures = _step(landscape, place, slope)
        trial = place - step
        with np.errstate(all="ignore"):
            there = np.asarray(landscape.gradient(trial))
        here = _loss(landscape, place)
        lower = _loss(landscape, trial) <= here + ROUNDINGS * EPSILON * abs(here)
        if not (lower and np.abs(there).max() < np.abs(slope).max()):
            break
        place, slope = trial, there
    step, curvatures = _step(landscape, place, slope)
    length = max(apart, float(np.linalg.norm(place))) or 1.0
    moved, told = float(np.linalg.norm(step)), f"the lowest place found, of loss {_loss(landscape, place):.6g},"
    require(
        moved <= AT_REST * length,
        f"{told} must be a minimum, a step of Newton's method still goes {moved:.3g} from it: the loss may fall "
        "for ever; add decay by `with_weight_decay`, or take other `starts`",
    )
    _require_bottom(told, float(curvatures[0]), float(curvatures[-1]))
    return place, float(curvatures[-1])


def _step(landscape: Landscape | DatasetModel, place: Array, slope: Array) -> tuple[Array, Array]:
    """Newton's step along the directions that have a curvature, and all curvatures, the least first."""
    hessian = np.asarray(landscape.hessian(place))
    require(bool(np.isfinite(hessian).all()), "the Hessian at the lowest place found must be finite, it is not")
    curvatures, vectors = np.linalg.eigh(hessian)
    bent = np.abs(curvatures) > FLAT * np.abs(curvatures).max()
    along = np.divide(vectors.T @ slope, curvatures, out=np.zeros(len(slope)), where=bent)
    return np.asarray(vectors @ along), curvatures


def _curvatures_at(
    landscape: Landscape | DatasetModel, place: Array, unit: float, rng: np.random.Generator
) -> float:
    """The largest curvature of a minimum in a high dimension."""
    told = f"the lowest place found, of loss {_loss(landscape, place):.6g},"
    size = float(np.abs(landscape.gradient(place)).max())
    require(
        size <= SLOPE * unit,
        f"{told} must be a minimum, the gradient is {size:.3g} there and {unit:.3g} where the searches start: the "
        "loss may fall for ever; add decay by `with_weight_decay`, or take other `starts`",
    )
    operator = hessian_operator(landscape, place)
    seen = spectral_density(operator, PROBES, LANCZOS_STEPS, rng=rng)  # eigenvalues may crowd at the lower end
    _require_bottom(told, float(seen.nodes[0]) + seen.slack * seen.unit, float(seen.nodes[-1]))
    return float(extreme_eigenvalues(operator, rng=rng).values[0])


def _require_bottom(told: str, least: float, largest: float) -> None:
    require(
        least >= -FLAT * abs(largest),
        f"{told} must be a minimum, the Hessian there has the eigenvalue {least:.3g}: it is a saddle; take more "
        "`starts`",
    )
