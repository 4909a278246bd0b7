"""Minima of a landscape and whether gradient steps can stay in them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import brentq, minimize

from theory.arrays import Array, Booleans
from theory.grid import Grid
from theory.landscapes.protocol import Landscape


@dataclass(frozen=True)
class Minimum:
    """A local minimum: its place (length d), its loss, and the largest eigenvalue of the Hessian there."""

    position: tuple[float, ...]
    loss: float
    sharpness: float

    def instability(self, learning_rate: float) -> float:
        """learning_rate times sharpness: above 2 gradient descent leaves the minimum by itself, without noise."""
        return learning_rate * self.sharpness


def find_minima(landscape: Landscape, grid: Grid) -> tuple[Minimum, ...]:
    """The local minima that the cells of `grid` resolve, in the order of the cells.

    A cell whose centre is not above any neighbour's starts a search: Brent on the gradient in 1-D, BFGS beyond.
    Every cell along a line of minima starts one, so that a line comes as many points.
    """
    found: list[Minimum] = []
    for start in grid.centers[_lowest_cells(landscape.value(grid.centers), grid)]:
        place = _polished(landscape, start, grid)
        if all(np.abs(place - m.position).max() > grid.spacing.max() / 2 for m in found):
            sharpness = float(np.linalg.eigvalsh(landscape.hessian(place))[-1])
            found.append(Minimum(tuple(place.tolist()), float(landscape.value(place)), sharpness))
    return tuple(found)


def _lowest_cells(values: Array, grid: Grid) -> Booleans:
    lowest = np.ones(grid.shape, dtype=bool)
    padded = values
    for axis, periodic in enumerate(grid.periodic):
        widths = [(1, 1) if k == axis else (0, 0) for k in range(grid.dim)]
        padded = np.pad(padded, widths, mode="wrap") if periodic else np.pad(padded, widths, constant_values=np.inf)
    for shift in product((0, 1, 2), repeat=grid.dim):
        neighbour = padded[tuple(slice(s, s + n) for s, n in zip(shift, grid.shape, strict=True))]
        lowest &= values <= neighbour
    return lowest


def _polished(landscape: Landscape, start: Array, grid: Grid) -> Array:
    if grid.dim == 1:
        left, right = start - grid.spacing, start + grid.spacing
        if landscape.gradient(left)[0] < 0 < landscape.gradient(right)[0]:
            return np.array([brentq(lambda x: landscape.gradient(np.array([x]))[0], left[0], right[0], xtol=1e-14)])
        return start
    result = minimize(
        lambda w: float(landscape.value(w)), start, jac=landscape.gradient, method="BFGS", options={"gtol": 1e-12}
    )
    moved = np.abs(result.x - start).max() > 2 * grid.spacing.max()
    return start if moved else np.asarray(result.x)
