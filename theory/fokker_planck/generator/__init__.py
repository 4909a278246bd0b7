"""The rate matrix of a Fokker-Planck equation: stencils, fluxes, edges, ways out, and their assembly.

Never holds a solution: laws are found in `lattice`, passages in `passages`, in time in `evolution`.
"""

from theory.fokker_planck.generator.coefficients import (
    RANK_TOLERANCE,
    carrying_drift,
    check_periodic,
    finite_at_centres,
    full_rank,
    symmetric_eigenvalues,
    transport_at,
    unfitted_drift,
)
from theory.fokker_planck.generator.edges import Edges, edges_and_exits, falls, falls_between, selling_edges
from theory.fokker_planck.generator.exits import Exits, upwind_exits, way_out
from theory.fokker_planck.generator.exponential_fitting import bernoulli
from theory.fokker_planck.generator.fluxes import Centred, ExponentiallyFitted, Flux
from theory.fokker_planck.generator.jumps import has_jumps, leaps
from theory.fokker_planck.generator.matrix import build_generator
from theory.fokker_planck.generator.paths import fine_falls
from theory.fokker_planck.generator.remembered import Remembered
from theory.fokker_planck.generator.selling import check_tensor, widening
from theory.fokker_planck.generator.stencil_fit import check_stencils
from theory.fokker_planck.generator.upwind import upwind_edges

__all__ = [
    "RANK_TOLERANCE",
    "Centred",
    "Edges",
    "Exits",
    "ExponentiallyFitted",
    "Flux",
    "Remembered",
    "bernoulli",
    "build_generator",
    "carrying_drift",
    "check_periodic",
    "check_stencils",
    "check_tensor",
    "edges_and_exits",
    "falls",
    "falls_between",
    "fine_falls",
    "finite_at_centres",
    "full_rank",
    "has_jumps",
    "leaps",
    "selling_edges",
    "symmetric_eigenvalues",
    "transport_at",
    "unfitted_drift",
    "upwind_edges",
    "upwind_exits",
    "way_out",
    "widening",
]
