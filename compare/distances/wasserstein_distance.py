"""Wasserstein distance of order 1."""

from __future__ import annotations

import math

from compare.distances.distance import Distance, Uncertainty, with_interval
from compare.distances.masses import Law, errors, read_pair
from compare.distances.noise import standard_error
from compare.distances.transport import circle, line, space
from theory.laws import Grid


def wasserstein(p: Law, q: Law, *, confidence: float = 0.95) -> Distance:
    """The Euclidean distance that mass must travel, on average, to turn p into q (W1).

    The mass of a cell sits at its centre, so what happens inside a cell is not seen. Along periodic axes
    distances go the short way round. Lost walkers cannot be placed: this is the distance of the walkers on
    the grid, given that they are on it; their fraction is in the other distances.

    One dimension: exact from the distribution functions, on a circle with the median shift. More: exact
    network simplex (POT) on p - q, with cells joined until at most 1500 hold mass. The joining moves
    each bit of p - q by a known way, and the sum of these ways is added to the grid error, a bound.

    Noise floor: on a line the exact mean of the integral of |F - G|; on a circle for the mean
    shift in place of the median, Gaussian; in more dimensions an upper bound from halving
    the box, which can be seven times the true mean (see `dyadic.floor`).
    The influence function is the Kantorovich potential. The laws' errors count times the largest distance
    on the grid: a bound.

    Raises
    ------
    InputError
        If the laws are on different grids, or not on a grid, or one has no walker on the grid.

    References
    ----------
    Villani, Optimal Transport (2009), remark 6.5; Bonneel et al. (2011) for the network simplex; Rabin,
    Delon & Gousseau, J. Math. Imaging Vision 41 (2011) for the circle.
    """
    first, second = (law.survivors for law in read_pair(p, q))
    grid = first.grid
    route = space if grid.dim > 1 else circle if grid.periodic[0] else line
    plan = route(first, second)
    error_p, error_q, known = errors(first, second)
    return with_interval(
        plan.value,
        Uncertainty(
            noise_floor=plan.noise_floor,
            standard_error=standard_error(first, second, plan.potential, -plan.potential),
            grid_error=(error_p + error_q) * _diameter(grid) + plan.joining_error,
            grid_error_known=known,
        ),
        confidence,
    )


def _diameter(grid: Grid) -> float:
    """The largest distance between two points of the box, the short way round periodic axes."""
    sides = zip(grid.lower, grid.upper, grid.periodic, strict=True)
    return math.hypot(*((b - a) / 2 if periodic else b - a for a, b, periodic in sides))
