"""What a law is and how well it is known: densities, histograms, walkers, draws, projections, moments, tails.

Never holds what a law comes from: a landscape, a noise, an equation.
"""

from theory.laws.boundary import Absorbing, Periodic, Reflecting
from theory.laws.checkpoint import Checkpoint
from theory.laws.density import Density
from theory.laws.directions import Directions
from theory.laws.distance_to import DistanceTo
from theory.laws.draws import Draws
from theory.laws.ensemble import Ensemble
from theory.laws.field import Field
from theory.laws.grid import Grid
from theory.laws.grid_of_samples import sample_grid
from theory.laws.hill import hill_index
from theory.laws.histogram import Histogram
from theory.laws.limit_law import DensityClass, LimitLaw, MassClass, NoStationaryDensity, PointMass
from theory.laws.moments import Moments
from theory.laws.passage_time import PassageTime, QuasiStationary
from theory.laws.projection import project
from theory.laws.survival_curve import SurvivalCurve

__all__ = [
    "Absorbing",
    "Checkpoint",
    "Density",
    "DensityClass",
    "Directions",
    "DistanceTo",
    "Draws",
    "Ensemble",
    "Field",
    "Grid",
    "Histogram",
    "LimitLaw",
    "MassClass",
    "Moments",
    "NoStationaryDensity",
    "PassageTime",
    "Periodic",
    "PointMass",
    "QuasiStationary",
    "Reflecting",
    "SurvivalCurve",
    "hill_index",
    "project",
    "sample_grid",
]
