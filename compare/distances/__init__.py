"""Distances between two laws on one grid, each with its noise floor and its interval.

Never holds a verdict: what a distance means is judged in `compare.comparison`.
"""

from compare.distances.contract import LawDistance, check_distance
from compare.distances.distance import Distance
from compare.distances.divergence import kullback_leibler
from compare.distances.hellinger_distance import hellinger
from compare.distances.masses import Law
from compare.distances.variation import total_variation
from compare.distances.wasserstein_distance import wasserstein
from theory.base.arguments import check_faces

__all__ = [
    "Distance",
    "Law",
    "LawDistance",
    "check_distance",
    "hellinger",
    "kullback_leibler",
    "total_variation",
    "wasserstein",
]

check_faces("compare.distances")
