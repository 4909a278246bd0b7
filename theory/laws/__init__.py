"""What a law is and how well it is known: densities, histograms, ensembles, limit laws, moments, tails.

Never holds what a law comes from: a landscape, a noise, an equation.
"""

from theory.laws.boundary import Absorbing, Periodic, Reflecting
from theory.laws.checkpoint import Checkpoint
from theory.laws.density import Density
from theory.laws.ensemble import Ensemble
from theory.laws.field import Field
from theory.laws.grid import Grid
from theory.laws.hill import hill_index
from theory.laws.histogram import Histogram
from theory.laws.limit_law import DensityClass, LimitLaw, NoStationaryDensity, PointMass
from theory.laws.moments import Moments
from theory.laws.passage_time import PassageTime, QuasiStationary
from theory.laws.survival_curve import SurvivalCurve

__all__ = [
    "Absorbing",
    "Checkpoint",
    "Density",
    "DensityClass",
    "Ensemble",
    "Field",
    "Grid",
    "Histogram",
    "LimitLaw",
    "Moments",
    "NoStationaryDensity",
    "PassageTime",
    "Periodic",
    "PointMass",
    "QuasiStationary",
    "Reflecting",
    "SurvivalCurve",
    "hill_index",
]
