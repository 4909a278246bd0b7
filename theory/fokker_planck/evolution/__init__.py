"""Laws in time on grids, with their errors.

Never holds a stationary law, or eigenvalues: those are in `line`, `lattice` and `spectrum`.
"""

from theory.fokker_planck.evolution.chosen_laws import laws_in_time, shares_in_time

__all__ = ["laws_in_time", "shares_in_time"]
