"""What the formula for a linear saddle leaves out: drift, noise and fluctuations along the way out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_ivp

from theory.base.arrays import Array
from theory.base.errors import require
from theory.equations import Langevin
from theory.formulas.escape.linear_saddle import linear_passage_time
from theory.tensors import Constant

Line = Callable[[float], float]
LINEAR = 0.5  # part by which the drift may differ from its linear part on the way
NODES_ON_THE_WAY = 41  # on the way, where drift and noise are read
BENDING = 50  # parts of the distance, one of which is the step of the difference that says how the line bends
YOUNG = 1e-12  # rate times time below which (e^x - 1) / x is 1
SLOPE_ERROR, LEAST_SLOPE = 1e-9, 1e-13  # relative and absolute, a step of the slope of the mean time
ROUNDING_OF_PASSAGE_TIMES = 1e-9  # relative error of a passage time


@dataclass(frozen=True, eq=False)
class UnstableLine:
    """The way out of a saddle: w(u) = saddle + u right + u^2 bend, with u = left.(w - saddle), left.right = 1.

    Parameters
    ----------
    sde, saddle
        The equation, and a zero of its Ito drift.
    jacobian
        Of the drift there, (d, d).
    growth, right, left
        A positive real eigenvalue and its eigenvectors, |right| = 1.
    """

    sde: Langevin
    saddle: Array
    jacobian: Array
    growth: float
    right: Array
    left: Array

    @property
    def diffusion(self) -> float:
        """D of u at the saddle."""
        return float(self.left @ self.sde.tensor(self.saddle) @ self.left)

    def error(self, distance: float) -> float:
        """Estimated error of the time of the linear equation, in its units: three changes, added without sign.

        They are those by the drift along the bent line, by the noise along the straight one, and by the spread
        across it after that time (a cubature of third degree). Each is the time of a process in one dimension.

        Raises
        ------
        InputError
            If the drift differs from its linear part by half of it within the distance.
        """
        linear, growth, diffusion = linear_passage_time(self.growth, self.diffusion, distance), *self._constants
        bend = self._bend(distance)
        cloud = self._cloud(linear, bend)

        def drift(u: float) -> float:
            return float(self.left @ self.sde.drift(self.saddle + u * self.right + u * u * bend))

        def noise(u: float) -> float:
            return float(self.left @ self.sde.tensor(self.saddle + u * self.right) @ self.left)

        def spread(u: float) -> float:
            points = self.saddle + u * self.right + cloud
            middle = self.sde.drift(self.saddle + u * self.right)
            return growth * u + float((self.sde.drift(points).mean(axis=0) - middle) @ self.left)

        changes: list[tuple[Line, Line]] = [(drift, lambda _: diffusion)]
        if not isinstance(self.sde.diffusion, Constant):
            changes.append((lambda u: growth * u, noise))
        if self.sde.dim > 1:
            changes.append((spread, lambda _: diffusion))
        for force, _ in changes:
            self._require_linear(force, distance)
        total = sum(abs(mean_time_out(f, d, diffusion / growth, distance) - linear) for f, d in changes)
        return (
            total * (1 + total / linear) + ROUNDING_OF_PASSAGE_TIMES * linear
        )  # with what the square of a change may add

    @property
    def _constants(self) -> tuple[float, float]:
        return self.growth, self.diffusion

    def _require_linear(self, force: Line, distance: float) -> None:
        places = np.linspace(-distance, distance, NODES_ON_THE_WAY)  # without 0, where a spread may push
        places = places[np.abs(places) > distance / 4]
        misses = np.array([abs(force(float(u)) / (self.growth * u) - 1) for u in places])
        worst = int(np.argmax(misses)) if bool(np.isfinite(misses).all()) else int(np.argmin(np.isfinite(misses)))
        require(
            bool(misses[worst] < LINEAR),
            f"`distance` must stay where the drift is linear, got {distance:.4g} with a drift that differs by "
            f"{misses[worst]:.3g} of its linear part at {abs(places[worst]):.3g}; reduce it, or solve for the "
            "mean first passage time",
        )

    def _bend(self, distance: float) -> Array:
        """Half the second derivative of the invariant line along u, across the unstable direction."""
        step = distance / BENDING
        ends = self.sde.drift(self.saddle + np.outer([step, -step, 0.0], self.right))
        second = (ends[0] + ends[1] - 2 * ends[2]) / step**2
        across = second - (self.left @ second) * self.right
        matrix = 2 * self.growth * np.eye(self.sde.dim) - self.jacobian
        bend = np.linalg.lstsq(matrix, across / 2, rcond=None)[0]
        return np.asarray(bend - (self.left @ bend) * self.right)

    def _cloud(self, time: float, bend: Array) -> Array:
        """Points (2 d, d) with the mean and covariance across the line that noise makes in this time.

        The mean is that of w - saddle - u right - u^2 bend, which Ito's formula pushes by -2 D bend.
        """
        values, vectors = np.linalg.eig(self.jacobian)
        back = np.linalg.inv(vectors)
        back[int(np.argmin(np.abs(values - self.growth)))] = 0  # all but the way out
        source = back @ (2 * self.sde.tensor(self.saddle)) @ back.conj().T
        rates = values[:, None] + values[None, :].conj()
        with np.errstate(all="ignore"):
            ages = np.where(np.abs(rates) * time < YOUNG, time, np.expm1(rates * time) / rates)
            covariance = (vectors @ (source * ages) @ vectors.conj().T).real
            lives = np.where(np.abs(values) * time < YOUNG, time, np.expm1(values * time) / values)
            mean = (vectors @ (lives * (back @ (-2 * self.diffusion * bend)))).real
        require(
            bool(np.isfinite(covariance).all() and np.isfinite(mean).all()),
            "the other unstable directions must stay small until the passage, got a spread that overflows",
        )
        sizes, axes = np.linalg.eigh((covariance + covariance.T) / 2)
        arms = axes * np.sqrt(np.abs(sizes) * self.sde.dim)
        return np.asarray(mean + np.concatenate([arms.T, -arms.T]))


def mean_time_out(drift: Line, diffusion: Line, unit: float, distance: float) -> float:
    """Mean time from 0 until |u| = a for du = drift dt + sqrt(2 diffusion) dW (Ito), with drift away from 0.

    The slope of the time obeys D h' + b h = -1, which is stable outwards; the solution on either side is that with
    h(0) = 0 plus a multiple of the homogeneous one, which the two ends fix. `unit` is the square of a length on
    which h changes near 0. Relative error 1e-8 or so.
    """
    length = math.sqrt(unit)
    time = unit / diffusion(0.0)  # in which all that follows is of order one

    def side(sign: float) -> tuple[float, float]:
        def slopes(x: float, state: Array) -> list[float]:
            noise = diffusion(sign * x * length)
            pull = sign * drift(sign * x * length) * length / noise
            return [-unit / (noise * time) - pull * state[0], -pull * state[1], state[0], state[1]]

        found = solve_ivp(
            slopes,
            (0.0, distance / length),
            [0.0, 1.0, 0.0, 0.0],
            method="LSODA",
            rtol=SLOPE_ERROR,
            atol=LEAST_SLOPE,
        )
        return float(found.y[2, -1]), float(found.y[3, -1])

    (right, right_unit), (left, left_unit) = side(1.0), side(-1.0)
    return -time * (right * left_unit + left * right_unit) / (right_unit + left_unit)
