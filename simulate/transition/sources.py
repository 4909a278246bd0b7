"""Where walkers set out in the plane: cell centres, and points on both sides of where a step jumps or bends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage, sparse

from simulate.transition.kinks import TICKS, bent
from simulate.transition.step import LineStep, PlaneStep, channels, stacked
from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import InputError
from theory.laws import Grid

Read = Callable[[Array], LineStep | PlaneStep]

REACH = 2  # cells on either side of a jump whose cubics see both sides
UNEVEN = 1e-3  # cells that a step may differ from a plane within a piece
DEPTH = 3  # halvings of a cell that is cut
FINE = 8  # parts of the last pieces along each axis, by which they are split in two
DIAMOND = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
DIAGONAL = np.sqrt(2.0 / 3.0)  # of half a square: four such points integrate cubics, none on its diagonals
GAUSS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]) / np.sqrt(3.0)
INNER = 1 - 1e-6  # of half a piece: its corners, lest a jump along its edge count for one side only
TICKS_OF_A_PIECE = INNER * np.linspace(-1, 1, 5)
SAMPLES = np.stack(np.meshgrid(TICKS_OF_A_PIECE, TICKS_OF_A_PIECE, indexing="ij"), axis=-1).reshape(-1, 2)
_ROWS = np.arange(25).reshape(5, 5)
LINES = np.concatenate([_ROWS, _ROWS.T, [np.diag(_ROWS), np.diag(_ROWS[::-1])]])
FOURTH = np.array([1.0, -4.0, 6.0, -4.0, 1.0])  # difference: cubics have none, and are summed without error


@dataclass(frozen=True, eq=False)
class Sources:
    """Where walkers set out from: the `step` from each source, and the share of each node's mass that is there.

    `shares` (sources, nodes) sums to 1 over the sources.
    """

    step: LineStep | PlaneStep
    shares: sparse.csr_array | None = field(default=None, repr=False)  # None where the nodes are the sources


def plane_sources(read: Read, grid: Grid) -> Sources:
    """The cell centres, save near where the step, as a function of its start, jumps or bends.

    There the law between the centres is that of cubics through them, and cells are cut until a step is even on
    each piece; a piece that the jump still runs through is split in two along it. Nothing is diffused, and
    reflections of the grid reflect the sources.
    """
    nodes = grid.centers.reshape(-1, 2)
    step = read(nodes)
    near = _near_jumps(read, grid)
    if not near.any():
        return Sources(step)
    pieces, places, masses = _pieces(read, grid, np.flatnonzero(near))
    shares = _interpolation(grid, places, masses)
    spread = np.asarray(shares.sum(axis=0)).ravel()
    within = ~_grown(~near, grid)  # nodes whose cubics end among the pieces: all of their mass is there
    shares = shares @ sparse.diags_array(np.where(within.ravel(), 1 / np.where(spread == 0, 1, spread), 1))
    direct = np.where(within.ravel(), 0.0, 1 - spread)
    kept = np.flatnonzero(direct)
    own = sparse.csr_array((direct[kept], (np.arange(len(kept)), kept)), shape=(len(kept), grid.size))
    together = np.concatenate([channels(step)[kept], pieces])
    return Sources(stacked(together, step), sparse.vstack([own, shares]).tocsr())


def _offsets(read: Read, grid: Grid, points: Array) -> Array:
    """What a step adds to each of `points`, and its noise, in cells or their squares: shape (n, channels)."""
    step = read(points)
    numbers = channels(step)
    numbers[:, :2] -= points
    if isinstance(step, LineStep):  # the direction and the way along it
        push = step.direction / grid.spacing
        return np.concatenate(
            [numbers[:, :2] / grid.spacing, push * step.alpha[:, None], push * step.beta[:, None]], axis=1
        )
    h, k = grid.spacing
    return np.asarray(numbers / [h, k, h * h, h * k, k * k])


def _near_jumps(read: Read, grid: Grid) -> Booleans:
    """The cells within `REACH` of a jump or a bend, shape `grid.shape`."""
    found = np.zeros(grid.shape, dtype=bool)
    for axis in range(2):
        wraps, count = grid.periodic[axis], grid.shape[axis]
        along = Grid(grid.lower[axis], grid.upper[axis], TICKS * count).axes[0]  # neither on centres nor on faces
        across = grid.axes[1 - axis]
        points = np.empty((len(across), len(along), 2))
        points[..., axis], points[..., 1 - axis] = along, across[:, None]
        try:
            offsets = _offsets(read, grid, points.reshape(-1, 2)).reshape(len(across), len(along), -1)
        except InputError:  # no number somewhere between the centres
            continue
        if wraps:
            offsets = np.concatenate([offsets[:, -3:], offsets, offsets[:, :3]], axis=1)
        rows, spots = np.nonzero(bent(offsets))
        spots = spots if wraps else spots + 3
        cells = spots // TICKS
        found[(cells, rows) if axis == 0 else (rows, cells)] = True
    return _grown(found, grid)


def _grown(cells: Booleans, grid: Grid) -> Booleans:
    """The cells within `REACH` of these."""
    for axis, wraps in enumerate(grid.periodic):
        cells = ndimage.maximum_filter1d(
            cells.astype(np.uint8), 2 * REACH + 1, axis=axis, mode="wrap" if wraps else "nearest"
        )
    return np.asarray(cells, dtype=bool)


def _pieces(read: Read, grid: Grid, cells: Integers) -> tuple[Array, Array, Array]:
    """The steps from points that stand for pieces of `cells`, the points (n, 2), and shares of a cell (n,)."""
    half = grid.spacing / 2
    centres = grid.centers.reshape(-1, 2)[cells]
    steps, places, masses = [], [], []
    for depth in range(DEPTH + 1):
        if not len(centres):
            break
        size = half / 2**depth
        samples = (centres[:, None] + SAMPLES * size).reshape(-1, 2)
        offsets = _offsets(read, grid, samples).reshape(len(centres), len(SAMPLES), -1)
        bends = np.einsum("nlkc,k->nlc", offsets[:, LINES], FOURTH)
        uneven = np.abs(bends).max(axis=(1, 2)) > UNEVEN
        whole = centres[~uneven] if depth > 0 else centres[:0]
        points = (whole[:, None] + GAUSS * size).reshape(-1, 2)
        steps.append(channels(read(points)))
        places.append(points)
        masses.append(np.full(len(points), 0.25 / 4**depth))
        cut = centres[uneven] if depth > 0 else centres
        if depth < DEPTH:
            quarters = np.array([[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]]) * size
            centres = (cut[:, None] + quarters).reshape(-1, 2)
        elif len(cut):
            for found, kept in zip(_halves(read, grid, cut, size), (steps, places, masses), strict=True):
                kept.append(found)
    return np.concatenate(steps), np.concatenate(places), np.concatenate(masses)


def _halves(read: Read, grid: Grid, centres: Array, size: Array) -> tuple[Array, Array, Array]:
    """Two points for each piece: the means of its two sides, by what steps from there do."""
    middles = (2 * np.arange(FINE) + 1) / FINE - 1
    squares = np.stack(np.meshgrid(middles, middles, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    inner = (squares + DIAMOND * DIAGONAL / FINE).reshape(-1, 2)  # none on a line of symmetry
    points = centres[:, None] + inner * size
    count = points.shape[1]
    offsets = _offsets(read, grid, points.reshape(-1, 2)).reshape(len(centres), count, -1)
    centred = offsets - offsets.mean(axis=1, keepdims=True)
    axes = np.linalg.eigh(np.einsum("nki,nkj->nij", centred, centred))[1][..., -1]  # along which they differ most
    along = np.einsum("nki,ni->nk", centred, axes)
    above = along > (along.max(axis=1) + along.min(axis=1))[:, None] / 2
    numbers = channels(read(points.reshape(-1, 2))).reshape(len(centres), count, -1)
    steps, places, masses = [], [], []
    for side in (above, ~above):
        share = side / np.maximum(side.sum(axis=1), 1)[:, None]
        some = side.any(axis=1)
        steps.append(np.einsum("nk,nkc->nc", share, numbers)[some])
        places.append(np.einsum("nk,nkc->nc", share, points)[some])
        masses.append(side.mean(axis=1)[some] / 4**DEPTH)
    return np.concatenate(steps), np.concatenate(places), np.concatenate(masses)


def _interpolation(grid: Grid, places: Array, masses: Array) -> sparse.csr_array:
    """Shares of the nodes' masses at `places`: the cubics of their density there, times the areas `masses`."""
    rows, columns, values = [], [], []
    first, weights = zip(*[_cubics(grid, places[:, axis], axis) for axis in range(2)], strict=True)
    for a in range(4):
        for b in range(4):
            i, j = (first[0] + a) % grid.shape[0], (first[1] + b) % grid.shape[1]
            rows.append(np.arange(len(places)))
            columns.append(i * grid.shape[1] + j)
            values.append(masses * weights[0][a] * weights[1][b])
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_array(entries, shape=(len(places), grid.size))


def _cubics(grid: Grid, x: Array, axis: int) -> tuple[Integers, Array]:
    """The first of the four centres about each x, and their weights (4, n)."""
    place = (x - grid.lower[axis]) / grid.spacing[axis] - 0.5
    first = np.floor(place).astype(np.int64) - 1
    if not grid.periodic[axis]:
        first = np.clip(first, 0, grid.shape[axis] - 4)
    a = place - first
    b, c, d = a - 1, a - 2, a - 3
    return first, np.stack([-b * c * d / 6, a * c * d / 2, -a * b * d / 2, a * b * c / 6])
