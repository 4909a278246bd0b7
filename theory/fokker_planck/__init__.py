"""The Fokker-Planck equation on grids."""

from theory.fokker_planck.boundary import Periodic, Reflecting
from theory.fokker_planck.equation import FokkerPlanck
from theory.fokker_planck.laws import DensityClass, LimitLaw, NoStationaryDensity, PointMass

__all__ = [
    "DensityClass",
    "FokkerPlanck",
    "LimitLaw",
    "NoStationaryDensity",
    "Periodic",
    "PointMass",
    "Reflecting",
]
