"""The Langevin equations, overdamped and underdamped, SGD's limit, and the Gibbs measure they keep.

Never holds a solution: laws on grids are in `theory.fokker_planck`, paths in `theory.paths`.
"""

from theory.equations.algorithm import NoLimitEquation
from theory.equations.enlarged import EnlargedLangevin
from theory.equations.gibbs_measure import gibbs, posterior
from theory.equations.interpretation import AntiIto, Interpretation, Ito, Stratonovich, check_interpretation
from theory.equations.langevin import Langevin
from theory.equations.limit import langevin_limit
from theory.equations.temperature import NearestGibbs, nearest_gibbs
from theory.equations.underdamped import Underdamped

__all__ = [
    "AntiIto",
    "EnlargedLangevin",
    "Interpretation",
    "Ito",
    "Langevin",
    "NearestGibbs",
    "NoLimitEquation",
    "Stratonovich",
    "Underdamped",
    "check_interpretation",
    "gibbs",
    "langevin_limit",
    "nearest_gibbs",
    "posterior",
]
