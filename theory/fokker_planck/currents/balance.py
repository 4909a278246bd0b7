"""What flows in a law: probability current, entropy production, and the two parts of the drift."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from theory.base.arrays import Array, finite
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import as_call, told
from theory.equations.protocol import Equation
from theory.fokker_planck.currents.net_flow import carried_by
from theory.fokker_planck.currents.slopes import spline_derivative
from theory.fokker_planck.generator import Edges, ExponentiallyFitted, Flux, carrying_drift
from theory.fokker_planck.meshes import coarsening, coarser_grids
from theory.laws import Density, Grid
from theory.laws.interpolation import along_axes, axis_matrix

FITTED = ExponentiallyFitted()
LEAST_DENSITY = 1e-16  # of the largest, where logarithms are interpolated: below are rounding and empty cells
NET_FLOW_LEFT_BY_ROUNDING = 1e-9  # relative net flow of an edge that rounding may leave
FIRST_ORDER = 5 / 3  # of what three meshes show against second order: 4/3 of it stays, were it of first
HALFWAY = 2**-1.5  # ratio of successive changes between those of first and of second order
SAFETY_OF_CHANGES = 1.25  # of changes of first order to come
NOTICED_TRAFFIC = 1e-12  # of the largest traffic: edges that carry less say nothing about balance


@dataclass(frozen=True, eq=False)
class DriftParts:
    """The drift b - div D = -D grad Phi_s + J / p of a law p = exp(-Phi_s), each of shape (*grid.shape, d)."""

    reversible: Array = field(repr=False)
    irreversible: Array = field(repr=False)

    def __repr__(self) -> str:
        reversible, irreversible = (float(np.abs(part).max()) for part in (self.reversible, self.irreversible))
        return told("DriftParts", shape=self.reversible.shape, reversible=reversible, irreversible=irreversible)


def probability_current(equation: Equation, grid: Grid, values: Array, flux: Flux = FITTED) -> Array:
    """Current J = (b - div D) p - D grad p at the cell centres, shape (*grid.shape, d).

    Each edge gives half its net flow times its length to either end: second order inside. For the null vector of
    the generator, `StationarySolution.plain` with its `flux`, the flows of every cell cancel to rounding.

    Parameters
    ----------
    values
        Density at the centres, shape `grid.shape`; of either sign.

    Raises
    ------
    InputError
        If shapes differ or a coefficient is not valid.
    """
    return carried_by(*_net_flows(equation, grid, values, flux))


def current_divergence(equation: Equation, grid: Grid, values: Array, flux: Flux = FITTED) -> tuple[Array, float]:
    """Outflow minus inflow of each cell per volume, shape `grid.shape`, and the scale of what cancels in it.

    The scale is the largest sum of the flows into and out of a cell, per volume; the divergence of a stationary
    vector is zero to 1e-10 of it.

    Raises
    ------
    InputError
        As `probability_current`.
    """
    edges, net = _net_flows(equation, grid, values, flux)
    forward, back = edges.flows(values.ravel())
    traffic = np.abs(forward) + np.abs(back)
    outflow, through = np.zeros(grid.size), np.zeros(grid.size)
    np.add.at(outflow, edges.sources, net)
    np.subtract.at(outflow, edges.targets, net)
    np.add.at(through, edges.sources, traffic)
    np.add.at(through, edges.targets, traffic)
    return outflow.reshape(grid.shape), float(through.max())


def entropy_production(equation: Equation, density: Density) -> Estimate:
    """Rate of entropy production, the sum over edges of net flow times log ratio of the flows, with its error.

    In the continuum the integral of J D^-1 J / p >= 0, zero exactly in detailed balance. Edges of the fitted flux,
    of second order; extrapolated to fourth with the half grid, on which log p is interpolated by local quintics.
    Edges without flow in one of the directions, by underflow, are left out. The error is what a part of first
    order, as drift that rules the cells makes it, leaves if it is what the quarter grid says against second order,
    and half of the step of the extrapolation, or the changes to come where they fall slower; without a quarter
    grid the change from the half grid, and NaN where the grid cannot be halved.

    Raises
    ------
    InputError
        If a coefficient is not valid.

    References
    ----------
    Schnakenberg (1976), "Network theory of microscopic and macroscopic behavior of master equation systems".
    """
    grid = density.grid
    produced = _produced(equation, grid, density.values)
    coarser = coarser_grids(grid)
    if not coarser:
        return Estimate(produced, np.nan)
    logs = np.log(np.maximum(density.values, LEAST_DENSITY * density.values.max()))
    others = [_produced(equation, one, np.exp(_onto(logs, grid, one))) for one in coarser]
    change = produced - others[0]
    correction = change / (coarsening(grid, coarser[0]) ** 2 - 1)
    error = abs(change)
    if len(others) == 2:
        before = others[0] - others[1]
        error = FIRST_ORDER * abs(change - before / 4) + abs(correction) / 2
        if abs(change) > HALFWAY * abs(before):  # upwinding: the changes to come fall by a half
            error = max(error, SAFETY_OF_CHANGES * abs(change))
    # never below 0: in detailed balance both are rounding errors
    value = produced + correction if produced + correction > 0 else produced
    return Estimate(value, error)


def _onto(logs: Array, grid: Grid, onto: Grid) -> Array:
    """By local polynomials: a spline carries the jumps of empty cells everywhere."""
    return along_axes([axis_matrix(grid, axis, nodes, nodes=6) for axis, nodes in enumerate(onto.axes)], logs)


def _produced(equation: Equation, grid: Grid, values: Array) -> float:
    forward, back = FITTED.edges(equation, grid).flows(values.ravel() * grid.cell_volume)
    both = (forward > 0) & (back > 0)
    return float(((forward - back)[both] * (np.log(forward[both]) - np.log(back[both]))).sum())


@dataclass(frozen=True)
class Balance:
    """Whether every edge carries as much forward as back.

    Parameters
    ----------
    detailed
        Whether the largest relative net flow is at rounding level.
    largest_net_flow
        Largest |forward - back| / (forward + back) over the edges with a noticeable flow.
    largest_affinity
        Largest |log(forward / back)| over the same edges.
    """

    detailed: bool
    largest_net_flow: float
    largest_affinity: float

    def __repr__(self) -> str:
        return as_call(self)


def detailed_balance(
    equation: Equation, grid: Grid, values: Array, tolerance: float = NET_FLOW_LEFT_BY_ROUNDING
) -> Balance:
    """Whether a law is in detailed balance with the fitted rates on `grid`: no current anywhere.

    Net flows up to `tolerance` times the flows along an edge count as none.
    Give the null vector of the generator, `StationarySolution.plain` of the fitted flux: an extrapolated law
    differs from it by the mesh error, which shows as a net flow.

    Raises
    ------
    InputError
        If shapes differ, a value is negative, or a coefficient is not valid.
    """
    _check_shape(values, grid)
    require(0 <= tolerance < np.inf, f"`tolerance` must be finite and not negative, got {tolerance}")
    values = finite(values, "values")
    require(bool((values >= 0).all()), f"a law in detailed balance must not be negative, got {values.min():.3g}")
    forward, back = FITTED.edges(equation, grid).flows(values.ravel())
    seen = forward + back > NOTICED_TRAFFIC * (forward + back).max(initial=0.0)
    net = np.abs(forward - back)[seen] / (forward + back)[seen]
    largest = float(net.max(initial=0.0))
    with np.errstate(divide="ignore"):  # an edge that carries in one direction alone: infinite
        return Balance(largest <= tolerance, largest, float(2 * np.arctanh(largest)))


def drift_parts(equation: Equation, density: Density) -> DriftParts:
    """The reversible part D grad log p of the drift b - div D, and the irreversible rest J / p.

    The gradient of log p is that of its cubic splines along the axes, of fourth order inside.

    Raises
    ------
    InputError
        If a value is not positive, since log p is then not finite, or a coefficient is not valid.
    """
    require(
        bool((density.values > 0).all()),
        f"the split of the drift needs a positive density, got {np.count_nonzero(density.values <= 0)} empty "
        "cells; shrink the grid",
    )
    logs, grid = np.log(density.values), density.grid
    slopes = np.stack([spline_derivative(logs, grid, axis, 3) for axis in range(grid.dim)], axis=-1)
    reversible = np.einsum("...ij,...j->...i", equation.tensor(grid.centers), slopes)
    return DriftParts(reversible, carrying_drift(equation, grid) - reversible)


def _net_flows(equation: Equation, grid: Grid, values: Array, flux: Flux) -> tuple[Edges, Array]:
    """Edges, and density per unit of time that each carries from source to target."""
    _check_shape(values, grid)
    edges = flux.edges(equation, grid)
    forward, back = edges.flows(values.ravel())
    return edges, forward - back


def _check_shape(values: Array, grid: Grid) -> None:
    require(values.shape == grid.shape, f"`values` must have the grid's shape {grid.shape}, got {values.shape}")
