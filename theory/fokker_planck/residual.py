"""How well a density solves the stationary Fokker-Planck equation, by an operator of another kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theory.base.arrays import Array
from theory.base.errors import InputError, require
from theory.base.packages import install_line
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import carrying_drift
from theory.laws import Density, Grid

ORDER = 6  # of the operators by which a density is judged
SLOWEST_RATIO = 0.25  # of the differences between one pair of orders and the next


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


@dataclass(frozen=True)
class ResidualCheck:
    """The `relative` residual of a density at order 6, and what it may be where the density is right.

    Parameters
    ----------
    truncation
        What the operators leave of an exact density, from their differences at orders 2, 4 and 6.
    ratio
        Of the difference of orders 4 and 6 to that of 2 and 4. Above `SLOWEST_RATIO` the orders do not converge,
        as at kinks of the loss, in valleys as thin as cells or where the density is rough: nothing is said then.
    from_error
        What the density's own error changes.
    """

    relative: float
    truncation: float
    ratio: float
    from_error: float

    @property
    def threshold(self) -> float:
        """The largest residual of a right density."""
        return self.truncation + self.from_error

    @property
    def converges(self) -> bool:
        """Whether the orders do, so that the threshold means something."""
        return self.ratio <= SLOWEST_RATIO


def check_residual(equation: Equation, density: Density) -> ResidualCheck:
    """The residual of `density` at order 6 beside what the operators and the density's own error leave of it.

    With d(a, b) the integral of |residual at order a - at order b| over that of the two parts and the ratio
    r = d(4, 6) / d(2, 4), the truncation is d(4, 6) / (1 - r): the differences of all higher orders, if they fall
    as a geometric series, and so a bound for order 4, while order 6 is judged. An error of the density that varies
    on the same lengths as the density itself changes the residual by up to twice its total variation; one from
    cell to cell does by more, and shows.

    Raises
    ------
    InputError
        As `residual` at order 6, or if nobody knows the density's error.
    """
    if density.error is None:
        raise InputError("a residual is judged by the density's `error`, which is not known; give it one")
    second, fourth, sixth = (residual(equation, density, order) for order in (2, 4, ORDER))
    inside = _away_from_walls(density.grid, ORDER)
    coarse, fine = (
        float(np.abs(one.values - other.values)[inside].sum())
        for one, other in ((second, fourth), (fourth, sixth))
    )
    size = float(np.abs(sixth.values).sum())
    scale = size / sixth.relative if sixth.relative > 0 else 1.0
    ratio = fine / coarse if coarse > 0 else 0.0
    truncation = fine / scale / (1 - ratio) if ratio < 1 else np.inf
    return ResidualCheck(sixth.relative, truncation, ratio, 2 * density.error)


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
            f"the residual needs findiff, which is not installed; {install_line('findiff')}"
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
