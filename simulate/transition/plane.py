"""Compiled columns of the transition matrix in two dimensions where the gradient noise is normal of full rank."""

from __future__ import annotations

import math

import numpy as np

from simulate.transition.kernels import DROPPED_PLANE, DROPPED_SPLINE, FINEST, Lattice, _inside, take_entry
from simulate.transition.line import (
    DROPPED,
    HERMITE_NODES,
    HERMITE_WEIGHTS,
    RESOLVED,
    Columns,
    add_normal,
    cubic,
    reach_of,
)
from simulate.transition.spline import spline_weights
from theory.base.arrays import Array, Booleans, Integers
from theory.base.kernels import kernel

SQRT_TAU = math.sqrt(2.0 * math.pi)
UNSEEN = 0.01  # of an entry that is dropped: parts of entries
WIDE = 1.0  # cells: from here on Gauss-Hermite points would lie too far apart


def resolved(factor: Array) -> Booleans:
    """Whether the noise is wider than a cell along every direction; `factor` (n, 3) holds a, b, c in cells."""
    a, b, c = factor.T
    trace, root = a**2 + b**2 + c**2, np.abs(a * c)
    smallest = 0.5 * (trace - np.sqrt(np.maximum(trace**2 - 4.0 * root**2, 0.0)))
    return np.asarray(smallest >= RESOLVED**2)


@kernel
def normal_points(width: float, tick: float, reach: float) -> tuple[Array, Array]:
    """Points and masses for a standard normal number that moves a walker by `width` cells.

    Those of Gauss and Hermite, or `tick` apart up to `reach` where these would be too far from each other.
    """
    if width < FINEST:
        return np.zeros(1), np.ones(1)
    if width < WIDE:
        return HERMITE_NODES.copy(), HERMITE_WEIGHTS.copy()
    most = int(reach / tick)
    z = tick * np.arange(-most, most + 1).astype(np.float64)
    return z, tick / SQRT_TAU * np.exp(-0.5 * z * z)


@kernel
def first_points(a: float, b: float, c: float, reach: float) -> tuple[Array, Array]:
    """Points of z1: half a cell apart, and where c is wide along the first axis only, save as densities ask."""
    size = max(abs(a), abs(b))
    tick = 0.5 / max(size, 1.0)
    if c >= RESOLVED:
        tick = min(0.5 / max(abs(a), 1.0), 1.0 / (RESOLVED * math.hypot(1.0, b / c)))
    z, masses = normal_points(size, tick, reach)
    return z, masses


@kernel(inline="always")
def put_weights(place: float, count: int, periodic: bool, knots: Array, weights: Array) -> int:
    """First of four nodes, below 0 or beyond the last around a circle, and weights (4,): see `Splines`."""
    if len(knots) > 0:
        turns = math.floor(place / count) if periodic else 0
        return int(spline_weights(place, count, periodic, knots, weights)) + turns * count
    return int(cubic(place, count, periodic, weights))


@kernel
def _values_at_nodes(count: int, periodic: bool, knots: Array) -> tuple[Integers, Array]:
    """The first B-spline at each centre and the values (count, 4) of four; empty without knots."""
    some = count if len(knots) > 0 else 0
    firsts, values = np.zeros(some, dtype=np.int64), np.zeros((some, 4))
    for j in range(some):
        firsts[j] = spline_weights(float(j), count, periodic, knots, values[j])
    return firsts, values


@kernel(inline="always")
def _within(begin: int, end: int, count: int, periodic: bool) -> tuple[int, int]:
    """The nodes from `begin` to `end` that there are: all, where they reach around a circle."""
    if periodic and (begin < 0 or end > count):
        return 0, count
    return max(begin, 0), min(end, count)


@kernel
def _by_values(
    line: Array, spare: Array, place: float, std: float, periodic: bool, reach: float, least: float,
    firsts: Integers, coefficients: Array,
) -> tuple[float, int, int]:  # fmt: skip
    """Set `line` to a wide normal law; returns the mass beyond the ends and the nodes that it reaches.

    By values of the density, positive and of spectral accuracy, and with B-splines by their `coefficients`.
    """
    count = len(line)
    begin, end = _within(math.ceil(place - reach * std), math.floor(place + reach * std) + 1, count, periodic)
    if len(coefficients) == 0:
        return add_normal(line, place, std, 1.0, periodic, least), begin, end
    lost = add_normal(spare, place, std, 1.0, periodic, least)
    for j in range(begin, end):
        mass = spare[j]
        spare[j] = 0.0
        first = firsts[j]
        for k in range(4):
            line[(first + k) % count] += mass * coefficients[j, k]
    begin, end = _within(begin - 3, end + 3, count, periodic)
    return lost, begin, end


