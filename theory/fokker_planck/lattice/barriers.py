"""Where noise across a curve or a surface vanishes: barriers that walkers never cross, or only with the drift."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import maximum_filter1d

from theory.base.arrays import Array, Booleans, Integers
from theory.base.rounding import EPSILON
from theory.equations.protocol import Equation, share_of
from theory.laws import Grid

STEEPEST_GROWTH = 1.5  # growth of det D within a cell above which it may vanish nearby; any power from 0.4 up
SEARCH = 60  # golden sections: the place to 1e-13 of a cell
FLAT_DETERMINANT = 1e-10  # of the product of the diagonal of D, or of its trace: a lower determinant is rounding
VANISHING = 1e-8  # of det D one cell away: below it there is none
NOISE_LEFT_BY_ROUNDING = 50 * EPSILON  # of the product of the diagonal of D, or of its trace
SILENT = 1e-14  # of a power of the trace of D: a determinant below it is none, on whole stretches
READ = (1 / 16, 1 / 8, 1 / 2, 1.0)  # of a cell: where powers are read, farther off if the first is rounding
PASSING = 0.05  # of the drift or noise one cell away: a drift through the point that counts
GATE_POWER = 0.9  # of the noise at a gate: below a linear one it carries walkers both ways
ALIGNED = 0.99  # least cosine between the direction without noise and that in which the noise grows
LOST = 1e-4  # of the largest noise: below it a direction has none at a point of lost rank
SAMPLES_OF_SEGMENT = 9  # of det D on a segment, about the least of which it is searched
ABOVE_ROUNDING = 20.0  # times what rounding leaves of det D: largest on a segment that is noise
RISING = 1 / 8  # of a cell: steps on which det D is seen to rise
SMOOTH_POWER = 2.0  # of det D across a point where it vanishes, if none is read: that of a smooth tensor
POWERS = (0.3, 12.0)  # least and largest that is believed of what is read there
GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, eq=False)
class Barriers:
    """Points between neighbouring cell centres that are never crossed, or one way alone, m of them.

    With u the distance from the point along the normal, D ~ u^power and u b / D -> ratio on either side; the
    normal points from source to target.

    Parameters
    ----------
    sources, targets
        The two cells by flat index, shape (m,), neighbours along `axes`, shape (m,).
    fractions
        Where between them, from 0 at the source to 1, shape (m,).
    main
        Whether the axis is the one along which the barrier lies nearest, shape (m,).
    positions, normals
        Shape (m, d).
    powers, ratios
        On the side of the source and on that of the target, shape (m, 2); inf on a side without noise across.
    gates
        1 where the drift leads from source to target, which nobody passes the other way, -1 where it leads back,
        0 where walkers never pass, shape (m,).
    """

    sources: Integers = field(repr=False)
    targets: Integers = field(repr=False)
    axes: Integers = field(repr=False)
    fractions: Array = field(repr=False)
    main: Booleans = field(repr=False)
    positions: Array = field(repr=False)
    normals: Array = field(repr=False)
    powers: Array = field(repr=False)
    ratios: Array = field(repr=False)
    gates: Integers = field(repr=False)

    def chosen(self, which: Booleans | Integers) -> Barriers:
        """Some of them."""
        return Barriers(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def find_barriers(equation: Equation, grid: Grid) -> Barriers:
    """The points between neighbouring cells where the noise across vanishes and walkers pass one way or never.

    A point is found as the minimum of det D on the segment between two centres, by samples and golden section;
    only cells around which it grows by half within one cell are looked at. There D must have no noise along the
    normal, the direction in which det D rises. The sides are then classified by the powers along it, as in one
    dimension: nobody passes unless a side is regular (power - 1 < ratio < 1), or the drift leads through, against
    which nobody does.

    Every coefficient is evaluated between the centres, so that no mesh is needed to tell a barrier of the
    equation from a pass that is climbed slowly.

    References
    ----------
    Feller (1952); Karlin & Taylor, A Second Course in Stochastic Processes (1981), chapter 15.6.
    """
    sources, targets, axes = _suspects(equation, grid)
    starts = grid.centers.reshape(-1, grid.dim)[sources]
    steps = np.eye(grid.dim)[axes] * grid.spacing
    fractions, found = _zeros(equation, starts, steps) if len(starts) else (np.zeros(0), sources)
    if len(found) == 0:
        return no_barriers(grid.dim)
    sources, targets, axes, fractions = sources[found], targets[found], axes[found], fractions[found]
    positions = starts[found] + fractions[:, None] * steps[found]
    normals = _normals(equation, grid, positions, axes)
    powers, ratios, gates = _sides(equation, grid, positions, normals)
    regular = ((powers - 1 < ratios) & (ratios < 1)).any(axis=1)
    main = np.abs(normals * grid.spacing).argmax(axis=1) == axes
    barriers = Barriers(sources, targets, axes, fractions, main, positions, normals, powers, ratios, gates)
    one_way = (gates != 0) & (powers > GATE_POWER).all(axis=1)
    return barriers.chosen(((gates == 0) & ~regular | one_way) & normals.any(axis=1))


def no_barriers(dim: int) -> Barriers:
    """None at all."""
    cells, pairs, vectors = np.zeros(0, dtype=np.int64), np.zeros((0, 2)), np.zeros((0, dim))
    return Barriers(cells, cells, cells, pairs[:, 0], cells > 0, vectors, vectors, pairs, pairs, cells)


def _volume(equation: Equation, w: Array) -> Array:
    """The determinant of D: zero where a direction has no noise, of the power of its noise nearby."""
    return _determinant(np.asarray(equation.tensor(w), dtype=np.float64))


def _determinant(tensor: Array) -> Array:
    if tensor.shape[-1] == 2:
        return np.abs(tensor[..., 0, 0] * tensor[..., 1, 1] - tensor[..., 0, 1] * tensor[..., 1, 0])
    return np.asarray(np.abs(np.linalg.det(tensor)))


def _suspects(equation: Equation, grid: Grid) -> tuple[Integers, Integers, Integers]:
    """Pairs of neighbouring cells, with their axis, one of which may lie within a cell of lost rank."""
    tensor = np.asarray(equation.tensor(grid.centers), dtype=np.float64)
    volume, diagonal = _determinant(tensor), np.diagonal(tensor, axis1=-2, axis2=-1)
    some = (volume > FLAT_DETERMINANT * diagonal.prod(axis=-1)) & ~_silent(tensor, volume)
    volume = np.where(some, volume, 0.0)  # without rank on a block: no barrier
    largest = volume
    for axis, periodic in enumerate(grid.periodic):
        largest = maximum_filter1d(largest, 3, axis, mode="wrap" if periodic else "nearest")
    suspected = largest > STEEPEST_GROWTH * volume
    if not suspected.any():
        return (np.zeros(0, dtype=np.int64),) * 3
    cells = np.arange(grid.size).reshape(grid.shape)
    found = []
    for axis, (n, periodic) in enumerate(zip(grid.shape, grid.periodic, strict=True)):
        pairs = np.arange(n if periodic and n > 2 else n - 1)
        near = suspected | np.roll(suspected, -1, axis)
        here = np.flatnonzero(np.take(near, pairs, axis))
        sources = np.take(cells, pairs, axis).ravel()[here]
        targets = np.take(np.roll(cells, -1, axis), pairs, axis).ravel()[here]
        found.append((sources, targets, np.full(len(here), axis)))
    sources, targets, axes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return sources, targets, axes


def _zeros(equation: Equation, starts: Array, steps: Array) -> tuple[Array, Integers]:
    """Where on each segment det D is least, as a fraction, and the segments where that is 0."""

    def volume(s: Array) -> Array:
        return _volume(equation, starts + s[:, None] * steps)

    samples = np.linspace(0, 1, SAMPLES_OF_SEGMENT)
    values = np.stack([volume(np.full(len(starts), s)) for s in samples])
    silent = np.stack([_quiet(equation, starts + s * steps) for s in samples])
    fractions, quiet = _ends(equation, starts, steps, samples, silent)
    best, part = samples[values.argmin(axis=0)], 1 / (SAMPLES_OF_SEGMENT - 1)
    low, high = np.maximum(best - part, 0), np.minimum(best + part, 1)
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = volume(left), volume(right)
    for _ in range(SEARCH):
        falls = at_left > at_right
        low, high = np.where(falls, left, low), np.where(falls, high, right)
        left, right = (
            np.where(falls, right, high - GOLDEN * (high - low)),
            np.where(falls, low + GOLDEN * (high - low), left),
        )
        fresh = volume(np.where(falls, right, left))
        at_left, at_right = np.where(falls, at_right, fresh), np.where(falls, fresh, at_left)
    middle = (low + high) / 2
    ends = np.where(values[0] < values[-1], 0.0, 1.0)
    fractions = np.where(quiet, fractions, np.where(volume(ends) <= volume(middle), ends, middle))
    largest = values.max(axis=0)
    diagonal = np.diagonal(equation.tensor(starts + fractions[:, None] * steps), axis1=-2, axis2=-1)
    floor = NOISE_LEFT_BY_ROUNDING * diagonal.prod(axis=-1)
    vanishes = (volume(fractions) <= np.maximum(VANISHING * largest, floor)) & (largest > ABOVE_ROUNDING * floor)
    vanishes &= ~silent.all(axis=0)
    return fractions, np.flatnonzero(vanishes)


def _silent(tensor: Array, volume: Array) -> Booleans:
    """Whether D has no noise in some direction, as far as rounding tells."""
    size = np.trace(tensor, axis1=-2, axis2=-1) ** tensor.shape[-1]
    return np.asarray(volume <= SILENT * size)


def _quiet(equation: Equation, w: Array) -> Booleans:
    tensor = np.asarray(equation.tensor(w), dtype=np.float64)
    return _silent(tensor, _determinant(tensor))


def _ends(
    equation: Equation, starts: Array, steps: Array, samples: Array, silent: Booleans
) -> tuple[Array, Booleans]:
    """Where on each segment a stretch without noise ends, and the segments that have one at one of their ends.

    A stretch holds a centre that is `silent`, shape (samples, m), and the place an eighth of a cell behind it: no
    power below some fifteen is so small there. Its end is bisected.
    """
    fractions, quiet = np.zeros(len(starts)), np.zeros(len(starts), dtype=bool)
    for order in (1, -1):
        flags = silent[::order]
        behind = starts + (samples[::order][0] - order * samples[1]) * steps
        here = flags[0] & ~flags[-1] & ~quiet & _quiet(equation, behind)
        if not here.any():
            continue
        noisy = samples[::order][np.argmin(flags, axis=0)]
        still, loud = noisy - order * samples[1], noisy
        for _ in range(SEARCH):
            middle = (still + loud) / 2
            silenced = _quiet(equation, starts + middle[:, None] * steps)
            still, loud = np.where(silenced, middle, still), np.where(silenced, loud, middle)
        fractions, quiet = np.where(here, still, fractions), quiet | here
    return fractions, quiet


def _normals(equation: Equation, grid: Grid, positions: Array, axes: Integers) -> Array:
    """Unit vectors along which there is no noise and det D rises, from source to target; 0 where there is none."""
    rising = _rising(equation, positions, axes, grid)
    sizes, frames = np.linalg.eigh(equation.tensor(positions))
    steps = np.eye(grid.dim)[axes] * grid.spacing
    ahead = np.linalg.eigvalsh(equation.tensor(positions + steps))[..., -1:]
    lost = sizes <= LOST * np.maximum(ahead, sizes[..., -1:])
    along = np.einsum("mji,mj->mi", frames, rising) * lost
    normals = np.einsum("mij,mj->mi", frames, along)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > ALIGNED)
    forward = np.take_along_axis(normals, axes[:, None], axis=1) >= 0
    return np.asarray(np.where(forward, normals, -normals), dtype=np.float64)


def _rising(equation: Equation, positions: Array, axes: Integers, grid: Grid) -> Array:
    """Unit vectors along which det D rises: from det D ~ |u.n|^m on short steps along axes and diagonals."""
    steps = np.diag(grid.spacing) * RISING
    first = steps[axes]

    def around(step: Array) -> Array:
        return _volume(equation, positions + step) + _volume(equation, positions - step)

    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.clip(np.nan_to_num(np.log2(around(2 * first) / around(first)), nan=SMOOTH_POWER), *POWERS)
        size = [around(step) ** (1 / power) for step in steps]
        sign = [np.where(around(first + step) >= around(first - step), 1.0, -1.0) for step in steps]
        vector = np.stack(sign, axis=-1) * np.stack(size, axis=-1) / grid.spacing
        return np.asarray(np.nan_to_num(vector / np.linalg.norm(vector, axis=-1, keepdims=True)))


def _sides(equation: Equation, grid: Grid, positions: Array, normals: Array) -> tuple[Array, Array, Integers]:
    """Powers and ratios on both sides of each point, and where the drift, as it is written, leads through it."""
    step, rest = float(grid.spacing.min()), 1 - share_of(equation)
    floor = NOISE_LEFT_BY_ROUNDING * np.trace(equation.tensor(positions), axis1=-2, axis2=-1)
    powers, ratios, pushes, scales = [], [], [], []
    for side in (-1, 1):
        noises, drifts = zip(*(_across(equation, positions, normals, side * u * step) for u in READ), strict=True)
        seen = noises[0] > floor
        with np.errstate(divide="ignore", invalid="ignore"):
            power = np.log2(np.where(seen, noises[1] / noises[0], noises[3] / noises[2]))
            power = np.nan_to_num(power, nan=np.inf)  # what is flat as far as rounding lets see is natural
            silent = (noises[1] <= floor) & (noises[2] <= floor)  # no noise at all: the drift alone moves walkers
            power = np.where(silent, np.inf, power)
            # (b - div D).n misses d_u D_nn of the drift of u
            ratio = [side * u * step * b / noise for u, noise, b in zip(READ, noises, drifts, strict=True)]
            push = [
                np.where(silent, b, b + rest * side * power * noise / (u * step))
                for u, noise, b in zip(READ, noises, drifts, strict=True)
            ]
            limit = np.nan_to_num(power + np.where(seen, 2 * ratio[0] - ratio[1], ratio[2]), nan=np.inf)
            ratios.append(np.where(silent, np.copysign(np.inf, side * drifts[0]), limit))
            pushes.append(np.nan_to_num(np.where(seen, push[0], push[2])))
            scales.append(np.nan_to_num(np.maximum(np.abs(push[3]), noises[3] / step)))
        powers.append(power)
    least = np.minimum(*np.abs(pushes))
    passes = (np.sign(pushes[0]) == np.sign(pushes[1])) & (least > PASSING * np.maximum(*scales))
    gates = np.where(passes, np.sign(pushes[0]), 0).astype(np.int64)
    return np.stack(powers, axis=-1), np.stack(ratios, axis=-1), gates


def _across(equation: Equation, positions: Array, normals: Array, u: float) -> tuple[Array, Array]:
    """Noise and b - div D along the normal at distance u; where the potential is known, from it."""
    w = positions + u * normals
    noise = np.einsum("mi,mij,mj->m", normals, equation.tensor(w), normals)
    fall = equation.potential(w - u / 2 * normals)
    if fall is not None:
        rise = np.asarray(equation.potential(w + u / 2 * normals)) - fall
        return noise, -noise * rise / u
    return noise, ((equation.drift(w) - equation.divergence(w)) * normals).sum(axis=-1)
