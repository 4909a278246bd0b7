"""The Fokker-Planck equation on grids: its rate matrix, stationary and limit laws, currents, passages, spectrum.

Its folders, each before those that use it: `line`, `meshes`; `generator`; `lattice`; `passages`, `currents`,
`derivatives`; `evolution`, `spectrum`; `equation` shows them all.

Never holds what is true of any Markov chain (`theory.markov`), a path, or a closed form.
"""

from theory.fokker_planck.currents import Balance, DriftParts, detailed_balance, drift_parts
from theory.fokker_planck.equation import FokkerPlanck
from theory.laws import (
    Absorbing,
    DensityClass,
    LimitLaw,
    NoStationaryDensity,
    PassageTime,
    Periodic,
    PointMass,
    QuasiStationary,
    Reflecting,
    SurvivalCurve,
)

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
    "SurvivalCurve",
    "detailed_balance",
    "drift_parts",
]
