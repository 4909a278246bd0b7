"""Nodes on a line: the cell centres of a grid, and many more about points where the noise of SGD vanishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from theory.arrays import Array
from theory.errors import require
from theory.grid import Grid

NODES_A_FOLD = 32.0  # in each factor e of the distance to a point without noise
NEAREST = 1e-6  # of the box: nodes come no closer together about such a point
NO_NOISE = 1e-9  # of the noise a cell further
STEEPEST = 8.0  # ratio of neighbouring masses beyond which a law is not sharpened, lest it turn negative
AN_EDGE = 1e3  # the same where it is averaged


@dataclass(frozen=True, eq=False)
class Mesh:
    """Nodes at the half integers of xi(x) = scale {(x - lower)/h + sum_d a asinh((x - x_d)/epsilon) + c}.

    About each of the `points` x_d the spacing is |x - x_d| / 32: walkers that converge there do so by factors, and
    no step is too small to be seen. Elsewhere each cell holds `parts` nodes, as many as the noise of a step asks.
    """

    grid: Grid
    points: Array = field(repr=False)
    parts: int = 1

    @cached_property
    def lattice(self) -> Grid:
        """The cells of xi where no node crowds."""
        return self.grid.refined(self.parts)

    @cached_property
    def epsilon(self) -> float:
        """Half-width of what is not refined further about a point."""
        return NEAREST * (self.grid.upper[0] - self.grid.lower[0])

    @cached_property
    def scale(self) -> float:
        """What makes xi end in a whole number."""
        whole = float(self._plain(np.array(self.grid.upper))[0])
        return float(np.rint(whole) / whole)

    def _plain(self, x: Array) -> Array:
        lower = self.grid.lower[0]
        folds = np.arcsinh((x[..., None] - self.points) / self.epsilon)
        folds -= np.arcsinh((lower - self.points) / self.epsilon)
        return np.asarray((x - lower) / self.lattice.spacing[0] + NODES_A_FOLD * folds.sum(axis=-1))

    def place(self, x: Array) -> Array:
        """Xi at x, from 0 to the number of nodes."""
        return self.scale * self._plain(x)

    @cached_property
    def nodes(self) -> Array:
        """Where the mass of each cell of xi sits, shape (n,)."""
        if not len(self.points):
            return self.lattice.axes[0]
        count = int(np.rint(self.place(np.array(self.grid.upper))[0]))
        wanted = np.arange(count) + 0.5
        low, high = np.full(count, self.grid.lower[0]), np.full(count, self.grid.upper[0])
        for _ in range(60):
            middle = (low + high) / 2
            below = self.place(middle) < wanted
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2)

    @cached_property
    def spacing(self) -> Array:
        """dx/dxi at each node, shape (n,): the weights of the midpoint rule."""
        x = self.nodes
        slope = np.full(len(x), 1 / self.lattice.spacing[0])
        for point in self.points:
            slope += NODES_A_FOLD / np.hypot(x - point, self.epsilon)
        return np.asarray(1 / (self.scale * slope))

    def masses(self, probabilities: Array) -> Array:
        """Masses at the nodes of a law with these `probabilities` of the grid's cells."""
        split = probabilities
        if len(self.points) or self.parts > 1:
            faces = np.append(self.grid.lower[0], _faces(self)) if len(self.points) else self.lattice.edges[0]
            sums = np.append(0.0, np.cumsum(probabilities))
            split = np.diff(
                monotone(sums, (faces - self.grid.lower[0]) / self.grid.spacing[0], self.grid.periodic[0])
            )
            split = np.maximum(split, 0.0)  # rounding
        return _sharpened(split, -1 / 24, self.grid.periodic[0])

    def probabilities(self, masses: Array) -> Array:
        """Probabilities of the grid's cells under these masses at the nodes; those below 0 are left."""
        smooth = _sharpened(masses, 1 / 24, self.grid.periodic[0])
        if not len(self.points):
            return np.asarray(smooth.reshape(-1, self.parts).sum(axis=1))
        places = np.clip(self.place(self.grid.edges[0]), 0, len(masses))
        return np.diff(monotone(np.append(0.0, np.cumsum(smooth)), places))


def monotone(sums: Array, places: Array, periodic: bool = False) -> Array:
    """Running sums known at 0, 1, 2, ... along the first axis, at `places` (m,): they rise wherever the sums do.

    Hermite's cubics with slopes of fourth order, cut to three times the smaller neighbouring mass.

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
    slopes = np.clip(slopes, 0, np.maximum(3 * np.minimum(left, right), 0))
    first = np.clip(np.floor(places).astype(np.int64), 0, count - 1)
    t = (places - first).reshape((-1,) + (1,) * (sums.ndim - 1))
    rise = masses[first] * t**2 * (3 - 2 * t)
    turn = t * (1 - t) * (slopes[first] * (1 - t) - slopes[first + 1] * t)
    return np.asarray(sums[first] + rise + turn)


def _faces(mesh: Mesh) -> Array:
    """The upper face of each cell of xi."""
    x, wanted = mesh.nodes, np.arange(1.0, len(mesh.nodes))
    low, high = x[:-1].copy(), x[1:].copy()
    for _ in range(60):
        middle = (low + high) / 2
        below = mesh.place(middle) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.append((low + high) / 2, mesh.grid.upper[0])


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
    found = list(faces[values == 0]) if np.count_nonzero(values == 0) < 32 else []
    for k in np.flatnonzero(values[:-1] * values[1:] < 0):
        found.append(brentq(lambda x: float(noise(np.array([x]))[0]), faces[k], faces[k + 1], xtol=1e-15))
    size = np.abs(values)
    for k in np.flatnonzero((size[1:-1] < size[:-2]) & (size[1:-1] < size[2:]) & (values[1:-1] != 0)) + 1:
        lowest = minimize_scalar(
            lambda x: abs(float(noise(np.array([x]))[0])), bounds=(faces[k - 1], faces[k + 1]), method="bounded",
            options={"xatol": 1e-10 * grid.spacing[0]},
        )  # fmt: skip
        if lowest.fun < NO_NOISE * max(size[k - 1], size[k + 1]):
            found.append(float(lowest.x))
    kept: list[float] = []
    for point in sorted(found):
        if not kept or point - kept[-1] > grid.spacing[0] / 2:
            kept.append(float(point))
    require(
        len(kept) <= 32,
        f"noise must vanish at few points of the grid, it does at {len(kept)}; take a smaller grid",
    )
    return np.array(kept)
