"""Points with a name: critical points, minima, degenerate points, and the collapse onto them.

Never holds a path or a law on a grid.
"""

from theory.points.basin import descent_basin
from theory.points.collapse import (
    CollapseExponent,
    StepFactor,
    collapse_exponent,
    collapse_rate,
    gaussian_collapse_exponent,
    step_factor,
)
from theory.points.critical import (
    CriticalLocus,
    CriticalPoint,
    CriticalSet,
    Kind,
    LocalExponents,
    Splitting,
    critical_points,
    learning_coefficient_by_splitting,
    local_exponents,
    splitting,
)
from theory.points.degenerate import DegeneratePoint, Feller, Side, find_degenerate_points
from theory.points.large_minimum import LargeMinimum, locate_large_minimum
from theory.points.loss_minimum import LossMinimum, locate_minimum
from theory.points.lowest import lowest_minimum
from theory.points.minima import Minimum, find_minima
from theory.points.rises import first_rise, risen_box

__all__ = [
    "CollapseExponent",
    "CriticalLocus",
    "CriticalPoint",
    "CriticalSet",
    "DegeneratePoint",
    "Feller",
    "Kind",
    "LargeMinimum",
    "LocalExponents",
    "LossMinimum",
    "Minimum",
    "Side",
    "Splitting",
    "StepFactor",
    "collapse_exponent",
    "collapse_rate",
    "critical_points",
    "descent_basin",
    "find_degenerate_points",
    "find_minima",
    "first_rise",
    "gaussian_collapse_exponent",
    "learning_coefficient_by_splitting",
    "local_exponents",
    "locate_large_minimum",
    "locate_minimum",
    "lowest_minimum",
    "risen_box",
    "splitting",
    "step_factor",
]
