"""The current of a density with its error: by slopes of its logarithm, of still laws by flows of edges."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np
from scipy import ndimage

from theory.base.arrays import Array
from theory.base.errors import InputError
from theory.base.rounding import NOT_ZERO
from theory.equations.protocol import Equation
from theory.fokker_planck.currents.flow import Current
from theory.fokker_planck.currents.slopes import slopes, spline_derivative
from theory.fokker_planck.generator import Edges, ExponentiallyFitted, carrying_drift, finite_at_centres
from theory.fokker_planck.lattice import StationarySolution, eliminated, solve_stationary
from theory.fokker_planck.line import Line, reference_line, stationary_current
from theory.fokker_planck.meshes import answer_of, coarser_grids, interpolated
from theory.laws import Density, Grid, NoStationaryDensity

SAME_DENSITY = 1e-9  # relative difference of two densities that are one
FITTED = ExponentiallyFitted()
BALANCED = 1e-11  # of the largest logarithm: changes of log p + Phi that are rounding
NOISE = 4e-15  # of the flows of an edge: what elimination leaves of their difference
SHARE = 0.5  # of the change to the half grid: error of a current of fourth order or higher, in a plane
FIRST_ORDER = 1.5  # the same where the law is of first or second order, or few cells resolve it, as in space
SPACE = 4.0  # times what meshes of so few cells along an axis show
SPREAD = 5  # cells over which the largest error counts, as estimates pass through 0
WIDE = 2.0  # slopes of an error of a density over those of its logarithm


def current_of(equation: Equation, density: Density, solve: Callable[[], StationarySolution]) -> Current:
    """The current J = (b - div D) p - D grad p of `density` at the centres, with its error.

    On a line the stationary current is constant and has a closed form; so has the current of any density beside a
    stationary one, p (J_s / p_s - D (log p / p_s)'). Beyond, a stationary law has the flows of the chain along its
    edges, extrapolated over three meshes, which conserve mass behind any barrier, and the slopes of its logarithm,
    which drift does not upwind; in each cell the one with the smaller error is taken. Zero exactly where a law is
    exp(-Phi) of a known potential. A density that is not stationary has the slopes of its logarithm.

    Parameters
    ----------
    equation, density
        On a grid without absorbing sides.
    solve
        Gives the stationary law in 2 or 3 dimensions, to see whether `density` is it.

    Raises
    ------
    InputError
        If a coefficient is not valid.
    """
    grid = density.grid
    shape = (*grid.shape, grid.dim)
    if grid.dim == 1:
        still = stationary_current(equation, density)
        if still is not None:
            return Current(np.full(shape, still[0]), np.full(shape, still[1]))
    potential = equation.potential(grid.centers)
    if potential is not None and _balanced(density, finite_at_centres(potential, "potential", grid)):
        return Current(np.zeros(shape), np.zeros(shape))
    values, error = by_slopes(equation, density)
    solution = None if grid.dim == 1 else _if_same(density, solve)
    if solution is None:
        return Current(values, error + _of_density(equation, density))
    error += _of_coarse_law(equation, density, solution, values) + _of_density(equation, density)
    flows, flow_error = by_flows(equation, grid, solution)
    return Current(np.where(flow_error < error, flows, values), np.minimum(flow_error, error))


def _if_same(density: Density, solve: Callable[[], StationarySolution]) -> StationarySolution | None:
    """The stationary solution where `density` is its law."""
    if density.samples is not None:
        return None
    try:
        found = solve()
    except NoStationaryDensity:
        return None
    return found if np.allclose(found.density.values, density.values, rtol=SAME_DENSITY, atol=0.0) else None


def _balanced(density: Density, potential: Array) -> bool:
    seen = density.values > 0
    level = np.log(density.values[seen]) + potential[seen]
    small = np.exp(-(potential - potential.min()))[~seen]
    return bool(np.ptp(level) <= BALANCED * (1 + np.abs(potential[seen]).max()) and (small < NOT_ZERO).all())


def by_slopes(equation: Equation, density: Density) -> tuple[Array, Array]:
    """J = p (J_s / p_s - D grad(log p - log p_s)) with a stationary law p_s, and the error of the slopes.

    Where none is known it is p (b - div D - D grad log p). Where cells are empty the slopes are those of p itself.

    Raises
    ------
    InputError
        If a coefficient is not valid.
    """
    grid = density.grid
    values, doubt = _centre_values(density)
    tensor = finite_at_centres(equation.tensor(grid.centers), "diffusion tensor", grid)
    if not (density.values > 0).all():
        gradient, error = slopes(values, grid)
        carried = carrying_drift(equation, grid)
        found = carried * values[..., None] - _times(tensor, gradient)
        noise = _noise(density)
        error = _times(np.abs(tensor), error + noise / grid.spacing) + np.abs(carried) * noise
        return found, error + doubt * np.abs(carried)
    logs = np.log(values)
    velocity, reference, known = carrying_drift(equation, grid), np.zeros(grid.shape), np.zeros(())
    potential = equation.potential(grid.centers)
    if grid.dim == 1 and not (line := Line.of(equation, grid)).points:
        reference, current, known = _still(line)
        velocity = (current * np.exp(-reference))[..., None]
    elif potential is not None:
        reference, velocity = -potential, np.zeros_like(velocity)
    gradient, error = slopes(logs - reference, grid)
    found = values[..., None] * (velocity - _times(tensor, gradient))
    error = values[..., None] * _times(
        np.abs(tensor), error + (_noise(density) / values[..., None]) / grid.spacing
    )
    return found, error + np.abs(found) * (doubt / values[..., None]) + known * np.exp(logs - reference)[..., None]


def _still(line: Line) -> tuple[Array, float, Array]:
    logs, current, error = reference_line(line)
    return logs, current, np.asarray(error)


def _times(tensor: Array, vectors: Array) -> Array:
    product = np.einsum("...ij,...j->...i", tensor, vectors)
    return np.asarray(product)


def _centre_values(density: Density) -> tuple[Array, Array]:
    """Values at the centres, and what they may be off; averages over cells are less sharp than they."""
    grid, values = density.grid, density.values
    if not density.cell_averages or density.samples is not None or not (values > 0).all():
        return values, np.zeros((*grid.shape, 1))
    logs = np.log(values)
    bends = [
        (spline_derivative(logs, grid, axis, 5, 2) + spline_derivative(logs, grid, axis, 5) ** 2)
        * grid.spacing[axis] ** 2
        / 24
        for axis in range(grid.dim)
    ]
    change = np.sum(bends, axis=0)
    centres = values / np.maximum(1 + change, 0.5)
    return centres, (np.sum(np.abs(bends), axis=0) ** 2 * values)[..., None]


def _noise(density: Density) -> Array:
    """Standard errors of the values of a histogram, three of them; else 0."""
    if density.samples is None:
        return np.zeros((*density.grid.shape, 1))
    counts = density.probabilities * density.samples
    return (3 * np.sqrt(counts + 1) / density.samples / density.grid.cell_volume)[..., None]


def _of_density(equation: Equation, density: Density) -> Array:
    """What the stated error of a density may change in its current: an error with slopes like those of the law."""
    grid, p = density.grid, density.values
    if not density.error or density.samples is not None:
        return np.zeros((*grid.shape, grid.dim))
    logs = np.log(np.maximum(p, NOT_ZERO * p.max()))
    steep = np.abs(np.stack([spline_derivative(logs, grid, axis, 3) for axis in range(grid.dim)], axis=-1))
    usual = np.sqrt((p[..., None] * steep**2).reshape(-1, grid.dim).sum(axis=0) * grid.cell_volume)
    usual = usual + 1 / (np.array(grid.upper) - np.array(grid.lower))
    weight = 2 * density.error * ndimage.maximum_filter(p, size=3) * (1 + logs.max() - logs)
    moved = np.abs(carrying_drift(equation, grid)) + _times(
        np.abs(equation.tensor(grid.centers)), steep + WIDE * usual
    )
    return np.asarray(weight[..., None] * moved)


def _of_coarse_law(equation: Equation, density: Density, solution: StationarySolution, values: Array) -> Array:
    """Error of a stationary law's current by slopes, from that on the half grid."""
    grid = density.grid
    coarse = coarser_grids(grid, 1)
    if coarse:
        with suppress(NoStationaryDensity, InputError):
            other = solve_stationary(equation, coarse[0])
            rough, _ = by_slopes(equation, other.density)
            high = grid.dim == 2 and solution.order in (4, 6) and other.order in (4, 6)
            parts = []
            for axis in range(grid.dim):
                change = interpolated(values[..., axis], grid, coarse[0]) - rough[..., axis]
                parts.append(_onto(np.abs(change), coarse[0], grid))
            return (SHARE if high else FIRST_ORDER) * np.stack(parts, axis=-1)
    return np.full(values.shape, np.inf)


def _onto(sizes: Array, coarse: Grid, grid: Grid) -> Array:
    """The largest of neighbouring `sizes` on a coarse grid at the cells of a finer one."""
    nearest = ndimage.maximum_filter(sizes, size=SPREAD)
    for axis in range(grid.dim):
        place = (grid.axes[axis] - coarse.lower[axis]) / coarse.spacing[axis]
        nearest = nearest.take(np.clip(place.astype(np.int64), 0, coarse.shape[axis] - 1), axis)
    return np.asarray(nearest)


def by_flows(equation: Equation, grid: Grid, solution: StationarySolution) -> tuple[Array, Array]:
    """The current of the stationary law by the net flows along the edges of the fitted flux, with its error.

    Each edge gives half its net flow times its length to either end, of second order, on the grid and those of a
    half and a quarter of the cells, whose laws are solved without subtraction; extrapolated to fourth.
    """
    meshes = (grid, *coarser_grids(grid))
    found: list[Array] = []
    noise = np.zeros((*grid.shape, grid.dim))
    for mesh in meshes:
        same = mesh == grid and isinstance(solution.flux, ExponentiallyFitted)
        try:
            law = solution.plain if same else eliminated(equation, mesh).values
        except NoStationaryDensity:
            break
        edges = FITTED.edges(equation, mesh)
        forward, back = edges.flows(law.ravel())
        found.append(carried_by(edges, forward - back))
        if mesh == grid:
            noise = NOISE * np.abs(carried_by(edges, forward + back, size=True))
    if len(found) < 2:
        return np.zeros_like(noise), np.full(noise.shape, np.inf)
    values, errors = np.zeros_like(noise), np.zeros_like(noise)
    for axis in range(grid.dim):
        levels = [one[..., axis] for one in found]
        answer = answer_of(levels, meshes[: len(found)], grid, solution.largest_peclet)
        values[..., axis], errors[..., axis] = replace(answer, cut=0.0).extrapolated(None)
    return values, (SPACE if grid.dim > 2 else 1.0) * errors + noise


def carried_by(edges: Edges, net: Array, *, size: bool = False) -> Array:
    """What flows `net` (m,) along edges make at the centres, shape (*grid.shape, d); with `size` without signs."""
    grid = edges.grid
    moved = net[:, None] * (np.abs(edges.steps) if size else edges.steps) * grid.spacing / 2
    current = np.zeros((grid.size, grid.dim))
    np.add.at(current, edges.sources, moved)
    np.add.at(current, edges.targets, moved)
    return current.reshape(*grid.shape, grid.dim)
