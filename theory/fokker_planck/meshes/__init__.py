"""Meshes of one box: coarser and finer ones, masses carried between them, and what a sequence of them tells.

Never holds an equation: it knows grids and the numbers found on them.
"""

from theory.fokker_planck.meshes.cells import averaged, centred, rebinned
from theory.fokker_planck.meshes.mesh import (
    FALLING,
    FEWEST_HALVED_CELLS,
    ROUNDING_IN_VARIATION,
    best_order,
    coarsening,
    coarser_grids,
    converge,
    extrapolated,
    halved,
    interpolated,
    variation_of_values,
)
from theory.fokker_planck.meshes.mesh_limits import MESHED, Limit, extrapolated_number, kept, limits, shared
from theory.fokker_planck.meshes.refinement import (
    BLOWN,
    SAFETY_OF_MESHES,
    UPWIND_PECLET,
    Answer,
    answer_of,
    ladder,
    ratios_of,
    refined_ladder,
)

__all__ = [
    "BLOWN",
    "FALLING",
    "FEWEST_HALVED_CELLS",
    "MESHED",
    "ROUNDING_IN_VARIATION",
    "SAFETY_OF_MESHES",
    "UPWIND_PECLET",
    "Answer",
    "Limit",
    "answer_of",
    "averaged",
    "best_order",
    "centred",
    "coarsening",
    "coarser_grids",
    "converge",
    "extrapolated",
    "extrapolated_number",
    "halved",
    "interpolated",
    "kept",
    "ladder",
    "limits",
    "ratios_of",
    "rebinned",
    "refined_ladder",
    "shared",
    "variation_of_values",
]
