"""Compiled columns of the transition matrix in two dimensions where the gradient noise is normal of full rank."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from simulate.transition.kernels import DROPPED_PLANE, FINEST, STEPS_A_WIDTH, _deposit, _flush, _inside
from simulate.transition.line import HERMITE_NODES, HERMITE_WEIGHTS, REACH, RESOLVED, add_normal
from theory.arrays import Array, Booleans, Integers

SQRT_TAU = math.sqrt(2.0 * math.pi)


@njit(nogil=True, cache=True, error_model="numpy")
def plane_normal_columns(
    base: Array,
    factor: Array,
    shape: Integers,
    periodic: Booleans,
    ends: Integers,
    outside: Array,
    rows: Integers,
    values: Array,
) -> int:
    """Base + (a z1, b z1 + c z2) with factor (columns, 3) holding a, b, c, in cells.

    Where the noise is resolved along every direction the entries are values of the density, positive and of
    spectral accuracy; elsewhere lattice points along z1 and Gauss-Hermite points along z2, put by cubic weights.
    """
    plane, touched = np.zeros(shape[0] * shape[1]), np.empty(shape[0] * shape[1], dtype=np.int64)
    wx, wy = np.empty(4), np.empty(4)
    entries = 0
    for i in range(len(base)):
        a, b, c = factor[i]
        x, y = base[i]
        trace, root = a * a + b * b + c * c, abs(a * c)
        smallest = 0.5 * (trace - math.sqrt(max(trace * trace - 4.0 * root * root, 0.0)))
        lost, used = 0.0, 0
        if smallest >= RESOLVED * RESOLVED:
            first, last = math.ceil(x - REACH * a), math.floor(x + REACH * a)
            for column in range(first, last + 1):
                ahead = (column - x) / a
                mass = math.exp(-0.5 * ahead * ahead) / (a * SQRT_TAU)
                if not (periodic[0] or 0 <= column < shape[0]):
                    lost += mass
                    continue
                row = (column % shape[0]) * shape[1]
                centre = y + b * ahead
                lost += add_normal(plane[row : row + shape[1]], centre, c, mass, periodic[1])
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
            size = max(abs(a), abs(b))
            tick = min(0.5 / max(size, 1e-300), 1.0 / STEPS_A_WIDTH)
            reach = 0 if size < FINEST else int(REACH / tick)
            points = 1 if c < FINEST else len(HERMITE_NODES)
            for m in range(-reach, reach + 1):
                z = m * tick
                mass = 1.0 if reach == 0 else tick * math.exp(-0.5 * z * z) / SQRT_TAU
                for k in range(points):
                    share = mass if points == 1 else mass * HERMITE_WEIGHTS[k]
                    u, v = x + a * z, y + b * z + (0.0 if points == 1 else c * HERMITE_NODES[k])
                    if _inside(u, shape[0], periodic[0]) and _inside(v, shape[1], periodic[1]):
                        used = _deposit(u, v, share, shape, periodic, plane, touched, used, wx, wy)
                    else:
                        lost += share
        outside[i] = lost
        entries = _flush(plane, touched, used, rows, values, entries)
        ends[i] = entries
    return entries
