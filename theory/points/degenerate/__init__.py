"""Degenerate points: where noise vanishes, classified by the powers of noise and drift.

Never holds what happens on a grid between such points: barriers are in `theory.fokker_planck.lattice`.
"""

from theory.points.degenerate.point import DegeneratePoint, Feller, Side
from theory.points.degenerate.search import drift, find_degenerate_points, noise

__all__ = ["DegeneratePoint", "Feller", "Side", "drift", "find_degenerate_points", "noise"]
