"""Validity maps: over two numbers of a study, where SGD keeps to which law of theory, and the lines between.

Never holds a method of its own: points are measured by `sweeps`, lines are contours by a library.
"""

from compare.maps.labelled_map import ValidityMap
from compare.maps.whole import validity_map
from theory.base.arguments import check_faces

__all__ = ["ValidityMap", "validity_map"]

check_faces("compare.maps")
