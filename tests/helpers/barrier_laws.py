"""Equations in the plane with a barrier that nobody crosses, and the laws on its sides."""

from __future__ import annotations

from typing import Any

import numpy as np
from doubles_plane import Field, PlaneEquation

from theory.base.arrays import Array
from theory.laws.density import Density
from theory.laws.grid import Grid

Barrier = tuple[PlaneEquation, Field, Field]  # the equation, its log law but for two constants, the distance
SHAPES, SCALES, STRENGTHS = (3.0, 5.0), (0.5, 0.4), (1.0, 0.5)


def square(side: float, cells: int) -> Grid:
    return Grid([-side, -side], [side, side], [cells, cells])


def flat(grid: Grid) -> Density:
    return Density.normalised(grid, np.ones(grid.shape))


def frame(angle: float) -> tuple[Array, Array]:
    normal = np.array([np.cos(angle), np.sin(angle)])
    return normal, np.array([-normal[1], normal[0]])


def two_gammas(angle: float, place: float) -> Barrier:
    """With u = w.normal - place, a gamma law of |u| on either side of 0, a standard normal one along the barrier.

    D = a u^2 across, drift a u (shape + 1 - |u| / scale): u b / D = shape + 1. Returns the equation, its log law
    but for two constants, and u.
    """
    normal, along = frame(angle)

    def distance(w: Array) -> Array:
        return w @ normal - place

    def choose(u: Array, pair: tuple[float, float]) -> Array:
        return np.where(u > 0, pair[1], pair[0])

    def noise(u: Array) -> Array:
        return choose(u, STRENGTHS) * u**2

    def tensor(w: Array) -> Array:
        return noise(distance(w))[..., None, None] * np.outer(normal, normal) + np.outer(along, along)

    def divergence(w: Array) -> Array:
        u = distance(w)
        return (2 * choose(u, STRENGTHS) * u)[..., None] * normal

    def drift(w: Array) -> Array:
        u = distance(w)
        push = choose(u, STRENGTHS) * u * (choose(u, SHAPES) + 1 - np.abs(u) / choose(u, SCALES))
        return push[..., None] * normal - (w @ along)[..., None] * along

    def log_law(w: Array) -> Array:
        u = distance(w)
        size = np.maximum(np.abs(u), 1e-300)
        return (choose(u, SHAPES) - 1) * np.log(size) - size / choose(u, SCALES) - (w @ along) ** 2 / 2

    return PlaneEquation(drift, tensor, divergence), log_law, distance


def ring(radius: float, shape: float = 3.0, spread: float = 0.5) -> Barrier:
    """Law |r^2 - R^2|^(shape - 1) exp(-r^2 / (2 spread)) on either side of a circle without noise across."""

    def radial(w: Array) -> tuple[Array, Array]:
        r = np.linalg.norm(w, axis=-1)
        return r, w / np.maximum(r, 1e-12)[..., None]

    def noise(r: Array) -> Array:
        return (r**2 - radius**2) ** 2 / (4 * radius**2)

    def tensor(w: Array) -> Array:
        r, out = radial(w)
        across = out[..., :, None] * out[..., None, :]
        return radius**2 / 4 * np.eye(2) + (noise(r) - radius**2 / 4)[..., None, None] * across

    def divergence(w: Array) -> Array:  # D_rr' + (D_rr - D_tt) / r
        r, out = radial(w)
        return ((r**2 - radius**2) * r / radius**2 + (r**3 - 2 * r * radius**2) / (4 * radius**2))[..., None] * out

    def drift(w: Array) -> Array:
        r, out = radial(w)
        push = (shape - 1) * r * (r**2 - radius**2) / (2 * radius**2) - noise(r) * r / spread
        return divergence(w) + push[..., None] * out

    def log_law(w: Array) -> Array:
        r, _ = radial(w)
        return (shape - 1) * np.log(np.maximum(np.abs(r**2 - radius**2), 1e-300)) - r**2 / (2 * spread)

    return PlaneEquation(drift, tensor, divergence), log_law, lambda w: np.linalg.norm(w, axis=-1) - radius


def vanishing(
    power: float, ratio: float, angle: float = 0.0, place: float = 0.0, temperature: float = 1.0
) -> tuple[PlaneEquation, Field]:
    """D = |u|^power across and `temperature` along, drift ratio |u|^(power - 1) away from u = 0."""
    normal, along = frame(angle)

    def distance(w: Array) -> Array:
        return w @ normal - place

    def tensor(w: Array) -> Array:
        across = np.abs(distance(w)) ** power
        return across[..., None, None] * np.outer(normal, normal) + temperature * np.outer(along, along)

    def away(w: Array, strength: float) -> Array:
        u = distance(w)
        return (strength * np.abs(u) ** (power - 1) * np.sign(u))[..., None] * normal

    def drift(w: Array) -> Array:
        return away(w, ratio) - (distance(w) ** 3)[..., None] * normal - (w @ along)[..., None] * along

    return PlaneEquation(drift, tensor, lambda w: away(w, power)), distance


def beside_noise(line: Any) -> PlaneEquation:
    """An equation of one dimension in x beside one with a normal law in y."""

    def tensor(w: Array) -> Array:
        values = np.zeros((*w.shape, 2))
        values[..., 0, 0] = line.tensor(w[..., :1])[..., 0, 0]
        values[..., 1, 1] = 1.0
        return values

    def drift(w: Array) -> Array:
        return np.concatenate([line.drift(w[..., :1]), -w[..., 1:]], axis=-1)

    def divergence(w: Array) -> Array:
        return np.concatenate([line.divergence(w[..., :1]), 0 * w[..., 1:]], axis=-1)

    return PlaneEquation(drift, tensor, divergence)
