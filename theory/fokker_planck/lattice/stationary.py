"""The stationary law of a Fokker-Planck equation with a full diffusion tensor on a grid."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np

from theory.base.arrays import Booleans
from theory.base.errors import require
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import Centred, ExponentiallyFitted, Flux, Remembered
from theory.fokker_planck.lattice.added_diffusion import numerical_diffusion
from theory.fokker_planck.lattice.centred_law import CentredLaws, centred_law
from theory.fokker_planck.lattice.fitted_law import LawsOnMeshes, fitted_law
from theory.fokker_planck.lattice.gated_law import gated_law, is_gated, refuse_moved
from theory.fokker_planck.lattice.leakage import leaks, refuse_leaks
from theory.fokker_planck.lattice.refusals import HOPELESS_PECLET, LARGEST_SHIFT, refuse_lost_rank, refuse_walls
from theory.fokker_planck.lattice.solution import StationarySolution
from theory.fokker_planck.meshes import FEWEST_HALVED_CELLS, coarser_grids, variation_of_values
from theory.laws import Density, Grid, NoStationaryDensity

TRIED_PECLET = 0.5  # above it the centred flux may be the sharper one
SMALL_ERROR = 1e-5  # of the centred law, below which the fitted one is not tried
FAIR_ERROR = 1e-3  # of the fitted law, below which the centred one is not tried where half the cells refuse it
MOST_IN_SPACE = 30_000  # cells that LU factorises in space where the fitted flux is of first order
SAFETY = 2.0  # of the step between two orders where the noise changes: misses were up to 1.5 of it
MOST_CHECKED = 2500  # cells of a plane: there bends of the noise and peaks may be narrower than a cell
CHANGED = 1.5  # largest total noise over the smallest from which it does
NEAREST_NEIGHBOURS = Centred(longest_step=1)  # whose rough modes corrections damp


def stationary_lattice(
    equation: Equation, grid: Grid, flux: Flux | None = None, *, walls: Booleans | None = None
) -> Density:
    """Stationary density at the cell centres, with its mesh error: the density of `solve_stationary`.

    Raises
    ------
    InputError, NoStationaryDensity
        As `solve_stationary`.
    """
    return solve_stationary(equation, grid, flux, walls=walls).density


def solve_stationary(
    equation: Equation, grid: Grid, flux: Flux | None = None, *, walls: Booleans | None = None
) -> StationarySolution:
    """Stationary density at the centres of `grid` and how it was found.

    The null vector of `build_generator`, of second order, is raised to sixth where the grid resolves the law. The
    fitted flux is solved by elimination without subtraction on `grid` and on grids of a half and a quarter of the
    cells and extrapolated in log p (Richardson), so that the answer is positive with a small relative error in
    every cell; the sixth order is taken where its correction is at most a quarter of that of the fourth. The
    centred flux is solved by LU and corrected with the same factors; negative values of a mass up to its bound are
    set to 0, reported, and counted in the error. Where the potential is known the answer is exp(-Phi) to rounding
    and nothing is extrapolated.

    Without a `flux` the fitted one is taken where the Peclet number is at most 1/2, in space 10, and nothing is
    upwinded for want of noise. Else it is the centred one between nearest neighbours if that comes to sixth order
    with a mesh error that is small or below the one the fitted flux has, or above the Peclet number 10; up to
    there it is not tried if it does not come to sixth order on half the cells and the fitted law has an error
    below 1e-3. In space it is tried on at most 30 000 cells, or above the Peclet number 10.

    `density.error`, in total variation, comes from the step from the fourth to the sixth order, twice where the
    noise changes over the grid, and there, up to 2500 cells of a plane, at least twice the distance of the masses
    to those on half the spacing. For plain second-order answers it is half of the shift to the half grid, more
    where shifts fall more slowly. Meshes do not show the error of upwinding: above the Peclet number 10 a fitted
    answer carries at least its distance to the centred one, and no error where `ExponentiallyFitted()` was asked
    for.

    Parameters
    ----------
    equation
        Coefficients of dw = b dt + sqrt(2 D) dW (Ito); dimension ``grid.dim`` <= 3.
    grid
        Sides reflect unless periodic.
    flux
        `ExponentiallyFitted()` or `Centred()`; by default the better one.
    walls
        Which sides were asked for as walls, shape (d, 2): there the density may be largest; by default none.

    Raises
    ------
    InputError
        If dimensions differ, or a coefficient is not finite, or D is not symmetric and positive semidefinite.
    NoStationaryDensity
        If D loses rank on an open set, the law is not unique, is largest on a wall, moves with the mesh, or its
        barriers exceed the floating point range; with `Centred()` also if its negative mass exceeds the bound.
        ``error.density`` holds what was computed, if anything.

    References
    ----------
    Grassmann, Taksar & Heyman (1985); Bonnans, Bonnet & Mirebeau (2022); Richardson (1911);
    Stetter (1978).
    """
    require(
        equation.dim == grid.dim <= 3,
        f"the equation and the grid must have one dimension, at most 3, got {equation.dim} and {grid.dim}",
    )
    equation = Remembered(equation)
    refuse_lost_rank(equation, grid)
    refuse_leaks(equation, grid)
    solved = LawsOnMeshes(equation, walls)
    gated = _behind_gates(solved, grid) if flux is None else None
    return gated if gated is not None else _known(_solve(solved, grid, flux), grid)


def _solve(solved: LawsOnMeshes, grid: Grid, flux: Flux | None) -> StationarySolution:
    """The solution with the error that successive meshes show."""
    equation = solved.equation
    if isinstance(flux, Centred):
        return centred_law(CentredLaws(equation, flux, solved.walls), grid, solved.peclet_on(grid))
    if flux is not None:
        return _unestimated(fitted_law(solved, grid, "asked for"))
    if equation.potential(grid.centers) is not None:
        return fitted_law(solved, grid, "the potential is known, and the fitted flux keeps exp(-Phi)")
    found = _better(solved, grid)
    noise = np.trace(equation.tensor(grid.centers), axis1=-2, axis2=-1)
    error = found.density.error
    if error is None or noise.max() <= CHANGED * noise.min():
        return found
    error = error if found.order == 2 else SAFETY * error
    if grid.dim == 2 and grid.size <= MOST_CHECKED:
        error = max(error, SAFETY * _distance_to_finer(solved, found.density))
    return replace(found, density=replace(found.density, error=min(error, 1.0)))


def _distance_to_finer(solved: LawsOnMeshes, law: Density) -> float:
    """Total variation of the masses from those on half the spacing, which shows what is narrower than a cell."""
    finer = _better(solved, law.grid.refined(2)).density.averaged().coarsen(2)
    return float(np.abs(law.averaged().probabilities - finer.probabilities).sum() / 2)


def _behind_gates(solved: LawsOnMeshes, grid: Grid) -> StationarySolution | None:
    """The solution behind gates that the drift crosses one way; None without them, or where drift rules."""
    equation = solved.equation
    if not is_gated(leaks(equation, grid)):
        return None
    try:
        peclet = solved.peclet_on(grid)
    except NoStationaryDensity:  # of a coarser grid
        peclet = 0.0
    law = gated_law(equation, grid) if peclet <= HOPELESS_PECLET else None
    if law is None:
        return None
    refuse_walls(law, solved.walls)
    refuse_moved(law, equation)
    reason = "the law lies behind gates; falls are integrated along each step, on meshes finer than the grid"
    return StationarySolution(law, ExponentiallyFitted(), reason, 2, peclet, 0.0, 1.0, law.values)


def _known(found: StationarySolution, grid: Grid) -> StationarySolution:
    """The solution without an error where meshes cannot show it: axes with few cells are not halved."""
    few = [n for n in grid.cells if n < FEWEST_HALVED_CELLS]
    if found.order is None or not few or found.density.error is None:
        return found
    least = FEWEST_HALVED_CELLS
    reason = f"{found.reason}; no error, as an axis of {min(few)} cells has no coarser mesh (from {least} on)"
    return replace(found, density=replace(found.density, error=None), reason=reason)


def _better(solved: LawsOnMeshes, grid: Grid) -> StationarySolution:
    """The flux with the smaller error; the fitted one is not solved on `grid` where coarser grids rule it out."""
    if solved.jump_on(grid):
        return fitted_law(solved, grid, "the drift jumps between cells, which central differences miss")
    try:
        peclet = solved.peclet_on(grid)
    except NoStationaryDensity:  # of a coarser grid: this one says its own reason
        peclet = 0.0
    upwinded = numerical_diffusion(solved.equation, grid).relative > 0
    if peclet <= TRIED_PECLET and not upwinded:
        return fitted_law(solved, grid, f"the Peclet number {peclet:.2g} is small")
    if grid.dim == 3 and (grid.size > MOST_IN_SPACE or not upwinded) and peclet <= HOPELESS_PECLET:
        return fitted_law(solved, grid, f"the Peclet number is {peclet:.2g}, and LU is slow in space")
    candidate = CentredLaws(solved.equation, NEAREST_NEIGHBOURS, solved.walls)
    if peclet <= HOPELESS_PECLET and (doubt := _doubt(candidate, grid, peclet)):
        with suppress(NoStationaryDensity):
            fitted = fitted_law(solved, grid, doubt)
            if fitted.density.error is not None and fitted.density.error <= FAIR_ERROR:
                return fitted
    try:
        centred = centred_law(candidate, grid, peclet)
    except NoStationaryDensity as refusal:
        fitted = fitted_law(solved, grid, f"the centred flux was refused: {refusal.reason}")
        return _doubted(fitted, refusal.density)
    if centred.order == 2 or centred.density.error is None:
        fitted = fitted_law(solved, grid, "the meshes of the centred flux do not converge")
        return _doubted(fitted, centred.density)
    if peclet > HOPELESS_PECLET:
        return replace(centred, reason=f"at the Peclet number {peclet:.2g} the fitted flux is upwinding")
    rough = _hoped_error(solved, coarser_grids(grid)[0]) / 16  # cheap: from the quarter grid
    if centred.density.error <= min(SMALL_ERROR, rough):
        error = f"{centred.density.error:.2g}"
        return replace(centred, reason=f"its mesh error {error} is small, at the Peclet number {peclet:.2g}")
    at_best = _hoped_error(solved, grid)
    if centred.density.error > at_best:
        try:
            fitted = fitted_law(solved, grid, "")
            at_best = np.inf if fitted.density.error is None else fitted.density.error
        except NoStationaryDensity:
            at_best = np.inf
        if centred.density.error > at_best:
            compared = f"its mesh error {at_best:.2g} is below {centred.density.error:.2g} of the centred flux"
            return replace(fitted, reason=compared)
    return replace(
        centred,
        reason=f"its mesh error {centred.density.error:.2g} is below {at_best:.2g} of the fitted flux, at the "
        f"Peclet number {peclet:.2g}",
    )


def _doubt(candidate: CentredLaws, grid: Grid, peclet: float) -> str:
    """Why the centred flux would not come to sixth order: what its half grid shows; empty where nothing does."""
    for half in coarser_grids(grid, 1):
        try:
            if centred_law(candidate, half, peclet).order != 6:
                return f"on half the cells the centred flux does not converge, at the Peclet number {peclet:.2g}"
        except NoStationaryDensity as refusal:
            return f"on half the cells the centred flux was refused: {refusal.reason}"
    return ""


def _unestimated(fitted: StationarySolution) -> StationarySolution:
    """The fitted solution without an error where its meshes do not show it."""
    peclet = fitted.largest_peclet
    if peclet <= HOPELESS_PECLET:
        return fitted
    reason = f"asked for; at the Peclet number {peclet:.2g} it is upwinding, whose error meshes do not show"
    return replace(fitted, density=replace(fitted.density, error=None), reason=reason)


def _doubted(fitted: StationarySolution, other: Density | None) -> StationarySolution:
    """The fitted solution with at least the distance to the `other` flux as its error, where drift dominates.

    Upwinding may stand still on successive meshes far from the answer, so that shifts do not show its error.
    """
    law, error = fitted.density, fitted.density.error
    if other is None or error is None or fitted.largest_peclet <= HOPELESS_PECLET:
        return fitted
    error = max(error, variation_of_values(law.values, other.values, law.grid))
    if error > LARGEST_SHIFT:
        raise NoStationaryDensity(
            f"the grid does not resolve the density: two fluxes differ by {error:.2g} in total variation at the "
            f"Peclet number {fitted.largest_peclet:.2g}; refine the grid",
            density=law,
        )
    return replace(fitted, density=replace(law, error=error))


def _hoped_error(solved: LawsOnMeshes, grid: Grid) -> float:
    """What the fitted error on the half grid falls to at its order; infinite where there is no law."""
    half = coarser_grids(grid)[0]
    try:
        fitted = fitted_law(solved, half, "")
    except NoStationaryDensity:
        return np.inf
    error = fitted.density.error
    return np.inf if error is None else error / (2 if fitted.order == 1 else 16)
