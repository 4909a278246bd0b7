"""Laws with kinks, jumps and zeros along lines, circles and planes, at centres and as masses of cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from theory import Grid

Field = Callable[..., np.ndarray]  # of the coordinates
Law = tuple[Grid, np.ndarray, np.ndarray]  # values at the centres and masses of the cells


def integrated(grid: Grid, log_density: Field, parts: int) -> Law:
    """By Gauss's rule of three nodes in each of `parts` parts of a cell along each axis."""
    places, weights = np.polynomial.legendre.leggauss(3)
    inside = ((np.arange(parts)[:, None] + (places + 1) / 2) / parts - 0.5).ravel()
    axes = [(a[:, None] + inside * h).ravel() for a, h in zip(grid.axes, grid.spacing, strict=True)]
    logs = log_density(*np.meshgrid(*axes, indexing="ij"))
    centres = log_density(*np.meshgrid(*grid.axes, indexing="ij"))
    masses = np.exp(logs - logs.max())
    for axis in range(grid.dim):
        cells = np.moveaxis(masses, axis, -1).reshape(*np.delete(masses.shape, axis), grid.shape[axis], -1)
        masses = np.moveaxis(cells @ np.tile(weights / 2 / parts, parts), -1, axis)
    return grid, np.exp(centres - logs.max()), masses


def normal(rng: np.random.Generator, dim: int) -> tuple[Grid, np.ndarray, float, Field]:
    """A grid of unit cells, a middle, a width and the exponent of a turned normal law of 1 to 7 cells."""
    sd = np.exp(rng.uniform(0, np.log(7 if dim == 2 else 3), dim))
    frame = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    precision = frame @ np.diag(sd**-2) @ frame.T
    most = 64 if dim == 2 else 16
    cells = np.clip(10 * np.sqrt(np.diag(np.linalg.inv(precision))), 12, most).astype(int)
    middle = cells / 2 + rng.uniform(-1, 1, dim)

    def exponent(*w: np.ndarray) -> np.ndarray:
        away = np.stack(w, axis=-1) - middle
        return ((away @ precision) * away).sum(axis=-1) / 2

    return Grid([0.0] * dim, cells.astype(float), cells), middle, float(sd.prod() ** (1 / dim)), exponent


def distance(rng: np.random.Generator, middle: np.ndarray, width: float) -> Field:
    """Signed, from a line or plane near the middle, or from a circle or sphere."""
    shift = middle + rng.uniform(-1, 1, len(middle)) * width
    if rng.random() < 0.5:
        across = rng.normal(size=len(middle))
        across /= np.linalg.norm(across)
        return lambda *w: (np.stack(w, axis=-1) - shift) @ across
    radius = 1 + rng.uniform(0.5, 2.5) * width
    return lambda *w: np.linalg.norm(np.stack(w, axis=-1) - shift, axis=-1) - radius


def broken(factor: Callable[[np.random.Generator, float], Callable[[np.ndarray], np.ndarray]], dim: int = 2):
    """A normal law times a function of the distance from a curve or surface: its logarithm is `factor`'s."""

    def law(rng: np.random.Generator) -> Law:
        grid, middle, width, exponent = normal(rng, dim)
        away, log_factor = distance(rng, middle, width), factor(rng, width)
        return integrated(grid, lambda *w: log_factor(away(*w)) - exponent(*w), 8 if dim == 2 else 2)

    return law


def kink(rng: np.random.Generator, width: float):
    """Slopes that jump by up to four a cell, or by up to three a width upwards."""
    slope = float(np.exp(rng.uniform(np.log(0.03), np.log(2))))
    slope = -min(slope, 1.5 / width) if rng.random() < 0.5 else slope
    return lambda d: -slope * np.abs(d)


def inverse(rng: np.random.Generator, width: float):
    """Powers of 1/(distance + .3 to 6 cells), as noise by |H| has about its zeros."""
    offset, power = np.exp(rng.uniform(np.log(0.3), np.log(6))), rng.uniform(0.3, 1)
    return lambda d: -power * np.log(offset + np.abs(d))


def zero(rng: np.random.Generator, width: float):
    """Powers of the distance."""
    power = rng.uniform(0.5, 4)
    return lambda d: power * np.log(np.abs(d) + 1e-12)


def jump(rng: np.random.Generator, width: float):
    """A density that jumps, by up to e^6."""
    height = rng.uniform(0.1, 6) * rng.choice([-1, 1])
    return lambda d: height * (d > 0)


def fall(rng: np.random.Generator, width: float):
    """One that falls by up to e^8 within a twentieth of a cell to two."""
    height, within = rng.uniform(1, 8) * rng.choice([-1, 1]), np.exp(rng.uniform(np.log(0.05), np.log(2)))
    return lambda d: height * np.arctan(d / within) / np.pi


def ring_kinks(rng: np.random.Generator) -> Law:
    """exp(-a |sin|) on a circle, with two kinks."""
    cells = int(rng.integers(20, 80))
    depth, start = np.exp(rng.uniform(np.log(0.1), np.log(cells / 4))), rng.uniform(0, cells)
    grid = Grid(0.0, float(cells), cells, periodic=True)
    return integrated(grid, lambda x: -depth * np.abs(np.sin(np.pi * (x - start) / cells)), 40)


BROKEN_LAWS: dict[str, Callable[[np.random.Generator], Law]] = {
    "masses: kinks on a circle": ring_kinks,
    "masses: kinks along curves of a plane": broken(kink),
    "masses: 1/abs(H)-like kinks along curves": broken(inverse),
    "masses: zeros along curves, powers of the distance": broken(zero),
    "masses: jumps across curves": broken(jump),
    "masses: steep falls across curves": broken(fall),
    "masses: kinks along surfaces in space": broken(kink, 3),
    "masses: jumps across surfaces in space": broken(jump, 3),
}
