"""Critical points of formulas: all of them with their kinds, and the splitting lemma at degenerate ones.

Never holds the noise at a point, which is in `theory.points.degenerate`.
"""

from theory.points.critical.coefficient import learning_coefficient_by_splitting
from theory.points.critical.exponents import LocalExponents, local_exponents
from theory.points.critical.point import CriticalLocus, CriticalPoint, CriticalSet, Kind
from theory.points.critical.solve import critical_points
from theory.points.critical.splitting_lemma import Splitting, splitting

__all__ = [
    "CriticalLocus",
    "CriticalPoint",
    "CriticalSet",
    "Kind",
    "LocalExponents",
    "Splitting",
    "critical_points",
    "learning_coefficient_by_splitting",
    "local_exponents",
    "splitting",
]
