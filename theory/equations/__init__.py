"""The Langevin equations, overdamped and underdamped, SGD's limit, and the Gibbs measure they keep.

Never holds a solution: laws on grids are in `theory.fokker_planck`, paths in `theory.paths`.
"""

from theory.equations.gibbs_measure import gibbs, posterior
from theory.equations.langevin import AntiIto, Ito, Langevin, Stratonovich, langevin_limit
from theory.equations.underdamped import Underdamped

__all__ = ["AntiIto", "Ito", "Langevin", "Stratonovich", "Underdamped", "gibbs", "langevin_limit", "posterior"]
