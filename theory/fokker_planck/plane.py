"""The stationary law of a Fokker-Planck equation with a full diffusion tensor on a grid."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.interpolate import make_interp_spline

from theory.arrays import Booleans, Integers
from theory.density import Density
from theory.errors import require
from theory.fokker_planck.elimination import stationary_vector
from theory.fokker_planck.generator import (
    RANK_TOLERANCE,
    Equation,
    build_generator,
    carrying_drift,
    recurrent_classes,
)
from theory.fokker_planck.laws import DensityClass, NoStationaryDensity
from theory.fokker_planck.selling import check_tensor
from theory.grid import Grid

LARGEST_SHIFT = 0.5  # total variation between two meshes beyond which neither is believed
SETTLED_SHIFT = 0.02  # below it a slow approach is accepted
SLOWEST_RATIO = 0.8  # of successive shifts: 1/4 is second order, 1 a mass that follows the mesh
FEWEST_CELLS = 8  # axes with fewer are not halved


def stationary_plane(equation: Equation, grid: Grid) -> Density:
    """Stationary density at the cell centres, with its mesh error in total variation.

    Null vector of `build_generator` by elimination without subtraction: positive on every grid, with a small
    relative error in every cell. Second order in the spacing; where the potential is known it is exp(-Phi) to
    rounding. The error compares with grids of a half and a quarter of the cells along each axis: a third of the
    shift from the half grid, more where the shifts fall more slowly than at second order.

    Parameters
    ----------
    equation
        Coefficients of dw = b dt + sqrt(2 D) dW (Ito); dimension ``grid.dim`` <= 3.
    grid
        Sides reflect unless periodic.

    Raises
    ------
    InputError
        If dimensions differ, or a coefficient is not finite, or D is not symmetric and positive semidefinite.
    NoStationaryDensity
        If D loses rank on an open set, the law is not unique, is largest on a wall, moves with the mesh, or its
        barriers exceed the floating point range. ``error.density`` holds what was computed, if anything.

    References
    ----------
    Grassmann, Taksar & Heyman (1985); Bonnans, Bonnet & Mirebeau (2022).
    """
    require(
        equation.dim == grid.dim <= 3,
        f"the equation and the grid must have one dimension, at most 3, got {equation.dim} and {grid.dim}",
    )
    _refuse_lost_rank(equation, grid)
    law = _solve(equation, grid)
    _refuse_walls(law)
    shifts = []
    finer = law
    for _ in range(2):
        coarse = _halved(finer.grid)
        if coarse == finer.grid:
            break
        coarser = _solve(equation, coarse)
        shifts.append(_shift(finer, coarser))
        finer = coarser
    return Density(grid, law.values, _mesh_error(law, shifts))


def _solve(equation: Equation, grid: Grid) -> Density:
    """The stationary law on this grid alone; states that only leak into the recurrent class have none of it."""
    generator = build_generator(equation, grid)
    cells = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)

    def law(states: Integers) -> Density:
        values = np.zeros(grid.size)
        values[states] = stationary_vector(generator[:, states].tocsr()[states].tocsc(), cells[states])
        return Density(grid, values.reshape(grid.shape) / grid.cell_volume)

    classes = recurrent_classes(generator)
    if len(classes) == 1:
        return law(classes[0])
    regions = [_region(grid, cells[states]) for states in classes[:4]]
    raise NoStationaryDensity(
        f"the stationary law is not unique: {len(classes)} recurrent classes on the {_size(grid)} grid, in "
        f"{', '.join(regions)}{' ...' if len(classes) > 4 else ''}; ask for the limit law from an initial density",
        classes=[DensityClass(law(s), region) for s, region in zip(classes, regions, strict=False)],
    )


def _refuse_lost_rank(equation: Equation, grid: Grid) -> None:
    """Raise where the noise misses a direction on whole blocks of cells; single cells are left to the mesh."""
    tensor = equation.tensor(grid.centers)
    check_tensor(tensor, grid)
    eigenvalues, frames = np.linalg.eigh(tensor)
    seen = eigenvalues > RANK_TOLERANCE * np.maximum(eigenvalues[..., -1:], np.finfo(float).tiny)
    lost = ~seen.all(axis=-1)
    if not _has_block(lost):
        return
    carried = np.einsum("...ji,...j->...i", frames, carrying_drift(equation, grid))  # along the eigenvectors
    missed = np.linalg.norm(np.where(seen, 0.0, carried), axis=-1)[lost]
    across = missed > 1e-8 * np.linalg.norm(carried, axis=-1)[lost]
    rank = int(seen[lost].sum(axis=-1).max())
    if across.any():
        consequence = (
            f"the drift b - div D leaves its range on {across.mean():.0%} of these, and a grid would replace the "
            "missing noise by its own; sample paths or add noise in every direction"
        )
    else:
        consequence = (
            "the drift b - div D lies in its range, so that walkers stay on the integral curves of the range and "
            "the law depends on the start; sample paths, ask for the limit law, or add noise in every direction"
        )
    raise NoStationaryDensity(
        f"no unique stationary density: the diffusion tensor has rank {rank} of {grid.dim} on "
        f"{lost.mean():.0%} of the cells; {consequence}"
    )


def _has_block(mask: Booleans) -> bool:
    """Whether `mask` holds on a block of two cells along every axis that has as many."""
    blocks = sliding_window_view(mask, tuple(min(2, n) for n in mask.shape))
    return bool(blocks.all(axis=tuple(range(mask.ndim, blocks.ndim))).any())


def _refuse_walls(law: Density) -> None:
    """Raise where the density is largest on a reflecting side."""
    grid = law.grid
    wall = np.zeros(grid.shape, dtype=bool)
    for axis, (n, periodic) in enumerate(zip(grid.shape, grid.periodic, strict=True)):
        if n > 2 and not periodic:
            np.moveaxis(wall, axis, 0)[[0, -1]] = True
    if wall.any() and not wall.all() and law.values[wall].max() > (1 + 1e-9) * law.values[~wall].max():
        place = grid.centers[np.unravel_index(np.argmax(law.values), grid.shape)]
        raise NoStationaryDensity(
            f"the density is largest on a reflecting wall, at w = ({', '.join(f'{x:.4g}' for x in place)}), and "
            f"the wall cells hold {law.mass(wall):.2g} of the mass: the walls, not the equation, keep walkers in; "
            "widen the grid",
            density=law,
        )


def _mesh_error(law: Density, shifts: list[float]) -> float | None:
    """Error from the shifts to the half grid and from that to the quarter grid, or the refusal."""
    if not shifts:
        return None
    second_order = max((m / n) ** 2 for n, m in zip(law.grid.cells, _halved(law.grid).cells, strict=True) if m < n)
    ratio = shifts[0] / shifts[1] if len(shifts) > 1 and shifts[1] > 0 else second_order
    creeps = shifts[0] > SETTLED_SHIFT and SLOWEST_RATIO < ratio < 1 / SLOWEST_RATIO
    if shifts[0] > LARGEST_SHIFT or creeps:
        raise NoStationaryDensity(
            f"the density moves with the mesh: successive halvings of {_size(law.grid)} cells shift it by "
            f"{' and '.join(f'{shift:.2g}' for shift in shifts)} in total variation; refine the grid, or look for "
            "a point where the noise vanishes",
            density=law,
        )
    if ratio >= 1 / SLOWEST_RATIO:
        return shifts[0]  # the quarter grid resolves nothing and tells no order
    ratio = min(max(ratio, second_order), SLOWEST_RATIO)
    return shifts[0] * ratio / (1 - ratio)


def _halved(grid: Grid) -> Grid:
    """About half the cells along each axis; odd stays odd, so that a centre stays a centre."""
    cells = [n // 2 + (n // 2 - n) % 2 if n >= FEWEST_CELLS else n for n in grid.cells]
    return Grid(grid.lower, grid.upper, cells, grid.periodic)


def _shift(law: Density, coarse: Density) -> float:
    """Total variation between a law and one on fewer cells, brought there by cubic splines in log p.

    The interpolated values are not normalised again: that would hide a well between the cells.
    """
    grid = law.grid
    logs = np.log(np.maximum(coarse.values, 1e-300 * coarse.values.max()))
    for axis, (old, new) in enumerate(zip(coarse.grid.axes, grid.axes, strict=True)):
        if len(old) == len(new):
            continue
        if grid.periodic[axis]:
            old = np.append(old, old[0] + grid.upper[axis] - grid.lower[axis])
            logs = np.concatenate([logs, logs.take([0], axis)], axis)
            logs = make_interp_spline(old, logs, k=3, axis=axis, bc_type="periodic")(new)
        else:
            logs = make_interp_spline(old, logs, k=3, axis=axis)(new)
    with np.errstate(over="ignore"):
        return float(np.abs(law.values - np.exp(logs)).sum() * grid.cell_volume / 2)


def _size(grid: Grid) -> str:
    return " x ".join(map(str, grid.cells))


def _region(grid: Grid, cells: Integers) -> str:
    """The smallest box of cells that holds `cells`, in words."""
    ends = zip(grid.edges, cells.min(axis=0), cells.max(axis=0) + 1, strict=True)
    return " x ".join(f"({edges[low]:.4g}, {edges[high]:.4g})" for edges, low, high in ends)
