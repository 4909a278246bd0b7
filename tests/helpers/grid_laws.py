"""Laws on a grid that several tests use."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from theory.laws.density import Density
from theory.laws.grid import Grid
from theory.laws.histogram import Histogram


def gaussian(grid: Grid, mean: float, std: float, error: float | None = 0.0) -> Density:
    """Exact cell masses in one dimension."""
    a, b = (grid.edges[0][:-1] - mean) / std, (grid.edges[0][1:] - mean) / std
    masses = np.where(a > 0, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a))  # no difference of numbers near 1
    return Density.normalised(grid, masses, error)


def sample(law: Density, n: int, rng: np.random.Generator) -> Histogram:
    return Histogram(law.grid, rng.multinomial(n, law.probabilities.ravel()).reshape(law.grid.shape))


def law_of(weights: list[float], periodic: bool = False) -> Density:
    return Density.normalised(Grid(0, len(weights), len(weights), periodic), weights)
