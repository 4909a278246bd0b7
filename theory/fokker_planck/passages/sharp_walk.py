"""The backward equation of a walk by differences that stay sharp where drift rules over the cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from theory.base.arrays import Array, Booleans, Integers
from theory.base.rounding import EPSILON
from theory.equations.leaps import noise_leaps
from theory.equations.protocol import Equation
from theory.fokker_planck.lattice import leaks
from theory.fokker_planck.passages.moves import Ends
from theory.laws import Grid
from theory.laws.region import Region

MOST_SHARP_CELLS = {2: 60_000, 3: 16_000}  # that a sparse factorisation of these stencils holds
SMALLEST = 0.05  # Péclet number below which a series has no rounding
SHORTEST = 1.5  # of two steps that an end cuts, with which a parabola is not too bent
LAST_CORRECTIONS = 4.0  # times the last correction of a solution
INFINITE = 1e300  # Peclet number of drift without noise


@dataclass(frozen=True, eq=False)
class SharpWalk:
    """L u = b grad u + D : grad grad u on the cells where a walk runs, with values u at its ends.

    Parameters
    ----------
    cells
        Index of each of the n cells where the walk runs, among all.
    operator, exits
        L u is `operator` u plus, for each end, its value times `exits`; shapes (n, n) and (ends, n).
    plain, plain_exits
        The same of central differences.
    moves
        Cells, others (or -1 for ends) and rates of the diffusion alone, of either sign: what spreads values.
    """

    cells: Integers = field(repr=False)
    operator: sparse.csc_array = field(repr=False)
    exits: Array = field(repr=False)
    plain: sparse.csc_array = field(repr=False)
    plain_exits: Array = field(repr=False)
    moves: tuple[Integers, Integers, Array] = field(repr=False)

    @cached_property
    def _factors(self) -> SuperLU:
        return splu(self.operator)

    def solve(self, source: Array, values: Sequence[float]) -> tuple[Array, Array]:
        """The u with L u = -`source` and these `values` at the ends, and its error on this mesh, shape (n,) each.

        The error is what central differences would change: both are of second order, and differ where a layer is
        thinner than the cells; and rounding.

        Raises
        ------
        RuntimeError
            If the matrix is singular.
        """
        given = np.asarray(values, dtype=np.float64)
        right = -source - given @ self.exits
        found = self._factors.solve(right)
        last = self._factors.solve(right - self.operator @ found)
        found = found + last
        residual = self.plain @ found + given @ self.plain_exits + source
        rounding = LAST_CORRECTIONS * (np.abs(last) + EPSILON * np.abs(found).max())
        return found, np.abs(self._factors.solve(residual)) + rounding

    def spreading(self, values: Array) -> Array:
        """2 grad u D grad u for `values` that vanish at the ends: what squares of them gain on the way."""
        origins, others, rates = self.moves
        ahead = np.where(others >= 0, values[others], 0.0)
        return np.bincount(origins, rates * (ahead - values[origins]) ** 2, len(values)).astype(np.float64)


def sharp_walk(
    equation: Equation, grid: Grid, open_sides: Booleans, regions: Sequence[Region]
) -> SharpWalk | None:
    """Differences of second order for the walk of `walk_until`; None where they do not apply.

    Second derivatives between nearest neighbours, with arms that end where they meet an end (Shortley & Weller).
    The drift along each axis is a share of upwinding of second order and the rest central: the share for which
    exponentials of the axis, with the exponent b / D, are exact beside polynomials of second order, so that layers
    thinner than the cells come out without oscillation. In cells that an end cuts the fitted flux of the axis.

    They do not apply on a line, to noise that jumps, over points that are never passed, where slanted noise meets
    a wall, and on grids that are too large.

    Raises
    ------
    InputError
        If a coefficient is not valid.

    References
    ----------
    Shortley & Weller (1938); Il'in (1969), "Differencing scheme for a differential equation with a small parameter
    affecting the highest derivative".
    """
    if grid.size > MOST_SHARP_CELLS.get(grid.dim, 0):
        return None
    if noise_leaps(equation, grid) or len(np.unique(leaks(equation, grid).regions)) > 1:
        return None
    rows = _Rows(grid, open_sides, regions)
    drift = equation.drift(grid.centers).reshape(grid.size, -1)[rows.cells] / grid.spacing
    scale = np.outer(grid.spacing, grid.spacing)
    tensor = equation.tensor(grid.centers).reshape(grid.size, grid.dim, grid.dim)[rows.cells] / scale
    unit = np.eye(grid.dim, dtype=np.int64)
    for i in range(grid.dim):
        rows.along(unit[i], drift[:, i], tensor[:, i, i])
    for i, j in combinations(range(grid.dim), 2):
        if not tensor[:, i, j].any():
            continue
        for sign in (1, -1):
            if not rows.across(unit[i] + sign * unit[j], sign * tensor[:, i, j] / 2):
                return None
    return rows.walk()


@dataclass(frozen=True, eq=False)
class _Met:
    """Where a step from each cell leads: after `at` cells to an end, or to a cell of the walk, or a wall."""

    at: Array
    end: Integers
    target: Integers

    @property
    def wall(self) -> Booleans:
        return np.asarray((self.end == 0) & (self.target < 0))


class _Rows:
    """Collects the rows of a walk: weights of differences between cells, or ends, and the cell of the row."""

    def __init__(self, grid: Grid, open_sides: Booleans, regions: Sequence[Region]) -> None:
        self._grid, self._ends = grid, Ends(grid, open_sides, tuple(regions))
        self._label = self._ends.labels(grid.centers.reshape(-1, grid.dim))
        self.cells = np.flatnonzero(self._label == 0)
        self._here = np.stack(np.unravel_index(self.cells, grid.shape), axis=-1)
        self._index = np.arange(len(self.cells))
        self._sharp: list[tuple[Integers, Integers, Integers, Array]] = []
        self._plain: list[tuple[Integers, Integers, Integers, Array]] = []
        self._spread: list[tuple[Integers, Integers, Integers, Array]] = []

    def along(self, axis: Integers, drift: Array, noise: Array) -> None:
        """Add drift and noise along one axis, both in cells a unit of time."""
        ahead, back = self._met(axis), self._met(-axis)
        down = np.where(drift >= 0, 1, -1)
        one, behind = _chosen(down > 0, ahead, back), _chosen(down > 0, back, ahead)
        two = self._beyond(_chosen(down > 0, self._met(2 * axis), self._met(-2 * axis)), one)
        a, b, speed = one.at, behind.at, np.abs(drift)
        bent = np.stack([2 / (b * (a + b)), 2 / (a * (a + b))]) * noise
        first = speed * _slope(-b, a)
        cut = (one.end > 0) | (behind.end > 0) | (two.at < SHORTEST)
        far = np.where(cut | one.wall, 2 * a, two.at)
        upwind = speed * _slope(a, far)
        share = np.where(behind.wall, 1 / 3, _share(_peclet(speed, noise)) * 3 / (1 + far))
        share = np.where(cut | one.wall, 0.0, share)
        fitted = _fitted(a, b, speed, noise)
        weights = [
            np.where(cut, fitted[0], bent[0] + (1 - share) * first[0]),
            np.where(cut, fitted[1], bent[1] + (1 - share) * first[1] + share * upwind[0]),
            np.where(cut, 0.0, share * upwind[1]),
        ]
        for met, weight in zip((behind, one, two), weights, strict=True):
            self._add(self._sharp, met, weight)
        for met, part, slope in zip((behind, one), bent, first, strict=True):
            self._add(self._plain, met, part + slope)
            self._add(self._spread, met, part)

    def across(self, step: Integers, noise: Array) -> bool:
        """Add noise of either sign along a diagonal; whether no wall is met."""
        ahead, back = self._met(step), self._met(-step)
        a, b = ahead.at, back.at
        used = noise != 0
        if bool((used & (ahead.wall | back.wall)).any()):
            return False
        for met, weight in ((ahead, noise * 2 / (a * (a + b))), (back, noise * 2 / (b * (a + b)))):
            for kind in (self._sharp, self._plain, self._spread):
                self._add(kind, met, weight)
        return True

    def walk(self) -> SharpWalk:
        """The walk of these rows."""
        origins, others, _, rates = (np.concatenate(part) for part in zip(*self._spread, strict=True))
        return SharpWalk(
            self.cells, *self._matrix(self._sharp), *self._matrix(self._plain), (origins, others, rates)
        )

    def _matrix(self, entries: list[tuple[Integers, Integers, Integers, Array]]) -> tuple[sparse.csc_array, Array]:
        origins, others, ends, weights = (np.concatenate(part) for part in zip(*entries, strict=True))
        count, inner = len(self.cells), others >= 0
        diagonal = -np.bincount(origins, weights, count)
        matrix = sparse.csc_array(
            (
                np.append(weights[inner], diagonal),
                (np.append(origins[inner], self._index), np.append(others[inner], self._index)),
            ),
            shape=(count, count),
        )
        exits = np.zeros((len(self._ends.regions) + 1, count))
        np.add.at(exits, (ends[~inner] - 1, origins[~inner]), weights[~inner])
        return matrix, exits

    def _add(self, kind: list[tuple[Integers, Integers, Integers, Array]], met: _Met, weights: Array) -> None:
        """Weights of the differences to where steps lead; beyond a wall the value is that of the cell itself."""
        kept = (weights != 0) & ~met.wall
        kind.append((self._index[kept], met.target[kept], met.end[kept], weights[kept]))

    def _met(self, step: Integers) -> _Met:
        grid = self._grid
        at, end = self._ends.first(self.cells, np.broadcast_to(step, self._here.shape))
        ahead = self._here + step
        shape, wraps = np.array(grid.shape), np.array(grid.periodic)
        inside = (wraps | ((ahead >= 0) & (ahead < shape))).all(axis=1)
        flat = np.where(inside, np.ravel_multi_index(tuple((ahead % shape).T), grid.shape), -1)
        reached = np.where(inside & (end == 0), self._label[flat], 0)  # a region that begins at its very end
        end = np.where(reached > 0, reached, end)
        place = np.full(grid.size + 1, -1)
        place[self.cells] = self._index
        return _Met(at * np.abs(step).max(), end, np.where(end > 0, -1, place[flat]))

    def _beyond(self, two: _Met, one: _Met) -> _Met:
        """The second steps; beyond a wall the mirror image of the cell at it."""
        return _Met(two.at, two.end, np.where(two.wall, one.target, two.target))


def _chosen(first: Booleans, one: _Met, other: _Met) -> _Met:
    return _Met(*(np.where(first, getattr(one, k), getattr(other, k)) for k in ("at", "end", "target")))


def _slope(p: Array, q: Array) -> Array:
    """Weights of u(p) - u(0) and u(q) - u(0) in the slope at 0 of the parabola through the three, shape (2, n)."""
    return np.stack([q / (p * (q - p)), p / (q * (p - q))])


def _peclet(speed: Array, noise: Array) -> Array:
    with np.errstate(divide="ignore", over="ignore"):
        return np.where(speed > 0, speed / np.where(speed > 0, noise, 1.0), 0.0)


def _share(z: Array) -> Array:
    """Share of upwinding of second order for which exp(-z x) is exact between equal arms: from 1/6 to 1 - 2/z."""
    large = z > SMALLEST
    some, few = np.where(large, z, 1.0), np.where(large, 0.0, z)
    rise = np.where(large, 1 / np.tanh(some / 2) - 2 / some, few / 6 - few**3 / 360)
    return np.asarray(np.where(z > 0, rise / -np.expm1(-np.where(z > 0, z, 1.0)), 1 / 6))


def _fitted(a: Array, b: Array, speed: Array, noise: Array) -> Array:
    """Rates to -b and a, >= 0, for which 1, x and exp(-z x) with z = speed / noise are exact, shape (2, n)."""
    z = np.minimum(_peclet(speed, noise), INFINITE)
    large = z > SMALLEST
    some = np.where(large, z, 1.0)
    before = -np.expm1(-some * b) / some  # both times exp(-z b)
    after = -np.expm1(-some * a) / some * np.exp(-some * b)
    gap = np.where(large, a * before - b * after, 1.0)
    some = np.where(large, 0.0, z)
    bend = noise / (b * _remainder(some * b) + a * _remainder(-some * a))
    even = bend * np.stack([(1 - some * a * _remainder(-some * a)) / b, (1 + some * b * _remainder(some * b)) / a])
    return np.where(large, speed * np.stack([after / gap, before / gap]), even)


def _remainder(x: Array) -> Array:
    """(exp(x) - 1 - x) / x^2 for small x."""
    return 1 / 2 + x / 6 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6 * (1 + x / 7))))
