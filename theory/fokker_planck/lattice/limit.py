"""Limit laws in two and three dimensions: recurrent classes with the probabilities to end up in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from theory.base.arrays import Array, Booleans, Integers
from theory.base.errors import require
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import build_generator
from theory.fokker_planck.lattice.gated_law import MOST_GATED_CELLS, gated_law, is_gated, refuse_moved
from theory.fokker_planck.lattice.leakage import Leaks, leaks, region
from theory.fokker_planck.lattice.refusals import (
    SAFETY_OF_SECOND_ORDER,
    exact_error,
    mesh_error,
    refuse_lost_rank,
    refuse_walls,
    remedy,
)
from theory.fokker_planck.lattice.stationary import stationary_lattice
from theory.fokker_planck.meshes import coarser_grids, interpolated, variation_of_values
from theory.laws import Density, DensityClass, Grid, LimitLaw, NoStationaryDensity, PointMass
from theory.laws.limit_law import RecurrentClass
from theory.markov import eliminate, recurrent_classes, stationary_vector

FINER = 3  # cells along each axis of a mesh for weights
SLOWEST_POWER = 0.1  # power of the spacing that is still believed
NEGLIGIBLE = 1e-14  # weight of a class that is left out


def limit_law_lattice(equation: Equation, grid: Grid, initial: Density, walls: Booleans | None = None) -> LimitLaw:
    """The law at infinite time from `initial`: recurrent classes with their weights, which sum to 1.

    Rates across barriers that the equation never crosses are taken out of the fitted generator; the closed classes
    of what is left are the recurrent classes. A weight is the initial mass in the class, cells cut by a barrier
    being cut, and the probability that mass elsewhere ends there, from one elimination without subtraction. The
    law of each class is of second order, with its shift between meshes as `error`; a class of one cell is a point
    mass. A single class has the law of `stationary_lattice`. `walls`: the sides that were asked for, shape (d, 2).

    Raises
    ------
    NoStationaryDensity
        If mass converges to a barrier, or to a class whose law is largest on a wall or moves with the mesh; where
        the class is single, as `stationary_lattice`.
    InputError
        If `initial` lives on another grid, or a coefficient is not valid.

    References
    ----------
    Grassmann, Taksar & Heyman (1985); Feller (1952).
    """
    require(initial.grid == grid, f"`initial` must live on {grid}, got {initial.grid}")
    refuse_lost_rank(equation, grid)
    found = leaks(equation, grid)
    walk = found.closed(build_generator(equation, grid))
    classes = recurrent_classes(walk)
    if len(classes) == 1 and len(classes[0]) > 1:
        return LimitLaw(grid, (DensityClass(stationary_lattice(equation, grid, walls=walls), "the grid"),), (1.0,))
    arrived = _arrived(walk, _cells(grid), classes, found.shared(initial.probabilities.ravel()))
    if is_gated(found) and (finer := _arrived_finer(equation, grid, classes, initial)) is not None:
        arrived = finer
    reached = np.flatnonzero(arrived > NEGLIGIBLE)
    for one in reached:
        _refuse_collapse(found, classes[one], float(arrived[one]))
    laws = tuple(_class(equation, grid, walk, classes[one], walls) for one in reached)
    weights = arrived[reached] / arrived[reached].sum()
    return LimitLaw(grid, laws, tuple(map(float, weights)))


def _cells(grid: Grid) -> Integers:
    """Lattice index of each cell, shape (size, d)."""
    return np.stack(np.unravel_index(np.arange(grid.size), grid.shape), axis=-1)


def _arrived(walk: sparse.csc_array, cells: Integers, classes: Sequence[Integers], masses: Array) -> Array:
    """Mass that ends in each class: what starts there, and the time spent elsewhere times the rates into it."""
    home = np.full(len(masses), len(classes))
    for number, states in enumerate(classes):
        home[states] = number
    arrived = np.asarray(np.bincount(home, masses, len(classes) + 1)[:-1], dtype=np.float64)
    outside = np.flatnonzero(home == len(classes))
    if masses[outside].any():
        rates = walk[:, outside].tocsr()
        into = np.stack([np.asarray(rates[states].sum(axis=0)).ravel() for states in classes])
        times = eliminate(rates[outside].tocsc(), cells[outside], into.sum(axis=0)).solve_transposed(
            masses[outside]
        )
        arrived += into @ times
    return arrived


def _arrived_finer(equation: Equation, grid: Grid, classes: Sequence[Integers], initial: Density) -> Array | None:
    """What `_arrived` says on a mesh of a third of the spacing; None where it is too large or has other classes.

    Gates and tops of the drift fall anywhere in their cells, so that weights are of first order.
    """
    mesh = grid.refined(FINER)
    if mesh.size > MOST_GATED_CELLS:
        return None
    walk = leaks(equation, mesh).closed(build_generator(equation, mesh))
    own = recurrent_classes(walk)
    home = np.full(grid.size, -1)
    for number, states in enumerate(classes):
        home[states] = number
    places = mesh.centers.reshape(-1, grid.dim)
    named = [int(np.bincount(home[grid.locate(places[states])[0]] + 1).argmax()) - 1 for states in own]
    if sorted(named) != list(range(len(classes))):
        return None
    masses = initial.probabilities
    for axis in range(grid.dim):
        masses = np.repeat(masses, FINER, axis=axis) / FINER
    arrived = _arrived(walk, _cells(mesh), own, masses.ravel())
    return np.asarray(arrived[np.argsort(named)])


def _refuse_collapse(found: Leaks, states: Integers, mass: float) -> None:
    """Raise where walkers of a class converge to a barrier, or their density has no finite mass at it."""
    here = found.regions[states[0]]
    own = found.barriers
    between = np.stack([found.regions[own.sources], found.regions[own.targets]], axis=1)
    beside = (between == here).any(axis=1)
    for other in np.setdiff1d(between[beside], here):
        points = beside & (between == other).any(axis=1)
        side = np.where(between[points, 0] == here, 0, 1)
        power, ratio = (np.take_along_axis(x[points], side[:, None], 1)[:, 0] for x in (own.powers, own.ratios))
        if ((ratio < 1) | (ratio <= power - 1)).all():
            place = ", ".join(f"{x:.4g}" for x in own.positions[points][0])
            raise NoStationaryDensity(
                f"no limit density: the mass {mass:.3g} in {region(found.grid, _cells(found.grid)[states])} "
                f"collapses onto the curve or surface through w = ({place}), where noise and drift vanish: "
                f"D ~ u^{power[0]:.3g} across and u b / D = {ratio[0]:.3g}, not above 1 and {power[0] - 1:.3g}; "
                "sample paths, or start elsewhere"
            )


def _class(
    equation: Equation, grid: Grid, walk: sparse.csc_array, states: Integers, walls: Booleans | None
) -> RecurrentClass:
    """A closed class with its law, whose error is its shift to coarser grids."""
    if len(states) == 1:
        centre = grid.centers.reshape(-1, grid.dim)[states[0]]
        noise = np.trace(equation.tensor(grid.centers), axis1=-2, axis2=-1).ravel()
        share = float(noise[states[0]] / noise.max())
        reason = f"nothing leads out of its cell, where the noise is {share:.2g} of the largest"
        return PointMass(tuple(map(float, centre)), reason)
    law = _law(walk, grid, states)
    refuse_walls(law, walls)
    mode = grid.centers.reshape(-1, grid.dim)[law.values.argmax()]
    found = leaks(equation, grid)
    if is_gated(found) and (behind := gated_law(equation, grid, mode)) is not None:
        refuse_walls(behind, walls)
        refuse_moved(behind, equation)
        return DensityClass(behind, region(grid, _cells(grid)[states]))
    finer, shifts = law, list[float]()
    for mesh in coarser_grids(grid):
        coarse = _law_around(equation, mesh, mode)
        if coarse is None:
            break
        moved = interpolated(coarse.values, mesh, finer.grid)
        shifts.append(variation_of_values(finer.values, moved, finer.grid))
        finer = coarse
    error = exact_error(law, equation)
    if error is None:
        error = mesh_error(law, shifts, lambda: remedy(equation, law))
        if error is not None and found.against.any():  # masses converge like the spacing^ratio, at most linearly
            left = 2 ** -min(max(found.behind, SLOWEST_POWER), 1.0)
            error = min(max(error, SAFETY_OF_SECOND_ORDER * shifts[0] * left / (1 - left)), 1.0)
    return DensityClass(replace(law, error=error), region(grid, _cells(grid)[states]))


def _law(walk: sparse.csc_array, grid: Grid, states: Integers) -> Density:
    """The stationary law of a closed class on this grid alone."""
    values = np.zeros(grid.size)
    within = walk[:, states].tocsr()[states].tocsc()
    values[states] = stationary_vector(within, _cells(grid)[states])
    return Density.normalised(grid, values.reshape(grid.shape))


def _law_around(equation: Equation, mesh: Grid, place: Array) -> Density | None:
    """The law on `mesh` of the class that holds the cell of `place`; None where it belongs to none."""
    walk = leaks(equation, mesh).closed(build_generator(equation, mesh))
    cell = int(mesh.locate(place)[0])
    for states in recurrent_classes(walk):
        if cell in states:
            return _law(walk, mesh, states)
    return None
