"""What a study found, as typed records, and the same in words.

Never runs anything and knows no file: stages fill a `Report`, and `compare.results` writes it.
"""

from compare.report.judging import judge_study
from compare.report.law_figures import (
    ExactFigures,
    GibbsFigures,
    LawFigures,
    PosteriorFigures,
    SampledFigures,
    SolvedFigures,
)
from compare.report.moments import ComputedMoments, SampledMoments
from compare.report.movement import LastHalf, NeverCrossed, StepError
from compare.report.network_report import NETWORK_LAWS, NetworkReport, View
from compare.report.network_verdict import judge_network
from compare.report.network_words import network_summary
from compare.report.report import LAWS, Law, LawReport, Report
from compare.report.second_opinion import SecondOpinion
from compare.report.steps import stability
from compare.report.study_verdict import NAMES, SHORT, MissReason, StudyVerdict
from compare.report.words import stability_lines, summary
from theory.base.arguments import check_faces

__all__ = [
    "LAWS",
    "NAMES",
    "NETWORK_LAWS",
    "SHORT",
    "ComputedMoments",
    "ExactFigures",
    "GibbsFigures",
    "LastHalf",
    "Law",
    "LawFigures",
    "LawReport",
    "MissReason",
    "NetworkReport",
    "NeverCrossed",
    "PosteriorFigures",
    "Report",
    "SampledFigures",
    "SampledMoments",
    "SecondOpinion",
    "SolvedFigures",
    "StepError",
    "StudyVerdict",
    "View",
    "judge_network",
    "judge_study",
    "network_summary",
    "stability",
    "stability_lines",
    "summary",
]

check_faces("compare.report")
