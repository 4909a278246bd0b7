"""Sample paths of Langevin equations."""

from theory.paths.baoab import BAOAB
from theory.paths.euler import EulerMaruyama, TamedEuler
from theory.paths.heun import Heun
from theory.paths.leimkuhler_matthews import LeimkuhlerMatthews
from theory.paths.milstein import Milstein
from theory.paths.passage import Arrivals, HalfSpace, Outside, first_passage_times
from theory.paths.platen import Platen
from theory.paths.sample import sample_paths
from theory.paths.scheme import PathEquation, Scheme
from theory.paths.second_opinion import Sdeint
from theory.paths.stable import AlphaStable

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
    "Platen",
    "Scheme",
    "Sdeint",
    "TamedEuler",
    "first_passage_times",
    "sample_paths",
]
