"""Nodes on a line: the cell centres of a grid, and many more about points where the noise of SGD vanishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from simulate.transition.kinks import APART
from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws import Grid

NODES_A_FOLD = 32.0  # in each factor e of the distance to a point without noise
NEAREST = 1e-6  # of the box: nodes come no closer together about such a point
BISECTIONS = 60  # of the box: to rounding
MOST_POINTS = 32  # without noise: more are no points but a stretch
NO_NOISE = 1e-9  # of the noise a cell further
STEEPEST = 8.0  # ratio of neighbouring masses beyond which a law is not sharpened, lest it turn negative
AN_EDGE = 1e3  # the same where it is averaged
END_WEIGHTS = np.array([1152511, 435301, 1649230, 470594, 1162883, 935561]) / 967680  # right for degree 5
ZERO_SOUGHT, LEAST_SOUGHT = 1e-15, 1e-10  # where the noise vanishes, absolutely, and where it is least, in cells


@dataclass(frozen=True, eq=False)
class Mesh:
    """Nodes at the half integers of xi(x), which grows as (x - lower)/h + sum_d a asinh((x - x_d)/epsilon).

    About each of the `points` x_d the spacing is |x - x_d| / 32: walkers that converge there do so by factors, and
    no step is too small to be seen. Elsewhere there are `count` nodes in all, as many as the noise of a step asks.
    At the `kinks`, where a step jumps or bends as a function of its start, xi is whole, and between them it grows
    evenly: no node integrates across one. `sharp` tells whether half the nodes resolve the noise everywhere.
    """

    grid: Grid
    points: Array = field(repr=False)
    count: int | None = None  # that of the cells
    kinks: Array = field(default_factory=lambda: np.empty(0), repr=False)
    sharp: bool = False

    has_ends: ClassVar[bool] = False  # whether laws may end where a cell does

    @property
    def even(self) -> bool:
        """Whether the nodes are the cell centres of `lattice`."""
        return len(self.points) == len(self.kinks) == 0

    @cached_property
    def lattice(self) -> Grid:
        """The cells of xi where no node crowds."""
        return Grid(self.grid.lower, self.grid.upper, self.count or self.grid.size, self.grid.periodic)

    @cached_property
    def epsilon(self) -> float:
        """Half-width of what is not refined further about a point."""
        return NEAREST * (self.grid.upper[0] - self.grid.lower[0])

    @cached_property
    def _breaks(self) -> tuple[Array, Array]:
        """The ends of the pieces, before xi is made whole there, and xi there."""
        (low,), (high,) = self.grid.lower, self.grid.upper
        apart = APART * self.grid.spacing[0]
        inner = self.kinks[(self.kinks > low + apart) & (self.kinks < high - apart)]  # not where a circle closes
        plain = self._plain(np.array([low, *inner, high]))
        least = 2 * len(END_WEIGHTS) if len(self.kinks) else 1
        counts = np.maximum(np.rint(np.diff(plain)), least)
        return plain, np.append(0.0, np.cumsum(counts))

    def _plain(self, x: Array) -> Array:
        lower = self.grid.lower[0]
        folds = np.arcsinh((x[..., None] - self.points) / self.epsilon)
        folds -= np.arcsinh((lower - self.points) / self.epsilon)
        return np.asarray((x - lower) / self.lattice.spacing[0] + NODES_A_FOLD * folds.sum(axis=-1))

    def place(self, x: Array) -> Array:
        """Xi at x in the box, from 0 to the number of nodes."""
        return np.asarray(np.interp(self._plain(x), *self._breaks))

    def _at(self, wanted: Array) -> Array:
        """Where xi is `wanted`, by bisection."""
        low, high = np.full(len(wanted), self.grid.lower[0]), np.full(len(wanted), self.grid.upper[0])
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            below = self.place(middle) < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2)

    @cached_property
    def nodes(self) -> Array:
        """Where the mass of each cell of xi sits, shape (n,)."""
        return self.lattice.axes[0] if self.even else self._at(np.arange(self._breaks[1][-1]) + 0.5)

    @cached_property
    def faces(self) -> Array:
        """The ends of the cells of xi, shape (n + 1,)."""
        if self.even:
            return self.lattice.edges[0]
        inner = self._at(np.arange(1.0, self._breaks[1][-1]))
        return np.concatenate([self.grid.lower, inner, self.grid.upper])

    @cached_property
    def spacing(self) -> Array:
        """dx/dxi at each node, shape (n,)."""
        x, (plain, whole) = self.nodes, self._breaks
        slope = np.full(len(x), 1 / self.lattice.spacing[0])
        for point in self.points:
            slope += NODES_A_FOLD / np.hypot(x - point, self.epsilon)
        stretch = np.repeat(np.diff(whole) / np.diff(plain), np.diff(whole).astype(int))
        return np.asarray(1 / (stretch * slope))

    @cached_property
    def weights(self) -> Array:
        """What integrates functions that are smooth between the kinks, shape (n,).

        The midpoint rule with positive weights at the ends of the pieces, right for polynomials of degree 5.
        """
        weights, whole = self.spacing.copy(), self._breaks[1].astype(int)
        ends = whole if self.grid.periodic[0] else whole[1:-1]
        for end in ends if len(self.kinks) else []:
            if end > 0:
                weights[end - len(END_WEIGHTS) : end] *= END_WEIGHTS[::-1]
            if end < len(weights):
                weights[end : end + len(END_WEIGHTS)] *= END_WEIGHTS
        return weights

    def masses(self, probabilities: Array) -> Array:
        """Masses at the nodes of a law with these `probabilities` of the grid's cells."""
        split, wraps = probabilities, self.grid.periodic[0]
        if not self.even or self.lattice.cells != self.grid.cells:
            sums = np.append(0.0, np.cumsum(probabilities))
            places = (self.faces - self.grid.lower[0]) / self.grid.spacing[0]
            split = np.diff(monotone(sums, places, wraps, ends=self.has_ends))
            split = np.maximum(split, 0.0)  # rounding
        if not len(self.kinks):
            return _sharpened(split, -1 / 24, wraps)
        masses = _sharpened(split / self.spacing, -1 / 24, wraps) * self.weights
        return np.asarray(masses * (split.sum() / masses.sum()))  # the two rules differ to fourth order

    def probabilities(self, masses: Array) -> Array:
        """Probabilities of the grid's cells under these masses at the nodes; those below 0 are left."""
        smooth = _sharpened(masses * (self.spacing / self.weights), 1 / 24, self.grid.periodic[0])
        if self.even and self.lattice.size % self.grid.size == 0:
            return np.asarray(smooth.reshape(self.grid.size, -1).sum(axis=1))
        places = np.clip(self.place(self.grid.edges[0]), 0, len(masses))
        return np.diff(monotone(np.append(0.0, np.cumsum(smooth)), places))


