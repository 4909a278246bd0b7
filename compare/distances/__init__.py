"""Distances between two laws on one grid, each with its noise floor and its interval."""

from compare.distances.distance import Distance
from compare.distances.hellinger import hellinger
from compare.distances.kullback_leibler import kullback_leibler
from compare.distances.masses import Law
from compare.distances.total_variation import total_variation
from compare.distances.wasserstein import wasserstein
from theory.arguments import check_faces

__all__ = ["Distance", "Law", "hellinger", "kullback_leibler", "total_variation", "wasserstein"]

check_faces("compare.distances")
