"""The Fokker-Planck equation of a Langevin equation on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy.sparse import csc_array

from theory.arrays import Array, Integers
from theory.density import Density
from theory.errors import require
from theory.fokker_planck.boundary import Boundary, Periodic, Reflecting
from theory.fokker_planck.current import entropy_production, probability_current
from theory.fokker_planck.dynamics.evolution import evolve
from theory.fokker_planck.dynamics.spectrum import Spectrum, spectrum
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.laws import DensityClass, LimitLaw
from theory.fokker_planck.line.stationary import limit_law_line, stationary_line
from theory.fokker_planck.plane.solution import StationarySolution
from theory.fokker_planck.plane.stationary import solve_stationary
from theory.grid import Grid
from theory.langevin import Langevin


class FokkerPlanck:
    """dp/dt = -div(b p - div(D p)) for the Ito drift b and the tensor D of `sde`, on `grid`.

    Parameters
    ----------
    sde
        The Langevin equation, in any of its readings.
    grid
        The grid; its periodic axes are periodic here too.
    boundary
        `Reflecting()` or `Periodic()` for all axes, or one for each; by default what the grid says.

    Raises
    ------
    InputError
        If the dimensions differ, or the boundary contradicts the grid.
    """

    def __init__(self, sde: Langevin, grid: Grid, boundary: Boundary | tuple[Boundary, ...] | None = None) -> None:
        require(sde.dim == grid.dim, f"equation and grid must have one dimension, got {sde.dim} and {grid.dim}")
        self.sde = sde
        self.grid = grid
        self.boundary = _checked_boundary(grid, boundary)

    @cached_property
    def generator(self) -> csc_array:
        """The rate matrix of cell masses: columns sum to 0, off-diagonal entries >= 0."""
        return build_generator(self.sde, self.grid)

    @cached_property
    def solution(self) -> StationarySolution:
        """The stationary law in two and three dimensions with the record of flux, order and mass.

        Raises
        ------
        InputError
            In one dimension, where there is nothing to choose.
        NoStationaryDensity
            As `stationary`.
        """
        require(self.grid.dim > 1, "a record of fluxes needs 2 or 3 dimensions, got 1; take `stationary`")
        return solve_stationary(self.sde, self.grid)

    def stationary(self) -> Density:
        """The unique stationary density at the cell centres.

        In 1-D by quadrature of the zero-flux equation in logarithms, exact to rounding. Beyond, the null vector
        of a rate matrix by elimination without subtraction, extrapolated from grids of a half and a quarter of the
        cells (fourth order or better), with a centred flux where drift rules; `solution` says what was done.
        `Density.error` is the refinement error.

        Raises
        ------
        NoStationaryDensity
            If the law is not unique, has no density, sits on the walls, or moves with the mesh; `error.reason`
            says which, with the figures.
        """
        return stationary_line(self.sde, self.grid) if self.grid.dim == 1 else self.solution.density

    def limit_law(self, initial: Density) -> LimitLaw:
        """The law at infinite time from `initial`: recurrent classes with their weights, point masses included.

        Raises
        ------
        NoStationaryDensity
            In 2-D, if there is no unique stationary density; in 1-D, if mass spreads without a limit.
        """
        require(initial.grid == self.grid, f"`initial` must live on {self.grid}, it lives on {initial.grid}")
        if self.grid.dim == 1:
            return limit_law_line(self.sde, self.grid, initial)
        return LimitLaw(self.grid, (DensityClass(self.stationary(), "the grid"),), (1.0,))

    def evolve(self, initial: Density, times: Sequence[float] | Array) -> tuple[Density, ...]:
        """The laws at increasing `times` from `initial`: positive and of mass 1, within 1e-8 of exp(t G).

        Second order in the spacing; `Density.error` is None, since the mesh is not refined. Where noise vanishes
        the grid leaks through points that the equation never crosses: prefer `limit_law`.

        Raises
        ------
        InputError
            If `initial` lives on another grid or the times do not increase from 0 on.
        """
        require(initial.grid == self.grid, f"`initial` must live on {self.grid}, it lives on {initial.grid}")
        laws = evolve(self.generator, self._positions, initial.probabilities.ravel(), times)
        return tuple(Density(self.grid, law.reshape(self.grid.shape) / self.grid.cell_volume) for law in laws)

    def spectrum(self, k: int) -> Spectrum:
        """The `k` eigenvalues of the generator nearest 0 with their modes, of second order in the spacing."""
        return spectrum(self.generator, self._positions, k)

    def current(self, density: Density) -> Array:
        """The probability current b p - div(D p) of `density` at the cell centres, shape (*grid.shape, d)."""
        require(density.grid == self.grid, f"`density` must live on {self.grid}, it lives on {density.grid}")
        return probability_current(self.sde, self.grid, density.values)

    def entropy_production(self, density: Density) -> float:
        """Entropy production a unit of time in the state `density`: 0 if and only if no current flows."""
        require(density.grid == self.grid, f"`density` must live on {self.grid}, it lives on {density.grid}")
        return entropy_production(self.sde, density)

    @property
    def _positions(self) -> Integers:
        """Lattice index of each cell, shape (cells, d)."""
        return np.stack(np.unravel_index(np.arange(self.grid.size), self.grid.shape), axis=-1)


def _checked_boundary(grid: Grid, boundary: Boundary | tuple[Boundary, ...] | None) -> tuple[Boundary, ...]:
    natural: tuple[Boundary, ...] = tuple(Periodic() if p else Reflecting() for p in grid.periodic)
    if boundary is None:
        return natural
    asked = boundary if isinstance(boundary, tuple) else (boundary,) * grid.dim
    require(
        asked == natural,
        f"`boundary` must agree with the grid, got {asked} on axes periodic {grid.periodic}; "
        "say Grid(..., periodic=...)",
    )
    return natural
