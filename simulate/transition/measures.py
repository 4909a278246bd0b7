"""Invariant measures in words and numbers: point masses, and masses of cells with their errors."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from simulate.transition.data_nodes import DataNodes
from simulate.transition.data_step import DataStep
from simulate.transition.invariant import InvariantMasses, attracts
from simulate.transition.operator import MOST_COLLAPSED, NEAR
from theory.base.arrays import Array
from theory.laws import Grid, PointMass
from theory.laws.limit_law import RecurrentClass

SAFETY = 3.0  # times what half the nodes move a law by: right where errors fall by a quarter from half to all
SAME = 1e-3  # of a cell: points closer than that are one
COVERED = 0.975  # quantile of what groups of a sample leave open


def left_by_sample(laws: Sequence[Array]) -> float:
    """What the masses of cells by groups of a sample leave open in their mean, in total variation."""
    spread = np.std(laws, axis=0, ddof=1) / math.sqrt(len(laws))
    return float(stdtrit(len(laws) - 1, COVERED) * spread.sum() / 2)


def apart_on_a_line(one: InvariantMasses, nodes: DataNodes, other: InvariantMasses, fewer: DataNodes) -> float:
    """Error of a law on a line in W1: by its distance from that on fewer nodes, and the width of a node."""
    assert nodes.mesh is not None
    assert fewer.mesh is not None
    faces = fewer.mesh.faces
    sums = np.append(0.0, np.cumsum(one.masses))
    gaps = np.abs(np.interp(faces, nodes.mesh.faces, sums) - np.append(0.0, np.cumsum(other.masses)))
    widths = np.diff(faces)
    distance = float(((gaps[1:] + gaps[:-1]) / 2 * widths).sum())
    return SAFETY * distance + float((np.maximum(one.masses, 0) * nodes.mesh.spacing).sum())


def region_of(one: InvariantMasses, nodes: DataNodes) -> str:
    """The box of a closed set in words."""
    places = nodes.outward(nodes.nodes[one.nodes])
    ends = zip(places.min(axis=0), places.max(axis=0), strict=True)
    return " x ".join(f"({low:.4g}, {high:.4g})" for low, high in ends)


def collapsed(step: DataStep, one: InvariantMasses, nodes: DataNodes) -> PointMass | None:
    """The silent point that walkers converge to, seen by the share of a law that lies next to it."""
    if nodes.mesh is None:
        return None
    found = []
    for point in nodes.points:
        share = float(one.masses[np.abs(nodes.mesh.nodes - point) < NEAR * nodes.mesh.epsilon].sum())
        found.append((share, float(point)))
    share, place = max(found, default=(0.0, 0.0))
    if share <= MOST_COLLAPSED or not attracts(step, nodes, one.masses, np.array([place])):
        return None
    return PointMass((place,), "no example moves it, and walkers converge")


def are_one_point(one: RecurrentClass, other: RecurrentClass, grid: Grid) -> bool:
    """Whether two classes are the same point, which walkers come to from either side."""
    if not isinstance(one, PointMass) or not isinstance(other, PointMass):
        return False
    apart = np.abs(np.array(one.position) - np.array(other.position))
    return bool((apart <= SAME * np.array(grid.spacing)).all())


def words_of(found: Sequence[RecurrentClass]) -> str:
    """All classes in one line."""
    return "; ".join(one.describe() for one in found)
