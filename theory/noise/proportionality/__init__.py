"""Gradient noise against curvature: is C(w) = c H(w), with which c, and why not.

Never holds a temperature: what proportional noise means for a law is in `theory.formulas`.
"""

from theory.noise.proportionality.comparison import CovarianceComparison, compare_covariance
from theory.noise.proportionality.limit import judge_proportionality
from theory.noise.proportionality.path import line
from theory.noise.proportionality.subspace import SubspaceComparison, compare_in_subspace
from theory.noise.proportionality.verdict import Proportionality, Reason

__all__ = [
    "CovarianceComparison",
    "Proportionality",
    "Reason",
    "SubspaceComparison",
    "compare_covariance",
    "compare_in_subspace",
    "judge_proportionality",
    "line",
]
