"""One law beside others, with verdicts: an observed law against predictions, and three noises by their laws.

Never holds a distance, a study or a file.
"""

from compare.comparison.comparison import Comparison, compare_laws
from compare.comparison.curvature import SUBJECT, NoiseAgainstHessian, noise_against_hessian
from compare.comparison.deviation import Deviation, JoinedDensity, deviation_of, join, joined_cells
from compare.comparison.limiting import limit_as_json, limit_instead
from compare.comparison.window import LawWindow, common_window
from theory.base.arguments import check_faces

__all__ = [
    "SUBJECT",
    "Comparison",
    "Deviation",
    "JoinedDensity",
    "LawWindow",
    "NoiseAgainstHessian",
    "common_window",
    "compare_laws",
    "deviation_of",
    "join",
    "joined_cells",
    "limit_as_json",
    "limit_instead",
    "noise_against_hessian",
]

check_faces("compare.comparison")
