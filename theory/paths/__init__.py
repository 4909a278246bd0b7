"""Sample paths of Langevin equations.

Never holds a step of SGD, which is in `simulate`, or a law on a grid.
"""

from theory.paths.arrivals import Arrivals
from theory.paths.baoab import BAOAB
from theory.paths.contract import check_scheme
from theory.paths.euler import EulerMaruyama, TamedEuler
from theory.paths.heun import Heun
from theory.paths.leimkuhler_matthews import LeimkuhlerMatthews
from theory.paths.milstein import Milstein
from theory.paths.passage import first_passage_times
from theory.paths.platen import Platen
from theory.paths.sample import sample_paths
from theory.paths.scheme import PathEquation, PathStep, Scheme
from theory.paths.second_opinion import Sdeint
from theory.paths.stable import AlphaStable
from theory.paths.target import HalfSpace, Outside

__all__ = [
    "BAOAB",
    "AlphaStable",
    "Arrivals",
    "EulerMaruyama",
    "HalfSpace",
    "Heun",
    "LeimkuhlerMatthews",
    "Milstein",
    "Outside",
    "PathEquation",
    "PathStep",
    "Platen",
    "Scheme",
    "Sdeint",
    "TamedEuler",
    "check_scheme",
    "first_passage_times",
    "sample_paths",
]
