"""The Fokker-Planck equation of a Langevin equation on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from scipy.sparse import csc_array

from theory.base.arrays import Array
from theory.base.errors import require
from theory.base.estimate import Estimate
from theory.base.showing import told
from theory.equations import Langevin, Underdamped
from theory.equations.contract import try_equation
from theory.fokker_planck.currents import Current, current_of, entropy_production
from theory.fokker_planck.derivatives import EquationAt, Observable, checked_sensitivity
from theory.fokker_planck.evolution import laws_in_time, shares_in_time
from theory.fokker_planck.generator import check_periodic, check_stencils
from theory.fokker_planck.lattice import (
    NumericalDiffusion,
    StationarySolution,
    limit_law_lattice,
    numerical_diffusion,
    solve_stationary,
)
from theory.fokker_planck.line import SolvedLine, limit_law_line, solved_line, stationary_line
from theory.fokker_planck.passages import committor, passage_time, quasi_stationary, walk_until
from theory.fokker_planck.spectrum import relaxation_spectrum
from theory.laws import (
    Density,
    Field,
    Grid,
    LimitLaw,
    NoStationaryDensity,
    PassageTime,
    QuasiStationary,
    SurvivalCurve,
)
from theory.laws.boundary import Asked, absorbing, asked_walls, sides_of, with_walls
from theory.laws.region import Region, Where
from theory.markov import Spectrum


class FokkerPlanck:
    """dp/dt = -div(b p - div(D p)) for the Ito drift b and the tensor D of `sde`, on `grid`.

    A region, such as a target or a basin, is a function from points (n, d) to flags (n,), which puts its boundary
    anywhere between the cells, or a mask of shape `grid.shape`, whose boundary runs along their faces.

    Parameters
    ----------
    sde
        The Langevin equation, in any of its readings, or the underdamped one of one coordinate (q, p).
    grid
        The grid; its periodic axes are periodic here too.
    boundary
        `Reflecting()`, `Absorbing()` or `Periodic()` for all sides, or a tuple with one for each axis, or with a
        pair (lower, upper side) for an axis. By default the ends of an axis reflect unless it is periodic, but a
        law that rests on them is refused; not so one that rests on walls that are asked for.

    Raises
    ------
    InputError
        If the dimensions differ, the boundary contradicts the grid, a coefficient jumps across a periodic side, or
        the grid is too coarse for the stencils of the tensor.
    """

    def __init__(self, sde: Langevin | Underdamped, grid: Grid, boundary: Asked = None) -> None:
        require(sde.dim == grid.dim, f"equation and grid must have one dimension, got {sde.dim} and {grid.dim}")
        try_equation(sde, grid.centers.reshape(-1, grid.dim))
        self.sde, self.grid = sde, grid
        self.boundary = sides_of(grid, boundary)
        self._open, self._walls = absorbing(self.boundary), asked_walls(grid, boundary)
        check_periodic(sde, grid)
        if grid.dim > 1:
            check_stencils(sde.tensor(grid.centers), grid)

    def __repr__(self) -> str:
        sides = [lower if lower == upper else (lower, upper) for lower, upper in self.boundary]
        return told("FokkerPlanck", sde=self.sde, grid=self.grid, boundary=tuple(sides))

    @cached_property
    def generator(self) -> csc_array:
        """The rate matrix of cell masses: off-diagonal entries >= 0, columns sum to 0.

        With absorbing sides columns of cells that walkers leave through them sum to less. Rates over points that
        walkers never pass are left out.
        """
        return walk_until(self.sde, self.grid, self._open).generator

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
        self._refuse_open_sides()
        return solve_stationary(self.sde, self.grid, walls=self._walls)

    @cached_property
    def _line(self) -> SolvedLine:
        return solved_line(self.sde, self.grid)

    def stationary(self) -> Density:
        """The unique stationary density at the cell centres; as averages over the cells where it is infinite.

        In 1-D by quadrature of the zero-flux equation in logarithms, exact to rounding. Beyond, the null vector
        of a rate matrix by elimination without subtraction, extrapolated from coarser grids, or a centred flux
        where drift rules; `solution` says which. `Density.error`: refinement, and reading masses from centres.

        Raises
        ------
        InputError
            If a coefficient is not valid on the grid.
        NoStationaryDensity
            If the law is not unique, has no density, rests on the ends of the grid, moves with the mesh, or a side
            is absorbing; `error.reason` says which.
        """
        self._refuse_open_sides()
        if self.grid.dim == 1:
            return stationary_line(self.sde, self.grid, self._walls, self._line)
        return with_walls(self._walls, self.solution.law)

    def sensitivity(
        self, observable: Observable, equation_at: EquationAt, parameter: float, step: float | None = None
    ) -> Estimate:
        """d<f>/da of the stationary law, with its error: a is a parameter, and `equation_at(parameter)` is `sde`.

        `step` is that of its differences in the parameter. As `stationary_sensitivity`, after the checks of
        `stationary`; it goes on beyond sides nobody asked for.

        Raises
        ------
        InputError
            If `equation_at(parameter)` is another equation, or no flux resolves the law on this grid.
        NoStationaryDensity
            As `stationary`.
        """
        self.stationary()
        found, walls = self.solution if self.grid.dim > 1 else None, self._walls
        return checked_sensitivity(self.sde, found, walls, equation_at, parameter, self.grid, observable, step)

    def limit_law(self, initial: Density) -> LimitLaw:
        """The law at infinite time from `initial`: recurrent classes with their weights, point masses included.

        Points that walkers never pass part the grid, found where noise and drift vanish between the centres; the
        mass on each side stays there; what starts between classes is shared by the probabilities to end in them.

        Raises
        ------
        InputError
            If `initial` lives on another grid, or a coefficient is not valid on it.
        NoStationaryDensity
            If mass spreads without a limit, collapses onto a curve, sits on the walls, or moves with the mesh.
        """
        self._require_here(initial, "initial")
        self._refuse_open_sides()
        if self.grid.dim == 1:
            return limit_law_line(self.sde, self.grid, initial, self._walls, self._line)
        return limit_law_lattice(self.sde, self.grid, initial, self._walls)

    def evolve(self, initial: Density, times: Sequence[float] | Array) -> tuple[Density, ...]:
        """The laws at increasing `times` from `initial`, positive and of mass 1, as it at centres or as averages.

        `times` has shape (times,). By the fitted flux or central differences, sharp where drift rules: the smaller
        error decides. With absorbing sides, of walkers still there. Points that walkers never pass are not passed.

        Raises
        ------
        InputError
            If `initial` lives on another grid, the times do not increase from 0 on, or nobody is left.
        """
        self._require_here(initial, "initial")
        laws = laws_in_time(self.sde, self.grid, self._open, initial, times)
        return tuple(with_walls(self._walls, law) for law in laws)

    def survival(
        self, initial: Density, times: Sequence[float] | Array, target: Where | None = None
    ) -> SurvivalCurve:
        """Probability that walkers from `initial` have met neither `target` nor an absorbing side, with its error.

        At times of shape (times,); second order in the spacing, first where drift rules, as the error is.

        Raises
        ------
        InputError
            As `evolve` and `mean_first_passage_time`.
        """
        self._require_here(initial, "initial")
        return shares_in_time(self.sde, self.grid, self._open, initial, times, self._ends(target, "target"))

    def spectrum(self, k: int) -> Spectrum:
        """The `k` eigenvalues nearest 0, of fourth order where meshes converge, with errors and modes.

        The error of one that follows the mesh, such as a rate over a point that walkers never pass, is infinite.

        Raises
        ------
        InputError
            If k is out of range or the iteration does not settle.
        """
        return relaxation_spectrum(self.sde, self.grid, self._open, k)

    def mean_first_passage_time(self, target: Where | None = None) -> PassageTime:
        """Mean and standard deviation of the time until walkers meet `target` or an absorbing side.

        From every cell centre, with errors; `.mean.at(w)` gives it between them. Exact to rounding on a line where
        the noise does not vanish, else of fourth order; over barriers of 300 temperatures and more.

        Raises
        ------
        InputError
            If the target is empty, everything or out of reach, or times are beyond floats or follow the mesh.
        """
        return passage_time(self.sde, self.grid, self._open, self._ends(target, "target"))

    def committor(self, a: Where, b: Where) -> Field:
        """Probability to meet `b` before `a` or an absorbing side, from every cell centre, with its error.

        Raises
        ------
        InputError
            If a set is empty, they overlap, neither can be reached, or the answer follows the mesh.
        """
        regions = [*self._ends(a, "a"), *self._ends(b, "b")]
        both = int(np.count_nonzero(regions[0].cells(self.grid) & regions[1].cells(self.grid)))
        require(both == 0, f"`a` and `b` must not overlap, got {both} cells in both; shrink one")
        return committor(self.sde, self.grid, self._open, *regions)

    def quasi_stationary(self, basin: Where | None = None) -> QuasiStationary:
        """The law that walkers keep while they stay in `basin`, `.density`, and the rate of leaving it, `.rate`.

        By default the basin is the grid, which walkers leave through absorbing sides.

        Raises
        ------
        InputError
            If the basin is empty, everything without an absorbing side, in pieces, or holds several wells.
        """
        return quasi_stationary(self.sde, self.grid, self._open, self._ends(basin, "basin", complement=True))

    def escape_rate(self, basin: Where | None = None) -> Estimate:
        """Rate at which walkers that have settled in `basin` leave it: a float with its `.error`.

        Raises `InputError` as `quasi_stationary`.
        """
        return self.quasi_stationary(basin).rate

    def numerical_diffusion(self) -> NumericalDiffusion:
        """The diffusion that upwinding adds where D loses rank. Raises `InputError` if a coefficient is wrong."""
        return numerical_diffusion(self.sde, self.grid)

    def current(self, density: Density) -> Current:
        """The current b p - div(D p) of `density` at the centres, (*grid.shape, d), with `.error`: `current_of`.

        Raises `InputError` if the density lives on another grid, or a side absorbs.
        """
        self._require_closed(density, "a current")
        return current_of(self.sde, density, lambda: self.solution).flowing_in(density)

    def entropy_production(self, density: Density) -> Estimate:
        """Entropy production a unit of time in the state `density`, with its error: 0 exactly if no current flows.

        Fourth order where the density is. Raises `InputError` as `current`.
        """
        self._require_closed(density, "entropy production")
        return entropy_production(self.sde, density)

    def _ends(self, where: Where | None, name: str, *, complement: bool = False) -> tuple[Region, ...]:
        """The region where a walk ends; none of its own where sides absorb and nothing else is asked for."""
        if where is None:
            needed = "must be given, or a side be Absorbing(), else walkers go on for ever; got neither"
            require(bool(self._open.any()), f"`{name}` {needed}")
            return ()
        region = Region(self.grid, where, name, complement)
        region.require_part(self.grid)
        return (region,)

    def _require_here(self, density: Density, name: str) -> None:
        require(density.grid == self.grid, f"`{name}` must live on {self.grid}, it lives on {density.grid}")

    def _require_closed(self, density: Density, what: str) -> None:
        self._require_here(density, "density")
        require(not self._open.any(), f"{what} needs sides without flux, got absorbing ones; make them reflecting")

    def _refuse_open_sides(self) -> None:
        if self._open.any():
            raise NoStationaryDensity(
                "no stationary density: walkers leave through absorbing sides; ask for the quasi-stationary law, "
                "or make the sides reflecting"
            )
