"""Means of discrete steps and of their equations at small noise, over every outcome: no sampling.

A step with normal noise and one with Gauss-Hermite's three points have laws that agree to O(h^3) at a fixed time:
the points have the moments of the normal law up to the fifth. An equation with noise of size h^(1/2) is followed
by Strang's splitting of drift (Runge-Kutta, order 4) and noise (two points a channel), whose error at a fixed time
is O(h^3) as well with steps of h (Milstein & Tretyakov 1997, Numerical methods in the weak sense for small noise).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from theory.base.arrays import Array

POINTS, CHANCES = (-math.sqrt(3), 0.0, math.sqrt(3)), (1 / 6, 2 / 3, 1 / 6)


def mean_of_steps(
    step: Callable[[Array, float, int], Array], start: Array, steps: int, function: Callable[[Array], Any]
) -> float:
    """E f after `steps` of y <- step(y, z, number), z one of the three points; `start` (D,), states (n, D)."""
    y, weight = np.atleast_2d(np.asarray(start, dtype=float)), np.ones(1)
    for number in range(steps):
        y = np.concatenate([step(y, z, number) for z in POINTS])
        weight = np.concatenate([chance * weight for chance in CHANCES])
    return float(weight @ function(y))


def mean_of_equation(sde: Any, start: Array, time: float, steps: int, function: Callable[[Array], Any]) -> float:
    """E f of the equation at the time, in so many steps of it."""
    h, y = time / steps, np.atleast_2d(np.asarray(start, dtype=float))
    y = _shaken(sde, y, h / 2)
    for number in range(steps):
        slopes = [sde.drift(y)]
        for share in (0.5, 0.5, 1.0):
            slopes.append(sde.drift(y + share * h * slopes[-1]))
        y = y + h / 6 * (slopes[0] + 2 * slopes[1] + 2 * slopes[2] + slopes[3])
        y = _shaken(sde, y, h / 2 if number == steps - 1 else h)
    return float(np.mean(function(y)))


def _shaken(sde: Any, y: Array, h: float) -> Array:
    root = math.sqrt(2 * h) * sde.diffusion.root(y)
    channels = [a for a in range(root.shape[-1]) if np.abs(root[..., a]).max() > 0]
    outcomes = itertools.product((-1.0, 1.0), repeat=len(channels))
    return np.concatenate([y + root[..., channels] @ np.array(signs) for signs in outcomes])


def mean_of_signs(
    chance: Callable[[Array], Array], start: float, rate: float, steps: int, function: Callable[[Array], Any]
) -> float:
    """E f after steps of w <- w - rate * sign, whose sign is positive with `chance` at w: a walk on a lattice."""
    places = start + rate * np.arange(-steps, steps + 1.0)
    mass = np.zeros(len(places))
    mass[steps] = 1.0
    for _ in range(steps):
        up = chance(places) * mass
        mass = np.append(up[1:], 0.0) + np.append(0.0, (mass - up)[:-1])
    return float(mass @ function(places[:, None]))
