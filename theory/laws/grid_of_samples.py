"""The grid on which samples are counted where nobody gave one."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import require
from theory.laws.draws import Draws
from theory.laws.ensemble import Ensemble
from theory.laws.grid import Grid

SPREAD = 1.349  # quartiles of a normal law lie so many standard deviations apart
SCOTT = 3.49  # width of cells in standard deviations times n^(1/3), on a line
FARTHEST = 8.0  # interquartile ranges from the nearer quartile, beyond which walkers count as off the grid
MARGIN = 0.5  # of a cell, beyond the farthest walker
MOST_CELLS = {1: 400, 2: 60}  # along an axis


def sample_grid(samples: Sequence[Ensemble | Draws]) -> Grid:
    """The grid of samples on a line or in a plane, by a rule that knows only all of them together.

    Along each axis the quartiles of all last positions give a standard deviation s, as of a normal law. The cells
    are 3.49 s n^(-1/3) wide on a line and 3.49 s n^(-1/4) in a plane (Scott), where n is the size of the smallest
    sample, of draws the effective one; at most 400 or 60 of them. The box holds all walkers, but none farther than
    8 interquartile ranges from the quartiles: those are off the grid, which is one cell more. Since the rule does
    not ask which walker is of which sample, floors of two samples are exact.

    Raises
    ------
    InputError
        If there is no sample, the dimensions differ or are above 2, or along an axis all walkers are at one place.

    References
    ----------
    Scott (1992), Multivariate Density Estimation, section 3.4.
    """
    require(len(samples) > 0, "`samples` must be at least one, got none")
    dims = sorted({one.dim for one in samples})
    require(len(dims) == 1, f"`samples` must have one dimension, got {dims}")
    dim = dims[0]
    require(
        dim in MOST_CELLS,
        f"a grid of samples is for 1 or 2 dimensions, got {dim}; `project` them first, or compare them by "
        "`two_sample_test`",
    )
    points = [_points(one) for one in samples]
    number = min(_size(one, places) for one, places in zip(samples, points, strict=True))
    together = np.concatenate(points)
    axes = [_axis(together[:, k], number, k, dim) for k in range(dim)]
    lower, upper, cells = zip(*axes, strict=True)
    return Grid(lower, upper, cells)


def _points(sample: Ensemble | Draws) -> Array:
    places = sample.all if isinstance(sample, Draws) else sample.final
    return places[np.isfinite(places).all(axis=1)]


def _size(sample: Ensemble | Draws, points: Array) -> float:
    return max(1.0, sample.effective_size if isinstance(sample, Draws) else float(len(points)))


def _axis(values: Array, number: float, axis: int, dim: int) -> tuple[float, float, int]:
    """Ends and number of cells along an axis."""
    require(len(values) > 0, "`samples` must have walkers that are finite, got none")
    first, third = np.quantile(values, (0.25, 0.75))
    quartiles = float(third - first)
    spread = quartiles / SPREAD if quartiles > 0 else float(values.std())
    require(
        spread > 0,
        f"`samples` must spread along each axis, along axis {axis} all are at {values[0]:.6g}; leave it out",
    )
    width = SCOTT * spread * number ** (-1 / (2 + dim))
    reach = FARTHEST * max(quartiles, spread)
    lower = max(float(values.min()), float(first) - reach)
    upper = min(float(values.max()), float(third) + reach)
    cells = min(MOST_CELLS[dim], max(1, math.ceil((upper - lower) / width)))
    margin = MARGIN * (upper - lower) / cells
    return lower - margin, upper + margin, cells
