"""The stationary law of the centred flux, by a sparse LU factorisation and deferred correction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from theory.arrays import Array
from theory.density import Density
from theory.equation import Equation
from theory.fokker_planck.generator.fluxes import Centred
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.laws import NoStationaryDensity
from theory.fokker_planck.plane.correction import Corrected, corrected
from theory.fokker_planck.plane.mesh import coarser_grids, converge, interpolated, total_variation
from theory.fokker_planck.plane.null_vector import SignedNullVector
from theory.fokker_planck.plane.refusals import mesh_error, refuse_walls
from theory.fokker_planck.plane.solution import StationarySolution
from theory.grid import Grid

LARGEST_STEP = 0.1  # total variation that corrections may move a law
LEAST_SHIFT = 1.5  # to the half grid over that step; 3 at second order, less where a mass follows the mesh


def centred_law(equation: Equation, grid: Grid, flux: Centred, peclet: float) -> StationarySolution:
    """The law of the centred flux, of sixth order where the grid resolves it and its negative mass allows it.

    Corrected with the factors of the second-order matrix. Where corrections do not settle, do not fit the shifts
    to grids of a half and a quarter of the cells, or bring in too much negative mass, the law stays of second
    order with an error from these shifts. Negative values of a mass within the bound give way to those of second
    order where these are positive, else to 0; that mass is reported and part of the error.

    Raises
    ------
    NoStationaryDensity
        If the LU factorisation does not give one law, the negative mass exceeds the bound, or the law is largest
        on a wall or moves with the mesh. ``error.density`` holds the positive part of the plain solution.
    """
    null = SignedNullVector(build_generator(equation, grid, flux))
    values = plain = null.vector.reshape(grid.shape) / grid.cell_volume
    law = _positive(plain, grid, None)
    refuse_walls(law)
    shifts = _shifts(equation, grid, flux, plain)
    error: float | None
    better = corrected(equation, grid, plain, null.solve) if converge(shifts) else None
    if better is not None and _trusted(better, shifts[0], grid, flux.largest_negative_mass):
        values, error = better.values, better.error
    else:
        better, error = None, mesh_error(law, shifts)
    negative = _negative(values, grid)
    if negative > flux.largest_negative_mass:
        raise NoStationaryDensity(
            f"the centred flux leaves a negative mass of {negative:.2g}, more than "
            f"{flux.largest_negative_mass:.2g}: the grid does not resolve the density; refine it or take "
            "ExponentiallyFitted()",
            density=law,
        )
    law = _positive(np.where(values > 0, values, plain), grid, None)  # in tails second order may keep the sign
    return StationarySolution(
        density=replace(law, error=None if error is None else error + negative),
        flux=flux,
        reason="asked for",
        order=2 if better is None else 6,
        largest_peclet=peclet,
        negative_mass=negative,
        unscaled_mass=1.0,
        plain=plain,
    )


def _trusted(law: Corrected, shift: float, grid: Grid, largest_negative_mass: float) -> bool:
    """Whether the step to the corrected law is that from second order, and its negative mass within the bound."""
    resolved = law.step <= LARGEST_STEP and shift >= LEAST_SHIFT * law.step
    return resolved and _negative(law.values, grid) <= largest_negative_mass


def _shifts(equation: Equation, grid: Grid, flux: Centred, plain: Array) -> list[float]:
    """Total variation from `plain` to the law on the half grid, and from that to the quarter grid."""
    shifts = []
    for mesh in coarser_grids(grid):
        coarse = SignedNullVector(build_generator(equation, mesh, flux)).vector.reshape(mesh.shape)
        coarse = coarse / mesh.cell_volume
        shifts.append(total_variation(plain, interpolated(coarse, mesh, grid), grid))
        grid, plain = mesh, coarse
    return shifts


def _negative(values: Array, grid: Grid) -> float:
    return float(np.maximum(-values, 0.0).sum()) * grid.cell_volume


def _positive(values: Array, grid: Grid, error: float | None) -> Density:
    """The law nearest in total variation that keeps the ratios of the positive values."""
    return Density.normalised(grid, np.maximum(values, 0.0), error)
