"""First passages on grids: times, committors, rates, with their errors.

Never holds a passage of sampled paths, which is in `theory.paths`, or of any chain, which is in `theory.markov`.
"""

from theory.fokker_planck.passages.quantities import committor, passage_time, quasi_stationary
from theory.fokker_planck.passages.walk import walk_until

__all__ = ["committor", "passage_time", "quasi_stationary", "walk_until"]
