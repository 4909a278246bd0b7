"""Samplers put to the test on laws whose means are known exactly, and estimators on minima of known coefficients.

Never holds a sampler.
"""

from compare.calibration.coefficient_target import CoefficientProblem, CoefficientTarget
from compare.calibration.estimation import CoefficientScore, score_estimator
from compare.calibration.estimators import ESTIMATORS, CoefficientEstimator, estimator_named
from compare.calibration.held import source_of
from compare.calibration.minima import coefficient_targets
from compare.calibration.samplers import SHIPPED, sampler_named
from compare.calibration.scoring import LawSampler, Score, score
from compare.calibration.target import CalibrationTarget
from compare.calibration.targets import calibration_targets
from theory.base.arguments import check_faces

__all__ = [
    "ESTIMATORS",
    "SHIPPED",
    "CalibrationTarget",
    "CoefficientEstimator",
    "CoefficientProblem",
    "CoefficientScore",
    "CoefficientTarget",
    "LawSampler",
    "Score",
    "calibration_targets",
    "coefficient_targets",
    "estimator_named",
    "sampler_named",
    "score",
    "score_estimator",
    "source_of",
]

check_faces("compare.calibration")
