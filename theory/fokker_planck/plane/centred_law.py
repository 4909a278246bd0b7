"""The stationary law of the centred flux, by a sparse LU factorisation."""

from __future__ import annotations

import numpy as np

from theory.arrays import Array
from theory.density import Density
from theory.equation import Equation
from theory.fokker_planck.generator.fluxes import Centred
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.laws import NoStationaryDensity
from theory.fokker_planck.plane.mesh import (
    best_order,
    coarser_grids,
    converge,
    extrapolated,
    interpolated,
    total_variation,
)
from theory.fokker_planck.plane.null_vector import signed_null_vector
from theory.fokker_planck.plane.refusals import mesh_error, refuse_walls
from theory.fokker_planck.plane.solution import StationarySolution
from theory.grid import Grid


def centred_law(equation: Equation, grid: Grid, flux: Centred, peclet: float) -> StationarySolution:
    """The law of the centred flux, of sixth order where meshes converge and the bound on negative mass allows it.

    Extrapolated in p, which may be negative, and divided by its mass, which splines change. Negative values of a
    mass within the bound are set to 0 and the others scaled; that mass is reported and part of the error.

    Raises
    ------
    NoStationaryDensity
        If the LU factorisation does not give one law, the negative mass exceeds the bound, or the law is largest
        on a wall or moves with the mesh. ``error.density`` holds the positive part of the plain solution.
    """
    grids = (grid, *coarser_grids(grid))
    laws = [
        signed_null_vector(build_generator(equation, mesh, flux)).reshape(mesh.shape) / mesh.cell_volume
        for mesh in grids
    ]
    shifts = [
        total_variation(laws[k], interpolated(laws[k + 1], grids[k + 1], grids[k]), grids[k])
        for k in range(len(laws) - 1)
    ]
    found = extrapolated(laws, grids) if converge(shifts) else laws[:1]
    masses = [float(one.sum()) * grid.cell_volume for one in found]
    orders = [one / mass for one, mass in zip(found, masses, strict=True)]
    negative = [float(np.maximum(-one, 0.0).sum()) * grid.cell_volume for one in orders]
    plain = _positive(orders[0], grid, None)
    refuse_walls(plain)
    error = mesh_error(plain, shifts)
    best, error = best_order(orders, grid, error) if len(orders) > 1 else (0, error)
    while best > 0 and negative[best] > flux.largest_negative_mass:  # coarse meshes may bring in what is negative
        error = max(error or 0.0, 2 * total_variation(orders[best], orders[best - 1], grid))
        best -= 1
    if negative[best] > flux.largest_negative_mass:
        raise NoStationaryDensity(
            f"the centred flux leaves a negative mass of {negative[best]:.2g}, more than "
            f"{flux.largest_negative_mass:.2g}: the grid does not resolve the density; refine it or take "
            "ExponentiallyFitted()",
            density=plain,
        )
    return StationarySolution(
        density=_positive(orders[best], grid, None if error is None else error + negative[best]),
        flux=flux,
        reason="asked for",
        order=2 * (best + 1),
        largest_peclet=peclet,
        negative_mass=negative[best],
        unscaled_mass=masses[best],
        plain=laws[0],
    )


def _positive(values: Array, grid: Grid, error: float | None) -> Density:
    """The law nearest in total variation that keeps the ratios of the positive values."""
    return Density.normalised(grid, np.maximum(values, 0.0), error)
