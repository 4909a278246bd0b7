"""Critical points of formulas: all of them with their kinds, and the splitting lemma at degenerate ones."""

from theory.critical.coefficient import learning_coefficient_by_splitting
from theory.critical.exponents import LocalExponents, local_exponents
from theory.critical.point import CriticalLocus, CriticalPoint, CriticalSet, Kind
from theory.critical.solve import critical_points
from theory.critical.splitting import Splitting, splitting

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
