"""The Fokker-Planck equation on grids."""

from theory.fokker_planck.boundary import Absorbing, Periodic, Reflecting
from theory.fokker_planck.current import Balance, DriftParts, detailed_balance, drift_parts
from theory.fokker_planck.dynamics.escape import PassageTime, QuasiStationary
from theory.fokker_planck.equation import FokkerPlanck
from theory.fokker_planck.laws import DensityClass, LimitLaw, NoStationaryDensity, PointMass

__all__ = [
    "Absorbing",
    "Balance",
    "DensityClass",
    "DriftParts",
    "FokkerPlanck",
    "LimitLaw",
    "NoStationaryDensity",
    "PassageTime",
    "Periodic",
    "PointMass",
    "QuasiStationary",
    "Reflecting",
    "detailed_balance",
    "drift_parts",
]
