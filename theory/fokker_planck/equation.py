"""The Fokker-Planck equation of a Langevin equation on a grid."""

from __future__ import annotations

from functools import cached_property

from scipy.sparse import csc_array

from theory.density import Density
from theory.errors import require
from theory.fokker_planck.boundary import Boundary, Periodic, Reflecting
from theory.fokker_planck.generator import build_generator
from theory.fokker_planck.laws import DensityClass, LimitLaw
from theory.fokker_planck.line import limit_law_line, stationary_line
from theory.fokker_planck.plane import stationary_plane
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

    def stationary(self) -> Density:
        """The unique stationary density.

        In 1-D by quadrature of the zero-flux equation in logarithms, exact to rounding at the centres; beyond, the
        null vector of `generator` by elimination without subtraction, of second order. `Density.error` is the
        refinement error.

        Raises
        ------
        NoStationaryDensity
            If the law is not unique, has no density, sits on the walls, or moves with the mesh; `error.reason`
            says which, with the figures.
        """
        return (
            stationary_line(self.sde, self.grid) if self.grid.dim == 1 else stationary_plane(self.sde, self.grid)
        )

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
