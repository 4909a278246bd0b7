"""The Fokker-Planck equation on grids: its rate matrix, stationary and limit laws, currents, passages, spectrum.

Never holds what is true of any Markov chain (`theory.markov`), a path, or a closed form.
"""

from theory.fokker_planck.currents.current import Balance, DriftParts, detailed_balance, drift_parts
from theory.fokker_planck.equation import FokkerPlanck
from theory.laws.boundary import Absorbing, Periodic, Reflecting
from theory.laws.limit_law import DensityClass, LimitLaw, NoStationaryDensity, PointMass
from theory.laws.passage_time import PassageTime, QuasiStationary

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
