"""One dimension: stationary and limit laws by integrals in logarithms between the zeros of D, and their currents.

Never holds a rate matrix, a mesh, or a law that moves in time.
"""

from theory.fokker_planck.line.current import reference_line, stationary_current
from theory.fokker_planck.line.density import LineDensity
from theory.fokker_planck.line.pieces import Line
from theory.fokker_planck.line.profile import cells_of, scaled, zero_flux
from theory.fokker_planck.line.rates import line_rates
from theory.fokker_planck.line.recurrent import SolvedLine, solved_line
from theory.fokker_planck.line.scale import NODES, STEEPEST_PANEL, Exponent, exponent
from theory.fokker_planck.line.stationary import limit_law_line, stationary_line

__all__ = [
    "NODES",
    "STEEPEST_PANEL",
    "Exponent",
    "Line",
    "LineDensity",
    "SolvedLine",
    "cells_of",
    "exponent",
    "limit_law_line",
    "line_rates",
    "reference_line",
    "scaled",
    "solved_line",
    "stationary_current",
    "stationary_line",
    "zero_flux",
]
