"""Gradient noise against curvature: is C(w) = c H(w), with which c, and why not."""

from theory.proportionality.comparison import CovarianceComparison, compare_covariance
from theory.proportionality.limit import judge_proportionality
from theory.proportionality.path import line
from theory.proportionality.verdict import Proportionality, Reason

__all__ = [
    "CovarianceComparison",
    "Proportionality",
    "Reason",
    "compare_covariance",
    "judge_proportionality",
    "line",
]
