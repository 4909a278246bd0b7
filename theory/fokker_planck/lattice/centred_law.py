"""The stationary law of the centred flux, by a sparse LU factorisation and deferred correction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from theory.base.arrays import Array, Booleans
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import Centred, build_generator
from theory.fokker_planck.lattice.correction import Corrected, corrected
from theory.fokker_planck.lattice.refusals import mesh_error, refuse_walls, remedy
from theory.fokker_planck.lattice.solution import StationarySolution
from theory.fokker_planck.meshes import coarser_grids, converge, interpolated, variation_of_values
from theory.laws import Density, Grid, NoStationaryDensity
from theory.markov.null_vector import SignedNullVector

LARGEST_STEP = 0.1  # total variation that corrections may move a law
LEAST_SHIFT = 1.5  # to the half grid over that step; 3 at second order, less where a mass follows the mesh


class CentredLaws:
    """Null vectors of one centred flux of one equation on a grid and on coarser ones, each solved once."""

    def __init__(self, equation: Equation, flux: Centred, walls: Booleans | None = None) -> None:
        self.equation = equation
        self.flux = flux
        self.walls = walls  # that were asked for
        self.on = cache(lambda grid: SignedNullVector(build_generator(equation, grid, flux)))

    def values_on(self, grid: Grid) -> Array:
        """The law as density values, which may be negative."""
        return self.on(grid).vector.reshape(grid.shape) / grid.cell_volume


def centred_law(solved: CentredLaws, grid: Grid, peclet: float) -> StationarySolution:
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
    flux, grids = solved.flux, (grid, *coarser_grids(grid))
    *_, values = laws = [solved.values_on(mesh) for mesh in grids[::-1]]  # coarse ones first: they may refuse
    plain = values
    law = _positive(plain, grid, None)
    refuse_walls(law, solved.walls)
    shifts = _shifts(laws[::-1], grids)
    error: float | None
    better = corrected(solved.equation, grid, plain, solved.on(grid).solve) if converge(shifts) else None
    if better is not None and _trusted(better, shifts[0], grid, flux.largest_negative_mass):
        values, error = better.values, better.error
    else:
        better, error = None, mesh_error(law, shifts, lambda: remedy(solved.equation, law, peclet))
    negative = _negative(values, grid)
    if negative > flux.largest_negative_mass:
        raise NoStationaryDensity(
            f"the centred flux leaves a negative mass of {negative:.2g}, more than "
            f"{flux.largest_negative_mass:.2g}: the grid does not resolve the density; refine it",
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


def _shifts(laws: Sequence[Array], grids: Sequence[Grid]) -> list[float]:
    """Total variation from the law on each of the `grids` to that on the next, coarser one."""
    return [
        variation_of_values(laws[k], interpolated(laws[k + 1], grids[k + 1], grids[k]), grids[k])
        for k in range(len(laws) - 1)
    ]


def _negative(values: Array, grid: Grid) -> float:
    return float(np.maximum(-values, 0.0).sum()) * grid.cell_volume


def _positive(values: Array, grid: Grid, error: float | None) -> Density:
    """The law nearest in total variation that keeps the ratios of the positive values."""
    return Density.normalised(grid, np.maximum(values, 0.0), error, cell_averages=False)
