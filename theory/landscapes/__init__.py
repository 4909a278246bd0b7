"""Landscapes: a loss with its derivatives, from a formula, from functions or from a table.

Never holds noise: a loss that knows that of its gradients is a model, in `theory.models`.
"""

from theory.landscapes.contract import check_landscape
from theory.landscapes.function import CallableLandscape
from theory.landscapes.protocol import Landscape
from theory.landscapes.sharpest import sharpest_directions
from theory.landscapes.symbolic import SymbolicLandscape
from theory.landscapes.tabulated import TableError, TabulatedLandscape

__all__ = [
    "CallableLandscape",
    "Landscape",
    "SymbolicLandscape",
    "TableError",
    "TabulatedLandscape",
    "check_landscape",
    "sharpest_directions",
]
