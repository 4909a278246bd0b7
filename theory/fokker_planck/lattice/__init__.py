"""Stationary and limit laws in two and three dimensions, the barriers and gates in them, and their refusals.

Never holds what a line answers by quadrature, or a law that moves in time.
"""

from theory.fokker_planck.lattice.added_diffusion import NumericalDiffusion, numerical_diffusion
from theory.fokker_planck.lattice.correction import (
    CONVERGING,
    CORRECTIONS_SETTLED,
    FEWEST_STENCIL_CELLS,
    MOST_CORRECTIONS,
    STALLED,
    Operator,
)
from theory.fokker_planck.lattice.fitted_law import LawsOnMeshes, eliminated
from theory.fokker_planck.lattice.leakage import leaks
from theory.fokker_planck.lattice.limit import limit_law_lattice
from theory.fokker_planck.lattice.refusals import HOPELESS_PECLET
from theory.fokker_planck.lattice.solution import StationarySolution
from theory.fokker_planck.lattice.stationary import MOST_IN_SPACE, NEAREST_NEIGHBOURS, solve_stationary

__all__ = [
    "CONVERGING",
    "CORRECTIONS_SETTLED",
    "FEWEST_STENCIL_CELLS",
    "HOPELESS_PECLET",
    "MOST_CORRECTIONS",
    "MOST_IN_SPACE",
    "NEAREST_NEIGHBOURS",
    "STALLED",
    "LawsOnMeshes",
    "NumericalDiffusion",
    "Operator",
    "StationarySolution",
    "eliminated",
    "leaks",
    "limit_law_lattice",
    "numerical_diffusion",
    "solve_stationary",
]
