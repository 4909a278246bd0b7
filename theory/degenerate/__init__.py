"""Degenerate points: where noise vanishes, classified by the powers of noise and drift."""

from theory.degenerate.point import DegeneratePoint, Feller, ScalarEquation, Side
from theory.degenerate.search import drift, find_degenerate_points, noise

__all__ = ["DegeneratePoint", "Feller", "ScalarEquation", "Side", "drift", "find_degenerate_points", "noise"]
