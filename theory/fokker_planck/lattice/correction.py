"""Deferred correction: from the law of a second-order scheme to one of sixth order, with the same factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from theory.base.arrays import Array
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import carrying_drift
from theory.fokker_planck.meshes import variation_of_values
from theory.laws import Grid

FEWEST_STENCIL_CELLS = 8  # along each axis: what stencils of the sixth order and their one-sided ends need
MOST_CORRECTIONS = 8
CORRECTIONS_SETTLED = 3e-4  # of the first correction: later ones no longer matter
STALLED = 0.5  # of the correction before: rough modes that do not settle
CONVERGING = 0.25  # largest ratio of the steps from fourth to sixth order and from second to sixth


@dataclass(frozen=True, eq=False)
class Corrected:
    """Density values of mass 1 at the centres, of sixth order.

    Parameters
    ----------
    values
        Shape `grid.shape`; they may be negative.
    step
        Total variation from the law of second order: the error of that one.
    error
        Estimated error in total variation.
    """

    values: Array
    step: float
    error: float


def corrected(equation: Equation, grid: Grid, plain: Array, solve: Callable[[Array], Array]) -> Corrected | None:
    """The second-order law `plain` corrected to sixth order; None where the grid does not resolve it.

    The residual of `plain` in a flux of sixth order is brought to 0 by solves with the second-order matrix:
    p <- p - G^-1 R(p), until the steps settle. A last solve with the residual of fourth order gives the step
    from the fourth to the sixth order, s4. With s2 the step from the second, orders that fall geometrically
    leave an error of s4^2 / s2; four times that is reported, at least s4 / 6.

    Parameters
    ----------
    plain
        Density values of mass 1, shape `grid.shape`.
    solve
        Solves G x = source for sources that sum to 0, with sum(x) = 0; both of shape (cells,).

    References
    ----------
    Stetter (1978), "The defect correction principle and discretization methods".
    """
    if min(grid.shape) < FEWEST_STENCIL_CELLS:
        return None
    tensor, drift = equation.tensor(grid.centers), carrying_drift(equation, grid)
    sixth, fourth = (Operator(grid, tensor, drift, order) for order in (6, 4))

    def step(operator: Operator, values: Array) -> Array:
        residual = operator.residual(values)
        residual -= values * (residual.sum() / values.sum())  # one-sided ends do not keep mass to rounding
        return -solve(residual.ravel()).reshape(grid.shape)

    values, nothing = plain, np.zeros(grid.shape)
    sizes: list[float] = []
    while len(sizes) < MOST_CORRECTIONS and not (sizes and sizes[-1] <= CORRECTIONS_SETTLED * sizes[0]):
        change = step(sixth, values)
        size = variation_of_values(change, nothing, grid)
        if sizes and not size <= STALLED * sizes[-1]:
            break
        sizes.append(size)
        values = values + change
    values = values / (values.sum() * grid.cell_volume)
    second = variation_of_values(values, plain, grid)
    fourth_step = variation_of_values(step(fourth, values), nothing, grid)
    if len(sizes) < 2 or not fourth_step <= CONVERGING * second:
        return None
    return Corrected(values, second, fourth_step * max(4 * fourth_step / second, 1 / 6) + sizes[-1])


class Operator:
    """div(f p - D grad p) at the centres with finite differences of one even order; walls carry nothing.

    Fluxes live on the faces between cells: p and its slope along the axis come from the nearest centres, the
    divergence from the nearest faces; near walls all are one-sided.
    """

    def __init__(self, grid: Grid, tensor: Array, drift: Array, order: int) -> None:
        self._drift, self._tensor = drift, tensor
        self._axes = [
            _Axis.of(n, h, periodic, order)
            for n, h, periodic in zip(grid.shape, grid.spacing, grid.periodic, strict=True)
        ]
        self._across = [_along(one.mean, tensor[..., i, i], i) for i, one in enumerate(self._axes)]

    def residual(self, values: Array) -> Array:
        """The rate at which mass leaves each cell, as density; 0 for a stationary law. Shape `grid.shape`."""
        slopes = [_along(one.slope, values, i) for i, one in enumerate(self._axes)]
        total = np.zeros_like(values)
        for i, one in enumerate(self._axes):
            carried = self._drift[..., i] * values
            for j, slope in enumerate(slopes):
                if j != i:
                    carried -= self._tensor[..., i, j] * slope
            flux = _along(one.mean, carried, i) - self._across[i] * _along(one.difference, values, i)
            total -= _along(one.divergence, flux, i)
        return total


@dataclass(frozen=True, eq=False)
class _Axis:
    """Operators along one axis: from centres to faces, and back."""

    mean: sparse.csr_array
    difference: sparse.csr_array
    divergence: sparse.csr_array  # of fluxes on the faces that are no walls
    slope: sparse.csr_array  # at the centres

    @staticmethod
    def of(cells: int, spacing: float, periodic: bool, order: int) -> _Axis:
        faces: Array = np.arange(cells + (not periodic), dtype=np.float64)
        centres: Array = np.arange(cells, dtype=np.float64) + 0.5
        inner = faces if periodic else faces[1:-1]
        divergence = _stencils(faces, centres, order, 1, periodic, spacing)
        return _Axis(
            mean=_stencils(centres, inner, order, 0, periodic),
            difference=_stencils(centres, inner, order, 1, periodic, spacing),
            divergence=divergence if periodic else divergence[:, 1:-1].tocsr(),
            slope=_stencils(centres, centres, order + 1, 1, periodic, spacing),
        )


def _stencils(
    nodes: Array, points: Array, width: int, derivative: int, periodic: bool, spacing: float = 1.0
) -> sparse.csr_array:
    """The matrix of a derivative at `points` of the polynomial through the `width` nearest nodes."""
    first = np.round(points - nodes[0] - (width - 1) / 2).astype(np.int64)
    if not periodic:
        first = np.clip(first, 0, len(nodes) - width)
    columns = first[:, None] + np.arange(width)
    distances = columns + nodes[0] - points[:, None]
    powers = distances[:, None, :] ** np.arange(width)[:, None]
    moments = np.zeros((len(points), width, 1))
    moments[:, derivative] = spacing**-derivative
    weights = np.linalg.solve(powers, moments)[..., 0]
    rows = np.repeat(np.arange(len(points)), width)
    return sparse.csr_array(
        (weights.ravel(), (rows, columns.ravel() % len(nodes))), shape=(len(points), len(nodes))
    )


def _along(matrix: sparse.csr_array, values: Array, axis: int) -> Array:
    """The matrix applied along one axis."""
    moved = np.moveaxis(values, axis, 0)
    result = matrix @ np.ascontiguousarray(moved).reshape(len(moved), -1)
    return np.moveaxis(result.reshape(-1, *moved.shape[1:]), 0, axis)
