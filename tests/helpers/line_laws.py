"""Laws and equations that the tests in one dimension share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from doubles import LineEquation
from numpy.polynomial import Polynomial

from theory import Grid
from theory.base.arrays import Array
from theory.laws.density import Density


def law(grid: Grid, log_density: Callable[[Array], Array]) -> Density:
    return Density.from_log(grid, log_density(grid.axes[0]))


def distance(p: Density, q: Density) -> float:
    return 0.5 * float(np.abs(p.values - q.values).sum()) * p.grid.cell_volume


def uniform(grid: Grid) -> Density:
    return Density.normalised(grid, np.ones(grid.shape))


def gibbs_equation(landscape: Polynomial, temperature: float, known: bool = False) -> LineEquation:
    slope = landscape.deriv()
    return LineEquation(
        lambda w: -slope(w),
        lambda w: temperature + 0 * w,
        lambda w: 0 * w,
        (lambda w: landscape(w) / temperature) if known else None,
    )
