"""Compiled columns of the transition matrix in two dimensions where the gradient noise is normal of full rank."""

from __future__ import annotations

import math

import numpy as np

from simulate.transition.kernels import (
    DROPPED_PLANE,
    DROPPED_SPLINE,
    FINEST,
    STEPS_A_WIDTH,
    _deposit,
    _flush,
    _inside,
)
from simulate.transition.line import DROPPED, HERMITE_NODES, HERMITE_WEIGHTS, REACH, RESOLVED, add_normal
from theory.arrays import Array, Booleans, Integers
from theory.kernels import kernel

SQRT_TAU = math.sqrt(2.0 * math.pi)
WIDE = 1.0  # cells: from here on Gauss-Hermite points would lie too far apart


def resolved(factor: Array) -> Booleans:
    """Whether the noise is wider than a cell along every direction; `factor` (n, 3) holds a, b, c in cells."""
    a, b, c = factor.T
    trace, root = a**2 + b**2 + c**2, np.abs(a * c)
    smallest = 0.5 * (trace - np.sqrt(np.maximum(trace**2 - 4.0 * root**2, 0.0)))
    return np.asarray(smallest >= RESOLVED**2)


@kernel
def normal_points(width: float) -> tuple[Array, Array]:
    """Points and masses for a standard normal number that moves a walker by `width` cells."""
    if width < FINEST:
        return np.zeros(1), np.ones(1)
    if width < WIDE:
        return HERMITE_NODES.copy(), HERMITE_WEIGHTS.copy()
    tick = min(0.5 / width, 1.0 / STEPS_A_WIDTH)
    reach = int(REACH / tick)
    z = tick * np.arange(-reach, reach + 1).astype(np.float64)
    return z, tick / SQRT_TAU * np.exp(-0.5 * z * z)


@kernel
def plane_normal_columns(
    base: Array,
    factor: Array,
    wide: Booleans,
    shape: Integers,
    periodic: Booleans,
    knots_x: Array,
    knots_y: Array,
    ends: Integers,
    outside: Array,
    rows: Integers,
    values: Array,
) -> int:
    """Base + (a z1, b z1 + c z2) with factor (columns, 3) holding a, b, c, in cells.

    Where the noise is `wide`, that is `resolved`, the entries are values of the density, positive and of spectral
    accuracy; elsewhere points of z1 and z2 are put there by B-splines, or Lagrange's cubic.
    """
    plane, touched = np.zeros(shape[0] * shape[1]), np.empty(shape[0] * shape[1], dtype=np.int64)
    wx, wy = np.empty(4), np.empty(4)
    dropped = DROPPED_SPLINE if len(knots_x) > 0 else DROPPED_PLANE
    entries = 0
    for i in range(len(base)):
        a, b, c = factor[i]
        x, y = base[i]
        lost, used = 0.0, 0
        if wide[i]:
            first, last = math.ceil(x - REACH * a), math.floor(x + REACH * a)
            for column in range(first, last + 1):
                ahead = (column - x) / a
                mass = math.exp(-0.5 * ahead * ahead) / (a * SQRT_TAU)
                if not (periodic[0] or 0 <= column < shape[0]):
                    lost += mass
                    continue
                row = (column % shape[0]) * shape[1]
                centre = y + b * ahead
                lost += add_normal(plane[row : row + shape[1]], centre, c, mass, periodic[1], DROPPED)
            if not periodic[0]:
                first, last = max(first, 0), min(last, shape[0] - 1)
            for column in range(first, min(last, first + shape[0] - 1) + 1):
                row = (column % shape[0]) * shape[1]
                for cell in range(row, row + shape[1]):
                    if plane[cell] > DROPPED_PLANE:
                        if entries < len(rows):
                            rows[entries] = cell
                            values[entries] = plane[cell]
                        entries += 1
                    plane[cell] = 0.0
        else:
            first_z, first_mass = normal_points(max(abs(a), abs(b)))
            second_z, second_mass = normal_points(c)
            for m in range(len(first_z)):
                for k in range(len(second_z)):
                    share = first_mass[m] * second_mass[k]
                    u, v = x + a * first_z[m], y + b * first_z[m] + c * second_z[k]
                    if _inside(u, shape[0], periodic[0]) and _inside(v, shape[1], periodic[1]):
                        used = _deposit(
                            u, v, share, shape, periodic, plane, touched, used, wx, wy, knots_x, knots_y
                        )
                    else:
                        lost += share
        outside[i] = lost
        entries = _flush(plane, touched, used, dropped, rows, values, entries)
        ends[i] = entries
    return entries
