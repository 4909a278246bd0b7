"""Stationary loss against learning rate: its slope at 0, measured and predicted.

Never holds a study or a file; the methods themselves are those of `theory` and `simulate`.
"""

from compare.slope.finite import finite_rate_slopes
from compare.slope.finite_slopes import FiniteRateSlope, FiniteRateSlopes
from compare.slope.formula import ByFormula
from compare.slope.grids import ByFokkerPlanck, ByTransitionOperator
from compare.slope.measure import loss_slope
from compare.slope.method import SlopeMethod, StationaryLoss
from compare.slope.prediction import SlopePrediction
from compare.slope.sampling import BySampling
from compare.slope.several import LossSlopes
from compare.slope.slope import LossSlope
from theory.base.arguments import check_faces
from theory.points import LossMinimum

__all__ = [
    "ByFokkerPlanck",
    "ByFormula",
    "BySampling",
    "ByTransitionOperator",
    "FiniteRateSlope",
    "FiniteRateSlopes",
    "LossMinimum",
    "LossSlope",
    "LossSlopes",
    "SlopeMethod",
    "SlopePrediction",
    "StationaryLoss",
    "finite_rate_slopes",
    "loss_slope",
]

check_faces("compare.slope")
