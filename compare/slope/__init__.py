"""Stationary loss against learning rate: its slope at 0, measured and predicted."""

from compare.slope.finite import FiniteRateSlope, FiniteRateSlopes, finite_rate_slopes
from compare.slope.formula import ByFormula
from compare.slope.grids import ByFokkerPlanck, ByTransitionOperator
from compare.slope.measure import loss_slope
from compare.slope.method import StationaryLoss
from compare.slope.minimum import LossMinimum
from compare.slope.prediction import SlopePrediction
from compare.slope.sampling import BySampling
from compare.slope.several import LossSlopes
from compare.slope.slope import LossSlope
from theory.base.arguments import check_faces

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
    "SlopePrediction",
    "StationaryLoss",
    "finite_rate_slopes",
    "loss_slope",
]

check_faces("compare.slope")
