"""How well a density solves the stationary Fokker-Planck equation, by an operator of another kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import carrying_drift
from theory.laws import Density, Grid


@dataclass(frozen=True, eq=False)
class Residual:
    """The residual of a density in div(b p - div(D p)) = 0.

    Parameters
    ----------
    values
        div J at the cell centres, shape `grid.shape`, in units of density per time; 0 on the rim.
    relative
        Integral of its size over that of the sizes of its two parts, div((b - div D) p) and div(D grad p).
    rim
        Cells left out next to walls, where the operator would be one-sided and walls add their own law.
    """

    values: Array = field(repr=False)
    relative: float
    rim: int


def residual(equation: Equation, density: Density, order: int = 4) -> Residual:
    """Residual of `density` under central differences of the given order that know nothing of the solver.

    J = (b - div D) p - D grad p and div J with findiff's first derivatives, at the centres. For the exact density
    it falls with the power `order` of the spacing; for a computed one it shows errors of the size of the noise
    and gradients in p, not only of p.

    Raises
    ------
    InputError
        If findiff is not installed, `order` is not a positive even number, the grid has too few cells for it, or
        a coefficient is not valid.

    References
    ----------
    Baer (2018), findiff, https://github.com/maroba/findiff.
    """
    grid = density.grid
    require(order >= 2 and order % 2 == 0, f"`order` must be 2, 4, 6, ..., got {order}")
    require(
        equation.dim == grid.dim,
        f"the equation and the grid must have one dimension, got {equation.dim} and {grid.dim}",
    )
    require(
        all(n > 3 * order for n in grid.shape),
        f"a residual of order {order} needs more than {3 * order} cells along each axis, got {grid.shape}",
    )
    derivatives = [_derivative(grid, axis, order) for axis in range(grid.dim)]
    slope = np.stack([derivative(density.values) for derivative in derivatives], axis=-1)
    spread = np.einsum("...ij,...j->...i", equation.tensor(grid.centers), slope)
    carried = carrying_drift(equation, grid) * density.values[..., None]
    # two derivatives in a row reach `order` cells; one-sided ones are then out of sight
    inside = _away_from_walls(grid, order)
    parts = [
        np.where(inside, sum(derivative(one[..., k]) for k, derivative in enumerate(derivatives)), 0.0)
        for one in (carried, spread)
    ]
    values = parts[0] - parts[1]
    scale = float(np.abs(parts[0]).sum() + np.abs(parts[1]).sum())
    return Residual(values, float(np.abs(values).sum()) / scale if scale > 0 else 0.0, order)


def _derivative(grid: Grid, axis: int, order: int) -> Any:
    """The first derivative along an axis; built anew each time, since findiff's operators can change."""
    try:
        from findiff import Diff
    except ImportError as missing:
        raise InputError(
            "the residual needs findiff, which is not installed; run `pip install gibbsgap[findiff]`"
        ) from missing
    return Diff(axis, float(grid.spacing[axis]), periodic=grid.periodic[axis], acc=order)


def _away_from_walls(grid: Grid, rim: int) -> Any:
    inside = np.ones(grid.shape, dtype=bool)
    for axis, periodic in enumerate(grid.periodic):
        if not periodic:
            rows = np.moveaxis(inside, axis, 0)
            rows[:rim] = False
            rows[-rim:] = False
    return inside
