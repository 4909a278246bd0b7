"""Stochastic collapse: sets to which noise that vanishes there draws SGD, and at what rate.

Never holds walkers: whether they collapse is measured in `simulate`.
"""

from theory.points.collapse.exponent import CollapseExponent, collapse_exponent, gaussian_collapse_exponent
from theory.points.collapse.factor import StepFactor, step_factor
from theory.points.collapse.rate import collapse_rate

__all__ = [
    "CollapseExponent",
    "StepFactor",
    "collapse_exponent",
    "collapse_rate",
    "gaussian_collapse_exponent",
    "step_factor",
]
