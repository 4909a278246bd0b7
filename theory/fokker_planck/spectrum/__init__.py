"""Rates at which laws settle, with their errors.

Never holds the eigenvalues of a given matrix: those are in `theory.markov`.
"""

from theory.fokker_planck.spectrum.eigenvalues import relaxation_spectrum

__all__ = ["relaxation_spectrum"]
