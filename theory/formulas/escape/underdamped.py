"""The rate of escape with inertia: Kramers' formula for moderate to strong friction."""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import quad, solve_ivp

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.equations import Underdamped
from theory.formulas.escape.critical import Pass, distance_between, find_pass
from theory.formulas.escape.laplace import first_term
from theory.formulas.escape.rate import EscapeRate, require_barrier
from theory.landscapes import Landscape
from theory.landscapes.function import at_scale

START = 1e-3  # of the distance, from the saddle, where the flight without friction begins
LOST = 20.0  # distances between the two points from the saddle, from where the flight never turns
FLIGHT_ERROR, LEAST_FLIGHT = 1e-8, 1e-12  # relative and absolute, a step
BELOW_FLOATS = 750.0  # exponent from which on the exponential is 0
LONGEST_FLIGHT = 200.0  # of the slowest time, that the flight may take


def underdamped_escape_rate(sde: Underdamped, minimum: ArrayLike, saddle: ArrayLike) -> EscapeRate:
    """Rate (l/(2 pi)) sqrt(det H_a/|det H_b|) exp(-(L_b - L_a)/T), with l (l + friction) = |h_b|, l > 0.

    h_b is the negative eigenvalue of the Hessian at the saddle b, a is the minimum: walkers pass for good, as in
    `kramers_rate`, whose rate over the friction is the limit at strong friction. The formula needs friction that
    brings walkers back to the temperature while they cross the well: friction * action over T, with the action the
    integral of |p|^2 dt over one round at the energy of the barrier, must be large. Its error has the factor of
    Mel'nikov & Meshkov by which walkers that keep their energy reduce the rate (in one dimension the limit for
    little noise, beyond a bound where other directions take energy up), the size of the terms of order T at the
    two points, and T/(L_b - L_a).

    That half the walkers on the saddle turn back, as `EscapeRate` says, holds at strong friction: with inertia
    fewer of those that arrive do.

    Parameters
    ----------
    sde
        The equation.
    minimum, saddle
        Positions q (d,), as for `kramers_rate`.

    Raises
    ------
    InputError
        As `kramers_rate`, and if friction * action < T: walkers then diffuse in energy, at a rate that grows with
        the friction.

    References
    ----------
    Kramers (1940); Langer (1969); Mel'nikov & Meshkov (1986), Theory of activated rate processes; Haenggi, Talkner
    & Borkovec (1990), Reaction-rate theory, sections 4 and 6.
    """
    require(isinstance(sde, Underdamped), f"`sde` must be an Underdamped equation, got {sde!r}")
    landscape, temperature, friction = sde.landscape, sde.temperature, sde.friction
    landscape = at_scale(landscape, distance_between(minimum, saddle))
    found = find_pass(lambda w: -landscape.gradient(w), landscape.hessian, minimum, saddle, landscape.dim)
    low, high = (float(landscape.value(p)) for p in (found.minimum, found.saddle))
    barrier = (high - low) / temperature
    require_barrier(barrier)
    action, beyond = (2 * _flight(landscape, found, sign) for sign in (1.0, -1.0))
    loss = friction * action / temperature
    require(
        loss >= 1,
        f"the formula needs friction * action >= temperature, got {friction * action:.3g} against "
        f"{temperature:.3g}: walkers diffuse in energy; raise the friction, or sample paths with BAOAB()",
    )
    kept = _depopulation(loss)
    if math.isfinite(beyond):
        other = friction * beyond / temperature
        kept *= _depopulation(other) / _depopulation(loss + other)
    # l = |h| / (friction/2 + sqrt(friction^2/4 + |h|)), which has no difference of large numbers.
    growth = found.growth / (friction / 2 + math.hypot(friction / 2, math.sqrt(found.growth)))
    log_rate = math.log(growth / (2 * math.pi)) + found.log_determinants / 2 - barrier

    def slope(w: ArrayLike) -> Array:
        return landscape.gradient(w) / temperature

    terms = (abs(first_term(slope, p, found.distance)) for p in (found.minimum, found.saddle))
    error = math.expm1(1 / barrier + sum(terms)) + 1 / kept - 1 + 3 * math.exp(-barrier)
    places = (tuple(p.tolist()) for p in (found.minimum, found.saddle))
    return EscapeRate(log_rate, error, barrier, None, *places)


def _flight(landscape: Landscape, found: Pass, sign: float) -> float:
    """The integral of |p|^2 dt from the saddle until the first time that walkers without friction are slowest.

    On the side of the minimum for sign 1; in one dimension that is half a round. Infinite where they fly off.
    """
    dim, unit, pace = landscape.dim, found.distance, math.sqrt(found.growth)
    side = float(np.sign((found.minimum - found.saddle) @ found.direction)) or 1.0
    # In units of the distance and of the linear flow from the saddle, where p = sqrt(|h|) u.
    offset = sign * side * START * found.direction
    start = np.concatenate([offset, offset, [0.0]])
    values = np.abs(
        np.concatenate([np.linalg.eigvalsh(m) for m in (found.stiffness_minimum, found.stiffness_saddle)])
    )
    longest = LONGEST_FLIGHT * pace / math.sqrt(float(values.min()))

    def force(q: Array) -> Array:
        return -landscape.gradient(found.saddle + unit * q) / (unit * found.growth)

    def slopes(_: float, state: Array) -> Array:
        p = state[dim:-1]
        return np.concatenate([p, force(state[:dim]), [float(p @ p)]])

    def slowest(_: float, state: Array) -> float:
        return float(state[dim:-1] @ force(state[:dim]))

    def lost(_: float, state: Array) -> float:
        return LOST - float(np.linalg.norm(state[:dim]))

    slowest.terminal = lost.terminal = True  # type: ignore[attr-defined]
    slowest.direction = 1.0  # type: ignore[attr-defined]
    with np.errstate(all="ignore"):
        flight = solve_ivp(
            slopes,
            (0.0, longest),
            start,
            method="DOP853",
            events=(slowest, lost),
            rtol=FLIGHT_ERROR,
            atol=LEAST_FLIGHT,
        )
    require(bool(np.isfinite(flight.y).all()), "the loss must stay finite on the way out of the saddle")
    turned = flight.t_events is not None and flight.t_events[0].size > 0
    return float(flight.y[-1, -1]) * unit**2 * pace if turned else math.inf


def _depopulation(loss: float) -> float:
    """exp((1/(2 pi)) int log(1 - exp(-loss (x^2 + 1/4))) / (x^2 + 1/4) dx): 1 for much energy lost in a round."""
    if not math.isfinite(loss):
        return 1.0

    def integrand(x: float) -> float:
        height = x * x + 1 / 4
        return math.log(-math.expm1(-loss * height)) / height

    width = math.sqrt(BELOW_FLOATS / loss)
    parts = quad(integrand, 0.0, min(width, 1.0), limit=200)[0]
    if width > 1:
        parts += quad(integrand, 1.0, width, limit=400)[0]
    return math.exp(parts / math.pi)
