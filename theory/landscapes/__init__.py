"""Landscapes: a loss with its derivatives, from a formula, from functions or from a table."""

from theory.landscapes.function import CallableLandscape
from theory.landscapes.protocol import Landscape
from theory.landscapes.symbolic import SymbolicLandscape
from theory.landscapes.tabulated import TableError, TabulatedLandscape

__all__ = ["CallableLandscape", "Landscape", "SymbolicLandscape", "TableError", "TabulatedLandscape"]
