"""The two points that a formula of escape is about: found, checked and joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import InputError, require

NEWTON_REACH = 0.2  # how far Newton's method may move a point, as a part of the distance between the two
DEGENERATE = 1e-6  # of the largest curvature
MOST_NEWTON_STEPS = 200  # of Newton's method, whose error a singular point reduces by a factor only
LAST_STEP = 1e-14  # of the place: a step of Newton's method that is rounding
SLOW_STEP = 1e-6  # of the reach: the last step at points that are singular or have rough derivatives
# The slide off the saddle, in distances between the two points and in times of the slowest rate:
OFF_SADDLE, OFF_FLAT_SADDLE = 1e-3, 5e-2  # where it begins; near a flat saddle next to nothing moves
ARRIVED, LOST = 0.05, 20.0  # how near to the minimum it has arrived, how far from the saddle it never will
LONGEST_SLIDE, LONGEST_FLAT_SLIDE = 1e4, 1e8  # how long it may take; off a flat saddle it goes as a power of time
SLIDE_ERROR = 1e-5  # relative, a step
Force = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class Pass:
    """A minimum and a saddle on the rim of its basin, for the drift -grad U in the metric of the noise.

    Parameters
    ----------
    minimum, saddle
        Positions (d,).
    stiffness_minimum, stiffness_saddle
        Minus the Jacobian of the drift there, (d, d): the Hessian of the landscape where nothing else drifts.
    growth
        The rate at which walkers leave the saddle, minus the one negative eigenvalue there; 0 where they leave it
        along a flat direction.
    direction
        The unit vector along which they do.
    soft
        Whether the saddle has one flat direction.
    """

    minimum: Array
    saddle: Array
    stiffness_minimum: Array
    stiffness_saddle: Array
    growth: float
    direction: Array
    soft: bool = False

    @property
    def distance(self) -> float:
        """From the minimum to the saddle."""
        return float(np.linalg.norm(self.saddle - self.minimum))

    @property
    def log_determinants(self) -> float:
        """log(det at the minimum / |det at the saddle|) of the stiffness."""
        return float(np.linalg.slogdet(self.stiffness_minimum)[1] - np.linalg.slogdet(self.stiffness_saddle)[1])


def find_pass(
    force: Force, stiffness: Force, minimum: ArrayLike, saddle: ArrayLike, dim: int, *, soft: bool = False
) -> Pass:
    """The critical points next to those given, refined by Newton's method, with their curvatures.

    With `soft` the saddle may be flat in one direction, along which it then may fall.

    Raises
    ------
    InputError
        If a point is far from every critical point, has the wrong number of unstable directions or a direction
        without curvature, or if walkers that slide off the saddle do not come to the minimum.
    """
    given = [_point(minimum, "minimum", dim), _point(saddle, "saddle", dim)]
    reach = NEWTON_REACH * float(np.linalg.norm(given[1] - given[0]))
    require(reach > 0, f"`minimum` and `saddle` must be two points, got {given[0].tolist()} twice")
    places = [_newton(force, stiffness, p, reach, n) for p, n in zip(given, ("minimum", "saddle"), strict=True)]
    matrices = [np.asarray(stiffness(p)) for p in places]
    spectra = [np.linalg.eig(matrix) for matrix in matrices]
    scale = max(float(np.abs(values).max()) for values, _ in spectra)
    for (values, _), place, name, wanted in zip(spectra, places, ("minimum", "saddle"), (0, 1), strict=True):
        level = np.abs(values) <= DEGENERATE * scale
        may = soft and wanted == 1 and np.count_nonzero(level) == 1
        flat = float(np.abs(values).min())
        require(
            may or not level.any(),
            f"`{name}` must have curvature in every direction, got {flat:.3g} against {scale:.3g} at "
            f"{place.tolist()}: rates at a singular point have other powers of the temperature, those of its "
            "learning coefficient; solve for the mean first passage time",
        )
        unstable = int(np.count_nonzero(values.real[~level] < 0))
        kind = "a minimum" if wanted == 0 else "a saddle of index one"
        require(
            unstable == wanted or (may and unstable == 0),
            f"`{name}` must be {kind}, got {unstable} unstable directions of {dim} at {place.tolist()}",
        )
    values, vectors = spectra[1]
    flats = np.abs(values) <= DEGENERATE * scale
    falls = bool((values.real[~flats] < 0).any())
    lowest = int(np.argmin(values.real)) if falls else int(np.argmin(np.abs(values)))
    found = Pass(
        minimum=places[0],
        saddle=places[1],
        stiffness_minimum=matrices[0],
        stiffness_saddle=matrices[1],
        growth=-float(values[lowest].real) if falls else 0.0,
        direction=np.asarray(vectors[:, lowest].real / np.linalg.norm(vectors[:, lowest].real)),
        soft=bool(flats.any()),
    )
    slowest = min(float(np.abs(v[np.abs(v) > DEGENERATE * scale]).min(initial=scale)) for v, _ in spectra)
    _require_joined(force, stiffness, found, scale, (LONGEST_SLIDE if falls else LONGEST_FLAT_SLIDE) / slowest)
    return found


def distance_between(minimum: ArrayLike, saddle: ArrayLike) -> float:
    """The distance of two points as they are given, 1 where it is none."""
    ends = [np.ravel(np.asarray(p, dtype=np.float64)) for p in (minimum, saddle)]
    apart = float(np.linalg.norm(ends[1] - ends[0])) if ends[0].shape == ends[1].shape else 0.0
    return apart if apart > 0 and np.isfinite(apart) else 1.0


def _point(given: ArrayLike, name: str, dim: int) -> Array:
    point = np.atleast_1d(np.asarray(given, dtype=np.float64))
    require(
        point.shape == (dim,) and bool(np.isfinite(point).all()),
        f"`{name}` must be {dim} finite numbers, got {np.asarray(given).tolist()}",
    )
    return point


def _newton(force: Force, stiffness: Force, start: Array, reach: float, name: str) -> Array:
    place: Array = start
    step: Array = start
    for _ in range(MOST_NEWTON_STEPS):
        with np.errstate(all="ignore"):
            step = np.asarray(np.linalg.lstsq(stiffness(place), force(place), rcond=None)[0])
        place = place + step
        if not float(np.linalg.norm(place - start)) <= reach:
            break
        if float(np.linalg.norm(step)) <= LAST_STEP * (float(np.linalg.norm(place)) + reach):
            return place
    # Of a singular point Newton's method is slow, and of one with rough derivatives it never quite settles.
    if float(np.linalg.norm(place - start)) <= reach and float(np.linalg.norm(step)) <= SLOW_STEP * reach:
        return place
    raise InputError(
        f"`{name}` must lie next to a critical point, got {start.tolist()}: Newton's method finds none within "
        f"{reach:.3g} of it"
    )


def _require_joined(force: Force, stiffness: Force, found: Pass, rate: float, longest: float) -> None:
    """Walkers that slide off the saddle on one of its sides must come to the minimum."""
    unit = found.distance  # of u = (w - minimum) / unit; with time in 1 / rate no scale matters
    offset = OFF_SADDLE if found.growth else OFF_FLAT_SADDLE
    saddle = (found.saddle - found.minimum) / unit

    def place(u: Array) -> Array:
        return np.asarray(found.minimum + unit * u)

    def arrived(_: float, u: Array) -> float:
        return float(np.linalg.norm(u)) - ARRIVED

    def lost(_: float, u: Array) -> float:
        return LOST - float(np.linalg.norm(u - saddle))

    for event in (arrived, lost):
        event.terminal = True  # type: ignore[attr-defined]
    side = np.sign((found.minimum - found.saddle) @ found.direction) or 1.0
    ends = []
    for sign in (side, -side):
        start = saddle + sign * offset * found.direction
        with np.errstate(all="ignore"):
            slide = solve_ivp(
                lambda _, u: force(place(u)) / (unit * rate),
                (0.0, longest * rate),
                start,
                method="Radau",
                jac=lambda _, u: -stiffness(place(u)) / rate,
                events=(arrived, lost),
                rtol=SLIDE_ERROR,
            )
        if slide.t_events is not None and slide.t_events[0].size:
            return
        ends.append([float(f"{x:.6g}") for x in place(slide.y[:, -1])])
    raise InputError(
        f"`saddle` must lie on the rim of the basin of `minimum` {found.minimum.tolist()}, got one whose sides "
        f"slide to {ends[0]} and {ends[1]}"
    )
