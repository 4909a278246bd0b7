"""The search for points where the noise of a one-dimensional equation vanishes, and for its powers there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.rounding import EPSILON
from theory.equations.protocol import Equation, share_of
from theory.points.degenerate.point import DegeneratePoint, Side
from theory.points.degenerate.quiet import joined, quiet_stretches, still_points

FIRST_CELLS = 2**11  # cells of the first search; suspicious ones are then cut into 16, three times
FINEST = 2.0**-23  # of the interval: width of the last cells, hence the resolution of the search
SLOPE_TOLERANCE = 2e-3  # of a log-log slope from a quarter
NEGLIGIBLE_DRIFT = 1e-9  # u b / D below which the drift is no drift
CUTS, PARTS = 3, 16  # how often suspicious cells are cut, and into how many
BISECTIONS = 64  # more than a double has digits
DIGITS = 12  # of a place, in which a short decimal is recognised
NEGATIVE = 1e-12  # of the largest D: below it a negative one is rounding
FARTHER = 64  # parts of the interval, one of which is farther off: growth there tells what rounding is
CLOSE_BY, LAST_PLACES = 1e-9, 8  # of the interval, and last places: distance of the points whose scatter tells it
FEWEST_RUNGS = 6  # doublings between FINEST and the next zero in which a power can be read


def find_degenerate_points(sde: Equation, lower: float, upper: float) -> tuple[DegeneratePoint, ...]:
    """The zeros of D in [lower, upper], each side with its exponents, from left to right.

    Cells where a tangent of D reaches zero are cut until they are 2^-23 of the interval; the minimum inside is
    a root of D', bisected. The exponents are log-log slopes at distances halved down to 2^-21 of the interval,
    extrapolated to zero, three neighbouring ones within 2e-3 of the same quarter; so are the coefficients.

    Where D vanishes on an interval the points are its ends and the zeros of the drift inside, where walkers that
    the drift alone moves stop or part; sides without noise have the exponent inf.

    Raises
    ------
    InputError
        If D is negative or not finite, vanishes everywhere, or on an interval together with the drift, has zeros
        too close to tell apart, or if D or the drift follows no power of a quarter there.
    """
    require(sde.dim == 1, f"degenerate points are classified in 1 dimension, got {sde.dim}")
    require(
        math.isfinite(lower) and math.isfinite(upper) and lower < upper,
        f"the interval needs finite lower < upper, got {lower} and {upper}",
    )
    positions, stretches = _zeros(sde, lower, upper)
    marks = {place for place in positions if not _within(place, stretches, upper - lower)}
    for start, stop in stretches:
        marks |= {_tidy(end, lower, upper) for end in (start, stop) if lower < end < upper}
        marks |= {_tidy(place, lower, upper) for place in still_points(sde, start, stop, lower, upper)}
    bounds = [lower, *sorted(marks), upper]
    points = []
    for before, position, after in zip(bounds[:-2], bounds[1:-1], bounds[2:], strict=True):
        left, right = (
            None
            if neighbour == position
            else _side(sde, position, sign, abs(neighbour - position), upper - lower)
            if not _within((position + neighbour) / 2, stretches, 0.0)
            else _quiet_side(sde, position, sign, abs(neighbour - position), upper - lower)
            for sign, neighbour in ((-1, before), (1, after))
        )
        points.append(DegeneratePoint(position, left, right))
    return tuple(points)


def _within(place: float, stretches: Sequence[tuple[float, float]], length: float) -> bool:
    """Whether a place lies in a stretch without noise, or as near to one as the search can see."""
    return any(start - 4 * FINEST * length <= place <= stop + 4 * FINEST * length for start, stop in stretches)


def noise(sde: Equation, w: Array) -> Array:
    """D at `w`, without the axes of length one."""
    with np.errstate(all="ignore"):
        return np.asarray(sde.tensor(w[..., None])[..., 0, 0], dtype=np.float64)


def drift(sde: Equation, w: Array) -> Array:
    """The Ito drift at `w`, without the axis of length one."""
    with np.errstate(all="ignore"):
        return np.asarray(sde.drift(w[..., None])[..., 0], dtype=np.float64)


def _slope(sde: Equation, w: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(sde.divergence(w[..., None])[..., 0], dtype=np.float64)


def _zeros(sde: Equation, lower: float, upper: float) -> tuple[list[float], list[tuple[float, float]]]:
    """Positions of the zeros of D, increasing, and the stretches where D vanishes throughout."""
    edges = np.linspace(lower, upper, FIRST_CELLS + 1)
    values = noise(sde, edges)
    _refuse_bad_noise(edges, values)
    stretches = quiet_stretches(sde, edges, values)
    noisy = ~((values[:-1] == 0) & (values[1:] == 0))
    left, right = edges[:-1][noisy], edges[1:][noisy]
    for _ in range(CUTS):
        left, right = _suspicious(sde, left, right, lower, upper)
        cuts = left[:, None] + (right - left)[:, None] * np.arange(PARTS + 1) / PARTS
        left, right = cuts[:, :-1].ravel(), cuts[:, 1:].ravel()
    left, right = _suspicious(sde, left, right, lower, upper)
    silent = (noise(sde, left) == 0) & (noise(sde, right) == 0)
    found = joined(sde, left[silent], right[silent], FINEST * (upper - lower))
    stretches += [one for one in found if not _within(one[0], stretches, upper - lower)]
    # D falls into its zero and rises out of it; at the ends of the interval one of the two is missing.
    falls = (_slope(sde, left) < 0) | (left == lower)
    rises = ~(_slope(sde, right) < 0) | (right == upper)
    left, right = left[falls & rises], right[falls & rises]
    for _ in range(BISECTIONS):
        middle = (left + right) / 2
        falling = _slope(sde, middle) < 0
        left, right = np.where(falling, middle, left), np.where(falling, right, middle)
    zeros: list[float] = []
    for minimum in (left + right) / 2:
        position = _tidy(float(minimum), lower, upper)
        if not _vanishes(sde, position, lower, upper):
            continue
        if zeros and position - zeros[-1] <= 4 * FINEST * (upper - lower):
            zeros[-1] = (zeros[-1] + position) / 2  # one zero as far as the search can see
        else:
            zeros.append(position)
    return zeros, sorted(stretches)


def _tidy(position: float, lower: float, upper: float) -> float:
    """An end of the interval or a short decimal number, if it is the same within the accuracy reached."""
    length = upper - lower
    for end in (lower, upper):
        if abs(position - end) < FINEST * length:
            return float(end)
    decimal = round(position, DIGITS - Decimal(length).adjusted()) + 0.0  # no -0
    return decimal if abs(position - decimal) <= np.spacing(max(abs(lower), abs(upper))) else position


def _refuse_bad_noise(w: Array, values: Array) -> None:
    """Refuse D that is not finite, negative beyond rounding, or zero at every sample."""
    bad = ~np.isfinite(values)
    require(not bad.any(), f"D must be finite, got {values[bad][:1]} at {w[bad][:1]}; choose another interval")
    lowest = int(values.argmin())
    require(
        values[lowest] >= -NEGATIVE * np.abs(values).max(),
        f"D must not be negative, got {values[lowest]:.3g} at {w[lowest]:.6g}",
    )
    require(bool(values.any()), f"D must not vanish everywhere, got 0 from {w[0]:.6g} to {w[-1]:.6g}; add noise")


def _suspicious(sde: Equation, left: Array, right: Array, lower: float, upper: float) -> tuple[Array, Array]:
    """The cells that may hold a zero: four times a tangent's step reaches it, or D is rounding only."""
    reach = 4 * (right - left)  # finds any power from 1/8 up
    from_left, from_right = noise(sde, left), noise(sde, right)
    keep = (from_left + reach * _slope(sde, left) <= 0) | (from_right - reach * _slope(sde, right) <= 0)
    keep |= np.minimum(from_left, from_right) <= _rounding(sde, (left + right) / 2, lower, upper)
    return left[keep], right[keep]


