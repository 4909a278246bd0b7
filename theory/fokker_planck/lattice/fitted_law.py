"""The stationary law of the exponentially fitted flux, by elimination without subtraction."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np

from theory.base.arrays import Booleans, Integers
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import (
    ExponentiallyFitted,
    build_generator,
    falls,
    full_rank,
    has_jumps,
    selling_edges,
)
from theory.fokker_planck.lattice.added_diffusion import numerical_diffusion, refuse_numerical_law
from theory.fokker_planck.lattice.leakage import leaks, region
from theory.fokker_planck.lattice.refusals import exact_error, mesh_error, refuse_walls, remedy
from theory.fokker_planck.lattice.solution import StationarySolution
from theory.fokker_planck.meshes import (
    FALLING,
    best_order,
    coarsening,
    coarser_grids,
    converge,
    extrapolated,
    interpolated,
    variation_of_values,
)
from theory.laws import Density, DensityClass, Grid, NoStationaryDensity
from theory.markov import recurrent_classes, stationary_vector

FLOOR = 1e-300  # of the largest value: stands in for values that underflowed where logarithms are interpolated
BULK = 1e-3  # of the largest density: cells whose Peclet number matters
MOST_FINER = 60_000  # cells of a finer mesh that decides where coarser ones resolve nothing
FAIR_SHIFT = 0.1  # to the half grid: above it a finer mesh is not asked
SAFETY_OF_FIRST_ORDER = 1.5  # of the first-order error that doubled numerical diffusion shows


class LawsOnMeshes:
    """Laws of the fitted flux of one equation on a grid and on coarser ones, each solved once.

    Second order in the spacing; `fitted_law` makes the answer of them.
    """

    def __init__(self, equation: Equation, walls: Booleans | None = None) -> None:
        self.equation = equation
        self.walls = walls  # that were asked for
        self.on = cache(partial(eliminated, equation))
        self.jump_on = cache(partial(has_jumps, equation))
        self.peclet_on = cache(self._peclet_on)

    def _peclet_on(self, grid: Grid) -> float:
        """Largest |v.e| in the bulk on the quarter grid, scaled to this one."""
        mesh = (grid, *coarser_grids(grid))[-1]
        values = self.on(mesh).values.ravel()
        bulk = values >= BULK * values.max()
        edges = selling_edges(self.equation, mesh)
        inside = bulk[edges.sources] & bulk[edges.targets]
        largest = float(np.abs(falls(self.equation, edges)[inside]).max(initial=0.0))
        return largest if mesh == grid else largest / coarsening(grid, mesh)


def fitted_law(solved: LawsOnMeshes, grid: Grid, reason: str) -> StationarySolution:
    """The law of the fitted flux, of sixth order where meshes converge.

    Extrapolated in log p, which keeps it positive, then divided by its mass, since log p is known but for a
    constant. Cells whose value underflowed stay empty.

    Raises
    ------
    NoStationaryDensity
        If the law is not unique on a grid, is largest on a wall, moves with the mesh, or is one of numerical
        diffusion.
    """
    equation, law = solved.equation, solved.on(grid)
    refuse_walls(law, solved.walls)
    peclet = solved.peclet_on(grid)
    error = exact_error(law, equation)
    if error is not None:
        exact = replace(law, error=error, cell_averages=False)
        return StationarySolution(exact, ExponentiallyFitted(), reason, None, peclet, 0.0, 1.0, law.values)
    numerical = numerical_diffusion(equation, grid)
    added = numerical.relative > 0
    moved = refuse_numerical_law(equation, law) if added else 0.0
    grids = (grid, *coarser_grids(grid))
    laws = [law, *map(solved.on, grids[1:])]
    logs = [np.log(np.maximum(one.values, FLOOR * one.values.max())) for one in laws]
    with np.errstate(over="ignore"):
        shifts = [
            variation_of_values(
                laws[k].values, np.exp(interpolated(logs[k + 1], grids[k + 1], grids[k])), grids[k]
            )
            for k in range(len(laws) - 1)
        ]
    try:
        error = mesh_error(law, shifts, lambda: remedy(equation, law, peclet))
    except NoStationaryDensity:
        error = None if added else _finer_error(solved, law, shifts)
        if error is None:
            raise
        reason += f"; coarser meshes do not resolve the law, one of half the spacing gives the error {error:.2g}"
    values, order, mass = law.values, 2, 1.0
    if added:  # of first order, which the powers of `extrapolated` do not fit
        order, error = 1, None if error is None else max(error, SAFETY_OF_FIRST_ORDER * moved)
        share = numerical.share(law)
        reason += f"; numerical diffusion is {share:.2g} of the noise, twice as much moves the law by {moved:.2g}"
    elif solved.jump_on(grid):  # where they fall between the centres decides the error
        error = shifts[0] if shifts else None
    elif converge(shifts):
        offset = logs[0].max()
        found = [np.where(law.values > 0, np.exp(one - offset), 0.0) for one in extrapolated(logs, grids)]
        masses = [float(one.sum()) * grid.cell_volume for one in found]
        orders = [law.values, *(one / m for one, m in zip(found[1:], masses[1:], strict=True))]
        best, error = best_order(orders, grids, error)
        values, order, mass = orders[best], 2 * (best + 1), masses[best] / masses[0]
    return StationarySolution(
        density=Density(grid, values, error, cell_averages=False),
        flux=ExponentiallyFitted(),
        reason=reason,
        order=order,
        largest_peclet=peclet,
        negative_mass=0.0,
        unscaled_mass=mass,
        plain=law.values,
    )


def _finer_error(solved: LawsOnMeshes, law: Density, shifts: list[float]) -> float | None:
    """Error of a law whose coarser meshes resolve nothing, by one of half the spacing; None if that shows none.

    Its distance to the finer law and what that leaves: shifts must fall by half at least, from a fair one.
    """
    finer = law.grid.refined(2)
    if law.grid.dim > 2 or finer.size > MOST_FINER or shifts[0] > FAIR_SHIFT:
        return None
    try:
        found = solved.on(finer)
    except NoStationaryDensity:
        return None
    n, m = law.grid.shape
    shift = variation_of_values(law.values, found.values.reshape(n, 2, m, 2).mean(axis=(1, 3)), law.grid)
    ratio = shift / shifts[0]
    return None if ratio > FALLING else shift + SAFETY_OF_FIRST_ORDER * shift * max(ratio, 1 / 4) / (1 - ratio)


def eliminated(equation: Equation, grid: Grid) -> Density:
    """The law of the fitted flux on this grid alone; states that only leak into the recurrent class have none.

    Raises
    ------
    InputError
        If a coefficient is not valid on the grid.
    NoStationaryDensity
        If there is more than one recurrent class.
    """
    found = leaks(equation, grid)
    generator = build_generator(equation, grid)
    if found.against.any():
        generator = found.closed(generator)
    cells = np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)

    def law(states: Integers) -> Density:
        values = np.zeros(grid.size)
        values[states] = stationary_vector(generator[:, states].tocsr()[states].tocsc(), cells[states])
        return Density(grid, values.reshape(grid.shape) / grid.cell_volume)

    classes = recurrent_classes(generator)
    if len(classes) == 1:
        return law(classes[0])
    regions = [region(grid, cells[states]) for states in classes[:4]]
    drowned = bool(full_rank(equation.tensor(grid.centers)).all()) and not found.count
    why = (
        "; the rates between them are below the smallest floating point number, as barriers beyond some 600 "
        "temperatures make them: raise the temperature, refine or shrink the grid, or"
    )
    raise NoStationaryDensity(
        f"the stationary law is not unique: {len(classes)} recurrent classes on the "
        f"{' x '.join(map(str, grid.cells))} grid, in {', '.join(regions)}{' ...' if len(classes) > 4 else ''}"
        f"{why if drowned else ';'} ask for the limit law from an initial density",
        classes=[DensityClass(law(s), region) for s, region in zip(classes, regions, strict=False)],
    )
