"""Laws and equations that the tests in one dimension share."""

from __future__ import annotations

import numpy as np
from doubles import LineEquation
from numpy.polynomial import Polynomial

from theory.laws.density import Density


def law(grid, log_density):
    return Density.from_log(grid, log_density(grid.axes[0]))


def distance(p, q):
    return 0.5 * np.abs(p.values - q.values).sum() * p.grid.cell_volume


def uniform(grid):
    return Density.normalised(grid, np.ones(grid.shape))


def gibbs_equation(landscape: Polynomial, temperature: float, known: bool = False) -> LineEquation:
    slope = landscape.deriv()
    return LineEquation(
        lambda w: -slope(w),
        lambda w: temperature + 0 * w,
        lambda w: 0 * w,
        (lambda w: landscape(w) / temperature) if known else None,
    )
