"""Compiled columns of the transition matrix: the law after one step from each cell centre.

Lengths are in cells of the target grid and places count from the first centre. A kernel fills the columns `out`
of the sources that it is given and returns how many entries it needed, which may be more than there is room for.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulate.transition.batches import BatchRules
from simulate.transition.line import DROPPED, REACH, Columns, add_step, cubic, kept_entries
from simulate.transition.spline import spline_weights
from theory.base.arrays import Array, Booleans, Integers
from theory.base.kernels import kernel
from theory.base.rounding import NOT_ZERO

DROPPED_PLANE = 1e-20  # the same in two dimensions, where memory counts
DROPPED_SPLINE = 1e-16  # the same of splines, whose laws have the relative accuracy of their sums only
STEPS_A_WIDTH = 2.0  # lattice points along a line for each standard deviation, or half cell where that is less
FINEST = 1e-9  # cells: a step so short is a point


class Lattice(NamedTuple):
    """Cells of a plane and the knots of splines on them, empty for Lagrange's cubics."""

    shape: Integers
    periodic: Booleans
    knots_x: Array
    knots_y: Array


@kernel
def line_columns(
    base: Array,
    alpha: Array,
    beta: Array,
    rules: BatchRules,
    count: int,
    periodic: bool,
    least: float,
    out: Columns,
) -> int:
    """One dimension: base + alpha r^2 + beta r z, shapes (columns,), without entries below `least`."""
    line = np.empty(count)
    entries = 0
    for i in range(len(base)):
        out.outside[i] = add_step(line, base[i], alpha[i], beta[i], rules, periodic, least)
        entries = kept_entries(line, least, out, entries)
        out.ends[i] = entries
    return entries


@kernel
def _deposit(
    x: float, y: float, mass: float, shape: Integers, periodic: Booleans, plane: Array, touched: Integers,
    used: int, wx: Array, wy: Array, knots_x: Array, knots_y: Array,
) -> int:  # fmt: skip
    """Add a point on the grid to `plane` by 4 x 4 weights; cells seen first are noted. Returns how many are.

    The weights are B-splines on the knots, or without knots Lagrange's cubic.
    """
    if len(knots_x) > 0:
        i = spline_weights(x, shape[0], periodic[0], knots_x, wx)
        j = spline_weights(y, shape[1], periodic[1], knots_y, wy)
    else:
        i, j = cubic(x, shape[0], periodic[0], wx), cubic(y, shape[1], periodic[1], wy)
    for a in range(4):
        part = mass * wx[a]
        row = ((i + a) % shape[0]) * shape[1]
        for b in range(4):
            cell = row + (j + b) % shape[1]
            if plane[cell] == 0.0:
                touched[used] = cell
                used += 1
                plane[cell] = NOT_ZERO  # a cell may come back to 0: never noted twice
            plane[cell] += part * wy[b]
    return used


@kernel
def _flush(plane: Array, touched: Integers, used: int, least: float, out: Columns, entries: int) -> int:
    """Move the entries above `least` of the `touched` cells to the column, and clear them."""
    rows, values = out.rows, out.values
    for k in range(used):
        entries = take_entry(plane, touched[k], least, rows, values, entries)
    return entries


@kernel
def take_entry(plane: Array, cell: int, least: float, rows: Integers, values: Array, entries: int) -> int:
    """Move the entry of a cell to the column where it is above `least`, clear it, and count the entries.

    What does not fit any more is counted too, so that the caller knows how much room is asked for.
    """
    value = plane[cell]
    plane[cell] = 0.0
    if abs(value) > least:
        if entries < len(rows):
            rows[entries] = cell
            values[entries] = value
        entries += 1
    return entries


@kernel
def _inside(place: float, count: int, periodic: bool) -> bool:
    return periodic or -0.5 <= place <= count - 0.5


@kernel
def plane_line_columns(
    base: Array,
    direction: Array,
    alpha: Array,
    beta: Array,
    spread: float,
    rules: BatchRules,
    lattice: Lattice,
    out: Columns,
) -> int:
    """Two dimensions, rank one: base + direction (alpha r^2 + beta r z), base and direction (columns, 2).

    The law along the line is computed on a lattice of points at most half a cell apart, each of which is put on
    the grid by B-splines, or Lagrange's cubic. `spread` is the standard deviation of r^2.
    """
    shape, periodic, knots_x, knots_y = lattice.shape, lattice.periodic, lattice.knots_x, lattice.knots_y
    ends, outside = out.ends, out.outside
    plane, touched = np.zeros(shape[0] * shape[1]), np.empty(shape[0] * shape[1], dtype=np.int64)
    wx, wy = np.empty(4), np.empty(4)
    dropped = DROPPED_SPLINE if len(knots_x) > 0 else DROPPED_PLANE
    entries = 0
    largest = rules.nodes[rules.starts[1] - 1]
    least = rules.nodes[0]
    for i in range(len(base)):
        size = max(abs(direction[i, 0]), abs(direction[i, 1]))
        width = size * math.sqrt(beta[i] * beta[i] + (alpha[i] * spread) ** 2)
        used = 0
        lost = 0.0
        unit = min(0.5, width / STEPS_A_WIDTH)
        if unit < FINEST:
            x = base[i, 0] + direction[i, 0] * alpha[i]
            y = base[i, 1] + direction[i, 1] * alpha[i]
            if _inside(x, shape[0], periodic[0]) and _inside(y, shape[1], periodic[1]):
                used = _deposit(x, y, 1.0, shape, periodic, plane, touched, used, wx, wy, knots_x, knots_y)
            else:
                lost = 1.0
            outside[i] = lost
            entries = _flush(plane, touched, used, dropped, out, entries)
            ends[i] = entries
            continue
        tick = unit / size  # of the scalar along the line
        a, b = alpha[i] / tick, beta[i] / tick
        one, other = a * least * least, a * largest * largest
        low = min(one, other) - REACH * b * largest
        high = max(one, other) + REACH * b * largest
        for axis in range(2):  # the part of the line that meets the box
            slope = direction[i, axis] * tick
            if not periodic[axis] and slope != 0.0:
                first, last = (-0.5 - base[i, axis]) / slope, (shape[axis] - 0.5 - base[i, axis]) / slope
                low, high = max(low, min(first, last)), min(high, max(first, last))
        if low > high:
            outside[i] = 1.0
            ends[i] = entries
            continue
        begin = math.floor(low) - 4
        line = np.empty(math.ceil(high) + 5 - begin)
        lost = add_step(line, -float(begin), a, b, rules, False, DROPPED)
        for m in range(len(line)):
            if abs(line[m]) > dropped:
                t = (begin + m) * tick
                x, y = base[i, 0] + direction[i, 0] * t, base[i, 1] + direction[i, 1] * t
                if _inside(x, shape[0], periodic[0]) and _inside(y, shape[1], periodic[1]):
                    used = _deposit(x, y, line[m], shape, periodic, plane, touched, used, wx, wy, knots_x, knots_y)
                else:
                    lost += line[m]
        outside[i] = max(lost, 0.0)
        entries = _flush(plane, touched, used, dropped, out, entries)
        ends[i] = entries
    return entries
