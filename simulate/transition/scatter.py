"""Columns of places with chances: walkers put on the nodes of a line or a plane by Lagrange's cubics."""

from __future__ import annotations

import numpy as np

from simulate.transition.line import DROPPED, Columns, add_normal, cubic
from theory.base.arrays import Array, Integers
from theory.base.kernels import kernel

LEAST = 1e-18  # an entry that rounding makes


@kernel
def line_outcomes(places: Array, chances: Array, ends: Integers, out: Columns) -> int:
    """Fill a column for each row of `places` (n, k), in spacings from the first node; the entries needed.

    `chances` are (n, k), or (1, k) for all rows. The nodes of a piece stop before each of the `ends`: who is on
    one side of a silent point is put on nodes of that side alone.
    """
    count = ends[-1]
    line, weights = np.zeros(count), np.empty(4)
    entries, shared = 0, len(chances) == 1
    for j in range(len(places)):
        outside, low, high = 0.0, count, 0
        for k in range(places.shape[1]):
            mass, place = chances[0 if shared else j, k], places[j, k]
            if abs(mass) <= LEAST:
                continue
            if not (-0.5 <= place <= count - 0.5):
                outside += mass
                continue
            piece = 1
            while place >= ends[piece] - 0.5 and piece < len(ends) - 1:
                piece += 1
            begin = ends[piece - 1]
            first = begin + cubic(place - begin, ends[piece] - begin, False, weights)
            low, high = min(low, first), max(high, first + 4)
            for m in range(4):
                line[first + m] += mass * weights[m]
        for node in range(low, high):
            if abs(line[node]) > LEAST:
                if entries < len(out.rows):
                    out.rows[entries] = node
                    out.values[entries] = line[node]
                entries += 1
            line[node] = 0.0
        out.outside[j] = outside
        out.ends[j] = entries
    return entries


@kernel
def plane_outcomes(places: Array, chances: Array, rows: int, across: int, out: Columns) -> int:
    """The same of places (n, k, 2) on a plane of `rows` times `across` nodes."""
    plane, touched = np.zeros(rows * across), np.empty(rows * across, dtype=np.int64)
    held = np.zeros(rows * across, dtype=np.bool_)
    one, other = np.empty(4), np.empty(4)
    entries, shared = 0, len(chances) == 1
    for j in range(len(places)):
        outside, seen = 0.0, 0
        for k in range(places.shape[1]):
            mass, x, y = chances[0 if shared else j, k], places[j, k, 0], places[j, k, 1]
            if abs(mass) <= LEAST:
                continue
            if not (-0.5 <= x <= rows - 0.5 and -0.5 <= y <= across - 0.5):
                outside += mass
                continue
            first, second = cubic(x, rows, False, one), cubic(y, across, False, other)
            for m in range(4):
                for n in range(4):
                    node = (first + m) * across + second + n
                    if not held[node]:
                        held[node] = True
                        touched[seen] = node
                        seen += 1
                    plane[node] += mass * one[m] * other[n]
        for s in range(seen):
            node = touched[s]
            if abs(plane[node]) > LEAST:
                if entries < len(out.rows):
                    out.rows[entries] = node
                    out.values[entries] = plane[node]
                entries += 1
            plane[node], held[node] = 0.0, False
        out.outside[j] = outside
        out.ends[j] = entries
    return entries


@kernel
def heat_columns(begin: int, stop: int, spreads: Array, rows: int, out: Columns) -> int:
    """Fill a column for each node from `begin` to `stop` of a plane: a normal law along its first axis.

    `spreads` (across,), in spacings of the first axis, are its standard deviations.
    """
    across, line, entries = len(spreads), np.empty(rows), 0
    for source in range(begin, stop):
        row, column = source // across, source % across
        line[:] = 0.0
        lost = add_normal(line, float(row), spreads[column], 1.0, False, DROPPED)
        for m in range(rows):
            if abs(line[m]) > LEAST:
                if entries < len(out.rows):
                    out.rows[entries] = m * across + column
                    out.values[entries] = line[m]
                entries += 1
        out.outside[source - begin] = lost
        out.ends[source - begin] = entries
    return entries
