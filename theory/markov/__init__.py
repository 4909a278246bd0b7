"""What is true of any Markov chain: elimination, recurrent classes, passages, spectrum, laws in time.

Never holds an equation or a step of SGD: who discretises one brings its matrix here.
"""

from theory.markov.classes import recurrent_classes
from theory.markov.elimination.solve import Elimination, RangeExceeded, eliminate, stationary_vector
from theory.markov.evolution import evolve
from theory.markov.passages import committor, first_passage, quasi_stationary
from theory.markov.slow_modes import Spectrum, spectrum
from theory.markov.walk import Walk, walk_on

__all__ = [
    "Elimination",
    "RangeExceeded",
    "Spectrum",
    "Walk",
    "committor",
    "eliminate",
    "evolve",
    "first_passage",
    "quasi_stationary",
    "recurrent_classes",
    "spectrum",
    "stationary_vector",
    "walk_on",
]