def monotone(sums: Array, places: Array, periodic: bool = False, *, ends: bool = False) -> Array:
    """Running sums known at 0, 1, 2, ... along the first axis, at `places` (m,): they rise wherever the sums do.

    Hermite's cubics with slopes of fourth order, cut to three times the smaller neighbouring mass. If `ends`, a
    law beside an empty cell ends there as its last two cells do, rather than at 0.

    References
    ----------
    Fritsch & Carlson (1980), "Monotone piecewise cubic interpolation".
    """
    masses = np.diff(sums, axis=0)
    count = len(masses)
    before, after = (masses[-2:], masses[:2]) if periodic else (masses[[0, 0]], masses[[-1, -1]])
    padded = np.concatenate([before, masses, after])
    far, left, right, further = (padded[k : k + count + 1] for k in range(4))
    slopes = (7 * (left + right) - far - further) / 12
    if ends:
        slopes = np.where((far > 0) & (further > 0), slopes, (left + right) / 2)
    slopes = np.clip(slopes, 0, np.maximum(3 * np.minimum(left, right), 0))
    begin, end = slopes[:-1], slopes[1:]
    if ends:
        most = 3 * np.maximum(masses, 0)
        begin = np.where(left[:-1] > 0, begin, np.clip((3 * masses - right[1:]) / 2, 0, most))
        end = np.where(right[1:] > 0, end, np.clip((3 * masses - left[:-1]) / 2, 0, most))
    first = np.clip(np.floor(places).astype(np.int64), 0, count - 1)
    t = (places - first).reshape((-1,) + (1,) * (sums.ndim - 1))
    rise = masses[first] * t**2 * (3 - 2 * t)
    turn = t * (1 - t) * (begin[first] * (1 - t) - end[first] * t)
    return np.asarray(sums[first] + rise + turn)


def _sharpened(masses: Array, share: float, periodic: bool) -> Array:
    """Masses plus `share` times their second difference, between neighbours that are alike: nothing is lost.

    With 1/24 cell averages of a smooth density from its values, with -1/24 the reverse, to fourth order.
    """
    after = np.append(masses[1:], masses[0] if periodic else masses[-1])
    low, high = np.minimum(masses, after), np.maximum(masses, after)
    flow = np.where(high < (STEEPEST if share < 0 else AN_EDGE) * low, share * (after - masses), 0.0)
    return np.asarray(masses + (flow - np.roll(flow, 1)))


def sharpened(masses: Array, share: float, periodic: Sequence[bool]) -> Array:
    """The same along each axis of masses on a grid; in the plane the mean of both orders."""

    def along(values: Array, axis: int) -> Array:
        return np.asarray(np.apply_along_axis(_sharpened, axis, values, share, periodic[axis]))

    if masses.ndim == 1:
        return along(masses, 0)
    return (along(along(masses, 0), 1) + along(along(masses, 1), 0)) / 2


def silent_points(noise: Callable[[Array], Array], grid: Grid) -> Array:
    """The points of a line where `noise`, a factor of either sign, vanishes; none closer together than a cell.

    Raises
    ------
    InputError
        If it vanishes in too many places to be points.
    """
    faces = np.union1d(grid.edges[0], grid.axes[0])
    values = noise(faces)
    found = list(faces[values == 0]) if np.count_nonzero(values == 0) < MOST_POINTS else []
    for k in np.flatnonzero(values[:-1] * values[1:] < 0):
        found.append(brentq(lambda x: float(noise(np.array([x]))[0]), faces[k], faces[k + 1], xtol=ZERO_SOUGHT))
    size = np.abs(values)
    for k in np.flatnonzero((size[1:-1] < size[:-2]) & (size[1:-1] < size[2:]) & (values[1:-1] != 0)) + 1:
        lowest = minimize_scalar(
            lambda x: abs(float(noise(np.array([x]))[0])), bounds=(faces[k - 1], faces[k + 1]), method="bounded",
            options={"xatol": LEAST_SOUGHT * grid.spacing[0]},
        )  # fmt: skip
        if lowest.fun < NO_NOISE * max(size[k - 1], size[k + 1]):
            found.append(float(lowest.x))
    kept: list[float] = []
    for point in sorted(found):
        if not kept or point - kept[-1] > grid.spacing[0] / 2:
            kept.append(float(point))
    require(
        len(kept) <= MOST_POINTS,
        f"noise must vanish at few points of the grid, it does at {len(kept)}; take a smaller grid",
    )
    return np.array(kept)
