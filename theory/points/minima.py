"""Minima of a landscape and whether gradient steps can stay in them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.optimize import brentq, minimize

from theory.base.arrays import Array, ArrayLike, Booleans, finite
from theory.base.errors import require
from theory.base.showing import as_call
from theory.landscapes import Landscape
from theory.landscapes.function import at_scale
from theory.laws import Grid

CELLS = 10  # on which a landscape without derivatives is taken to vary
ZERO = 1e-14  # of the spacing: a coordinate that is nothing but rounding
MOST_NEWTON_STEPS = 20  # of Newton's method, which ends where the gradient falls no more
SLOPE_SOUGHT = 1e-12  # of the loss across a cell, where BFGS ends
PLACE_SOUGHT = 1e-15  # of a cell, where the zero of a slope on a line is found


@dataclass(frozen=True)
class Minimum:
    """A local minimum: `position` (length d), `loss`, and `sharpness`, the largest eigenvalue of its Hessian."""

    position: tuple[float, ...]
    loss: float
    sharpness: float

    def __repr__(self) -> str:
        return as_call(self)

    def instability(self, learning_rate: float) -> float:
        """learning_rate times sharpness: from 2 on, `stability_limit()`, descent leaves the minimum by itself.

        Raises
        ------
        InputError
            If the learning rate is not positive and finite.
        """
        require(0 < learning_rate < np.inf, f"`learning_rate` must be positive and finite, got {learning_rate}")
        return learning_rate * self.sharpness


def find_minima(landscape: Landscape, grid: Grid, starts: ArrayLike = ()) -> tuple[Minimum, ...]:
    """The local minima on `grid`, in the order of the cells that led to them.

    A search starts in every cell whose centre is not above a neighbour's, and at each of `starts` (n, d), which
    finds minima that no cell shows, such as those along a line between cells: the zero of the gradient in 1-D,
    BFGS and Newton's method beyond, in units of the cell and of the loss across it, so that no unit of w or of L
    matters. Minima less than half a cell apart along every axis are one; a line of minima comes as many points.

    Raises
    ------
    InputError
        If dimensions differ, `starts` are not finite, or the landscape is finite nowhere on the grid.
    """
    require(
        landscape.dim == grid.dim,
        f"landscape and grid must have one dimension, got {landscape.dim} and {grid.dim}",
    )
    given = finite(starts, "starts")
    given = given[:, None] if given.ndim == 1 and grid.dim == 1 else given
    require(
        given.shape == (0,) or (given.ndim == 2 and given.shape[1] == grid.dim),
        f"`starts` must have shape (n, {grid.dim}), got {given.shape}",
    )
    landscape = at_scale(landscape, CELLS * np.asarray(grid.spacing))
    found: list[Minimum] = []
    values = landscape.value(grid.centers)
    require(bool(np.isfinite(values).any()), "the landscape must be finite somewhere on the grid, it is nowhere")
    lowest = grid.centers[_lowest_cells(values, grid) & np.isfinite(values)]
    for start in (*lowest, *given.reshape(-1, grid.dim)):
        place = _polished(landscape, start, grid)
        if place is not None and all((np.abs(place - m.position) > grid.spacing / 2).any() for m in found):
            sharpness = float(np.linalg.eigvalsh(landscape.hessian(place))[-1])
            found.append(Minimum(tuple(place.tolist()), float(landscape.value(place)), sharpness))
    return tuple(found)


def _lowest_cells(values: Array, grid: Grid) -> Booleans:
    lowest = np.ones(grid.shape, dtype=bool)
    padded = values
    for axis, periodic in enumerate(grid.periodic):
        widths = [(1, 1) if k == axis else (0, 0) for k in range(grid.dim)]
        padded = (
            np.pad(padded, widths, mode="wrap") if periodic else np.pad(padded, widths, constant_values=np.inf)
        )
    for shift in product((0, 1, 2), repeat=grid.dim):
        neighbour = padded[tuple(slice(s, s + n) for s, n in zip(shift, grid.shape, strict=True))]
        lowest &= values <= neighbour
    return lowest


def _polished(landscape: Landscape, start: Array, grid: Grid) -> Array | None:
    """The minimum next to `start`, or None where the search ends off the grid."""
    spacing = np.asarray(grid.spacing)

    def place(u: Array) -> Array:
        return start + u * spacing

    if grid.dim == 1:

        def slope(u: float) -> float:
            return float(landscape.gradient(place(np.array([u])))[0])

        if slope(-1.0) < 0 < slope(1.0):
            return place(np.array([brentq(slope, -1.0, 1.0, xtol=PLACE_SOUGHT, maxiter=1000)]))
    base, around = float(landscape.value(start)), np.vstack([np.eye(grid.dim), -np.eye(grid.dim)])
    with np.errstate(all="ignore"):
        changes = np.abs(landscape.value(place(around)) - base)
    unit = float(np.max(changes, initial=0.0, where=np.isfinite(changes)))
    if unit == 0:
        return start if not landscape.gradient(start).any() else None
    result = minimize(  # type: ignore[call-overload]
        lambda u: (float(landscape.value(place(u))) - base) / unit,
        np.zeros(grid.dim),
        jac=lambda u: landscape.gradient(place(u)) * spacing / unit,
        method="BFGS",
        options={"gtol": SLOPE_SOUGHT},
    )
    found = _newton(landscape, place(np.asarray(result.x)), spacing)
    found[np.abs(found) < ZERO * spacing] = 0.0
    _, inside = grid.locate(found)
    return found if inside and np.isfinite(found).all() else None


def _newton(landscape: Landscape, place: Array, spacing: Array) -> Array:
    """Newton's steps from `place` while they reduce the gradient and stay within a cell."""
    slope = landscape.gradient(place) * spacing
    for _ in range(MOST_NEWTON_STEPS):
        with np.errstate(all="ignore"):
            curvature = landscape.hessian(place) * np.outer(spacing, spacing)
        if not (np.isfinite(curvature).all() and np.isfinite(slope).all()):
            break
        step = np.linalg.lstsq(curvature, slope, rcond=None)[0]
        better = place - step * spacing
        with np.errstate(all="ignore"):
            slope_there = landscape.gradient(better) * spacing
        if not (np.abs(step).max() < 1 and np.linalg.norm(slope_there) < np.linalg.norm(slope)):
            break
        place, slope = better, slope_there
    return place