def _rounding(sde: Equation, w: Array, lower: float, upper: float) -> Array:
    """What of D at `w` may be rounding: a part of eps of D a 64th of the interval farther off."""
    step = (upper - lower) / FARTHER
    far = noise(sde, np.clip(np.stack([w - step, w + step]), lower, upper))
    growth: Array = far.max(axis=0)
    return EPSILON * growth


def _vanishes(sde: Equation, position: float, lower: float, upper: float) -> bool:
    """Whether D is zero at `position` to rounding: by its scatter close by, or by its growth farther off."""
    close = position + np.arange(-4, 5) * (CLOSE_BY * (upper - lower) + LAST_PLACES * np.spacing(abs(position)))
    scatter = np.ptp(noise(sde, np.clip(close, lower, upper)))
    value = np.abs(noise(sde, np.array([position])))
    return bool((value <= np.maximum(2 * scatter, _rounding(sde, np.array([position]), lower, upper))).all())


def _side(sde: Equation, position: float, sign: int, gap: float, length: float) -> Side:
    """Exponents and coefficients on one side, which is free of zeros up to `gap`."""
    u, where = _rungs(position, sign, gap, length)
    values = noise(sde, position + sign * u)
    first, noise_exponent, noise_coefficient = _power(u, values, f"D {where}")
    u, values = u[first:], values[first:]
    pushes = sign * drift(sde, position + sign * u)
    if np.abs(u * pushes / values).max() <= NEGLIGIBLE_DRIFT:
        return Side(noise_exponent, noise_coefficient, math.inf, 0.0, share_of(sde))
    first, drift_exponent, strength = _power(u, np.abs(pushes), f"the drift {where}")
    beta = math.copysign(strength, pushes[first])
    return Side(noise_exponent, noise_coefficient, drift_exponent, beta, share_of(sde))


