"""One law beside others, with verdicts: an observed law against predictions, and three noises by their laws.

Never holds a distance, a study or a file.
"""

from compare.comparison.comparison import Comparison, compare_laws
from compare.comparison.curvature import SUBJECT, NoiseAgainstHessian, noise_against_hessian
from compare.comparison.limiting import limit_as_json, limit_instead
from theory.base.arguments import check_faces

__all__ = [
    "SUBJECT",
    "Comparison",
    "NoiseAgainstHessian",
    "compare_laws",
    "limit_as_json",
    "limit_instead",
    "noise_against_hessian",
]

check_faces("compare.comparison")
