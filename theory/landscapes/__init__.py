"""Landscapes: a loss with its derivatives, from a formula or from functions."""

from theory.landscapes.function import CallableLandscape
from theory.landscapes.protocol import Landscape
from theory.landscapes.symbolic import SymbolicLandscape

__all__ = ["CallableLandscape", "Landscape", "SymbolicLandscape"]