def _quiet_side(sde: Equation, position: float, sign: int, gap: float, length: float) -> Side:
    """The side of a stretch without noise: the power of the drift alone."""
    u, where = _rungs(position, sign, gap, length)
    pushes = sign * drift(sde, position + sign * u)
    first, drift_exponent, strength = _power(u, np.abs(pushes), f"the drift {where}")
    return Side(math.inf, 0.0, drift_exponent, math.copysign(strength, pushes[first]), share_of(sde))


def _rungs(position: float, sign: int, gap: float, length: float) -> tuple[Array, str]:
    """Distances at which powers are read on one side, and that side in words."""
    smallest = 4 * FINEST * length
    rungs = math.frexp(min(length / FARTHER, gap / 4) / smallest)[1]  # all u < 2**rungs smallest
    where = f"{'left' if sign < 0 else 'right'} of {position:.6g}"
    require(
        rungs >= FEWEST_RUNGS,
        f"zeros of D must lie {512 * FINEST * length:.2g} from each other and from the ends to be told apart, "
        f"got {gap:.2g} {where}; choose another interval",
    )
    return np.ldexp(smallest, np.arange(rungs)), where


def _power(u: Array, values: Array, what: str) -> tuple[int, float, float]:
    """First rung, exponent and coefficient of the power law that `values` follow as u decreases."""
    with np.errstate(all="ignore"):
        slopes = np.diff(np.log(values)) / np.diff(np.log(u))
    slopes = _extrapolated(slopes)
    quarters = np.round(4 * slopes) / 4
    close = np.abs(slopes - quarters) <= SLOPE_TOLERANCE
    runs = [k for k in range(slopes.size - 2) if close[k : k + 3].all() and np.ptp(quarters[k : k + 3]) == 0]
    require(
        bool(runs),
        f"{what} must follow a power of the distance, a multiple of 1/4, got slopes "
        f"{', '.join(f'{slope:.4g}' for slope in slopes[:4])} from distance {u[0]:.2g} up; "
        "zeros of D lie too close, or write it without cancellation",
    )
    first = runs[0]
    coefficients = _extrapolated(values[first : first + 10] / u[first : first + 10] ** quarters[first])
    best = int(np.abs(np.diff(coefficients)).argmin()) if coefficients.size > 1 else 0
    return first, float(quarters[first]), float(coefficients[best])


def _extrapolated(values: Array) -> Array:
    """Limits as u -> 0 of a series whose u doubles, without the corrections of order u and u^2."""
    once = 2 * values[:-1] - values[1:]
    return (4 * once[:-1] - once[1:]) / 3
