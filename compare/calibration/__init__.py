"""Samplers put to the test on laws whose means are known exactly.

Never holds a sampler.
"""

from compare.calibration.samplers import SHIPPED, sampler_named, source_of
from compare.calibration.scoring import LawSampler, Score, score
from compare.calibration.target import CalibrationTarget
from compare.calibration.targets import calibration_targets
from theory.base.arguments import check_faces

__all__ = [
    "SHIPPED",
    "CalibrationTarget",
    "LawSampler",
    "Score",
    "calibration_targets",
    "sampler_named",
    "score",
    "source_of",
]

check_faces("compare.calibration")
