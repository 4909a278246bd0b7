"""Escape over a saddle that is flat to second order in one direction: what replaces its Gaussian integrals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.integrate import solve_ivp

from theory.base.arrays import Array, ArrayLike
from theory.base.errors import require
from theory.base.rounding import LARGEST_EXPONENT
from theory.formulas.escape.laplace import first_term
from theory.landscapes.function import central_differences

DEEP = 36.0  # temperatures beyond which an integrand is nothing
LEAST_DEPTH = 3.0  # least of them that the neighbourhood must show
NEIGHBOURHOOD = 1.0  # of the distance to the minimum: where the neighbourhood ends
FIRM = 0.1  # of the curvature of the others at the saddle: where less is left the neighbourhood ends
MOST_NEWTON_STEPS, LAST_STEP = 30, 1e-9  # of Newton's method across, and of the distance where it ends
WAY_ERROR = 1e-8  # relative, a step of the integral along the flat direction
LEAST_RISE = 1e-9  # its absolute error, in temperatures and of the first part
START = 1e-3  # of that, where the integral begins


@dataclass(frozen=True, eq=False)
class SoftSaddle:
    """A critical point of Phi with one flat direction, along which Phi falls or, beside a falling one, climbs.

    Parameters
    ----------
    slope
        Gradient of Phi in coordinates in which D is the identity.
    place
        The critical point (d,).
    scale
        Its distance from the minimum.

    References
    ----------
    Berglund & Gentz (2010), The Eyring-Kramers law for potentials with nonquadratic saddles.
    """

    slope: Callable[[ArrayLike], Array]
    place: Array
    scale: float

    def log_capacity(self) -> tuple[float, float]:
        """Logarithm of the capacity times exp(Phi at the saddle), and its relative error.

        That is the integral of exp(-Phi) over the directions that climb, over the integral of exp(Phi) along the
        one that falls. The one along the flat direction goes over Phi itself, the others in their critical point
        and with their curvatures at each place, and with the tilt of the line of these points; the error is their
        own next term.

        Raises
        ------
        InputError
            If the loss does not fall by several temperatures around the saddle.
        """
        sides = [self._side(side) for side in (1.0, -1.0)]
        total, depth = sum(part for part, _ in sides), min(depth for _, depth in sides)
        require(
            depth >= LEAST_DEPTH,
            f"the neighbourhood of the flat saddle {self.place.tolist()} must fall by several temperatures, got "
            f"{depth:.3g} within the distance to the minimum; lower the temperature, or solve for the mean first "
            "passage time",
        )
        free = self._others.shape[1]
        across = abs(first_term(self._across, np.zeros(free), self.scale)) if free else 0.0
        powers = free - 2 if self._climbs else free
        value = (1.0 if self._climbs else -1.0) * math.log(total) + powers / 2 * math.log(2 * math.pi)
        return value, 2 * across + 3 * math.exp(-depth)

    def _curvature(self, w: Array) -> Array:
        raw = central_differences(self.slope, w, scale=self.scale)
        return np.asarray((raw + raw.T) / 2)

    @cached_property
    def _basis(self) -> tuple[Array, Array]:
        values, vectors = np.linalg.eigh(self._curvature(self.place))
        soft = int(np.argmin(np.abs(values)))
        return vectors[:, soft], np.delete(vectors, soft, axis=1)

    @property
    def _others(self) -> Array:
        return self._basis[1]

    @cached_property
    def _climbs(self) -> bool:
        """Whether Phi climbs along the flat direction: where another one falls."""
        falling = np.count_nonzero(np.linalg.eigvalsh(self._block(self.place)) < 0)
        return bool(falling)

    def _block(self, w: Array) -> Array:
        return np.asarray(self._others.T @ self._curvature(w) @ self._others)

    def _across(self, u: ArrayLike) -> Array:
        return np.asarray(self.slope(self.place + np.asarray(u) @ self._others.T) @ self._others)

    def _at(self, share: float) -> Array:
        """The point so far along the flat direction, where the others have their critical point."""
        along = self.place + share * NEIGHBOURHOOD * self.scale * self._basis[0]
        offset = np.zeros(self._others.shape[1])
        for _ in range(MOST_NEWTON_STEPS if offset.size else 0):
            w = along + self._others @ offset
            step = np.linalg.solve(self._block(w), self._others.T @ self.slope(w))
            offset = offset - step
            if float(np.abs(step).max()) <= LAST_STEP * self.scale:
                break
        return np.asarray(along + self._others @ offset)

    def _stiffness(self, w: Array) -> float:
        """The least curvature of the other directions, with the sign that each has at the saddle."""
        if not self._others.size:
            return 1.0
        signs = np.ones(self._others.shape[1])
        signs[0] = -1.0 if self._climbs else 1.0
        return float((np.linalg.eigvalsh(self._block(w)) * signs).min())

    def _weight(self, w: Array) -> float:
        """What the other directions weigh at w: the falling curvature over the root of all, or the root alone.

        Times 1 + tilt^2: a line that is not straight is longer, and the flux across it is.
        """
        if not self._others.size:
            return 1.0
        curvature = self._curvature(w)
        values, vectors = np.linalg.eigh(self._others.T @ curvature @ self._others)
        tilts = vectors.T @ (self._others.T @ curvature @ self._basis[0]) / values
        root = math.sqrt(float(np.abs(values).prod()))
        if self._climbs:
            return float(abs(values[0])) / root * (1 + float(tilts[0]) ** 2)
        return root * (1 + float(tilts @ tilts))

    def _side(self, side: float) -> tuple[float, float]:
        """The integral of exp(-|change of Phi|) on one side, and the largest change."""
        reach, sign = NEIGHBOURHOOD * self.scale, 1.0 if self._climbs else -1.0

        def rise(share: float, w: Array) -> float:
            return sign * side * float(self.slope(w) @ self._basis[0]) * reach

        def slopes(share: float, state: Array) -> list[float]:
            w = self._at(side * share)
            return [rise(share, w), reach * math.exp(min(-state[0], LARGEST_EXPONENT)) * self._weight(w)]

        def deep(_: float, state: Array) -> float:
            return float(state[0]) - DEEP

        def turned(share: float, _: Array) -> float:
            return rise(share, self._at(side * share))

        def lost(share: float, _: Array) -> float:
            return self._stiffness(self._at(side * share)) - FIRM * self._stiffness(self.place)

        deep.terminal = turned.terminal = lost.terminal = True  # type: ignore[attr-defined]
        turned.direction = -1.0  # type: ignore[attr-defined]
        start = [0.0, reach * START * self._weight(self.place)]
        scales = [LEAST_RISE, LEAST_RISE * start[1]]
        way = solve_ivp(slopes, (START, 1.0), start, events=(deep, turned, lost), rtol=WAY_ERROR, atol=scales)
        require(
            bool(way.success) and bool(np.isfinite(way.y).all()),
            f"the landscape must be smooth around the flat saddle {self.place.tolist()}, and it is not",
        )
        return float(way.y[1, -1]), float(way.y[0].max())
