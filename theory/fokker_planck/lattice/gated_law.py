"""Laws behind gates, curves or surfaces without noise across that the drift crosses one way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from theory.base.arrays import Array
from theory.equations.protocol import Equation
from theory.fokker_planck.generator import bernoulli, build_generator, fine_falls, selling_edges, upwind_edges
from theory.fokker_planck.lattice.leakage import Leaks, leaks
from theory.fokker_planck.lattice.refusals import LARGEST_SHIFT, remedy
from theory.fokker_planck.lattice.strips import cell_masses, mass_powers, unseen
from theory.laws import Density, Grid, NoStationaryDensity
from theory.markov import recurrent_classes, stationary_vector

MOST_GATED_CELLS = 40_000  # of the finest mesh in a plane; half as many in space
SAFETY_OF_GATES = 3.0  # of the distance of the two finest meshes: first order leaves 2, gates fall anywhere
FARTHER, MOST = 1 / 8, 4.0  # of that of the finest to the grid, but no more of the former
ROUNDING_OF_GATED_LAWS = 1e-12  # in total variation


def is_gated(found: Leaks) -> bool:
    """Whether gates, and nothing else, decide where walkers end."""
    return found.count == 0 and bool(found.against.any())


def gated_law(equation: Equation, grid: Grid, place: Array | None = None) -> Density | None:
    """The law of the class at `place`, or of the only one, as averages over the cells; None where meshes fail.

    The fitted flux with falls integrated along each step, so that the law is exact at the centres where no current
    flows; masses of cells that a gate cuts by the power of the density behind it; on meshes of a half and a third
    of the spacing, as far as they are not too large. *Error*: the distances between the meshes.
    """
    most = MOST_GATED_CELLS if grid.dim == 2 else MOST_GATED_CELLS // 2
    factors = [k for k in (1, 2, 3) if k == 1 or grid.size * k**grid.dim <= most or (k == 2 and grid.size <= most)]
    laws: list[Array] = []
    for k in factors:
        masses = _masses(equation, grid if k == 1 else grid.refined(k), place)
        if masses is None:
            if k == 1 and len(factors) > 1:
                continue
            return None
        split = [part for n in grid.cells for part in (n, k)]
        laws.append(masses.reshape(split).sum(axis=tuple(range(1, 2 * grid.dim, 2))))
    if len(laws) < 2:
        return None
    moved = [float(np.abs(laws[-1] - one).sum() / 2) for one in laws[:-1]]
    error = max(SAFETY_OF_GATES * moved[-1], min(FARTHER * moved[0], MOST * moved[-1])) + ROUNDING_OF_GATED_LAWS
    return Density.normalised(grid, laws[-1], min(error, 1.0), cell_averages=True)


def refuse_moved(law: Density, equation: Equation) -> None:
    """Require that meshes agree on a law behind gates.

    Raises
    ------
    NoStationaryDensity
        If they do not; it carries the density.
    """
    if law.error is not None and law.error > LARGEST_SHIFT:
        raise NoStationaryDensity(
            f"the density behind a gate moves with the mesh, by {law.error:.2g} in total variation; "
            f"{remedy(equation, law)}",
            density=law,
        )


def _masses(equation: Equation, mesh: Grid, place: Array | None) -> Array | None:
    """Masses of the cells of `mesh`, of sum 1; None where `place`, or else the grid, has not one class."""
    found = leaks(equation, mesh)
    classes = recurrent_classes(found.closed(build_generator(equation, mesh)))
    if place is not None:
        cell = int(mesh.locate(place)[0])
        classes = [states for states in classes if cell in states]
    if len(classes) != 1:
        return None
    states = classes[0]
    states = states[~unseen(mesh, found.gates)[states]]
    home = np.zeros(mesh.size, dtype=bool)
    home[states] = True
    edges = selling_edges(equation, mesh)
    kept = home[edges.sources] & home[edges.targets]
    edges = replace(
        edges,
        **{name: getattr(edges, name)[kept] for name in ("sources", "targets", "steps", "forward", "back")},
    )
    z = fine_falls(equation, mesh, edges.sources, edges.steps)
    edges = replace(edges, forward=edges.forward * bernoulli(-z), back=edges.back * bernoulli(z))
    walk = edges.joined(upwind_edges(equation, mesh)).generator()[:, states].tocsr()[states].tocsc()
    walk.setdiag(0.0)
    walk.setdiag(-np.asarray(walk.sum(axis=0)).ravel())
    values = np.zeros(mesh.size)
    values[states] = stationary_vector(walk, np.stack(np.unravel_index(states, mesh.shape), axis=-1))
    gates = found.gates.chosen(found.gates.main)
    densities = values.reshape(mesh.shape) / mesh.cell_volume
    masses = cell_masses(mesh, densities, gates, mass_powers(equation, mesh, gates))
    return np.asarray(masses / masses.sum())