@kernel
def _by_points(
    line: Array, place: float, std: float, z: Array, masses: Array, periodic: bool, knots: Array, four: Array
) -> tuple[float, int, int]:
    """The same of a narrow normal law by points z with `masses`."""
    count = len(line)
    lost, begin, end = 0.0, count, 0
    for k in range(len(z)):
        target = place + std * z[k]
        if not _inside(target, count, periodic):
            lost += masses[k]
            continue
        first = put_weights(target, count, periodic, knots, four)
        for j in range(4):
            line[(first + j) % count] += masses[k] * four[j]
        low, high = _within(first, first + 4, count, periodic)
        begin, end = min(begin, low), max(end, high)
    return lost, begin, end


@kernel
def _move(
    plane: Array, shape: Integers, begins: Integers, ends: Integers, least: float, out: Columns, entries: int
) -> int:
    """Move the entries above `least` to the column, and clear them with what tells where they are."""
    rows, values = out.rows, out.values
    for i in range(shape[0]):
        for cell in range(i * shape[1] + begins[i], i * shape[1] + ends[i]):
            entries = take_entry(plane, cell, least, rows, values, entries)
        begins[i], ends[i] = shape[1], 0
    return entries


@kernel
def plane_normal_columns(
    base: Array,
    factor: Array,
    wide: Booleans,
    lattice: Lattice,
    out: Columns,
) -> int:
    """Base + (a z1, b z1 + c z2) with factor (columns, 3) holding a, b, c, in cells.

    Where the noise is `wide`, that is `resolved`, the entries are values of the density, positive and of spectral
    accuracy. Elsewhere points of z1 are put there by B-splines, or Lagrange's cubic, each with a law of z2 along
    its row: values of the density where c is wide, else such points.
    """
    shape, periodic, knots_x, knots_y = lattice.shape, lattice.periodic, lattice.knots_x, lattice.knots_y
    counts, outside = out.ends, out.outside
    width, height = shape[0], shape[1]
    plane, line, spare = np.zeros(width * height), np.zeros(height), np.zeros(height)
    begins, stops = np.full(width, height), np.zeros(width, dtype=np.int64)  # what of each row is touched
    four = np.empty(4)
    splines = len(knots_x) > 0
    dropped = DROPPED_SPLINE if splines else DROPPED_PLANE
    least = UNSEEN * DROPPED_SPLINE if splines else DROPPED
    reach = reach_of(1.0, least)
    firsts, coefficients = _values_at_nodes(height, periodic[1], knots_y)
    entries = 0
    for i in range(len(base)):
        a, b, c = factor[i]
        x, y = base[i]
        lost = 0.0
        if wide[i]:
            for column in range(math.ceil(x - reach * a), math.floor(x + reach * a) + 1):
                ahead = (column - x) / a
                mass = math.exp(-0.5 * ahead * ahead) / (a * SQRT_TAU)
                if not (periodic[0] or 0 <= column < width):
                    lost += mass
                    continue
                row, centre = column % width, y + b * ahead
                cells = plane[row * height : (row + 1) * height]
                lost += add_normal(cells, centre, c, mass, periodic[1], least)
                begins[row], stops[row] = 0, height
        else:
            first_z, first_masses = first_points(a, b, c, reach)
            second_z, second_masses = normal_points(c, 0.5 / max(c, 1.0), reach)
            for m in range(len(first_z)):
                u, v = x + a * first_z[m], y + b * first_z[m]
                if not _inside(u, width, periodic[0]):
                    lost += first_masses[m]
                    continue
                if c >= RESOLVED:
                    gone, begin, end = _by_values(
                        line, spare, v, c, periodic[1], reach, least, firsts, coefficients
                    )
                else:
                    gone, begin, end = _by_points(line, v, c, second_z, second_masses, periodic[1], knots_y, four)
                lost += first_masses[m] * gone
                first = put_weights(u, width, periodic[0], knots_x, four)
                for k in range(4):
                    row, share = (first + k) % width, first_masses[m] * four[k]
                    for j in range(begin, end):
                        plane[row * height + j] += share * line[j]
                    begins[row], stops[row] = min(begins[row], begin), max(stops[row], end)
                line[begin:end] = 0.0
        outside[i] = lost
        entries = _move(plane, shape, begins, stops, dropped, out, entries)
        counts[i] = entries
    return entries
